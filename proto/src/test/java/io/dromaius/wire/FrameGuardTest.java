package io.dromaius.wire;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.StreamResultsRequest;
import io.dromaius.proto.internal.v1.StreamResultsResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls that end on another thread in the moment in which they are given a frame, before they have read it. */
class FrameGuardTest {
    private static final int PAYLOAD = 1000;

    private final TensorBuffers buffers = new TensorBuffers(1 << 20);
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

    @AfterEach
    void everyBufferIsGivenBack() {
        assertThat(buffers.leased()).isZero();
    }

    @Test
    void aClientsCallTakesTheFrameAsIfItHadNotEnded() throws IOException {
        var call = new FrameGuard().interceptCall(WireMethods.EXECUTE, CallOptions.DEFAULT, new EndingChannel());
        call.start(new ClientCall.Listener<>() {}, new Metadata());

        call.sendMessage(TensorFrame.of(ExecuteRequest.getDefaultInstance(), buffers.lend(PAYLOAD)));

        assertThat(ExecuteRequest.parseFrom(sent.toByteArray()).getPayload().size())
                .isEqualTo(PAYLOAD);
    }

    /** Otherwise grpc writes of an internal error, with a stack trace, when all there is is a client that left. */
    @Test
    void aServersCallTakesTheFrameAsIfItHadNotEnded() throws IOException {
        EndingServerCall<StreamResultsRequest, TensorFrame<StreamResultsResponse>> call =
                new EndingServerCall<>(WireMethods.STREAM_RESULTS);
        call.listener = new FrameGuard().interceptCall(call, new Metadata(), (guarded, headers) -> {
            call.guarded = guarded;
            return new ServerCall.Listener<>() {};
        });

        call.guarded().sendMessage(TensorFrame.of(StreamResultsResponse.getDefaultInstance(), buffers.lend(PAYLOAD)));

        assertThat(StreamResultsResponse.parseFrom(sent.toByteArray())
                        .getPayload()
                        .size())
                .isEqualTo(PAYLOAD);
    }

    private static void onAnotherThread(Runnable end) {
        CompletableFuture.runAsync(end).orTimeout(20, TimeUnit.SECONDS).join();
    }

    private void drain(InputStream message) {
        try {
            ((FrameOutput) message).drainTo(sent);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class EndingChannel extends Channel {
        @Override
        public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
            return new EndingClientCall<>(method);
        }

        @Override
        public String authority() {
            return "nowhere";
        }
    }

    private final class EndingClientCall<Q, A> extends ClientCall<Q, A> {
        private final MethodDescriptor<Q, A> method;
        private @Nullable Listener<A> listener;

        EndingClientCall(MethodDescriptor<Q, A> method) {
            this.method = method;
        }

        @Override
        public void start(Listener<A> responses, Metadata headers) {
            listener = responses;
        }

        @Override
        public void sendMessage(Q message) {
            Listener<A> responses = requireNonNull(listener);
            onAnotherThread(() -> responses.onClose(Status.UNAVAILABLE, new Metadata()));
            drain(method.streamRequest(message));
        }

        @Override
        public void request(int messages) {}

        @Override
        public void cancel(@Nullable String message, @Nullable Throwable cause) {}

        @Override
        public void halfClose() {}
    }

    private final class EndingServerCall<Q, A> extends ServerCall<Q, A> {
        private final MethodDescriptor<Q, A> method;
        private @Nullable Listener<Q> listener;
        private @Nullable ServerCall<Q, A> guarded;

        EndingServerCall(MethodDescriptor<Q, A> method) {
            this.method = method;
        }

        ServerCall<Q, A> guarded() {
            return requireNonNull(guarded);
        }

        @Override
        public void sendMessage(A message) {
            Listener<Q> requests = requireNonNull(listener);
            onAnotherThread(requests::onCancel);
            drain(method.streamResponse(message));
        }

        @Override
        public void request(int messages) {}

        @Override
        public void sendHeaders(Metadata headers) {}

        @Override
        public void close(Status status, Metadata trailers) {}

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public MethodDescriptor<Q, A> getMethodDescriptor() {
            return method;
        }
    }
}
