package io.dromaius.shard;

import com.google.common.base.Ticker;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.ExecuteResponse;
import io.dromaius.proto.internal.v1.LoadShardRequest;
import io.dromaius.proto.internal.v1.LoadShardResponse;
import io.dromaius.proto.internal.v1.ShardServiceGrpc;
import io.dromaius.proto.internal.v1.StreamResultsRequest;
import io.dromaius.proto.internal.v1.StreamResultsResponse;
import io.dromaius.wire.TensorFrame;
import io.dromaius.wire.WireMethods;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Shards of one pipeline in this JVM, and their owner. Its methods are for the test's thread. */
final class Chain implements AutoCloseable {
    static final int LAYERS = 6;
    static final String PIPELINE = "p0";
    static final String OWNER = "owner-1";
    static final long PATIENCE_SECONDS = 20;

    private static final ShardWorker.Listener UNHEARD = new ShardWorker.Listener() {
        @Override
        public void entered(long epoch) {}

        @Override
        public void loaded(Stage stage) {}
    };

    /** One shard. */
    record Shard(String member, ShardWorker worker, Server server, String endpoint, ManagedChannel channel) {
        ShardServiceGrpc.ShardServiceBlockingStub stub() {
            return ShardServiceGrpc.newBlockingStub(channel).withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private final Transport transport;
    private final ShardWorker.Pace pace;
    private final List<Shard> shards = new ArrayList<>();
    private final List<Steps> streams = new ArrayList<>();

    Chain(Transport transport) {
        this(transport, ShardWorker.Pace.DEFAULT);
    }

    Chain(Transport transport, ShardWorker.Pace pace) {
        this.transport = transport;
        this.pace = pace;
    }

    static Chain of(Transport transport, int count) throws IOException {
        Chain chain = new Chain(transport);
        for (int i = 0; i < count; i++) {
            chain.add(new FakeStage.Loader(LAYERS));
        }
        return chain;
    }

    Shard add(StageLoader loader) throws IOException {
        String member = "shard-" + shards.size();
        ShardWorker worker = new ShardWorker(
                member, loader, pace, transport::dial, Ticker.systemTicker(), new CollectorRegistry(), UNHEARD);
        Server server = transport.serve(worker.service());
        String endpoint = transport.endpoint(server);
        Shard shard = new Shard(member, worker, server, endpoint, transport.dial(endpoint));
        shards.add(shard);
        return shard;
    }

    Shard shard(int index) {
        return shards.get(index);
    }

    Shard last() {
        return shards.get(shards.size() - 1);
    }

    /** Loads every shard, the layers spread evenly. */
    List<LoadShardResponse> load(long epoch) {
        List<LoadShardResponse> responses = new ArrayList<>();
        for (int i = 0; i < shards.size(); i++) {
            responses.add(shards.get(i).stub().loadShard(order(i, epoch).build()));
        }
        return responses;
    }

    LoadShardRequest.Builder order(int index, long epoch) {
        boolean last = index == shards.size() - 1;
        return LoadShardRequest.newBuilder()
                .setPipeline(PIPELINE)
                .setEpoch(epoch)
                .setOwner(OWNER)
                .setFirstLayer(LAYERS * index / shards.size())
                .setEndLayer(LAYERS * (index + 1) / shards.size())
                .setNextEndpoint(last ? "" : shards.get(index + 1).endpoint())
                .setNextMember(last ? "" : shards.get(index + 1).member())
                .setDtype(DType.D_TYPE_FP32)
                .setBlockSize(4)
                .setMaxBlocks(64);
    }

    /** Opens the results and the steps of an epoch, as its owner does. */
    Steps open(long epoch) {
        Steps steps = new Steps(epoch, OWNER);
        steps.openResults(last().channel());
        steps.open(shard(0).channel());
        return steps;
    }

    /** Opens the steps alone, in any name. */
    Steps openSteps(long epoch, String owner) {
        Steps steps = new Steps(epoch, owner);
        steps.open(shard(0).channel());
        return steps;
    }

    /** The owner's two streams. */
    final class Steps {
        private final long epoch;
        private final String owner;
        private final BlockingQueue<TensorFrame<StreamResultsResponse>> results = new LinkedBlockingQueue<>();
        private final BlockingQueue<Long> acknowledged = new LinkedBlockingQueue<>();
        private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
        private final CompletableFuture<Throwable> resultsFailure = new CompletableFuture<>();
        private @Nullable ClientCallStreamObserver<TensorFrame<ExecuteRequest>> call;

        Steps(long epoch, String owner) {
            this.epoch = epoch;
            this.owner = owner;
            streams.add(this);
        }

        void openResults(ManagedChannel channel) {
            StreamResultsRequest request = StreamResultsRequest.newBuilder()
                    .setPipeline(PIPELINE)
                    .setEpoch(epoch)
                    .setOwner(owner)
                    .build();
            WireMethods.streamResults(channel, CallOptions.DEFAULT, request, new StreamObserver<>() {
                @Override
                public void onNext(TensorFrame<StreamResultsResponse> frame) {
                    results.add(frame);
                }

                @Override
                public void onError(Throwable cause) {
                    resultsFailure.complete(cause);
                }

                @Override
                public void onCompleted() {
                    resultsFailure.complete(new IllegalStateException("the results have ended"));
                }
            });
        }

        void open(ManagedChannel channel) {
            WireMethods.execute(channel, CallOptions.DEFAULT, new ClientResponseObserver<>() {
                @Override
                public void beforeStart(ClientCallStreamObserver<TensorFrame<ExecuteRequest>> requests) {
                    call = requests;
                }

                @Override
                public void onNext(ExecuteResponse response) {
                    acknowledged.add(response.getStep());
                }

                @Override
                public void onError(Throwable cause) {
                    failure.complete(cause);
                }

                @Override
                public void onCompleted() {
                    failure.complete(new IllegalStateException("the steps have ended"));
                }
            });
        }

        ExecuteRequest.Builder step(long number) {
            return ExecuteRequest.newBuilder()
                    .setPipeline(PIPELINE)
                    .setEpoch(epoch)
                    .setOwner(owner)
                    .setStep(number);
        }

        void send(ExecuteRequest step) {
            send(TensorFrame.of(step));
        }

        void send(TensorFrame<ExecuteRequest> frame) {
            call().onNext(frame);
        }

        ClientCallStreamObserver<TensorFrame<ExecuteRequest>> call() {
            if (call == null) {
                throw new IllegalStateException("not open");
            }
            return call;
        }

        /** The next result; the caller closes it. */
        TensorFrame<StreamResultsResponse> result() {
            return await(() -> results.poll(PATIENCE_SECONDS, TimeUnit.SECONDS), "result");
        }

        boolean hasResult() {
            return !results.isEmpty();
        }

        /** Waits until the step is acknowledged. */
        void acknowledged(long step) {
            long seen = -1;
            while (seen < step) {
                seen = await(() -> acknowledged.poll(PATIENCE_SECONDS, TimeUnit.SECONDS), "acknowledgement");
            }
        }

        /** How the stream of steps ended. */
        Throwable failure() {
            return await(() -> failure.get(PATIENCE_SECONDS, TimeUnit.SECONDS), "end of the steps");
        }

        /** How the stream of results ended. */
        Throwable resultsFailure() {
            return await(() -> resultsFailure.get(PATIENCE_SECONDS, TimeUnit.SECONDS), "end of the results");
        }

        boolean alive() {
            return !failure.isDone();
        }
    }

    interface Waiting<T> {
        @Nullable
        T get() throws Exception;
    }

    static <T> T await(Waiting<T> waiting, String what) {
        try {
            T value = waiting.get();
            if (value == null) {
                throw new AssertionError("no " + what + " within " + PATIENCE_SECONDS + " s");
            }
            return value;
        } catch (Exception e) {
            throw new AssertionError("no " + what, e);
        }
    }

    @Override
    public void close() throws Exception {
        for (Steps steps : streams) {
            if (steps.call != null) {
                steps.call.cancel("the test is over", null);
            }
            steps.results.forEach(TensorFrame::close);
        }
        for (Shard shard : shards) {
            shard.channel().shutdownNow();
            shard.server().shutdownNow();
            shard.worker().close();
        }
    }
}
