package io.dromaius.testkit;

import com.google.protobuf.ByteString;
import com.google.rpc.RetryInfo;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.v1.Candidate;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.GenerateResponse;
import io.dromaius.proto.v1.GenerationServiceGrpc;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A call to Generate that is watched while it runs. */
final class LiveCall implements ClientResponseObserver<GenerateRequest, GenerateResponse> {
    /** So long after which a call hangs, however slow the machine. */
    private static final Duration DEADLINE = Duration.ofMinutes(10);

    /**
     * How a call ended.
     *
     * @param nanoTime when
     * @param events sent before
     * @param png of all pictures, one behind the other
     */
    record End(Status status, boolean retryInfo, long nanoTime, int events, List<Integer> ids, ByteString png) {
        Duration since(long nanos) {
            return Duration.ofNanos(nanoTime - nanos);
        }

        boolean isOk() {
            return status.isOk();
        }
    }

    private final AtomicInteger events = new AtomicInteger();
    private final CompletableFuture<End> end = new CompletableFuture<>();
    private final ByteArrayOutputStream png = new ByteArrayOutputStream();
    private List<Integer> ids = List.of();
    private volatile boolean drawing;
    private volatile @Nullable ClientCallStreamObserver<GenerateRequest> call;

    private LiveCall() {}

    static LiveCall start(Channel channel, GenerateRequest request) {
        LiveCall call = new LiveCall();
        GenerationServiceGrpc.newStub(channel)
                .withDeadlineAfter(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                .generate(request, call);
        return call;
    }

    int events() {
        return events.get();
    }

    /** Whether a denoise step has been reported. */
    boolean isDrawing() {
        return drawing;
    }

    boolean isOver() {
        return end.isDone();
    }

    /** How the call ended; fails if it does not within its deadline, which would be a hang. */
    End end() throws Exception {
        return end.get(DEADLINE.toSeconds() + 10, TimeUnit.SECONDS);
    }

    void cancel() {
        ClientCallStreamObserver<GenerateRequest> started = call;
        if (started == null) {
            throw new IllegalStateException("the call is not started");
        }
        started.cancel("the test cancels", null);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<GenerateRequest> requests) {
        call = requests;
    }

    @Override
    public void onNext(GenerateResponse event) {
        events.incrementAndGet();
        switch (event.getEventCase()) {
            case IMAGE_PROGRESS -> drawing = true;
            case IMAGE_CHUNK -> png.writeBytes(event.getImageChunk().getData().toByteArray());
            case FINISHED ->
                ids = event.getFinished().getCandidatesList().stream()
                        .map(Candidate::getTokenIdsList)
                        .flatMap(List::stream)
                        .toList();
            default -> {}
        }
    }

    @Override
    public void onError(Throwable cause) {
        boolean retryInfo = Failures.detail(cause, RetryInfo.class).isPresent();
        finish(Status.fromThrowable(cause), retryInfo);
    }

    @Override
    public void onCompleted() {
        finish(Status.OK, false);
    }

    private void finish(Status status, boolean retryInfo) {
        end.complete(new End(
                status, retryInfo, System.nanoTime(), events.get(), ids, ByteString.copyFrom(png.toByteArray())));
    }
}
