package io.dromaius.coordinator.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.ImmutableIntArray;
import io.dromaius.coordinator.engine.Failure.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who runs when: fairness, shares, preemption, refusal. */
class SchedulingTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 6})
    void aLongPromptHoldsNobodyUp(int window) {
        Bench bench = new Bench(new EngineConfig(1000, 16, window, 256, 64, 64, TIMEOUT, Duration.ZERO));
        for (int i = 0; i < 8; i++) {
            bench.submit(prompt(10 + i), text(400));
        }
        run(bench, 40);
        int before = bench.sent().size();
        Set<Long> running = sequences(bench.sent().subList(before - window - 1, before));
        assertThat(running).hasSize(8);

        bench.submit(prompt(2000), text(400));
        run(bench, 60);
        Map<Long, Integer> last = new HashMap<>();
        for (int step = before - window - 1; step < bench.sent().size(); step++) {
            for (SliceRows slice : bench.sent().get(step).slices()) {
                if (running.contains(slice.sequence())) {
                    int gap = step - last.getOrDefault(slice.sequence(), step - 1);
                    // Every window-th step is its own; it may miss one more.
                    assertThat(gap).isLessThanOrEqualTo(window + 1);
                    last.put(slice.sequence(), step);
                }
            }
        }
        assertThat(last.values()).allMatch(step -> step >= bench.sent().size() - window - 1);
        assertThat(prefillRows(bench, before, running)).isEqualTo(2001);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 6})
    void aNewcomerDecodesWithinTwoStepsOfItsPrefill(int window) {
        Bench bench = new Bench(new EngineConfig(1000, 16, window, 256, 64, 64, TIMEOUT, Duration.ZERO));
        for (int i = 0; i < 8; i++) {
            bench.submit(prompt(10 + i), text(400));
        }
        run(bench, 20);
        Set<Long> old = sequences(bench.sent());
        bench.submit(prompt(700), text(400));
        bench.turn();
        int lastOfPrompt = -1;
        while (lastOfPrompt < 0) {
            lastOfPrompt = indexOf(bench.sent(), slice -> !old.contains(slice.sequence()) && end(slice) == 701);
            run(bench, lastOfPrompt < 0 ? 1 : 0);
        }
        run(bench, lastOfPrompt - answered(bench));
        int formedBeforeItIsRead = bench.sent().size();
        run(bench, 2);
        int decoded = indexOf(bench.sent(), slice -> slice.start() == 701);
        assertThat(decoded).isBetween(formedBeforeItIsRead, formedBeforeItIsRead + 1);
    }

    /**
     * When a prompt's last rows are in step p, the steps before p + window are formed already, as none of them can know the
     * first token: p + window is the soonest for anybody, and the cadence of those that run. A newcomer gets that or the next.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 6})
    void amongManyNewcomersEachDecodesInTheFirstOrSecondStepThatCanBe(int window) {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            Bench bench = new Bench(new EngineConfig(8000, 16, window, 256, 64, 64, TIMEOUT, Duration.ZERO));
            int running = random.nextInt(16);
            for (int i = 0; i < running; i++) {
                bench.submit(prompt(10 + i), text(400));
            }
            run(bench, 20);
            List<Integer> prompts = new ArrayList<>();
            while (prompts.size() < 20) {
                for (int burst = random.nextInt(4); burst >= 0; burst--) {
                    prompts.add(1 + random.nextInt(random.nextBoolean() ? 20 : 700));
                    bench.submit(prompt(prompts.get(prompts.size() - 1)), text(60));
                }
                run(bench, random.nextInt(12));
            }
            bench.runToEnd();
            for (int i = 0; i < prompts.size(); i++) {
                long sequence = 1L + running + i; // ids of sequences follow the order of arrival
                int rows = prompts.get(i) + 1;
                int read = indexOf(bench.sent(), slice -> slice.sequence() == sequence && end(slice) == rows);
                int decoded = indexOf(bench.sent(), slice -> slice.sequence() == sequence && slice.start() == rows);
                assertThat(decoded - read).as("newcomer %s of seed %s", i, seed).isLessThanOrEqualTo(window + 1);
            }
        }
    }

    @Test
    void promptRowsAreSharedOutOverTheWindow() {
        Bench bench = new Bench(new EngineConfig(1000, 16, 3, 256, 16, 64, TIMEOUT, Duration.ZERO));
        bench.submit(prompt(299), text(10));
        bench.turn();
        assertThat(bench.sent()).extracting(StepPlan::rows).containsExactly(112, 96, 92);
        assertThat(bench.sent()).extracting(plan -> plan.heads().size()).containsExactly(0, 0, 1);
    }

    @Test
    void decodesAreSharedOutOverTheWindow() {
        Bench bench = new Bench(Bench.config(1000, 3));
        for (int i = 0; i < 9; i++) {
            bench.submit(prompt(4), text(200));
        }
        run(bench, 60);
        assertThat(bench.sent().subList(50, bench.sent().size()))
                .extracting(StepPlan::rows)
                .containsOnly(3);
    }

    @Test
    void stepsThatGrewUnequalEvenOut() {
        Bench bench = new Bench(Bench.config(1000, 3));
        for (int i = 0; i < 9; i++) {
            bench.submit("request-" + i, prompt(4), text(200));
        }
        run(bench, 60);
        Set<Long> third = sequences(
                bench.sent().subList(bench.sent().size() - 1, bench.sent().size()));
        Set<Long> second = sequences(
                bench.sent().subList(bench.sent().size() - 2, bench.sent().size() - 1));
        // Ids of sequences follow the order of arrival.
        for (long gone : third) {
            bench.loop().cancel("request-" + (gone - 1));
        }
        for (long gone : List.copyOf(second).subList(0, 2)) {
            bench.loop().cancel("request-" + (gone - 1));
        }
        run(bench, 20);
        assertThat(bench.sent().subList(bench.sent().size() - 3, bench.sent().size()))
                .extracting(StepPlan::rows)
                .containsExactlyInAnyOrder(1, 1, 2);
    }

    @Test
    void aRequestsBeamsStayTogether() {
        Bench bench = new Bench(Bench.config(1000, 3));
        for (int i = 0; i < 4; i++) {
            bench.submit(
                    prompt(4),
                    new GenerationTask.Generate(
                            TextOptions.builder(40).minTokens(40).beams(5, 0).build(), false));
        }
        bench.runToEnd();
        assertThat(bench.sent().subList(8, bench.sent().size() - 8))
                .extracting(StepPlan::rows)
                .allMatch(rows -> rows % 5 == 0);
    }

    @Test
    void theOldestIsServedFirstAndTheYoungestYields() {
        Bench bench = new Bench(Bench.config(30, 2));
        List<RecordingListener> heard = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            heard.add(bench.submit(prompt(20), text(40)));
        }
        List<Integer> order = new ArrayList<>();
        bench.turn();
        while (bench.inFlight() > 0) {
            bench.answerOldest();
            bench.turn();
            for (int i = 0; i < 6; i++) {
                if (heard.get(i).ended() && !order.contains(i)) {
                    order.add(i);
                }
            }
        }
        assertThat(order).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(bench.stats().preemptions()).isPositive();
        assertThat(heard).allMatch(each -> each.candidates().get(0).ids().size() == 40);
    }

    @Test
    void whatCanNeverFitIsRefusedAndWhatJustFitsIsServed() {
        Bench bench = new Bench(Bench.config(10, 2));
        // 10 blocks hold the 36 positions of the prompt and 4 of the 5 tokens: the last one is not fed.
        RecordingListener fits = bench.submit(prompt(36 - 1), text(5));
        RecordingListener tooLong = bench.submit(prompt(36 - 1), text(6));
        RecordingListener tooWide = bench.submit(
                prompt(7),
                new GenerationTask.Generate(TextOptions.builder(8).beams(5, 0).build(), false));
        RecordingListener wide = bench.submit(
                prompt(7),
                new GenerationTask.Generate(
                        TextOptions.builder(5).minTokens(5).beams(8, 0).build(), false));
        bench.runToEnd();
        assertThat(fits.failure()).isEmpty();
        assertThat(fits.candidates()).hasSize(1);
        assertThat(wide.candidates()).hasSize(1);
        assertThat(tooLong.failure()).map(Failure::reason).contains(Reason.ANSWER_EXCEEDS_KV);
        assertThat(tooWide.failure()).map(Failure::reason).contains(Reason.ANSWERS_EXCEED_KV);
    }

    @Test
    void whatExceedsTheContextIsRefused() {
        EngineModel small = new EngineModel(ToyModel.BOS, ToyModel.EOS, ToyModel.IMG, ToyModel.END_IMG, 35, 40);
        Bench bench = new Bench(Bench.config(100, 2), small);
        List<RecordingListener> refused = List.of(
                bench.submit(prompt(39), text(1)),
                bench.submit(prompt(6), new GenerationTask.Draw()),
                bench.submit(prompt(19), new GenerationTask.Score(List.of(ImmutableIntArray.copyOf(new int[21])))));
        RecordingListener served = bench.submit(prompt(5), new GenerationTask.Draw());
        bench.runToEnd();
        assertThat(refused)
                .allMatch(each -> each.failure().map(Failure::reason).equals(Optional.of(Reason.CONTEXT_EXCEEDED)));
        assertThat(refused)
                .extracting(each -> each.failure().orElseThrow().limit().orElseThrow())
                .as("positions of the longest prompt that such an answer fits behind")
                .containsExactly(39, 6, 19);
        assertThat(served.candidates()).hasSize(1);
    }

    @Test
    void scoredCandidatesFillTheWindow() {
        Bench bench = new Bench(new EngineConfig(1000, 16, 3, 256, 16, 64, TIMEOUT, Duration.ZERO));
        List<ImmutableIntArray> candidates = IntStream.range(0, 30)
                .mapToObj(i -> ImmutableIntArray.of(3, 4, 5, 6, 7, i % 20))
                .toList();
        bench.submit(prompt(9), new GenerationTask.Score(candidates));
        run(bench, 1);
        assertThat(bench.sent().subList(1, bench.sent().size()))
                .extracting(StepPlan::rows)
                .containsExactly(50, 50, 50);
    }

    @Test
    void aRowBudgetBoundsEveryStepButForTheRestOfATile() {
        Bench bench = new Bench(Bench.config(400, 2));
        for (int i = 0; i < 50; i++) {
            bench.submit(prompt(30), text(3));
        }
        bench.runToEnd();
        assertThat(bench.sent()).allMatch(plan -> plan.rows() < 32 + 8);
    }

    @Test
    void aPromptIsFedInWholeTilesWhateverElseRuns() {
        Random random = new Random(1);
        Bench bench = new Bench(Bench.config(300, 3));
        for (int i = 0; i < 60; i++) {
            bench.submit(prompt(random.nextInt(90)), text(1 + random.nextInt(30)));
            run(bench, random.nextInt(4));
        }
        bench.runToEnd();
        assertThat(bench.sent().stream().flatMap(plan -> plan.slices().stream()).filter(slice -> slice.decoded() == 0))
                .hasSizeGreaterThan(100)
                .allMatch(slice -> slice.start() % 8 == 0);
    }

    private static void run(Bench bench, int steps) {
        bench.turn();
        for (int i = 0; i < steps; i++) {
            bench.answerOldest();
            bench.turn();
        }
    }

    private static int answered(Bench bench) {
        return bench.sent().size() - bench.inFlight();
    }

    private static int indexOf(List<StepPlan> plans, Predicate<SliceRows> wanted) {
        for (int step = 0; step < plans.size(); step++) {
            if (plans.get(step).slices().stream().anyMatch(wanted)) {
                return step;
            }
        }
        return -1;
    }

    private static int end(SliceRows slice) {
        return slice.start() + slice.length();
    }

    private static int prefillRows(Bench bench, int from, Set<Long> others) {
        int rows = 0;
        for (StepPlan plan : bench.sent().subList(from, bench.sent().size())) {
            for (SliceRows slice : plan.slices()) {
                rows += others.contains(slice.sequence()) || slice.start() > 2000 ? 0 : slice.length();
            }
        }
        return rows;
    }

    private static Set<Long> sequences(List<StepPlan> plans) {
        Set<Long> sequences = new HashSet<>();
        plans.forEach(plan -> plan.slices().forEach(slice -> sequences.add(slice.sequence())));
        return sequences;
    }

    private static GenerationTask text(int tokens) {
        return new GenerationTask.Generate(
                TextOptions.builder(tokens).minTokens(tokens).build(), false);
    }

    private static List<InputRun> prompt(int length) {
        return List.of(
                InputRun.Ids.of(ToyModel.BOS),
                InputRun.Ids.of(IntStream.range(0, length).map(i -> 3 + i % 9).toArray()));
    }
}
