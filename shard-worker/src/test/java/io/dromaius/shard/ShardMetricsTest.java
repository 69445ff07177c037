package io.dromaius.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.node.ConfigLoader;
import io.dromaius.node.NodeConfig;
import io.dromaius.node.metrics.MetricsServer;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShardMetricsTest {
    @Test
    void aSessionThatIsOverHoldsNoBlocks() throws Exception {
        try (Chain chain = Chain.of(Transport.TCP, 1)) {
            NodeConfig config = ConfigLoader.load(NodeConfig.class, List.of(), Map.of());
            MetricsServer metrics = new MetricsServer(config, chain.shard(0).metrics());
            metrics.start();
            try {
                chain.load(1);
                Steps steps = chain.open(1);
                steps.send(ShardChainTest.firstStep(steps));
                steps.result().close();
                assertThat(read(metrics, "blocks_in_use")).isPositive();
                assertThat(read(metrics, "packed_bytes")).isEqualTo(1);

                steps.call().cancel("the owner goes", null);

                assertThat(Failures.codeOf(steps.resultsFailure())).contains(FailureCode.PEER_LOST);
                assertThat(read(metrics, "blocks_in_use")).isZero();
                assertThat(read(metrics, "packed_bytes"))
                        .as("kept with its pages")
                        .isEqualTo(1);
            } finally {
                metrics.close();
            }
        }
    }

    private static double read(MetricsServer metrics, String gauge) throws Exception {
        URI address = URI.create("http://127.0.0.1:" + metrics.port() + "/metrics");
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofLines())
                .body()
                .filter(line -> line.startsWith("dromaius_shard_" + gauge + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
                .sum();
    }
}
