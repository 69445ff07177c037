package io.dromaius.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.model.torch.Dtype;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.Part;
import io.dromaius.proto.v1.Prompt;
import io.dromaius.proto.v1.TextOptions;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Same seed, same ids: at any split of the model, alone and in company, also where blocks are short. */
@Tag("side-by-side")
final class SamplingIT {
    private static final int COMPANY = 16;
    private static final int ROUNDS = 20;

    /** Of the first cluster of each type, which all others have to give. */
    private static final Map<Dtype, List<List<Integer>>> EXPECTED = new EnumMap<>(Dtype.class);

    /** The last pool of each type is smaller than what the company needs at once, so that some of it is preempted. */
    @ParameterizedTest(name = "{0}, {1} shards, {2} blocks")
    @CsvSource({
        "FP32, 1, 1024, false",
        "FP32, 3, 1024, false",
        "FP32, 1, 14, true",
        "BF16, 1, 1024, false",
        "BF16, 3, 1024, false",
        "BF16, 1, 14, true"
    })
    void aSeedDecidesTheIds(Dtype dtype, int shards, int blocks, boolean isShort) throws Exception {
        List<List<Integer>> expected;
        try (MiniCluster cluster = MiniCluster.serving(
                Golden.checkpoint("pretrain"), dtype, shards, "--max-blocks", Integer.toString(blocks))) {
            List<List<Integer>> alone = new ArrayList<>();
            for (int i = 0; i < COMPANY; i++) {
                alone.add(start(cluster, i).ids());
            }
            expected = EXPECTED.computeIfAbsent(dtype, first -> alone);
            assertThat(alone).isEqualTo(expected);
            // Calls that come slowly are not in each other's company.
            for (int round = 0; round == 0 || (isShort && preemptions(cluster) == 0 && round < ROUNDS); round++) {
                assertThat(together(cluster)).isEqualTo(expected);
            }
            assertThat(preemptions(cluster) > 0).as("some were preempted").isEqualTo(isShort);
        }
        assertThat(expected.stream().distinct().count()).as("seeds differ").isGreaterThan(COMPANY / 2);
    }

    private static List<List<Integer>> together(MiniCluster cluster) throws Exception {
        List<Answer> calls = new ArrayList<>();
        for (int i = 0; i < COMPANY; i++) {
            calls.add(start(cluster, i));
        }
        List<List<Integer>> together = new ArrayList<>();
        for (Answer call : calls) {
            together.add(call.ids());
        }
        return together;
    }

    private static long preemptions(MiniCluster cluster) {
        return cluster.describe().getPipelines(0).getPreemptions();
    }

    private static Answer start(MiniCluster cluster, int seed) {
        GenerateRequest request = GenerateRequest.newBuilder()
                .setPrompt(Prompt.newBuilder()
                        .addParts(Part.newBuilder().setText("Once upon a time".repeat(1 + seed % 5))))
                .setText(TextOptions.newBuilder()
                        .setTemperature(0.9f)
                        .setTopK(50)
                        .setTopP(0.95f)
                        .setSeed(seed)
                        .setN(1 + seed % 2)
                        .setMaxTokens(32))
                .build();
        return Answer.start(cluster.channel(), request);
    }
}
