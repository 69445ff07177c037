package io.dromaius.coordinator.pipeline;

import io.dromaius.coordinator.engine.HeadRequest;
import io.dromaius.coordinator.engine.HeadRow;
import io.dromaius.coordinator.engine.InputRun;
import io.dromaius.coordinator.engine.SliceRows;
import io.dromaius.coordinator.engine.StepPlan;
import io.dromaius.coordinator.kv.BlockCopy;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.Draw;
import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.RegressHead;
import io.dromaius.proto.internal.v1.SequenceSlice;
import io.dromaius.proto.internal.v1.TextHead;
import io.dromaius.wire.TensorBuffer;
import io.dromaius.wire.TensorBuffers;
import io.dromaius.wire.TensorFrame;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Writes step plans as frames for shard 0. Stateless but for the pool that payloads come from. */
final class StepFrames {
    private final Incarnation incarnation;
    private final DType dtype;
    private final int width;
    private final TensorBuffers buffers;

    /** Frames of one incarnation; vectors are [rows, {@code width}] in {@code dtype}. */
    StepFrames(Incarnation incarnation, DType dtype, int width, TensorBuffers buffers) {
        this.incarnation = incarnation;
        this.dtype = dtype;
        this.width = width;
        this.buffers = buffers;
    }

    /** A frame that carries {@code plan}; the caller owns it. */
    TensorFrame<ExecuteRequest> of(StepPlan plan) {
        ExecuteRequest.Builder frame = ExecuteRequest.newBuilder()
                .setPipeline(incarnation.pipeline())
                .setEpoch(incarnation.epoch())
                .setOwner(incarnation.owner())
                .setStep(plan.step())
                .addAllReleased(plan.released());
        for (BlockCopy copy : plan.copies()) {
            frame.addCopiesBuilder().setSource(copy.source()).setTarget(copy.target());
        }
        List<ByteBuffer> vectors = new ArrayList<>();
        for (SliceRows slice : plan.slices()) {
            frame.addSlices(slice(slice, vectors));
        }
        for (HeadRow head : plan.heads()) {
            frame.addHeads(head(head));
        }
        if (vectors.isEmpty()) {
            return TensorFrame.of(frame.build());
        }
        return withPayload(frame, vectors);
    }

    private TensorFrame<ExecuteRequest> withPayload(ExecuteRequest.Builder frame, List<ByteBuffer> vectors) {
        int bytes = vectors.stream().mapToInt(ByteBuffer::remaining).sum();
        TensorBuffer payload = buffers.lend(bytes);
        ByteBuffer target = payload.bytes();
        vectors.forEach(target::put);
        int rows = bytes / (width * (dtype == DType.D_TYPE_FP32 ? 4 : 2));
        return TensorFrame.of(
                frame.setDtype(dtype).addShape(rows).addShape(width).build(), payload);
    }

    private static SequenceSlice slice(SliceRows slice, List<ByteBuffer> vectors) {
        SequenceSlice.Builder message = SequenceSlice.newBuilder()
                .setSequence(slice.sequence())
                .setParent(slice.parent())
                .setKeptBlocks(slice.keptBlocks())
                .addAllNewBlocks(slice.newBlocks().asList())
                .setStart(slice.start())
                .setLength(slice.length())
                .setDecoded(slice.decoded());
        for (InputRun run : slice.inputs()) {
            if (run instanceof InputRun.Ids ids) {
                message.addInputsBuilder().addAllIds(ids.ids().asList());
            } else if (run instanceof InputRun.Vectors rows) {
                message.addInputsBuilder().setVectors(rows.count());
                vectors.add(rows.rows().duplicate());
            }
        }
        return message.build();
    }

    private static io.dromaius.proto.internal.v1.HeadRow head(HeadRow row) {
        io.dromaius.proto.internal.v1.HeadRow.Builder message =
                io.dromaius.proto.internal.v1.HeadRow.newBuilder().setRow(row.row());
        if (row.head() instanceof HeadRequest.Text text) {
            message.setText(text(text));
        } else {
            message.setRegress(RegressHead.getDefaultInstance());
        }
        return message.build();
    }

    private static TextHead text(HeadRequest.Text text) {
        TextHead.Builder head = TextHead.newBuilder()
                .setOnLogProbabilities(text.onLogProbabilities())
                .addAllHistory(text.history().asList())
                .setRepetitionPenalty(text.repetitionPenalty())
                .setNoRepeatNgramSize(text.noRepeatNgramSize())
                .setBarEndOfSequence(text.barEndOfSequence())
                .setConstrained(text.constrained())
                .addAllAllowedIds(text.allowedIds().asList())
                .setCandidates(text.candidates())
                .setLogprobs(text.logprobs())
                .addAllScoreIds(text.scoreIds().asList());
        HeadRequest.TokenDraw draw = text.draw();
        if (draw != null) {
            head.setDraw(Draw.newBuilder()
                    .setTemperature(draw.temperature())
                    .setTopK(draw.topK())
                    .setTopP(draw.topP())
                    .setSeed(draw.seed())
                    .setCandidate(draw.candidate())
                    .setPosition(draw.position()));
        }
        return head.build();
    }
}
