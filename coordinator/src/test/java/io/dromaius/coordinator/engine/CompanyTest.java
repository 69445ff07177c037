package io.dromaius.coordinator.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.ImmutableIntArray;
import io.dromaius.model.llama.LlamaStage;
import io.dromaius.model.llama.PrefixPacking;
import io.dromaius.model.llama.RandomWeights;
import io.dromaius.model.llama.StageOptions;
import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random mixtures of requests on real layers: each hears what it hears alone, to the last bit of every log-probability and
 * embedding, preempted or not. In fp32 the least difference shows, bf16 is where it matters.
 */
class CompanyTest {
    private static final int BLOCK_SIZE = 16;
    private static final int VOCABULARY = 120;
    private static final int LEAST = 5; // no special id
    private static final LlamaSpec SPEC = new LlamaSpec(3, 96, 3, 256, VOCABULARY, 1e-6, 10000, 2048);
    private static final EngineModel MODEL = new EngineModel(1, 2, 3, 4, 5, 2048);

    private record Case(String id, List<InputRun> prompt, GenerationTask task) {}

    @ParameterizedTest
    @CsvSource({
        "1, 1, 44, 200, FP32, true",
        "2, 3, 44, 200, FP32, true",
        "3, 4, 44, 200, BF16, true",
        "4, 3, 20, 60, BF16, false"
    })
    void everyRequestHearsWhatItHearsAlone(
            long seed, int window, int blocks, int longestPrompt, Dtype dtype, boolean batchInvariant) {
        Random random = new Random(seed);
        List<Case> cases = IntStream.range(0, 20)
                .mapToObj(i -> new Case("case-" + i, prompt(random, longestPrompt), task(random, batchInvariant)))
                .toList();
        List<List<String>> together;
        try (LocalStage stage = stage(blocks, dtype, batchInvariant)) {
            together = run(cases, stage, blocks, window, true);
        }
        try (LocalStage stage = stage(200, dtype, batchInvariant)) {
            for (int i = 0; i < cases.size(); i++) {
                List<List<String>> alone = run(cases.subList(i, i + 1), stage, 200, 1, false);
                assertThat(together.get(i)).as("%s", cases.get(i)).isEqualTo(alone.get(0));
            }
        }
    }

    private static LocalStage stage(int blocks, Dtype dtype, boolean batchInvariant) {
        return new LocalStage(
                SPEC,
                new RandomWeights(SPEC, 7),
                new StageOptions(dtype, Device.CPU, blocks, BLOCK_SIZE, PrefixPacking.NEVER, batchInvariant));
    }

    private static List<List<String>> run(
            List<Case> cases, LocalStage stage, int blocks, int window, boolean preempts) {
        EngineConfig config = new EngineConfig(
                blocks, BLOCK_SIZE, window, 256, LlamaStage.TILE, 64, Duration.ofMinutes(1), Duration.ZERO);
        EngineLoop loop = new EngineLoop(config, MODEL, LetterText::new, stage, new FakeTicker());
        List<RecordingListener> heard = new ArrayList<>();
        for (Case each : cases) {
            RecordingListener listener = new RecordingListener();
            loop.submit(new GenerationRequest(each.id(), each.prompt(), each.task(), Long.MAX_VALUE), listener);
            heard.add(listener);
        }
        stage.runToEnd(loop);
        CompletableFuture<EngineStats> stats = loop.stats();
        stage.runToEnd(loop);
        assertThat(stats.join().preemptions() > 0).as("preempted").isEqualTo(preempts);
        assertThat(heard).allMatch(RecordingListener::ended).allMatch(each -> each.failure()
                .isEmpty());
        return heard.stream().map(RecordingListener::outcome).toList();
    }

    private static List<InputRun> prompt(Random random, int longest) {
        return List.of(InputRun.Ids.of(1), ids(random, 1 + random.nextInt(longest)));
    }

    private static GenerationTask task(Random random, boolean any) {
        TextOptions.Builder text = TextOptions.builder(20 + random.nextInt(30))
                .minTokens(10)
                .logprobs(3)
                .repetition(1.3f, 2);
        return switch (any ? random.nextInt(5) : random.nextInt(2)) {
            case 0 -> new GenerationTask.Generate(text.build(), false);
            case 1 -> new GenerationTask.Draw();
            case 2 -> new GenerationTask.Generate(text.build(), true);
            case 3 ->
                new GenerationTask.Generate(
                        text.logprobs(-1).beams(2 + random.nextInt(5), 1).build(), false);
            default ->
                new GenerationTask.Score(IntStream.range(0, 1 + random.nextInt(12))
                        .mapToObj(i -> ids(random, 1 + random.nextInt(9)).ids())
                        .toList());
        };
    }

    private static InputRun.Ids ids(Random random, int length) {
        return new InputRun.Ids(ImmutableIntArray.copyOf(random.ints(length, LEAST, VOCABULARY)));
    }
}
