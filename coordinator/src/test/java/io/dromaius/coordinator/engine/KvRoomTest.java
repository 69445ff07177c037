package io.dromaius.coordinator.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.ImmutableIntArray;
import io.dromaius.coordinator.engine.Failure.Reason;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every limit that a refusal tells is true: what it says fits, fits, and one more does not. */
class KvRoomTest {
    private static final Pattern MOST = Pattern.compile("at most (\\d+)");

    private final KvRoom room = new KvRoom(Bench.config(10, 2), Bench.MODEL); // 10 blocks of 4 positions

    @Test
    void aPromptThatLeavesNoRoomForAnyAnswerIsTooMuchItself() {
        assertThat(room.refusal(request(40, text(1, 1, false)))).isEmpty();
        assertThat(room.refusal(request(41, text(1, 1, false))))
                .contains(new Failure(
                        Reason.PROMPT_EXCEEDS_KV,
                        "at most 40 positions of a prompt fit the pipeline's KV cache before the shortest answer, not 41",
                        OptionalInt.of(40)));
        assertThat(reason(room.refusal(request(41, text(100, 5, false))))).isEqualTo(Reason.PROMPT_EXCEEDS_KV);
        assertThat(room.refusal(request(6, new GenerationTask.Draw()))).isEmpty();
        assertThat(reason(room.refusal(request(7, new GenerationTask.Draw())))).isEqualTo(Reason.PROMPT_EXCEEDS_KV);
        assertThat(room.refusal(request(39, score(1)))).isPresent(); // its last block is copied
    }

    @Test
    void whereOneAnswerFitsThereAreTooManyOfThem() {
        assertThat(room.refusal(request(8, text(9, 5, false))))
                .contains(new Failure(
                        Reason.ANSWERS_EXCEED_KV,
                        "at most 4 beams of 9 tokens fit the pipeline's KV cache behind this prompt, not 5",
                        OptionalInt.of(4)));
    }

    @Test
    void whereNotEvenOneAnswerFitsItIsTooLong() {
        assertThat(room.refusal(request(8, text(100, 1, false))).map(Failure::message))
                .contains("at most 33 tokens fit the pipeline's KV cache behind this prompt, not 100");
        assertThat(room.refusal(request(8, text(100, 2, false))).map(Failure::message))
                .contains(
                        "at most 17 tokens of each of 2 answers fit the pipeline's KV cache behind this prompt, not 100");
        assertThat(room.refusal(request(11, text(100, 9, false))).map(Failure::message))
                .contains("at most 30 tokens of one answer fit the pipeline's KV cache behind this prompt, not 100");
    }

    @Test
    void everyLimitThatIsToldIsTheLast() {
        Random random = new Random(11);
        Set<Reason> seen = EnumSet.noneOf(Reason.class);
        for (int i = 0; i < 3000; i++) {
            int prompt = 1 + random.nextInt(45);
            int tokens = 1 + random.nextInt(60);
            int beams = random.nextBoolean() ? 1 : 2 + random.nextInt(8);
            boolean pictures = beams == 1 && random.nextInt(4) == 0;
            boolean ranks = random.nextInt(4) == 0;
            Optional<Failure> refusal =
                    room.refusal(request(prompt, ranks ? score(tokens) : text(tokens, beams, pictures)));
            if (refusal.isEmpty()) {
                continue;
            }
            seen.add(reason(refusal));
            int most = most(refusal.get().message());
            assertThat(refusal.get().limit()).as(refusal.get().message()).hasValue(most);
            if (reason(refusal) == Reason.PROMPT_EXCEEDS_KV) {
                GenerationTask least = ranks ? score(1) : text(1, 1, pictures);
                assertThat(room.refusal(request(most, least))).isEmpty();
                assertThat(room.refusal(request(most + 1, least))).isPresent();
            } else if (ranks) {
                lastThatFits(prompt, score(most), score(most + 1));
            } else if (reason(refusal) == Reason.ANSWERS_EXCEED_KV) {
                lastThatFits(prompt, text(tokens, most, false), text(tokens, most + 1, false));
            } else {
                int answers = refusal.get().message().contains("of one answer") ? 1 : beams;
                lastThatFits(prompt, text(most, answers, pictures), text(most + 1, answers, pictures));
            }
        }
        assertThat(seen)
                .containsExactlyInAnyOrder(
                        Reason.PROMPT_EXCEEDS_KV, Reason.ANSWER_EXCEEDS_KV, Reason.ANSWERS_EXCEED_KV);
    }

    private void lastThatFits(int prompt, GenerationTask fits, GenerationTask more) {
        assertThat(room.refusal(request(prompt, fits)))
                .as("%s + %s", prompt, fits)
                .isEmpty();
        assertThat(room.refusal(request(prompt, more)))
                .as("%s + %s", prompt, more)
                .isPresent();
    }

    private static int most(String message) {
        Matcher matcher = MOST.matcher(message);
        assertThat(matcher.find()).as(message).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    private static Reason reason(Optional<Failure> refusal) {
        return refusal.orElseThrow().reason();
    }

    private static GenerationTask text(int tokens, int beams, boolean pictures) {
        return new GenerationTask.Generate(
                TextOptions.builder(tokens).beams(beams, 0).build(), pictures);
    }

    private static GenerationTask score(int tokens) {
        return new GenerationTask.Score(List.of(ImmutableIntArray.of(1), ImmutableIntArray.copyOf(new int[tokens])));
    }

    private static GenerationRequest request(int prompt, GenerationTask task) {
        return new GenerationRequest("r", List.of(InputRun.Ids.of(new int[prompt])), task, Long.MAX_VALUE);
    }
}
