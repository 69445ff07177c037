package io.dromaius.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.Part;
import io.dromaius.proto.v1.Prompt;
import io.dromaius.proto.v1.TextOptions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Same seed, same ids: at any split of the model, alone and in company. */
final class SamplingIT {
    private static final int COMPANY = 16;

    @Test
    void aSeedDecidesTheIds() throws Exception {
        List<List<List<Integer>>> alone = new ArrayList<>();
        List<List<List<Integer>>> together = new ArrayList<>();
        for (int shards : List.of(1, 3)) {
            try (MiniCluster cluster = MiniCluster.serving(Golden.checkpoint("pretrain"), shards)) {
                List<List<Integer>> each = new ArrayList<>();
                for (int i = 0; i < COMPANY; i++) {
                    each.add(start(cluster, i).ids());
                }
                alone.add(each);
                List<Answer> calls = new ArrayList<>();
                for (int i = 0; i < COMPANY; i++) {
                    calls.add(start(cluster, i));
                }
                List<List<Integer>> all = new ArrayList<>();
                for (Answer call : calls) {
                    all.add(call.ids());
                }
                together.add(all);
            }
        }
        assertThat(together.get(0)).isEqualTo(alone.get(0));
        assertThat(alone.get(1)).isEqualTo(alone.get(0));
        assertThat(together.get(1)).isEqualTo(alone.get(0));
        assertThat(alone.get(0).stream().distinct().count()).as("seeds differ").isGreaterThan(COMPANY / 2);
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
                        .setMaxTokens(24))
                .build();
        return Answer.start(cluster.channel(), request);
    }
}
