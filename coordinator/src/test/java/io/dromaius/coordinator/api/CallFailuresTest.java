package io.dromaius.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.BadRequest;
import io.dromaius.coordinator.api.CallFailures.Fields;
import io.dromaius.coordinator.engine.Failure;
import io.dromaius.coordinator.engine.Failure.Reason;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.v1.Chat;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.RankRequest;
import io.dromaius.proto.v1.TextOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class CallFailuresTest {
    @Test
    void embeddingsOfAPictureThatAreNotFiniteAreNoBugAndNameThePicture() {
        StatusRuntimeException worker = Failures.of(FailureCode.NOT_FINITE, "the embeddings are not finite")
                .build();

        StatusRuntimeException told = CallFailures.encode(worker, "prompt.parts[1].image.data");

        assertThat(Failures.codeOf(told)).contains(FailureCode.NOT_FINITE);
        assertThat(told).hasMessageContaining("prompt.parts[1].image.data").hasMessageContaining("are not finite");
    }

    @Test
    void aPictureThatIsNotFiniteIsNoBugHoweverMuchWasToldOfIt() {
        StatusRuntimeException worker = Failures.of(FailureCode.NOT_FINITE, "the decoded picture is not finite")
                .build();

        for (boolean begun : new boolean[] {false, true}) {
            StatusRuntimeException told = CallFailures.draw(worker, begun);
            assertThat(Failures.codeOf(told)).contains(FailureCode.NOT_FINITE);
            assertThat(told).hasMessageContaining("drawing").hasMessageContaining("the decoded picture");
        }
    }

    @Test
    void whatIsTooMuchForTheKvCacheIsNamedByItsFieldAndSaysItsLimit() {
        GenerateRequest beams = GenerateRequest.newBuilder()
                .setText(TextOptions.newBuilder().setNumBeams(5))
                .build();
        GenerateRequest samples = GenerateRequest.newBuilder()
                .setChat(Chat.getDefaultInstance())
                .setText(TextOptions.newBuilder().setN(5))
                .build();
        RankRequest rank = RankRequest.getDefaultInstance();
        assertThat(field(Reason.PROMPT_EXCEEDS_KV, Fields.of(beams))).isEqualTo("prompt");
        assertThat(field(Reason.PROMPT_EXCEEDS_KV, Fields.of(samples))).isEqualTo("chat");
        assertThat(field(Reason.ANSWER_EXCEEDS_KV, Fields.of(beams))).isEqualTo("text.max_tokens");
        assertThat(field(Reason.ANSWERS_EXCEED_KV, Fields.of(beams))).isEqualTo("text.num_beams");
        assertThat(field(Reason.ANSWERS_EXCEED_KV, Fields.of(samples))).isEqualTo("text.n");
        assertThat(field(Reason.ANSWER_EXCEEDS_KV, Fields.of(rank))).isEqualTo("candidates");
    }

    private static String field(Reason reason, Fields fields) {
        StatusRuntimeException told =
                CallFailures.of(new Failure(reason, "at most 3", OptionalInt.of(3)), fields, false);
        assertThat(Failures.codeOf(told)).contains(FailureCode.LIMIT_EXCEEDED);
        assertThat(Failures.infoOf(told, "limit")).contains("3");
        return Failures.detail(told, BadRequest.class)
                .orElseThrow()
                .getFieldViolations(0)
                .getField();
    }

    @Test
    void aWorkersOwnDefectIsOneHereToo() {
        StatusRuntimeException told =
                CallFailures.encode(Status.UNKNOWN.asRuntimeException(), "prompt.parts[0].image.data");

        assertThat(Failures.codeOf(told)).contains(FailureCode.INTERNAL);
    }
}
