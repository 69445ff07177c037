package io.dromaius.coordinator.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random mixtures of requests: each hears exactly what it hears when it runs alone, and nothing is left behind. */
class EngineWalkTest {
    private record Case(String id, List<InputRun> prompt, GenerationTask task, RecordingListener heard) {}

    @ParameterizedTest
    @CsvSource({
        "1, 1, 400", "2, 2, 400", "3, 3, 400", "4, 4, 400", "5, 6, 400", "6, 1, 38", "7, 2, 38", "8, 2, 38", "9, 3, 38",
        "10, 3, 38", "11, 4, 38", "12, 4, 38", "13, 6, 38", "14, 2, 60", "15, 3, 60", "16, 4, 60", "17, 3, 38",
                "18, 2, 38"
    })
    void everyRequestHearsWhatItHearsAlone(long seed, int window, int blocks) {
        Bench bench = new Bench(Bench.config(blocks, window));
        RandomRequests requests = new RandomRequests(seed);
        Random random = new Random(-seed);
        List<Case> cases = new ArrayList<>();
        List<String> cancelled = new ArrayList<>();
        while (cases.size() < 60 || bench.inFlight() > 0) {
            int choice = random.nextInt(10);
            if (choice < 2 && cases.size() < 60) {
                String id = "walk-" + cases.size();
                List<InputRun> prompt = requests.prompt(50);
                GenerationTask task = requests.task();
                cases.add(new Case(id, prompt, task, bench.submit(id, prompt, task)));
            } else if (choice == 2 && random.nextInt(4) == 0 && !cases.isEmpty()) {
                String id = cases.get(random.nextInt(cases.size())).id();
                cancelled.add(id);
                bench.loop().cancel(id);
            } else if (choice < 8 && bench.inFlight() > 0) {
                bench.answerOldest();
            } else {
                bench.turn();
            }
            assertThat(bench.inFlight()).isLessThanOrEqualTo(window);
        }
        bench.runToEnd();

        assertThat(bench.losses()).isEmpty();
        for (Case each : cases) {
            assertThat(each.heard().orderly()).isTrue();
            assertThat(each.heard().ended()).as(each.id()).isTrue();
            compareWithAlone(each, cancelled.contains(each.id()), blocks);
        }
        EngineStats stats = bench.stats();
        assertThat(stats.blocksInUse()).isZero();
        assertThat(stats.runningRequests() + stats.queuedRequests()).isZero();
        assertThat(bench.shard().blocksInUse()).isZero();
        if (blocks < 60) {
            assertThat(stats.preemptions()).isPositive();
        }
    }

    private static void compareWithAlone(Case each, boolean mayBeCancelled, int blocks) {
        Bench bench = new Bench(Bench.config(1000, 1));
        RecordingListener alone = bench.submit(each.prompt(), each.task());
        bench.runToEnd();
        assertThat(alone.failure()).isEmpty();
        if (each.heard().failure().isEmpty()) {
            assertThat(each.heard().outcome())
                    .as("%s %s", each.id(), each.task())
                    .isEqualTo(alone.outcome());
        } else if (mayBeCancelled) {
            assertThat(each.heard().outcome())
                    .isEqualTo(alone.outcome().subList(0, each.heard().outcome().size()));
        } else {
            assertThat(each.heard().failure().get().reason())
                    .isIn(
                            Failure.Reason.PROMPT_EXCEEDS_KV,
                            Failure.Reason.ANSWER_EXCEEDS_KV,
                            Failure.Reason.ANSWERS_EXCEED_KV);
            assertThat(blocks).isLessThan(400);
        }
    }
}
