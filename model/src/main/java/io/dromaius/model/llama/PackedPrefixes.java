package io.dromaius.model.llama;

import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The prefixes that the sequences of a stage's steps share, and second copies of those that are long and read often, in an
 * order that several rows read faster than the pages. A copy is good for as long as nothing is written to its blocks, which
 * a stage sees for itself: who owns a block does not matter. Not thread-safe.
 */
final class PackedPrefixes implements AutoCloseable {
    /** A search that goes on is read in every round of the steps in flight, and these are fewer. */
    private static final int IDLE_STEPS = 64;
    /** Prefixes kept in mind, packed or not, so that looking for one stays cheap; further ones are read from the pages. */
    private static final int MOST = 16;
    /** oneDNN fills positions up to a multiple of what its kernels take at once, 64 at most. */
    private static final long PADDING = 64;

    private final KvPages pages;
    private final ScriptModule script;
    private final List<PackedPrefix> known = new ArrayList<>();
    private PrefixPacking packing;
    private Optional<Tensor> room = Optional.empty();
    private long step;

    /**
     * What a step reads packed.
     *
     * @param reads from the first sequence to the last
     * @param tensors layer by layer keys and values of each read; the prefixes'
     */
    record Prepared(List<PackedRead> reads, List<Tensor> tensors) {}

    /** @param script has a method {@code pack}, see {@code llama.py} */
    PackedPrefixes(PrefixPacking packing, KvPages pages, ScriptModule script) {
        this.packing = packing;
        this.pages = pages;
        this.script = script;
    }

    /** Says what a step reads packed, and packs a layer of what it reads too and is due. To be called before its writes. */
    Prepared prepare(StageStep work) {
        List<PackedRead> reads = new ArrayList<>();
        List<PackedPrefix> complete = new ArrayList<>();
        if (packing.bytes() > 0) {
            step++;
            forget(written(work));
            for (SharedPrefix shared : shared(work)) {
                PackedPrefix prefix = find(shared);
                prefix.readIn(step);
                if (prefix.layersPacked() == pages.layers()) {
                    reads.add(new PackedRead(shared.first(), shared.end(), prefix.blockCount(), prefix.rows()));
                    complete.add(prefix);
                }
            }
            due().ifPresent(this::packLayer);
        }
        return new Prepared(reads, layerByLayer(complete));
    }

    /** Of the copies and of the room in which the next one is made. */
    long bytes() {
        return known.stream()
                        .mapToLong(prefix -> layerBytes(prefix) * prefix.layersPacked())
                        .sum()
                + room.map(tensor -> tensor.size(0) * Dtype.FP32.bytes()).orElse(0L);
    }

    private List<SharedPrefix> shared(StageStep work) {
        long block = pages.layerBlockBytes();
        int leastBlocks = (int) ((packing.leastLayerBytes() + block - 1) / block);
        return SharedPrefix.in(work.sequences(), pages.blockSize(), leastBlocks, packing.leastRows());
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
        if (known.stream().noneMatch(this::isBegun)) {
            freeRoom();
        }
    }

    private PackedPrefix find(SharedPrefix shared) {
        for (PackedPrefix prefix : known) {
            if (prefix.serves(shared)) {
                return prefix;
            }
        }
        PackedPrefix prefix = new PackedPrefix(shared);
        if (known.size() < MOST) {
            known.add(prefix);
        }
        return prefix;
    }

    /** Of the prefixes that this step reads, one whose packing has begun; if there is none, one that it may begin with. */
    private Optional<PackedPrefix> due() {
        return known.stream()
                .filter(prefix -> prefix.lastRead() == step)
                .filter(prefix -> isBegun(prefix) || mayBegin(prefix))
                .max(Comparator.comparingInt(PackedPrefix::layersPacked));
    }

    private boolean mayBegin(PackedPrefix prefix) {
        long taken = known.stream()
                .filter(other -> other.layersPacked() > 0)
                .mapToLong(other -> layerBytes(other) * pages.layers())
                .sum();
        return prefix.layersPacked() == 0
                && prefix.reads() > packing.patience()
                && taken + layerBytes(prefix) * pages.layers() + roomBytes(prefix) <= packing.bytes();
    }

    private boolean isBegun(PackedPrefix prefix) {
        return prefix.layersPacked() > 0 && prefix.layersPacked() < pages.layers();
    }

    /** A failure is the step's, but only once: a stage does without copies from then on. */
    private void packLayer(PackedPrefix prefix) {
        long[] places = prefix.slots(pages.blockSize());
        try (Tensor slots = Tensor.of(places, places.length)) {
            prefix.add(script.tensors(
                    "pack",
                    pages.keys(),
                    pages.values(),
                    prefix.layersPacked(),
                    slots,
                    prefix.rows(),
                    roomFor(prefix)));
        } catch (RuntimeException e) {
            packing = PrefixPacking.NEVER;
            close();
            throw e;
        }
        if (!isBegun(prefix)) {
            freeRoom();
        }
    }

    private Tensor roomFor(PackedPrefix prefix) {
        long elements = roomBytes(prefix) / Dtype.FP32.bytes();
        if (room.isEmpty() || room.get().size(0) != elements) {
            freeRoom();
            room = Optional.of(Tensor.zeros(Device.CPU, Dtype.FP32, elements));
        }
        return room.get();
    }

    private void freeRoom() {
        room.ifPresent(Tensor::close);
        room = Optional.empty();
    }

    private List<Tensor> layerByLayer(List<PackedPrefix> complete) {
        List<Tensor> tensors = new ArrayList<>();
        for (int layer = 0; layer < pages.layers(); layer++) {
            for (PackedPrefix prefix : complete) {
                tensors.addAll(prefix.layer(layer));
            }
        }
        return tensors;
    }

    private long layerBytes(PackedPrefix prefix) {
        long positions = (long) prefix.blockCount() * pages.blockSize();
        long padded = (positions + PADDING - 1) / PADDING * PADDING;
        return pages.layerBlockBytes() / pages.blockSize() * padded;
    }

    /** Keys or values of a layer. */
    private long roomBytes(PackedPrefix prefix) {
        return pages.layerBlockBytes() * prefix.blockCount() / 2;
    }

    @Override
    public void close() {
        known.forEach(PackedPrefix::close);
        known.clear();
        freeRoom();
    }
}
