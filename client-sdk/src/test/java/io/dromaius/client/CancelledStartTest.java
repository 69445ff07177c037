package io.dromaius.client;

import static io.dromaius.client.FakeGenerationService.overloaded;
import static io.dromaius.client.FakeGenerationService.started;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Subscriptions that another thread cancels while a try is on its way out. */
class CancelledStartTest {
    /** How far the try has come. */
    enum Moment {
        STARTED,
        SENDING,
        SENT
    }

    private final FakeGenerationService service = new FakeGenerationService();
    private final Recorder recorder = new Recorder();
    private final BlockingQueue<Status> ends = new LinkedBlockingQueue<>();
    private final BlockingQueue<Throwable> thrown = new LinkedBlockingQueue<>();
    private Server server;

    @BeforeEach
    void start() throws IOException {
        service.otherwise(call -> call.onNext(started(0)));
        server = Wire.IN_PROCESS.serve(service, new FakeClusterService());
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.shutdownNow();
        assertThat(server.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void theFirstTryEndsWithoutAWord(Moment moment) throws InterruptedException {
        try (EmuClient emu = clientCancelling(1, moment)) {
            emu.publish(Prompt.of("hello"), GenerationOptions.defaults()).subscribe(recorder);

            assertThat(ends.poll(60, TimeUnit.SECONDS))
                    .extracting(Status::getCode)
                    .isEqualTo(Status.Code.CANCELLED);
        }
        heardNothing();
    }

    @ParameterizedTest
    @EnumSource
    void aLaterTryEndsWithoutAWord(Moment moment) throws InterruptedException {
        service.then(overloaded(Duration.ofMillis(1)));
        try (EmuClient emu = clientCancelling(2, moment)) {
            emu.publish(Prompt.of("hello"), GenerationOptions.defaults()).subscribe(recorder);

            assertThat(ends.poll(60, TimeUnit.SECONDS))
                    .extracting(Status::getCode)
                    .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(ends.poll(60, TimeUnit.SECONDS))
                    .extracting(Status::getCode)
                    .isEqualTo(Status.Code.CANCELLED);
        }
        heardNothing();
    }

    private void heardNothing() {
        assertThat(thrown).isEmpty();
        assertThat(recorder.events).isEmpty();
        assertThat(recorder.hasEnded()).isFalse();
    }

    /** A client whose subscription is cancelled by another thread at that moment of its {@code number}-th try. */
    private EmuClient clientCancelling(int number, Moment moment) {
        return EmuClient.builder()
                .endpoint(Wire.IN_PROCESS.address(server))
                .transport(name -> InProcessChannelBuilder.forName(name).intercept(new Cancelling(number, moment)))
                .build();
    }

    /** The cluster never comes to an end, so a call ends only by being refused or by being cancelled. */
    private final class Cancelling implements ClientInterceptor {
        private final int number;
        private final Moment moment;
        private int tries;

        Cancelling(int number, Moment moment) {
            this.number = number;
            this.moment = moment;
        }

        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            tries++;
            return new CancelledCall<>(next.newCall(method, options), tries == number ? moment : null);
        }
    }

    private final class CancelledCall<Q, A> extends SimpleForwardingClientCall<Q, A> {
        private final @Nullable Moment moment;

        CancelledCall(ClientCall<Q, A> call, @Nullable Moment moment) {
            super(call);
            this.moment = moment;
        }

        @Override
        public void start(Listener<A> responses, Metadata headers) {
            super.start(
                    new SimpleForwardingClientCallListener<>(responses) {
                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            super.onClose(status, trailers);
                            ends.add(status);
                        }
                    },
                    headers);
            reached(Moment.STARTED);
        }

        @Override
        public void sendMessage(Q message) {
            reached(Moment.SENDING);
            noting(() -> super.sendMessage(message));
        }

        @Override
        public void halfClose() {
            reached(Moment.SENT);
            noting(super::halfClose);
        }

        private void reached(Moment now) {
            if (now == moment) {
                noting(() -> CompletableFuture.runAsync(recorder.subscription()::cancel)
                        .orTimeout(20, TimeUnit.SECONDS)
                        .join());
            }
        }

        /** A later try is made by a thread whose failures nobody hears of. */
        private void noting(Runnable step) {
            try {
                step.run();
            } catch (RuntimeException e) {
                thrown.add(e);
                throw e;
            }
        }
    }
}
