package io.dromaius.client;

import static io.dromaius.client.FakeGenerationService.answer;
import static io.dromaius.client.FakeGenerationService.overload;
import static io.dromaius.client.FakeGenerationService.overloaded;
import static io.dromaius.client.FakeGenerationService.started;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.Uninterruptibles;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Streams, subscriptions and futures, whatever carries the bytes. */
abstract class EmuClientStreamsContract extends ClientFixture {
    EmuClientStreamsContract(Wire wire) {
        super(wire);
    }

    @Test
    void streamYieldsEventsAsTheyCome() {
        service.then(answer("a", "b"));
        StringBuilder heard = new StringBuilder();

        try (GenerationStream events = emu.stream(HELLO, GenerationOptions.defaults())) {
            for (GenerationEvent event : events) {
                if (event instanceof GenerationEvent.TextDelta delta) {
                    heard.append(delta.text()).append('|');
                }
            }
        }

        assertThat(heard).hasToString("a|b|");
    }

    @Test
    void closingTheStreamCancelsTheCall() throws InterruptedException {
        service.then(call -> call.onNext(started(0)));
        try (GenerationStream events = emu.stream(HELLO, GenerationOptions.defaults())) {
            assertThat(events.iterator().next()).isInstanceOf(GenerationEvent.Started.class);
        }

        assertThat(service.cancelled.await(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aClosedStreamThrowsInsteadOfWaiting() {
        service.then(call -> {});
        GenerationStream events = emu.stream(HELLO, GenerationOptions.defaults());
        Iterator<GenerationEvent> iterator = events.iterator();

        events.close();

        assertThatThrownBy(iterator::hasNext).isInstanceOf(GenerationCancelledException.class);
    }

    @Test
    void aSubscriberGetsNoMoreThanItRequested() throws InterruptedException {
        service.then(answer("a", "b", "c"));
        Recorder recorder = new Recorder();
        emu.publish(HELLO, GenerationOptions.defaults()).subscribe(recorder);

        recorder.subscription().request(2);
        recorder.awaitEvents(2);
        assertThat(recorder.hasMore()).isFalse();
        recorder.subscription().request(1);
        recorder.awaitEvents(1);
        assertThat(recorder.hasMore()).isFalse();

        recorder.subscription().request(Long.MAX_VALUE);
        recorder.awaitEnd();
        assertThat(recorder.failure).isNull();
        assertThat(recorder.events).hasSize(5);
    }

    @Test
    void demandOutlivesAFailedTry() throws InterruptedException {
        service.then(overloaded(Duration.ofMillis(5))).then(answer("a", "b"));
        Recorder recorder = new Recorder();
        emu.publish(HELLO, GenerationOptions.defaults()).subscribe(recorder);

        recorder.subscription().request(2);
        recorder.awaitEvents(2);
        recorder.subscription().request(2);
        recorder.awaitEnd();

        assertThat(recorder.events).hasSize(4);
    }

    @Test
    void aRequestForNothingFailsTheSubscription() throws InterruptedException {
        service.then(answer("a"));
        Recorder recorder = new Recorder();
        emu.publish(HELLO, GenerationOptions.defaults()).subscribe(recorder);

        recorder.subscription().request(0);
        recorder.awaitEnd();

        assertThat(recorder.failure).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aSubscriberThatThrowsHearsOfTheEnd() throws InterruptedException {
        service.then(call -> call.onNext(started(0)));
        Recorder recorder = new Recorder();
        recorder.read = () -> {
            throw new IllegalStateException("expected by this test");
        };
        emu.publish(HELLO, GenerationOptions.defaults()).subscribe(recorder);

        recorder.subscription().request(1);
        recorder.awaitEnd();

        assertThat(recorder.failure).isInstanceOf(EmuException.class);
    }

    @Test
    void aSubscriberHearsOfItsWrongRequestWhenItHasReadWhatItReads() throws InterruptedException {
        service.then(answer("a", "b"));
        Recorder recorder = new Recorder();
        CountDownLatch hasRead = new CountDownLatch(1);
        recorder.read = () -> assertThat(Uninterruptibles.awaitUninterruptibly(hasRead, Duration.ofSeconds(60)))
                .isTrue();
        emu.publish(HELLO, GenerationOptions.defaults()).subscribe(recorder);

        recorder.subscription().request(1);
        recorder.awaitEvents(1);
        recorder.subscription().request(0);
        assertThat(recorder.hasEnded()).isFalse();

        hasRead.countDown();
        recorder.awaitEnd();
        assertThat(recorder.failure).isInstanceOf(IllegalArgumentException.class);
        assertThat(recorder.events).hasSize(1);
    }

    @Test
    void cancellingTheFutureCancelsTheCall() throws InterruptedException {
        service.then(call -> call.onNext(started(0)));
        CompletableFuture<Generation> future = emu.generateAsync(HELLO, GenerationOptions.defaults());

        assertThat(future.cancel(true)).isTrue();

        // A call cancelled before it reached the server leaves no trace there.
        assertThat(service.requests.isEmpty() || service.cancelled.await(60, TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void closingTheClientEndsACallThatWaitsForItsNextTry() throws InterruptedException {
        CountDownLatch refused = new CountDownLatch(1);
        service.then(call -> {
                    overloaded(Duration.ofMillis(150)).accept(call);
                    refused.countDown();
                })
                .then(answer("too late"));
        CompletableFuture<Generation> future = emu.generateAsync(HELLO, GenerationOptions.defaults());
        assertThat(refused.await(60, TimeUnit.SECONDS)).isTrue();

        emu.close();

        assertThatThrownBy(() -> future.get(60, TimeUnit.SECONDS))
                .hasCauseInstanceOf(GenerationCancelledException.class);
        assertThat(service.requests).hasSize(1);
    }

    @Test
    void closingTheClientEndsAUnaryCallThatWaitsForItsNextTry() throws InterruptedException {
        service.refusals.add(overload(Duration.ofMillis(150)));
        CompletableFuture<Ranking> ranking = CompletableFuture.supplyAsync(() -> emu.rank(HELLO, List.of("yes", "no")));
        assertThat(service.refused.await(60, TimeUnit.SECONDS)).isTrue();

        emu.close();

        assertThatThrownBy(() -> ranking.get(60, TimeUnit.SECONDS))
                .hasCauseInstanceOf(GenerationCancelledException.class);
        assertThat(service.rankings).hasSize(1);
    }

    @Test
    void theFutureHoldsTheWholeAnswer() throws Exception {
        service.then(answer("later"));

        assertThat(emu.generateAsync(HELLO, GenerationOptions.defaults())
                        .get(60, TimeUnit.SECONDS)
                        .text())
                .isEqualTo("later");
    }
}
