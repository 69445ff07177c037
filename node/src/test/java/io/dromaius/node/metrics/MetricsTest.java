package io.dromaius.node.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.node.ConfigLoader;
import io.dromaius.node.NodeConfig;
import io.dromaius.node.rpc.GrpcChannels;
import io.dromaius.node.rpc.GrpcServer;
import io.dromaius.node.rpc.GrpcServers;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private final NodeConfig config = ConfigLoader.load(NodeConfig.class, List.of(), Map.of());
    private final Metrics metrics = new Metrics();
    private final MetricsServer endpoint = new MetricsServer(config, metrics);

    @BeforeEach
    void start() throws IOException {
        endpoint.start();
    }

    @AfterEach
    void stop() {
        endpoint.close();
    }

    @Test
    void prometheusReadsWhatIsMeasuredAndWhatTheProcessUses() throws Exception {
        metrics.counter("dromaius_steps_total", "Steps.", "pipeline").add(3, "p0");
        metrics.gauge("dromaius_blocks_free", "Blocks.", () -> 17);
        metrics.seconds("dromaius_step_seconds", "Step.").observe(0.02);
        assertThat(read())
                .contains(
                        "dromaius_steps_total{pipeline=\"p0\",} 3.0",
                        "dromaius_blocks_free 17.0",
                        "dromaius_step_seconds_bucket{le=\"0.025\",} 1.0",
                        "process_resident_memory_bytes",
                        "jvm_memory_bytes_used");
    }

    @Test
    void callsAreCountedByMethodAndCode() throws Exception {
        GrpcServer server = GrpcServers.internal(config)
                .intercept(new GrpcMetricsInterceptor(metrics))
                .build();
        server.start();
        ManagedChannel channel = GrpcChannels.internal(server.endpoint());
        HealthGrpc.HealthBlockingStub health =
                HealthGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
        health.check(HealthCheckRequest.getDefaultInstance());
        Assertions.assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> health.check(
                        HealthCheckRequest.newBuilder().setService("none").build()));
        channel.shutdownNow();
        server.drain(Duration.ofSeconds(5));
        server.close();
        assertThat(read())
                .contains(
                        "dromaius_grpc_calls_total{method=\"grpc.health.v1.Health/Check\",code=\"OK\",} 1.0",
                        "dromaius_grpc_calls_total{method=\"grpc.health.v1.Health/Check\",code=\"NOT_FOUND\",} 1.0",
                        "dromaius_grpc_calls_in_flight{method=\"grpc.health.v1.Health/Check\",} 0.0",
                        "dromaius_grpc_call_seconds_count{method=\"grpc.health.v1.Health/Check\",} 2.0");
    }

    @Test
    void minusOneMeansNoEndpoint() throws IOException {
        NodeConfig silent = ConfigLoader.load(NodeConfig.class, List.of("--metrics-port", "-1"), Map.of());
        MetricsServer none = new MetricsServer(silent, new Metrics());
        none.start();
        assertThat(none.port()).isEqualTo(-1);
        none.close();
    }

    private String read() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + "/metrics"))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
