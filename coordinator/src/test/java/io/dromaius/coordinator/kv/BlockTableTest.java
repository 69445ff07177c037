package io.dromaius.coordinator.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables against a model in which every table simply owns a list of what was written at each position. */
class BlockTableTest {
    private static final int BLOCK_SIZE = 4;

    /** A table, what it should hold, and nothing shared. */
    private static final class Model {
        final BlockTable table;
        final List<Integer> written;

        Model(BlockTable table, List<Integer> written) {
            this.table = table;
            this.written = new ArrayList<>(written);
        }
    }

    private final Map<Integer, int[]> pages = new HashMap<>();
    private int next = 1;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyTableReadsBackWhatWasWrittenThroughIt(long seed) {
        Random random = new Random(seed);
        BlockPool pool = new BlockPool(40);
        List<Model> models = new ArrayList<>();
        for (int round = 0; round < 3000; round++) {
            int choice = random.nextInt(10);
            if (models.isEmpty() || (choice == 0 && models.size() < 8)) {
                models.add(new Model(new BlockTable(pool, BLOCK_SIZE), List.of()));
            } else if (choice == 1 && models.size() < 12) {
                models.add(fork(random, pick(random, models)));
            } else if (choice == 2) {
                Model gone = models.remove(random.nextInt(models.size()));
                gone.table.release();
            } else {
                write(random, pool, models);
            }
            check(pool, models);
        }
        models.forEach(model -> model.table.release());
        assertThat(pool.inUse()).isZero();
    }

    private Model fork(Random random, Model parent) {
        int positions = parent.written.isEmpty() ? 0 : random.nextInt(parent.written.size() + 1);
        return new Model(parent.table.fork(positions), parent.written.subList(0, positions));
    }

    /** A step: several tables write at once, all copies before all writes. */
    private void write(Random random, BlockPool pool, List<Model> models) {
        List<Model> writers = new ArrayList<>();
        List<Integer> ends = new ArrayList<>();
        BlockDemand demand = new BlockDemand();
        for (Model model : models) {
            if (random.nextBoolean()) {
                int end = model.written.size() + 1 + random.nextInt(6);
                writers.add(model);
                ends.add(end);
                demand.add(model.table, model.written.size(), end);
            }
        }
        if (demand.blocks() > pool.free()) {
            return;
        }
        int freeBefore = pool.free();
        List<BlockCopy> copies = new ArrayList<>();
        for (int i = 0; i < writers.size(); i++) {
            writers.get(i).table.write(writers.get(i).written.size(), ends.get(i), copies);
        }
        assertThat(freeBefore - pool.free()).isEqualTo(demand.blocks());
        for (BlockCopy copy : copies) {
            pages.put(copy.target(), page(copy.source()).clone());
        }
        for (int i = 0; i < writers.size(); i++) {
            Model model = writers.get(i);
            while (model.written.size() < ends.get(i)) {
                int position = model.written.size();
                page(model.table.blocks().get(position / BLOCK_SIZE))[position % BLOCK_SIZE] = next;
                model.written.add(next++);
            }
        }
    }

    private void check(BlockPool pool, List<Model> models) {
        Map<Integer, Integer> holders = new HashMap<>();
        for (Model model : models) {
            model.table.blocks().forEach(block -> holders.merge(block, 1, Integer::sum));
            List<Integer> read = new ArrayList<>();
            for (int position = 0; position < model.written.size(); position++) {
                read.add(page(model.table.blocks().get(position / BLOCK_SIZE))[position % BLOCK_SIZE]);
            }
            assertThat(read).isEqualTo(model.written);
        }
        assertThat(pool.inUse()).isEqualTo(holders.size());
        holders.forEach((block, count) -> assertThat(pool.references(block)).isEqualTo(count));
    }

    private int[] page(int block) {
        return pages.computeIfAbsent(block, unused -> new int[BLOCK_SIZE]);
    }

    private static Model pick(Random random, List<Model> models) {
        return models.get(random.nextInt(models.size()));
    }
}
