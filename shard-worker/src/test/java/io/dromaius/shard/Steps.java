package io.dromaius.shard;

import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.ExecuteResponse;
import io.dromaius.proto.internal.v1.StreamResultsRequest;
import io.dromaius.proto.internal.v1.StreamResultsResponse;
import io.dromaius.wire.TensorFrame;
import io.dromaius.wire.WireMethods;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The owner's two streams. */
final class Steps implements AutoCloseable {
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
    }

    void openResults(ManagedChannel channel) {
        StreamResultsRequest request = StreamResultsRequest.newBuilder()
                .setPipeline(Chain.PIPELINE)
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
                .setPipeline(Chain.PIPELINE)
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
        return await(() -> results.poll(Chain.PATIENCE_SECONDS, TimeUnit.SECONDS), "result");
    }

    boolean hasResult() {
        return !results.isEmpty();
    }

    /** Waits until the step is acknowledged. */
    void acknowledged(long step) {
        long seen = -1;
        while (seen < step) {
            seen = await(() -> acknowledged.poll(Chain.PATIENCE_SECONDS, TimeUnit.SECONDS), "acknowledgement");
        }
    }

    /** How the stream of steps ended. */
    Throwable failure() {
        return await(() -> failure.get(Chain.PATIENCE_SECONDS, TimeUnit.SECONDS), "end of the steps");
    }

    /** How the stream of results ended. */
    Throwable resultsFailure() {
        return await(() -> resultsFailure.get(Chain.PATIENCE_SECONDS, TimeUnit.SECONDS), "end of the results");
    }

    boolean alive() {
        return !failure.isDone();
    }

    @Override
    public void close() {
        if (call != null) {
            call.cancel("the test is over", null);
        }
        results.forEach(TensorFrame::close);
    }

    private interface Waiting<T> {
        @Nullable
        T get() throws Exception;
    }

    private static <T> T await(Waiting<T> waiting, String what) {
        try {
            T value = waiting.get();
            if (value == null) {
                throw new AssertionError("no " + what + " within " + Chain.PATIENCE_SECONDS + " s");
            }
            return value;
        } catch (Exception e) {
            throw new AssertionError("no " + what, e);
        }
    }
}
