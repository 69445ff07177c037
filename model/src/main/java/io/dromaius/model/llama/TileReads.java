package io.dromaius.model.llama;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the rows of a step's tiles read of the positions before them: up to the last multiple of {@link RowTiles#segment}, then
 * up to the block that the tile begins in, then the rest. Neighbours that read the same do it together: tiles of one
 * prompt, or of sequences that share blocks.
 */
final class TileReads {
    private record Span(int from, int to) {}

    private final List<SequenceRows> tiles;
    private final int[] firstRow;
    private final int blockSize;
    private final RowTiles cut;

    private TileReads(List<SequenceRows> tiles, int[] firstRow, int blockSize, RowTiles cut) {
        this.tiles = tiles;
        this.firstRow = firstRow;
        this.blockSize = blockSize;
        this.cut = cut;
    }

    /**
     * First row, end row, n, then n pairs (first slot, end slot), again and again; what a row reads comes in the order of
     * positions.
     */
    static int[] of(List<SequenceRows> tiles, int[] firstRow, int blockSize, RowTiles cut) {
        TileReads reads = new TileReads(tiles, firstRow, blockSize, cut);
        IntStream.Builder runs = IntStream.builder();
        for (int t = 0; t < tiles.size(); t++) {
            for (Span span : reads.spans(t)) {
                if (t == 0 || !reads.shares(t - 1, t, span)) {
                    reads.add(t, span, runs);
                }
            }
        }
        return runs.build().toArray();
    }

    private List<Span> spans(int t) {
        List<Span> spans = new ArrayList<>(3);
        if (tiles.get(t).length() > 1) {
            int start = tiles.get(t).start();
            int far = start / cut.segment() * cut.segment();
            int near = Math.max(far, start / blockSize * blockSize);
            add(0, far, spans);
            add(far, near, spans);
            add(near, start, spans);
        }
        return spans;
    }

    private static void add(int from, int to, List<Span> spans) {
        if (from < to) {
            spans.add(new Span(from, to));
        }
    }

    /** Whether another tile may read this with t. Whole tiles keep to themselves: a remainder changes the kernel. */
    private boolean shares(int other, int t, Span span) {
        SequenceRows one = tiles.get(t);
        SequenceRows two = tiles.get(other);
        boolean whole = one.length() == cut.rows();
        if (whole != (two.length() == cut.rows())
                || (cut.alone() && !whole)
                || !spans(other).contains(span)) {
            return false;
        }
        for (int block = span.from() / blockSize; block * blockSize < span.to(); block++) {
            if (one.blocks()[block] != two.blocks()[block]) {
                return false;
            }
        }
        return true;
    }

    private void add(int t, Span span, IntStream.Builder runs) {
        int end = t + 1;
        while (end < tiles.size() && shares(end, t, span)) {
            end++;
        }
        int[] slots = slots(tiles.get(t).blocks(), span);
        runs.add(firstRow[t]).add(firstRow[end]).add(slots.length / 2);
        IntStream.of(slots).forEach(runs);
    }

    /** Pairs (first slot, end slot), as few as there can be. */
    private int[] slots(int[] blocks, Span span) {
        IntStream.Builder pairs = IntStream.builder();
        int position = span.from();
        while (position < span.to()) {
            int block = position / blockSize;
            int first = blocks[block] * blockSize + position % blockSize;
            while ((block + 1) * blockSize < span.to() && blocks[block + 1] == blocks[block] + 1) {
                block++;
            }
            int end = Math.min(span.to(), (block + 1) * blockSize);
            pairs.add(first).add(first + end - position);
            position = end;
        }
        return pairs.build().toArray();
    }
}
