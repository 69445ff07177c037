package io.dromaius.coordinator.engine;

import static com.google.common.base.Preconditions.checkState;
import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.coordinator.kv.BlockCopy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All stages of a pipeline in one: runs steps of the {@link ToyModel} over real pages, through the block tables it is
 * told, and checks what a shard relies on. A page keeps what is in it until it is written, whoever names it.
 */
final class FakeShard {
    private final int blockSize;
    private final long[][] pages;
    private final Map<Long, int[]> tables = new HashMap<>();
    private final Map<Long, Integer> lengths = new HashMap<>();
    private final Set<Long> everSeen = new HashSet<>();
    private long lastStep;

    FakeShard(int blocks, int blockSize) {
        this.blockSize = blockSize;
        this.pages = new long[blocks][blockSize];
    }

    StepResult run(StepPlan plan) {
        assertThat(plan.step()).isEqualTo(++lastStep);
        Map<Long, int[]> before = new HashMap<>(tables);
        Map<Long, Integer> lengthsBefore = new HashMap<>(lengths);
        for (long released : plan.released()) {
            assertThat(tables.remove(released)).as("released %s", released).isNotNull();
            lengths.remove(released);
        }
        copy(plan.copies());
        updateTables(plan, before, lengthsBefore);
        List<Long> hidden = new ArrayList<>();
        writeAll(plan.slices());
        for (SliceRows slice : plan.slices()) {
            readRows(slice, hidden);
        }
        return results(plan, hidden);
    }

    int blocksInUse() {
        Set<Integer> blocks = new HashSet<>();
        tables.values().forEach(table -> Arrays.stream(table).forEach(blocks::add));
        return blocks.size();
    }

    private void copy(List<BlockCopy> copies) {
        Set<Integer> targets = new HashSet<>();
        Set<Integer> sources = new HashSet<>();
        for (BlockCopy copy : copies) {
            assertThat(targets.add(copy.target())).as("a target twice").isTrue();
            sources.add(copy.source());
            pages[copy.target()] = pages[copy.source()].clone();
        }
        assertThat(Collections.disjoint(targets, sources))
                .as("order must not matter")
                .isTrue();
    }

    private void updateTables(StepPlan plan, Map<Long, int[]> before, Map<Long, Integer> lengthsBefore) {
        Set<Long> sliced = new HashSet<>();
        for (SliceRows slice : plan.slices()) {
            assertThat(sliced.add(slice.sequence())).as("one slice a sequence").isTrue();
            assertThat(plan.released()).doesNotContain(slice.sequence());
            long origin = slice.parent() == 0 ? slice.sequence() : slice.parent();
            int[] kept = before.getOrDefault(origin, new int[0]);
            assertThat(slice.keptBlocks()).isLessThanOrEqualTo(kept.length);
            if (!before.containsKey(slice.sequence())) {
                assertThat(everSeen.add(slice.sequence()))
                        .as("an id used again")
                        .isTrue();
            }
            int[] table =
                    Arrays.copyOf(kept, slice.keptBlocks() + slice.newBlocks().length());
            for (int i = 0; i < slice.newBlocks().length(); i++) {
                table[slice.keptBlocks() + i] = slice.newBlocks().get(i);
            }
            assertThat(slice.start() + slice.length()).isLessThanOrEqualTo(table.length * blockSize);
            if (slice.keptBlocks() > 0) {
                assertThat(slice.start()).isLessThanOrEqualTo(lengthsBefore.getOrDefault(origin, 0));
            }
            tables.put(slice.sequence(), table);
            lengths.put(slice.sequence(), slice.start() + slice.length());
        }
    }

    private void writeAll(List<SliceRows> slices) {
        Map<Integer, Integer> holders = holders();
        for (SliceRows slice : slices) {
            int position = slice.start();
            for (InputRun run : slice.inputs()) {
                for (int i = 0; i < run.length(); i++) {
                    int block = table(slice)[position / blockSize];
                    checkState(holders.getOrDefault(block, 0) == 1, "block %s is written and shared", block);
                    pages[block][position % blockSize] = ToyModel.kv(input(run, i), position);
                    position++;
                }
            }
            assertThat(position).isEqualTo(slice.start() + slice.length());
        }
    }

    private void readRows(SliceRows slice, List<Long> hidden) {
        long state = 0;
        for (int position = 0; position < slice.start() + slice.length(); position++) {
            state = ToyModel.hidden(state, pages[table(slice)[position / blockSize]][position % blockSize]);
            if (position >= slice.start()) {
                hidden.add(state);
            }
        }
    }

    private StepResult results(StepPlan plan, List<Long> hidden) {
        List<RowResult> rows = new ArrayList<>();
        List<ByteBuffer> vectors = new ArrayList<>();
        for (HeadRow head : plan.heads()) {
            if (head.head() instanceof HeadRequest.Text text) {
                rows.add(ToyModel.text(hidden.get(head.row()), text));
            } else {
                rows.add(new RowResult(0, 0, List.of(), List.of(), List.of()));
                vectors.add(ToyModel.regress(hidden.get(head.row())));
            }
        }
        ByteBuffer all = ByteBuffer.allocate(8 * vectors.size());
        vectors.forEach(vector -> all.put(vector.duplicate()));
        return new StepResult(plan.step(), rows, all.flip(), blocksInUse());
    }

    private int[] table(SliceRows slice) {
        int[] table = tables.get(slice.sequence());
        assertThat(table).isNotNull();
        return table;
    }

    private Map<Integer, Integer> holders() {
        Map<Integer, Integer> holders = new HashMap<>();
        tables.values().forEach(table -> Arrays.stream(table).forEach(block -> holders.merge(block, 1, Integer::sum)));
        return holders;
    }

    private static long input(InputRun run, int index) {
        if (run instanceof InputRun.Ids ids) {
            return ToyModel.idInput(ids.ids().get(index));
        }
        return ToyModel.vectorInput(((InputRun.Vectors) run.slice(index, index + 1)).rows());
    }
}
