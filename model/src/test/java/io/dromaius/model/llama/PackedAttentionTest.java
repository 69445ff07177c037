package io.dromaius.model.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that read 48 slots packed and two of their own get what they get from the pages, whatever the scores. */
final class PackedAttentionTest {
    private static final int HEADS = 2;
    private static final int WIDTH = 16;
    private static final int SHARED = 48;
    private static final int ROWS = 3;
    private static final int SLOTS = SHARED + 2 * ROWS;

    /** How much higher the scores of the later shared slots are than those of the first sixteen. */
    @ParameterizedTest
    @ValueSource(floats = {0, 5, 60, 80, 100, 300, -60, -300})
    void packedIsAsFromThePages(float lead) {
        List<SequenceRows> rows = IntStream.range(0, ROWS)
                .mapToObj(row -> new SequenceRows(
                        SHARED + 1,
                        1,
                        IntStream.concat(IntStream.range(0, SHARED / 2), IntStream.of(SHARED / 2 + row))
                                .toArray()))
                .toList();
        PackedRead read = new PackedRead(0, ROWS, SHARED / 2, ROWS + 1);
        try (ScriptModule script = ScriptModule.load("bench", "Bench");
                Tensor q = ones();
                Tensor keys = keys(lead);
                Tensor values = normals(2);
                Tensor fromPages = attend(script, q, keys, values, new AttentionPlan(rows, 2), List.of())) {
            List<Tensor> packs = script.tensors("pack", List.of(keys), List.of(values), SHARED, ROWS + 1);
            try (Tensor packed = attend(script, q, keys, values, new AttentionPlan(rows, 2, List.of(read)), packs)) {
                assertThat(packed.floats()).usingComparatorWithPrecision(1e-4f).containsExactly(fromPages.floats());
            } finally {
                packs.forEach(Tensor::close);
            }
        }
    }

    private static Tensor attend(
            ScriptModule script, Tensor q, Tensor keys, Tensor values, AttentionPlan plan, List<Tensor> packs) {
        return script.tensor("attend", q, List.of(keys), List.of(values), plan.reads(), plan.prefixes(), packs);
    }

    /** [rows, heads, width], with which a slot's score is the sum of its key over 4. */
    private static Tensor ones() {
        float[] ones = new float[ROWS * HEADS * WIDTH];
        Arrays.fill(ones, 1);
        return Tensor.of(ones, ROWS, HEADS, WIDTH);
    }

    private static Tensor keys(float lead) {
        try (Tensor normals = normals(1)) {
            float[] keys = normals.floats();
            for (int i = 0; i < keys.length; i++) {
                int slot = i / WIDTH % SLOTS;
                keys[i] += slot >= 16 && slot < SHARED ? lead * 4 / WIDTH : 0;
            }
            return Tensor.of(keys, HEADS, SLOTS, WIDTH);
        }
    }

    private static Tensor normals(long seed) {
        Random random = new Random(seed);
        float[] values = new float[HEADS * SLOTS * WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.of(values, HEADS, SLOTS, WIDTH);
    }
}
