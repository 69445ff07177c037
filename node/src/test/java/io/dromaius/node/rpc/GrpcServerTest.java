package io.dromaius.node.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.UnknownFieldSet;
import com.google.rpc.BadRequest;
import com.google.rpc.RetryInfo;
import io.dromaius.node.ConfigLoader;
import io.dromaius.node.NodeConfig;
import io.dromaius.proto.internal.v1.LoadShardRequest;
import io.dromaius.proto.internal.v1.LoadShardResponse;
import io.dromaius.proto.internal.v1.ShardServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real server and channel on the loopback. */
class GrpcServerTest {
    private Supplier<LoadShardResponse> answer = LoadShardResponse::getDefaultInstance;
    private boolean throughObserver;
    private final NodeConfig config = ConfigLoader.load(NodeConfig.class, List.of(), Map.of());
    private final GrpcServer server = GrpcServers.internal(config)
            .add(new ShardServiceGrpc.ShardServiceImplBase() {
                @Override
                public void loadShard(LoadShardRequest request, StreamObserver<LoadShardResponse> responses) {
                    LoadShardResponse response;
                    try {
                        response = answer.get();
                    } catch (RuntimeException e) {
                        if (throughObserver) {
                            responses.onError(e);
                            return;
                        }
                        throw e;
                    }
                    responses.onNext(response);
                    responses.onCompleted();
                }
            })
            .build();
    private ManagedChannel channel;

    @BeforeEach
    void start() throws Exception {
        server.start();
        channel = GrpcChannels.internal(server.endpoint());
    }

    @AfterEach
    void stop() throws Exception {
        channel.shutdownNow();
        server.close();
        assertThat(channel.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aliveFromTheStartReadyWhenSaidSoAndNeitherWhenDrained() throws Exception {
        assertThat(health("")).isEqualTo(ServingStatus.SERVING);
        assertThat(health(ShardServiceGrpc.SERVICE_NAME)).isEqualTo(ServingStatus.NOT_SERVING);
        server.setReady(ShardServiceGrpc.SERVICE_NAME, true);
        assertThat(health(ShardServiceGrpc.SERVICE_NAME)).isEqualTo(ServingStatus.SERVING);

        server.drain(Duration.ofSeconds(5));
        assertThat(Status.fromThrowable(failure()).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void aStatusReachesTheCallerWithItsDetails() {
        answer = () -> {
            throw Failures.of(FailureCode.QUEUE_FULL, "full")
                    .retryAfter(Duration.ofMillis(2_500))
                    .info("limit", "100")
                    .build();
        };
        for (boolean through : new boolean[] {false, true}) {
            throughObserver = through;
            StatusRuntimeException failure = failure();
            assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(failure.getStatus().getDescription()).isEqualTo("full");
            assertThat(Failures.codeOf(failure)).contains(FailureCode.QUEUE_FULL);
            assertThat(Failures.infoOf(failure, "limit")).contains("100");
            assertThat(Failures.detail(failure, RetryInfo.class)).hasValueSatisfying(retry -> {
                assertThat(retry.getRetryDelay().getSeconds()).isEqualTo(2);
                assertThat(retry.getRetryDelay().getNanos()).isEqualTo(500_000_000);
            });
        }
    }

    @Test
    void aWrongFieldIsNamed() {
        answer = () -> {
            throw Failures.badField("text.top_p", "must be above 0");
        };
        StatusRuntimeException failure = failure();
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(failure.getStatus().getDescription()).isEqualTo("text.top_p must be above 0");
        assertThat(Failures.detail(failure, BadRequest.class))
                .hasValueSatisfying(bad -> assertThat(bad.getFieldViolationsList())
                        .singleElement()
                        .satisfies(field -> assertThat(field.getField()).isEqualTo("text.top_p")));
    }

    /** Of the standard services' too, which know nothing of this cluster. */
    @Test
    void aRequestOfTooManyFieldsIsRefused() {
        UnknownFieldSet.Field.Builder many = UnknownFieldSet.Field.newBuilder();
        for (int i = 0; i <= FieldLimit.FIELDS; i++) {
            many.addVarint(0);
        }
        HealthCheckRequest request = HealthCheckRequest.newBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(1000, many.build())
                        .build())
                .build();

        StatusRuntimeException failure =
                catchThrowableOfType(StatusRuntimeException.class, () -> HealthGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(60, TimeUnit.SECONDS)
                        .check(request));

        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(Failures.codeOf(failure)).contains(FailureCode.LIMIT_EXCEEDED);
        assertThat(failure.getStatus().getDescription()).contains("100000 fields");
    }

    @Test
    void ofABugNothingLeavesButTheRequestId() {
        answer = () -> {
            throw new IllegalStateException("secret path /models");
        };
        for (boolean through : new boolean[] {false, true}) {
            throughObserver = through;
            StatusRuntimeException failure = failure();
            assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
            assertThat(Failures.codeOf(failure)).contains(FailureCode.INTERNAL);
            String id = Failures.infoOf(failure, "request_id").orElseThrow();
            assertThat(failure.getStatus().getDescription()).contains(id).doesNotContain("secret");
            assertThat(String.valueOf(failure.getTrailers())).doesNotContain("secret");
        }
    }

    @Test
    void retryableCodesCarryRetryInfoAndTheOthersDoNot() {
        for (FailureCode code : FailureCode.values()) {
            StatusRuntimeException failure = Failures.of(code, "x").build();
            assertThat(failure.getStatus().getCode()).isEqualTo(code.grpcCode());
            assertThat(Failures.codeOf(failure)).contains(code);
            assertThat(Failures.detail(failure, RetryInfo.class).isPresent()).isEqualTo(code.retryable());
        }
    }

    private ServingStatus health(String service) {
        return HealthGrpc.newBlockingStub(channel)
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .check(HealthCheckRequest.newBuilder().setService(service).build())
                .getStatus();
    }

    private StatusRuntimeException failure() {
        return catchThrowableOfType(StatusRuntimeException.class, () -> ShardServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .loadShard(LoadShardRequest.getDefaultInstance()));
    }

    @Test
    void aCallOverThoseOfAConnectionWaitsAtTheClient() throws Exception {
        BlockingQueue<StreamObserver<LoadShardResponse>> calls = new LinkedBlockingQueue<>();
        GrpcServer narrow = GrpcServers.internal(config)
                .callsPerConnection(1)
                .add(new ShardServiceGrpc.ShardServiceImplBase() {
                    @Override
                    public void loadShard(LoadShardRequest request, StreamObserver<LoadShardResponse> responses) {
                        calls.add(responses);
                    }
                })
                .build();
        narrow.start();
        ManagedChannel connection = GrpcChannels.internal(narrow.endpoint());
        try {
            Future<LoadShardResponse> first =
                    ShardServiceGrpc.newFutureStub(connection).loadShard(LoadShardRequest.getDefaultInstance());
            StreamObserver<LoadShardResponse> held = calls.poll(60, TimeUnit.SECONDS);
            assertThat(held).isNotNull();

            StatusRuntimeException failure = catchThrowableOfType(
                    StatusRuntimeException.class, () -> ShardServiceGrpc.newBlockingStub(connection)
                            .withDeadlineAfter(1, TimeUnit.SECONDS)
                            .loadShard(LoadShardRequest.getDefaultInstance()));
            assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            assertThat(calls).isEmpty();

            held.onNext(LoadShardResponse.getDefaultInstance());
            held.onCompleted();
            assertThat(first.get(60, TimeUnit.SECONDS)).isNotNull();
        } finally {
            connection.shutdownNow();
            narrow.close();
        }
    }
}
