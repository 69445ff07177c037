package io.dromaius.model.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a sequence computes is the same, to the last bit, however its prompt was cut into steps, wherever its blocks lie,
 * whatever else was in its steps, and when it is all computed again.
 */
final class BatchInvarianceTest {
    private static final int BLOCK_SIZE = 16;
    private static final int BLOCKS_EACH = 40;
    private static final int OTHERS = 5;
    private static final int TWINS = 4;
    private static final int PROMPT = 579; // more than a segment, and the last tile has three rows
    private static final int END = 591;
    private static final LlamaSpec SMALL = new LlamaSpec(3, 96, 6, 256, 100, 1e-6, 10000, 2048);
    /** So wide that the library sums a single row in an order of its own, in bf16 too. */
    private static final LlamaSpec WIDE = new LlamaSpec(1, 2048, 16, 2752, 100, 1e-6, 10000, 2048);

    @ParameterizedTest
    @CsvSource({"BF16,SMALL,false", "BF16,SMALL,true", "FP32,SMALL,true", "BF16,WIDE,true", "FP32,WIDE,true"})
    void companyChangesNoBit(Dtype dtype, String size, boolean batchInvariant) {
        LlamaSpec spec = size.equals("WIDE") ? WIDE : SMALL;
        StageOptions options = new StageOptions(
                dtype, Device.CPU, BLOCKS_EACH * (1 + OTHERS) + TWINS, BLOCK_SIZE, PrefixPacking.NEVER, batchInvariant);
        try (LlamaStage stage = new LlamaStage(spec, new RandomWeights(spec, 1), spec.allLayers(), options)) {
            List<byte[]> alone = new Run(stage, new Random(0), false, batchInvariant).generate();
            for (int seed = 1; seed <= 2; seed++) {
                Run run = new Run(stage, new Random(seed), true, batchInvariant);
                assertSame(run.generate(), alone, "in company " + seed);
                assertSame(run.computeAgain(), alone, "again in company " + seed);
            }
        }
    }

    private static void assertSame(List<byte[]> rows, List<byte[]> expected, String when) {
        assertThat(rows).hasSameSizeAs(expected);
        for (int position = 0; position < rows.size(); position++) {
            assertThat(Arrays.equals(rows.get(position), expected.get(position)))
                    .as("%s, position %d", when, position)
                    .isTrue();
        }
    }

    /** One sequence, and all that may run beside it. */
    private static final class Run {
        private final LlamaStage stage;
        private final Random random;
        private final boolean company;
        private final boolean twins;
        private final int[] blocks;
        private List<byte[]> rows = new ArrayList<>();

        Run(LlamaStage stage, Random random, boolean company, boolean twins) {
            this.stage = stage;
            this.random = random;
            this.company = company;
            this.twins = twins;
            List<Integer> order =
                    new ArrayList<>(IntStream.range(0, BLOCKS_EACH).boxed().toList());
            if (company) {
                Collections.shuffle(order.subList(10, BLOCKS_EACH), random);
            }
            this.blocks = order.stream().mapToInt(Integer::intValue).toArray();
        }

        /** The hidden states of all positions: a prompt's in chunks, then one a step. */
        List<byte[]> generate() {
            rows = new ArrayList<>();
            while (rows.size() < PROMPT) {
                feed(promptEnd(), 0);
            }
            while (rows.size() < END) {
                feed(rows.size() + 1, 0);
            }
            return rows;
        }

        /** The same after a preemption: what had been decoded comes several rows a step. */
        List<byte[]> computeAgain() {
            rows = new ArrayList<>();
            while (rows.size() < END) {
                int end = promptEnd();
                int decoded = end < PROMPT ? 0 : random.nextInt(END - Math.max(PROMPT, rows.size()) + 1);
                end = Math.max(end, rows.size()) + decoded;
                if (end > rows.size()) {
                    feed(end, decoded);
                }
            }
            return rows;
        }

        private int promptEnd() {
            int multiple = (rows.size() / LlamaStage.TILE + 1 + random.nextInt(4)) * LlamaStage.TILE;
            return Math.min(PROMPT, multiple);
        }

        private void feed(int end, int decoded) {
            int start = rows.size();
            List<SequenceRows> sequences = new ArrayList<>();
            List<BlockCopy> copies = new ArrayList<>();
            if (company) {
                sequences.addAll(others());
            }
            if (company && twins && end == start + 1) {
                sequences.addAll(twins(start, copies));
            }
            int place = sequences.isEmpty() ? 0 : random.nextInt(sequences.size() + 1);
            int before = sequences.subList(0, place).stream()
                    .mapToInt(SequenceRows::length)
                    .sum();
            sequences.add(place, new SequenceRows(start, end - start, blocks, decoded));
            run(new StageStep(copies, sequences), before, start, end);
        }

        /** Other prompts and decodes, whatever their blocks hold. */
        private List<SequenceRows> others() {
            List<SequenceRows> others = new ArrayList<>();
            int count = random.nextInt(OTHERS + 1);
            for (int i = 1; i <= count; i++) {
                int[] table =
                        IntStream.range(BLOCKS_EACH * i, BLOCKS_EACH * (i + 1)).toArray();
                int length = random.nextBoolean() ? 1 : 1 + random.nextInt(100);
                others.add(new SequenceRows(random.nextInt(500), length, table));
            }
            return others;
        }

        /** Beams that read the blocks of this sequence but for the last. */
        private List<SequenceRows> twins(int position, List<BlockCopy> copies) {
            List<SequenceRows> twins = new ArrayList<>();
            int last = position / BLOCK_SIZE;
            int count = random.nextInt(TWINS + 1);
            for (int i = 0; i < count; i++) {
                int[] table = blocks.clone();
                table[last] = BLOCKS_EACH * (1 + OTHERS) + i;
                copies.add(new BlockCopy(blocks[last], table[last]));
                twins.add(new SequenceRows(position, 1, table));
            }
            return twins;
        }

        /** Feeds each sequence ids that follow from positions alone. */
        private void run(StageStep step, int before, int start, int end) {
            List<StageInput> inputs = new ArrayList<>();
            for (SequenceRows sequence : step.sequences()) {
                inputs.add(new StageInput.Ids(IntStream.range(sequence.start(), sequence.end())
                        .map(position -> position * 37 % 100)
                        .toArray()));
            }
            try (Tensor embedded = stage.embed(inputs, Optional.empty());
                    Tensor hidden = stage.forward(step, embedded)) {
                ByteBuffer bytes = hidden.bytes();
                int width = bytes.remaining() / step.rows();
                for (int row = before; row < before + end - start; row++) {
                    byte[] state = new byte[width];
                    bytes.get(row * width, state);
                    rows.add(state);
                }
            }
        }
    }
}
