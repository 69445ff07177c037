package io.dromaius.coordinator.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.ImmutableIntArray;
import io.dromaius.coordinator.engine.GenerationListener.Candidate;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each way of decoding, against the toy model fed by hand. */
class DecodingTest {
    private static final int[] ALL = IntStream.range(0, ToyModel.VOCABULARY).toArray();

    private final Bench bench = new Bench(Bench.config(200, 1));

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 6, 7, 8, 9})
    void greedyTakesTheBestUntilTheEnd(int first) {
        List<InputRun> prompt = prompt(first);
        RecordingListener heard = bench.submit(prompt, generate(TextOptions.greedy(12)));
        bench.runToEnd();

        ToyLine line = ToyLine.after(prompt);
        List<Integer> expected = new ArrayList<>();
        double score = 0;
        while (expected.size() < 12 && !expected.contains(ToyModel.EOS)) {
            int id = line.best(ALL);
            score += line.logprobs()[id];
            expected.add(id);
            line.feed(id);
        }
        Candidate found = only(heard);
        boolean ended = expected.contains(ToyModel.EOS);
        assertThat(found.ids()).isEqualTo(expected);
        assertThat(found.score()).isEqualTo(score);
        assertThat(found.reason()).isEqualTo(ended ? FinishReason.END : FinishReason.LENGTH);
        assertThat(found.text()).isEqualTo(LetterText.of(expected.subList(0, expected.size() - (ended ? 1 : 0))));
        assertThat(heard.streamed()).isEqualTo(found.text());
    }

    @Test
    void endOfSequenceIsBarredUntilEnoughTokens() {
        List<InputRun> prompt = promptThatEndsAtOnce();
        RecordingListener barred = bench.submit(
                prompt, generate(TextOptions.builder(12).minTokens(5).build()));
        RecordingListener free = bench.submit(prompt, generate(TextOptions.greedy(12)));
        bench.runToEnd();
        assertThat(only(free).ids()).containsExactly(ToyModel.EOS);
        assertThat(only(barred).ids()).hasSizeGreaterThanOrEqualTo(5);
        assertThat(only(barred).ids().subList(0, 5)).doesNotContain(ToyModel.EOS);
    }

    @Test
    void textEndsBeforeAStopStringAndNothingRunsBehindIt() {
        List<InputRun> prompt = prompt(3);
        RecordingListener free = bench.submit(
                prompt, generate(TextOptions.builder(10).minTokens(10).build()));
        bench.runToEnd();
        String text = only(free).text();
        String stop = text.substring(4, 6);
        int at = text.indexOf(stop);
        long stepsBefore = bench.stats().steps();

        TextOptions options =
                TextOptions.builder(10).minTokens(10).stop(List.of(stop)).build();
        RecordingListener stopped = bench.submit(prompt, generate(options));
        bench.runToEnd();
        assertThat(only(stopped).text()).isEqualTo(text.substring(0, at));
        assertThat(only(stopped).reason()).isEqualTo(FinishReason.STOP);
        assertThat(only(stopped).ids()).hasSize(at + 2);
        assertThat(stopped.streamed()).isEqualTo(text.substring(0, at));
        // One step a token, and one to tell the shards of the end.
        assertThat(bench.stats().steps() - stepsBefore).isEqualTo(at + 3);
    }

    @Test
    void textThatOnlyBeganLikeAStopStringComesAtTheEnd() {
        List<InputRun> prompt = prompt(3);
        RecordingListener free = bench.submit(
                prompt, generate(TextOptions.builder(4).minTokens(4).build()));
        bench.runToEnd();
        String text = only(free).text();
        TextOptions options = TextOptions.builder(4)
                .minTokens(4)
                .stop(List.of(text.substring(2) + "?"))
                .build();
        RecordingListener heard = bench.submit(prompt, generate(options));
        bench.runToEnd();
        assertThat(only(heard).text()).isEqualTo(text);
        assertThat(heard.streamed()).isEqualTo(text);
        assertThat(only(heard).reason()).isEqualTo(FinishReason.LENGTH);
    }

    @Test
    void choicesLeaveOnlyTheirOwnIds() {
        List<ImmutableIntArray> choices = List.of(ids(3, 4, ToyModel.EOS), ids(3, 5, ToyModel.EOS), ids(9, 10));
        List<InputRun> prompt = prompt(6);
        RecordingListener heard = bench.submit(
                prompt, generate(TextOptions.builder(8).choices(choices).build()));
        bench.runToEnd();
        ToyLine line = ToyLine.after(prompt);
        int first = line.best(3, 9);
        line.feed(first);
        List<Integer> expected = first == 9 ? List.of(9, 10) : List.of(3, line.best(4, 5), ToyModel.EOS);
        assertThat(only(heard).ids()).isEqualTo(expected);
        assertThat(only(heard).reason()).isEqualTo(FinishReason.END);
    }

    @Test
    void theContextWindowEndsText() {
        EngineModel small = new EngineModel(ToyModel.BOS, ToyModel.EOS, ToyModel.IMG, ToyModel.END_IMG, 35, 10);
        Bench tight = new Bench(Bench.config(50, 1), small);
        TextOptions options = TextOptions.builder(100).minTokens(100).build();
        RecordingListener text = tight.submit(prompt(3, 4, 5), generate(options));
        RecordingListener beams = tight.submit(
                prompt(3, 4, 5),
                generate(TextOptions.builder(100).minTokens(100).beams(2, 0).build()));
        tight.runToEnd();
        assertThat(only(text).ids()).hasSize(6);
        assertThat(only(text).reason()).isEqualTo(FinishReason.LENGTH);
        assertThat(only(beams).ids()).hasSize(6);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void beamsFindWhatTheReferenceFinds(int first) {
        List<InputRun> prompt = prompt(first, first + 1, 3, 4, 5);
        boolean constrained = first % 3 == 0;
        TextOptions.Builder options = TextOptions.builder(9)
                .beams(2 + first % 4, first % 4 - 1)
                .n(2)
                .minTokens(first % 3)
                .repetition(1, first % 3 == 1 ? 2 : 0);
        if (constrained) {
            options.choices(List.of(ids(3, 4, ToyModel.EOS), ids(9, ToyModel.EOS), ids(3, 6, 7, ToyModel.EOS)));
        }
        TextOptions built = options.build();
        RecordingListener heard = bench.submit(prompt, generate(built));
        bench.runToEnd();

        List<ReferenceBeamSearch.Kept> expected = new ReferenceBeamSearch(
                        built.numBeams(), built.lengthPenalty(), 9, ids -> processed(prompt, ids, built))
                .run(2);
        assertThat(heard.candidates())
                .extracting(Candidate::ids)
                .isEqualTo(expected.stream().map(ReferenceBeamSearch.Kept::ids).toList());
        assertThat(heard.candidates())
                .extracting(Candidate::score)
                .isEqualTo(
                        expected.stream().map(ReferenceBeamSearch.Kept::score).toList());
        assertThat(heard.streamed()).isEmpty();
    }

    @Test
    void candidatesOfARequestForkBehindOnePrompt() {
        List<InputRun> prompt =
                prompt(IntStream.range(0, 30).map(i -> 3 + i % 9).toArray());
        TextOptions.Builder options = TextOptions.builder(10).minTokens(10).sample(2, 0, 1, 17);
        RecordingListener four = bench.submit(prompt, generate(options.n(4).build()));
        bench.turn();
        bench.answerOldest();
        bench.turn();
        // 31 prompt positions fill 7 blocks of 4 and 3 places of an eighth, which each candidate has for its own.
        assertThat(bench.stats().blocksInUse()).isEqualTo(7 + 4);
        bench.runToEnd();
        RecordingListener one = bench.submit(prompt, generate(options.n(1).build()));
        bench.runToEnd();
        assertThat(four.candidates().get(0)).isEqualTo(only(one));
        assertThat(Set.copyOf(four.candidates())).hasSize(4);
        int prefilled = bench.sent().get(0).rows();
        assertThat(prefilled).isEqualTo(31);
    }

    @Test
    void beamsShareTheirPromptAndCopyOnlyWhatTheyWrite() {
        List<InputRun> prompt =
                prompt(IntStream.range(0, 29).map(i -> 3 + i % 9).toArray());
        bench.submit(
                prompt, generate(TextOptions.builder(4).minTokens(4).beams(5, 0).build()));
        bench.turn();
        bench.answerOldest();
        bench.turn();
        StepPlan first = bench.sent().get(1);
        assertThat(first.rows()).isEqualTo(5);
        assertThat(first.copies()).hasSize(4);
        assertThat(first.slices()).filteredOn(slice -> slice.parent() != 0).hasSize(4);
        assertThat(first.slices()).allMatch(slice -> slice.keptBlocks() >= 7);
        bench.runToEnd();
    }

    @Test
    void scoresAreTheLogProbabilitiesBehindThePrompt() {
        List<InputRun> prompt = prompt(7, 8, 9);
        List<ImmutableIntArray> candidates = List.of(
                ids(3), ids(4, 5, 6), ids(11, 12), ids(IntStream.range(3, 20).toArray()));
        RecordingListener heard = bench.submit(prompt, new GenerationTask.Score(candidates));
        bench.runToEnd();
        List<List<Float>> expected = new ArrayList<>();
        for (ImmutableIntArray candidate : candidates) {
            ToyLine line = ToyLine.after(prompt);
            List<Float> scores = new ArrayList<>();
            for (int id : candidate.asList()) {
                scores.add(line.logprobs()[id]);
                line.feed(id);
            }
            expected.add(scores);
        }
        assertThat(heard.outcome()).containsExactly("scored " + expected);
    }

    @Test
    void aPictureIsAsManyEmbeddingsAsTheModelHasEachFedBack() {
        List<InputRun> prompt = prompt(7, 8, ToyModel.IMG);
        RecordingListener heard = bench.submit(prompt, new GenerationTask.Draw());
        bench.runToEnd();
        assertThat(heard.outcome()).contains("picture 0 " + embeddings(ToyLine.after(prompt)));
        assertThat(heard.outcome())
                .filteredOn(event -> event.startsWith("embedding"))
                .hasSize(Bench.MODEL.visualTokens());
        assertThat(only(heard).reason()).isEqualTo(FinishReason.PICTURE);
    }

    @Test
    void textGoesOnBehindAPicture() {
        List<InputRun> prompt = prompt(5);
        TextOptions options = TextOptions.builder(6)
                .minTokens(6)
                .choices(List.of(ids(4, ToyModel.IMG, 5, 6, 7, ToyModel.EOS)))
                .build();
        RecordingListener heard = bench.submit(prompt, new GenerationTask.Generate(options, true));
        bench.runToEnd();

        ToyLine line = ToyLine.after(prompt);
        line.feed(4);
        line.feed(ToyModel.IMG);
        List<Long> embeddings = embeddings(line);
        assertThat(heard.outcome()).contains("picture 0 " + embeddings);
        // The last embedding and [/IMG] are fed together; then 5, 6, 7 are read.
        line.feed(ByteBuffer.allocate(8).putLong(0, embeddings.get(embeddings.size() - 1)));
        line.feed(ToyModel.END_IMG);
        float logprob = line.logprobs()[5];
        assertThat(heard.outcome()).contains("text 0 'f' [Token[id=5, logprob=" + logprob + ", alternatives=[]]]");
        assertThat(bench.sent()).filteredOn(plan -> plan.rows() == 2).hasSize(2);
        assertThat(only(heard).ids()).startsWith(4, ToyModel.IMG, 5, 6, 7);
    }

    @Test
    void withoutPicturesTheirMarkIsAnOrdinaryId() {
        TextOptions options = TextOptions.builder(3)
                .choices(List.of(ids(ToyModel.IMG, 5, ToyModel.EOS)))
                .build();
        RecordingListener heard = bench.submit(prompt(5), generate(options));
        bench.runToEnd();
        assertThat(only(heard).ids()).containsExactly(ToyModel.IMG, 5, ToyModel.EOS);
        assertThat(heard.outcome()).noneMatch(event -> event.startsWith("embedding"));
    }

    @Test
    void aPictureThatHasNoRoomEndsTheText() {
        EngineModel small = new EngineModel(ToyModel.BOS, ToyModel.EOS, ToyModel.IMG, ToyModel.END_IMG, 35, 36);
        Bench tight = new Bench(Bench.config(50, 1), small);
        TextOptions options = TextOptions.builder(9)
                .choices(List.of(ids(ToyModel.IMG, 5, ToyModel.EOS)))
                .build();
        RecordingListener heard = tight.submit(prompt(5), new GenerationTask.Generate(options, true));
        tight.runToEnd();
        assertThat(only(heard).reason()).isEqualTo(FinishReason.LENGTH);
        assertThat(only(heard).ids()).containsExactly(ToyModel.IMG);
    }

    @Test
    void tokensComeWithAsManyAlternativesAsWereAskedFor() {
        List<InputRun> prompt = prompt(3);
        RecordingListener heard =
                bench.submit(prompt, generate(TextOptions.builder(1).logprobs(2).build()));
        bench.runToEnd();
        float[] logprobs = ToyLine.after(prompt).logprobs();
        int best = ToyLine.after(prompt).best(ALL);
        assertThat(heard.outcome().get(0))
                .contains("Token[id=" + best + ", logprob=" + logprobs[best])
                .contains("alternatives=[ScoredId[id=" + best + ", score=" + logprobs[best] + "], ScoredId[");
    }

    @Test
    void contradictoryOptionsAreRefused() {
        assertThatThrownBy(() -> TextOptions.builder(5).n(2).build()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TextOptions.builder(5).beams(2, 0).n(3).build())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        TextOptions.builder(5).beams(2, 0).stop(List.of("x")).build())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new GenerationTask.Generate(
                        TextOptions.builder(5).beams(2, 0).build(), true))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void embeddingsAreFedAgainAfterPreemption() {
        // 24 blocks of 4: two pictures need 9 each; with a long text beside them somebody must yield.
        EngineConfig config = new EngineConfig(24, 4, 2, 32, 8, 64, Duration.ofSeconds(2), Duration.ZERO);
        Bench small = new Bench(config);
        List<RecordingListener> heard = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            heard.add(small.submit(prompt(7, 8 + i, ToyModel.IMG), new GenerationTask.Draw()));
        }
        small.runToEnd();
        assertThat(small.stats().preemptions()).isPositive();
        for (int i = 0; i < 3; i++) {
            ToyLine line = ToyLine.after(prompt(7, 8 + i, ToyModel.IMG));
            assertThat(heard.get(i).outcome()).contains("picture 0 " + embeddings(line));
        }
    }

    private static float[] processed(List<InputRun> prompt, List<Integer> ids, TextOptions options) {
        ToyLine line = ToyLine.after(prompt);
        List<Integer> generated = ids.subList(1, ids.size());
        generated.forEach(line::feed);
        float[] scores = line.logprobs();
        Set<Integer> allowed = Set.copyOf(
                ChoiceTrie.of(options.choices()).allowedAfter(generated).asList());
        for (int id = 0; id < scores.length; id++) {
            boolean off = !options.choices().isEmpty() && !allowed.contains(id);
            boolean early = id == ToyModel.EOS && generated.size() < options.minTokens();
            if (off || early || (options.noRepeatNgramSize() == 2 && repeatsPair(ids, id))) {
                scores[id] = Float.NEGATIVE_INFINITY;
            }
        }
        return scores;
    }

    private static boolean repeatsPair(List<Integer> ids, int id) {
        int last = ids.get(ids.size() - 1);
        for (int i = 0; i + 1 < ids.size(); i++) {
            if (ids.get(i) == last && ids.get(i + 1) == id) {
                return true;
            }
        }
        return false;
    }

    /** Feeds the line until it has given a whole picture. */
    private static List<Long> embeddings(ToyLine line) {
        List<Long> embeddings = new ArrayList<>();
        for (int i = 0; i < Bench.MODEL.visualTokens(); i++) {
            ByteBuffer vector = line.regress();
            embeddings.add(vector.getLong(0));
            if (i < Bench.MODEL.visualTokens() - 1) {
                line.feed(vector);
            }
        }
        return embeddings;
    }

    private static List<InputRun> promptThatEndsAtOnce() {
        for (int first = 3; ; first++) {
            List<InputRun> prompt = prompt(first, 3);
            if (ToyLine.after(prompt).best(ALL) == ToyModel.EOS) {
                return prompt;
            }
        }
    }

    private static Candidate only(RecordingListener heard) {
        assertThat(heard.failure()).isEmpty();
        assertThat(heard.candidates()).isNotEmpty();
        return heard.candidates().get(0);
    }

    private static GenerationTask generate(TextOptions options) {
        return new GenerationTask.Generate(options, false);
    }

    private static ImmutableIntArray ids(int... ids) {
        return ImmutableIntArray.copyOf(ids);
    }

    private static List<InputRun> prompt(int... ids) {
        return List.of(InputRun.Ids.of(ToyModel.BOS), InputRun.Ids.of(ids));
    }
}
