package io.dromaius.client;

import static io.dromaius.client.FakeGenerationService.answer;
import static io.dromaius.client.FakeGenerationService.started;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.dromaius.client.FakeGenerationService.Script;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
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

    private static Script overloaded(Duration wait) {
        com.google.protobuf.Duration delay = com.google.protobuf.Duration.newBuilder()
                .setSeconds(wait.getSeconds())
                .setNanos(wait.getNano())
                .build();
        return failure(
                Code.RESOURCE_EXHAUSTED,
                "the queue is full",
                RetryInfo.newBuilder().setRetryDelay(delay).build(),
                ErrorInfo.newBuilder()
                        .setReason("QUEUE_FULL")
                        .putMetadata("limit", "4096 tokens")
                        .build());
    }

    private static Script failure(Code code, String message, Message... details) {
        com.google.rpc.Status.Builder status =
                com.google.rpc.Status.newBuilder().setCode(code.getNumber()).setMessage(message);
        for (Message detail : details) {
            status.addDetails(Any.pack(detail));
        }
        return call -> call.onError(StatusProto.toStatusRuntimeException(status.build()));
    }
}
