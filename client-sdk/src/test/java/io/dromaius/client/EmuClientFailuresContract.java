package io.dromaius.client;

import static io.dromaius.client.FakeGenerationService.answer;
import static io.dromaius.client.FakeGenerationService.failure;
import static io.dromaius.client.FakeGenerationService.overloaded;
import static io.dromaius.client.FakeGenerationService.started;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import io.grpc.Status;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How calls fail and which are tried again, whatever carries the bytes. */
abstract class EmuClientFailuresContract extends ClientFixture {
    EmuClientFailuresContract(Wire wire) {
        super(wire);
    }

    @Test
    void aBadRequestNamesTheField() {
        service.then(failure(
                Code.INVALID_ARGUMENT,
                "prompt is empty",
                BadRequest.newBuilder()
                        .addFieldViolations(BadRequest.FieldViolation.newBuilder()
                                .setField("prompt.parts")
                                .setDescription("must not be empty"))
                        .build()));

        InvalidRequestException e = catchThrowableOfType(
                InvalidRequestException.class, () -> emu.generate(HELLO, GenerationOptions.defaults()));

        assertThat(e.field()).contains("prompt.parts");
        assertThat(e.violations()).containsExactly(new FieldViolation("prompt.parts", "must not be empty"));
        assertThat(e).hasMessage("prompt is empty");
        assertThat(service.requests).hasSize(1);
    }

    @Test
    void aFullQueueIsTriedAgainWhenTheClusterSaysSo() {
        service.then(overloaded(Duration.ofMillis(150))).then(answer("late"));
        long before = System.nanoTime();

        assertThat(emu.generate(HELLO, GenerationOptions.defaults()).text()).isEqualTo("late");

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(150));
        assertThat(service.requests).hasSize(2);
    }

    @Test
    void retriesEndWithTheLastFailure() {
        Duration wait = Duration.ofMillis(1);
        service.then(overloaded(wait)).then(overloaded(wait)).then(overloaded(wait));

        OverloadedException e = catchThrowableOfType(
                OverloadedException.class, () -> emu.generate(HELLO, GenerationOptions.defaults()));

        assertThat(e.limit()).contains("4096 tokens");
        assertThat(e.retryAfter()).contains(wait);
        assertThat(service.requests).hasSize(3);
    }

    @Test
    void aWaitBeyondTheDeadlineIsNotBegun() {
        service.then(overloaded(Duration.ofMinutes(5)));

        assertThatThrownBy(() -> emu.generate(HELLO, GenerationOptions.defaults()))
                .isInstanceOf(OverloadedException.class);
        assertThat(service.requests).hasSize(1);
    }

    @Test
    void anUnreachableCoordinatorIsLeftForTheNext() {
        service.then(answer("here"));

        try (EmuClient two =
                wire.client().endpoint(wire.nobody()).endpoint(address()).build()) {
            assertThat(two.generate(HELLO, GenerationOptions.defaults()).text()).isEqualTo("here");
        }
    }

    @Test
    void nothingIsTriedAgainAfterTheFirstEvent() {
        service.then(call -> {
            call.onNext(started(0));
            call.onError(Status.UNAVAILABLE.withDescription("gone").asRuntimeException());
        });

        assertThatThrownBy(() -> emu.generate(HELLO, GenerationOptions.defaults()))
                .isInstanceOf(UnavailableException.class);
        assertThat(service.requests).hasSize(1);
    }

    @Test
    void aPipelineLostOnTheWayShowsAsAborted() {
        service.then(call -> {
            call.onNext(started(0));
            call.onError(Status.ABORTED.withDescription("shard s-2 is gone").asRuntimeException());
        });

        assertThatThrownBy(() -> emu.generate(HELLO, GenerationOptions.defaults()))
                .isInstanceOf(GenerationAbortedException.class)
                .hasMessage("shard s-2 is gone");
    }

    @Test
    void theDeadlineEndsACallThatDoesNotAnswer() {
        service.then(call -> {});

        assertThatThrownBy(() -> emu.generate(
                        HELLO,
                        GenerationOptions.builder()
                                .deadline(Duration.ofMillis(100))
                                .build()))
                .isInstanceOf(DeadlineException.class)
                .hasMessage("the call's deadline passed");
    }
}
