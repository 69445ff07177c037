package io.dromaius.model.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.model.Golden;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.Checkpoint;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Many sequences in a step: a random walk in which copies of one golden sequence begin, advance by chunks of any size, fork
 * (sharing whole blocks, copying the last) and end, their blocks being reused. Whatever the company, every row must say what
 * the reference said.
 */
class BatchGoldenTest {
    private static final int BLOCK_SIZE = 4;
    private static final int BLOCKS = 200;

    private final Random random = new Random(7);
    private final Deque<Integer> free = new ArrayDeque<>();
    private final int[] references = new int[BLOCKS];
    private final List<Walker> walkers = new ArrayList<>();

    /** A sequence at some position. */
    private static final class Walker {
        private final List<Integer> table = new ArrayList<>();
        private int position;
    }

    @Test
    void companyChangesNothing() {
        GoldenSequence sequence = GoldenSequence.read("pretrain");
        List<Integer> all = new ArrayList<>(IntStream.range(0, BLOCKS).boxed().toList());
        Collections.shuffle(all.subList(0, BLOCKS / 2), random);
        free.addAll(all);
        StageOptions options = new StageOptions(Dtype.FP32, Device.CPU, BLOCKS, BLOCK_SIZE);
        int checked = 0;
        try (Pipeline pipeline = new Pipeline(Checkpoint.open(Golden.path("emu-tiny")), options, 2, 6);
                Tensor input = sequence.embed(pipeline.first(), "cformer")) {
            for (int i = 0; i < 60; i++) {
                checked += step(pipeline, sequence, input.floats());
            }
        }
        assertThat(checked).isGreaterThan(1000);
    }

    private int step(Pipeline pipeline, GoldenSequence sequence, float[] input) {
        end(sequence.rows());
        List<BlockCopy> copies = new ArrayList<>();
        beginAndFork(copies);
        List<SequenceRows> slices = new ArrayList<>();
        List<Integer> positions = new ArrayList<>();
        for (Walker walker : walkers) {
            int most = random.nextInt(3) == 0 ? 30 : 1;
            int length = Math.min(1 + random.nextInt(most), sequence.rows() - walker.position);
            while (walker.table.size() * BLOCK_SIZE < walker.position + length) {
                walker.table.add(allocate());
            }
            int[] table = walker.table.stream().mapToInt(Integer::intValue).toArray();
            slices.add(new SequenceRows(walker.position, length, table));
            IntStream.range(walker.position, walker.position + length).forEach(positions::add);
            walker.position += length;
        }
        float[] rows = new float[positions.size() * 64];
        for (int row = 0; row < positions.size(); row++) {
            System.arraycopy(input, positions.get(row) * 64, rows, row * 64, 64);
        }
        try (Tensor x = GoldenSequence.tensor(rows, positions.size(), 64);
                Tensor y = pipeline.forward(new StageStep(copies, slices), x);
                HeadResults results = pipeline.last().heads(y, GoldenSequence.heads(positions.size()))) {
            for (int row = 0; row < positions.size(); row++) {
                sequence.check(results, row, positions.get(row));
            }
        }
        return positions.size();
    }

    private void end(int rows) {
        for (Walker walker : List.copyOf(walkers)) {
            if (walker.position == rows || random.nextInt(20) == 0) {
                walkers.remove(walker);
                walker.table.forEach(this::release);
            }
        }
    }

    private void beginAndFork(List<BlockCopy> copies) {
        while (walkers.size() < 3) {
            walkers.add(new Walker());
        }
        Walker parent = walkers.get(random.nextInt(walkers.size()));
        if (walkers.size() < 6 && parent.position > 0) {
            Walker child = new Walker();
            child.position = parent.position;
            int whole = parent.position / BLOCK_SIZE;
            parent.table.subList(0, whole).forEach(block -> {
                references[block]++;
                child.table.add(block);
            });
            if (parent.position % BLOCK_SIZE > 0) {
                int copy = allocate();
                copies.add(new BlockCopy(parent.table.get(whole), copy));
                child.table.add(copy);
            }
            walkers.add(walkers.indexOf(parent) + 1, child);
        }
    }

    private int allocate() {
        int block = free.remove();
        references[block] = 1;
        return block;
    }

    private void release(int block) {
        if (--references[block] == 0) {
            free.addLast(block);
        }
    }

    @Test
    void sharedAndAdjacentBlocksAreReadOnce() {
        // Two beams share blocks 4, 5, 6; each has a block of its own; a third sequence has scattered blocks.
        AttentionPlan plan = new AttentionPlan(
                List.of(
                        new SequenceRows(13, 1, new int[] {4, 5, 6, 7}),
                        new SequenceRows(13, 1, new int[] {4, 5, 6, 9}),
                        new SequenceRows(5, 3, new int[] {1, 0})),
                BLOCK_SIZE);
        assertThat(plan.reads()).containsExactly(0, 2, 16, 28, 0, 1, 28, 30, 1, 2, 36, 38);
        assertThat(plan.runs()).containsExactly(2, 5, 1, 4, 8, 2, 5, 1, 0, 1);
        assertThat(plan.chunks()).containsExactly(2, 5);
        assertThat(plan.positions()).containsExactly(13, 13, 5, 6, 7);
        assertThat(Arrays.stream(plan.slots()).toArray()).containsExactly(29, 37, 1, 2, 3);
    }
}
