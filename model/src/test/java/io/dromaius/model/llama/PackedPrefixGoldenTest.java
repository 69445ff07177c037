package io.dromaius.model.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.model.Golden;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.Checkpoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Beams of one golden sequence over a prefix that the stages pack, search after search in the same blocks, differently
 * ordered each time: every row must say what the reference said.
 */
class PackedPrefixGoldenTest {
    private static final int BLOCK_SIZE = 4;
    private static final int BEAMS = 5;
    private static final int PROMPT = 33;

    @Test
    void beamsSayWhatTheReferenceSaid() {
        GoldenSequence sequence = GoldenSequence.read("pretrain");
        int blocks = BEAMS * (sequence.rows() / BLOCK_SIZE + 1);
        StageOptions options = new StageOptions(
                Dtype.FP32, Device.CPU, blocks, BLOCK_SIZE, new PrefixPacking(1 << 20, 1, 2, 2), false);
        List<Integer> order = new ArrayList<>(IntStream.range(0, blocks).boxed().toList());
        try (Pipeline pipeline = new Pipeline(Checkpoint.open(Golden.path("emu-tiny")), options, 2, 6);
                Tensor input = sequence.embed(pipeline.first(), "cformer")) {
            for (int search = 0; search < 3; search++) {
                assertThat(search(pipeline, sequence, input.floats(), order))
                        .as("steps with a packed prefix")
                        .isGreaterThan(10);
                Collections.shuffle(order, new Random(search));
            }
        }
    }

    /** How many steps began with all layers of the last stage packed. */
    private static int search(Pipeline pipeline, GoldenSequence sequence, float[] input, List<Integer> order) {
        int whole = PROMPT / BLOCK_SIZE;
        int own = sequence.rows() / BLOCK_SIZE + 1 - whole;
        List<int[]> tables = IntStream.range(0, BEAMS)
                .mapToObj(beam -> IntStream.concat(
                                IntStream.range(0, whole).map(order::get),
                                IntStream.range(0, own).map(i -> order.get(whole + i * BEAMS + beam)))
                        .toArray())
                .toList();
        step(pipeline, sequence, input, List.of(), List.of(new SequenceRows(0, PROMPT, tables.get(0))));
        List<BlockCopy> forks = tables.stream()
                .skip(1)
                .map(table -> new BlockCopy(tables.get(0)[whole], table[whole]))
                .toList();
        int packed = 0;
        long wanted = 2L * 64 * sequence.hidden() * 4 * 4;
        for (int position = PROMPT; position < sequence.rows(); position++) {
            int at = position;
            packed += pipeline.last().packedBytes() == wanted ? 1 : 0;
            step(
                    pipeline,
                    sequence,
                    input,
                    position == PROMPT ? forks : List.of(),
                    tables.stream().map(table -> new SequenceRows(at, 1, table)).toList());
        }
        return packed;
    }

    private static void step(
            Pipeline pipeline,
            GoldenSequence sequence,
            float[] input,
            List<BlockCopy> copies,
            List<SequenceRows> sequences) {
        int[] positions = sequences.stream()
                .flatMapToInt(rows -> IntStream.range(rows.start(), rows.end()))
                .toArray();
        int hidden = sequence.hidden();
        float[] rows = new float[positions.length * hidden];
        for (int row = 0; row < positions.length; row++) {
            System.arraycopy(input, positions[row] * hidden, rows, row * hidden, hidden);
        }
        try (Tensor x = Tensor.of(rows, positions.length, hidden);
                Tensor y = pipeline.forward(new StageStep(copies, sequences), x);
                HeadResults results = pipeline.last().heads(y, GoldenSequence.heads(positions.length))) {
            for (int row = 0; row < positions.length; row++) {
                sequence.check(results, row, positions[row]);
            }
        }
    }
}
