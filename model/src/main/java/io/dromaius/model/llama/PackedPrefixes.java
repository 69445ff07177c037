package io.dromaius.model.llama;

import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * The prefixes that the sequences of a stage's steps share, and second copies of those that are long and read often, in an
 * order that several rows read faster than the pages. A copy is good for as long as nothing is written to its blocks, which
 * a stage sees for itself: who owns a block does not matter. Not thread-safe.
 */
final class PackedPrefixes implements AutoCloseable {
    /** Steps after which a prefix that none of them has read is given up. */
    private static final int IDLE_STEPS = 64;
    /** Prefixes kept in mind, packed or not. */
    private static final int MOST = 16;

    private final PrefixPacking packing;
    private final KvPages pages;
    private final ScriptModule script;
    private final List<PackedPrefix> known = new ArrayList<>();
    private long step;

    /** @param script has a method {@code pack}, see {@code llama.py} */
    PackedPrefixes(PrefixPacking packing, KvPages pages, ScriptModule script) {
        this.packing = packing;
        this.pages = pages;
        this.script = script;
    }

    /** Which sequences of a step read which packed prefix. Packs a layer of one that is due; call before the step's writes. */
    List<PackedRead> read(StageStep work) {
        if (packing.bytes() == 0) {
            return List.of();
        }
        step++;
        forget(written(work));
        List<PackedRead> reads = new ArrayList<>();
        int leastBlocks = (int) ((packing.layerBytes() + pages.blockBytes() - 1) / pages.blockBytes());
        for (SharedPrefix shared : SharedPrefix.in(work.sequences(), pages.blockSize(), leastBlocks, packing.rows())) {
            PackedPrefix prefix = find(shared);
            prefix.readIn(step);
            if (prefix.layersPacked() == pages.layers()) {
                reads.add(new PackedRead(shared.first(), shared.end(), prefix));
            }
        }
        due().ifPresent(this::packLayer);
        return reads;
    }

    /** Of the copies. */
    long bytes() {
        return known.stream()
                .mapToLong(prefix -> bytes(prefix, prefix.layersPacked()))
                .sum();
    }

    private BitSet written(StageStep work) {
        BitSet blocks = new BitSet();
        work.copies().forEach(copy -> blocks.set(copy.target()));
        for (SequenceRows sequence : work.sequences()) {
            for (int i = sequence.start() / pages.blockSize(); i * pages.blockSize() < sequence.end(); i++) {
                blocks.set(sequence.blocks()[i]);
            }
        }
        return blocks;
    }

    private void forget(BitSet written) {
        known.removeIf(prefix -> {
            boolean gone = prefix.lastRead() + IDLE_STEPS < step || prefix.hasAny(written);
            if (gone) {
                prefix.close();
            }
            return gone;
        });
    }

    private PackedPrefix find(SharedPrefix shared) {
        for (PackedPrefix prefix : known) {
            if (prefix.serves(shared)) {
                return prefix;
            }
        }
        PackedPrefix prefix = new PackedPrefix(shared.blocks(), shared.rows());
        if (known.size() < MOST) {
            known.add(prefix);
        }
        return prefix;
    }

    /** A prefix whose packing has begun or may begin. */
    private Optional<PackedPrefix> due() {
        long begun = known.stream()
                .filter(prefix -> prefix.layersPacked() > 0)
                .mapToLong(prefix -> bytes(prefix, pages.layers()))
                .sum();
        for (PackedPrefix prefix : known) {
            int packed = prefix.layersPacked();
            boolean fits = begun + bytes(prefix, pages.layers()) <= packing.bytes();
            if (packed == 0 ? fits && prefix.reads() > packing.patience() : packed < pages.layers()) {
                return Optional.of(prefix);
            }
        }
        return Optional.empty();
    }

    private void packLayer(PackedPrefix prefix) {
        long[] places = prefix.slots(pages.blockSize());
        int layer = prefix.layersPacked();
        Tensor room =
                prefix.room(() -> Tensor.zeros(Device.CPU, Dtype.FP32, bytes(prefix, 1) / 2 / Dtype.FP32.bytes()));
        try (Tensor slots = Tensor.of(places, places.length)) {
            prefix.add(
                    script.tensors("pack", pages.keys(), pages.values(), layer, slots, prefix.rows(), room),
                    layer + 1 == pages.layers());
        }
    }

    private long bytes(PackedPrefix prefix, int layers) {
        return pages.blockBytes() * prefix.blockCount() * layers;
    }

    @Override
    public void close() {
        known.forEach(PackedPrefix::close);
        known.clear();
    }
}
