package io.dromaius.client;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.dromaius.proto.v1.Candidate;
import io.dromaius.proto.v1.FinishReason;
import io.dromaius.proto.v1.Finished;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.GenerateResponse;
import io.dromaius.proto.v1.GenerationServiceGrpc;
import io.dromaius.proto.v1.ImageChunk;
import io.dromaius.proto.v1.ImageDone;
import io.dromaius.proto.v1.MessageBytes;
import io.dromaius.proto.v1.RankRequest;
import io.dromaius.proto.v1.RankResponse;
import io.dromaius.proto.v1.Started;
import io.dromaius.proto.v1.TextDelta;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/** Plays scripted answers, one a call, and remembers what it was asked. */
final class FakeGenerationService extends GenerationServiceGrpc.GenerationServiceImplBase {
    /** What happens on one call. */
    interface Script extends Consumer<ServerCallStreamObserver<GenerateResponse>> {}

    final List<GenerateRequest> requests = new CopyOnWriteArrayList<>();
    final List<RankRequest> rankings = new CopyOnWriteArrayList<>();
    /** What each call said of its message's length before it sent it. */
    final List<OptionalLong> announced = new CopyOnWriteArrayList<>();

    /** Failures of the next rankings. */
    final BlockingQueue<StatusRuntimeException> refusals = new LinkedBlockingQueue<>();

    final CountDownLatch refused = new CountDownLatch(1);

    final CountDownLatch cancelled = new CountDownLatch(1);
    private final BlockingQueue<Script> scripts = new LinkedBlockingQueue<>();
    private volatile Script otherwise = call -> {
        throw new IllegalStateException("nothing is scripted");
    };

    /** This service, which remembers headers too. */
    ServerServiceDefinition recorded() {
        return ServerInterceptors.intercept(this, new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                announced.add(MessageBytes.in(headers));
                return next.startCall(call, headers);
            }
        });
    }

    FakeGenerationService then(Script script) {
        scripts.add(script);
        return this;
    }

    void otherwise(Script script) {
        otherwise = script;
    }

    @Override
    public void generate(GenerateRequest request, StreamObserver<GenerateResponse> observer) {
        ServerCallStreamObserver<GenerateResponse> call = (ServerCallStreamObserver<GenerateResponse>) observer;
        call.setOnCancelHandler(cancelled::countDown);
        requests.add(request);
        Script next = scripts.poll();
        (next == null ? otherwise : next).accept(call);
    }

    @Override
    public void rank(RankRequest request, StreamObserver<RankResponse> observer) {
        rankings.add(request);
        StatusRuntimeException refusal = refusals.poll();
        if (refusal != null) {
            observer.onError(refusal);
            refused.countDown();
            return;
        }
        RankResponse.Builder response = RankResponse.newBuilder();
        for (int i = request.getCandidatesCount() - 1; i >= 0; i--) {
            response.addRanks(i);
        }
        for (int i = 0; i < request.getCandidatesCount(); i++) {
            response.addLosses(request.getCandidatesCount() - i);
        }
        observer.onNext(response.build());
        observer.onCompleted();
    }

    /** A whole answer of {@code words}. */
    static Script answer(String... words) {
        return call -> {
            call.onNext(started(0));
            int number = 1;
            for (String word : words) {
                call.onNext(text(number++, word));
            }
            call.onNext(finished(number, String.join("", words)));
            call.onCompleted();
        };
    }

    static GenerateResponse started(long number) {
        return GenerateResponse.newBuilder()
                .setNumber(number)
                .setStarted(Started.newBuilder().setRequestId("r-1").setPromptTokens(7))
                .build();
    }

    static GenerateResponse text(long number, String text) {
        return GenerateResponse.newBuilder()
                .setNumber(number)
                .setText(TextDelta.newBuilder().setText(text).addTokenIds(5))
                .build();
    }

    static GenerateResponse chunk(long number, int offset, byte[] data) {
        return GenerateResponse.newBuilder()
                .setNumber(number)
                .setImageChunk(ImageChunk.newBuilder().setOffset(offset).setData(ByteString.copyFrom(data)))
                .build();
    }

    static GenerateResponse imageDone(long number, int bytes, boolean flagged) {
        return GenerateResponse.newBuilder()
                .setNumber(number)
                .setImageDone(ImageDone.newBuilder()
                        .setPngBytes(bytes)
                        .setFlagged(flagged)
                        .setSeed(42))
                .build();
    }

    static GenerateResponse finished(long number, String text) {
        return GenerateResponse.newBuilder()
                .setNumber(number)
                .setFinished(Finished.newBuilder()
                        .addCandidates(Candidate.newBuilder()
                                .setText(text)
                                .setReason(FinishReason.FINISH_REASON_END)
                                .addTokenIds(5)
                                .addTokenIds(2)))
                .build();
    }

    static Script overloaded(Duration wait) {
        StatusRuntimeException failure = overload(wait);
        return call -> call.onError(failure);
    }

    static StatusRuntimeException overload(Duration wait) {
        com.google.protobuf.Duration delay = com.google.protobuf.Duration.newBuilder()
                .setSeconds(wait.getSeconds())
                .setNanos(wait.getNano())
                .build();
        return exception(
                Code.RESOURCE_EXHAUSTED,
                "the queue is full",
                RetryInfo.newBuilder().setRetryDelay(delay).build(),
                ErrorInfo.newBuilder()
                        .setReason("QUEUE_FULL")
                        .putMetadata("limit", "4096 tokens")
                        .build());
    }

    static Script failure(Code code, String message, Message... details) {
        StatusRuntimeException failure = exception(code, message, details);
        return call -> call.onError(failure);
    }

    private static StatusRuntimeException exception(Code code, String message, Message... details) {
        com.google.rpc.Status.Builder status =
                com.google.rpc.Status.newBuilder().setCode(code.getNumber()).setMessage(message);
        for (Message detail : details) {
            status.addDetails(Any.pack(detail));
        }
        return StatusProto.toStatusRuntimeException(status.build());
    }
}
