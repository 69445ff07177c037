package io.dromaius.shard;

import static io.dromaius.shard.InvalidFrameException.check;

import io.dromaius.model.llama.BlockCopy;
import io.dromaius.model.llama.SequenceRows;
import io.dromaius.model.llama.StageStep;
import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.HeadRow;
import io.dromaius.proto.internal.v1.InputRun;
import io.dromaius.proto.internal.v1.SequenceSlice;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Makes steps of frames and keeps the tables. Whatever a peer may have got wrong is found here, before native code sees
 * it. Used by the compute thread alone.
 */
final class StepReader {
    /** A frame may be small and yet name rows without end, each of which takes memory. */
    static final int MOST_ROWS = 8192;

    private final StageSpec spec;
    private final SequenceTable table;
    private final HeadCheck headCheck;

    private long lastStep;

    StepReader(StageSpec spec) {
        this.spec = spec;
        this.table = new SequenceTable(spec.blocks(), spec.blockSize());
        this.headCheck = new HeadCheck(spec.vocabulary());
    }

    /** Distinct blocks that the sequences hold. */
    int blocksInUse() {
        return table.blocksInUse();
    }

    /**
     * The step of a frame, whose tables are in force when this returns.
     *
     * @throws InvalidFrameException if the frame is not what this stage can run next; nothing has changed then
     */
    Step read(ExecuteRequest frame, int payloadBytes) {
        check(
                frame.getStep() == lastStep + 1,
                "step %s after step %s",
                Long.toUnsignedString(frame.getStep()),
                lastStep);
        int rows = rows(frame);
        List<InputRun> inputs = inputs(frame);
        int vectors = spec.first() ? vectors(inputs) : 0;
        checkPayload(frame, spec.first() ? vectors : rows, payloadBytes);
        List<BlockCopy> copies = copies(frame);
        List<HeadRow> heads = spec.last() ? frame.getHeadsList() : List.of();
        headCheck.check(heads, rows);

        List<SequenceRows> sequences = table.apply(frame.getReleasedList(), frame.getSlicesList());
        lastStep = frame.getStep();
        return new Step(new StageStep(copies, sequences), rows, inputs, vectors, heads);
    }

    private List<InputRun> inputs(ExecuteRequest frame) {
        if (!spec.first()) {
            return List.of();
        }
        List<InputRun> inputs = new ArrayList<>();
        for (SequenceSlice slice : frame.getSlicesList()) {
            long fed = 0;
            for (InputRun run : slice.getInputsList()) {
                fed += length(run);
                inputs.add(run);
            }
            check(fed == slice.getLength(), "%s inputs for %s positions", fed, slice.getLength());
        }
        return inputs;
    }

    private int length(InputRun run) {
        if (run.getVectors() != 0) {
            check(run.getIdsCount() == 0, "a run has both ids and vectors");
            check(run.getVectors() > 0 && run.getVectors() <= MOST_ROWS, "a run has too many vectors");
            return run.getVectors();
        }
        check(run.getIdsCount() > 0, "a run is empty");
        headCheck.checkIds(run.getIdsList(), "an input");
        return run.getIdsCount();
    }

    private static int vectors(List<InputRun> inputs) {
        int vectors = 0;
        for (InputRun run : inputs) {
            vectors += run.getVectors();
        }
        return vectors;
    }

    private static int rows(ExecuteRequest frame) {
        long rows = 0;
        for (SequenceSlice slice : frame.getSlicesList()) {
            rows += Integer.toUnsignedLong(slice.getLength());
        }
        check(rows <= MOST_ROWS, "%s rows are over %s", rows, MOST_ROWS);
        return (int) rows;
    }

    private void checkPayload(ExecuteRequest frame, int vectors, int payloadBytes) {
        long expected = (long) vectors * spec.hidden() * spec.elementBytes();
        check(payloadBytes == expected, "a payload of %s bytes in place of %s", payloadBytes, expected);
        if (expected > 0) {
            check(frame.getDtype() == spec.dtype(), "%s in place of %s", frame.getDtype(), spec.dtype());
            check(
                    frame.getShapeList().equals(List.of(vectors, spec.hidden())),
                    "shape %s in place of [%s, %s]",
                    frame.getShapeList(),
                    vectors,
                    spec.hidden());
        }
    }

    private List<BlockCopy> copies(ExecuteRequest frame) {
        check(frame.getCopiesCount() == 0 || frame.getSlicesCount() > 0, "blocks are copied but not written");
        List<BlockCopy> copies = new ArrayList<>(frame.getCopiesCount());
        BitSet targets = new BitSet();
        for (io.dromaius.proto.internal.v1.BlockCopy copy : frame.getCopiesList()) {
            checkBlock(copy.getSource());
            checkBlock(copy.getTarget());
            check(!targets.get(copy.getTarget()), "block %s is copied to twice", copy.getTarget());
            check(copy.getSource() != copy.getTarget(), "block %s is copied to itself", copy.getSource());
            targets.set(copy.getTarget());
            copies.add(new BlockCopy(copy.getSource(), copy.getTarget()));
        }
        for (BlockCopy copy : copies) {
            check(!targets.get(copy.source()), "block %s is copied from and to", copy.source());
        }
        return copies;
    }

    private void checkBlock(int block) {
        check(block >= 0 && block < spec.blocks(), "no block %s to copy", Integer.toUnsignedString(block));
    }
}
