package io.dromaius.wire;

import com.google.protobuf.ByteString;
import io.dromaius.proto.internal.v1.BlockCopy;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.HeadRow;
import io.dromaius.proto.internal.v1.InputRun;
import io.dromaius.proto.internal.v1.SequenceSlice;
import io.dromaius.proto.internal.v1.StageTiming;
import io.dromaius.proto.internal.v1.TextHead;
import java.util.Random;

/** Steps with arbitrary contents. */
final class RandomFrames {
    private final Random random;

    RandomFrames(long seed) {
        this.random = new Random(seed);
    }

    /** A whole message, payload inside. */
    ExecuteRequest message() {
        ExecuteRequest.Builder message = ExecuteRequest.newBuilder()
                .setPipeline(random.nextBoolean() ? "" : "pipeline-" + random.nextInt(100))
                .setEpoch(random.nextLong())
                .setStep(random.nextInt(1000));
        for (int i = random.nextInt(4); i > 0; i--) {
            message.addCopies(BlockCopy.newBuilder().setSource(random.nextInt()).setTarget(random.nextInt(9)));
            message.addSlices(SequenceSlice.newBuilder()
                    .setSequence(random.nextLong())
                    .addNewBlocks(random.nextInt())
                    .addInputs(InputRun.newBuilder().addIds(random.nextInt(32_000))));
            message.addHeads(HeadRow.newBuilder()
                    .setRow(i)
                    .setText(TextHead.newBuilder().setRepetitionPenalty(random.nextFloat())));
            message.addReleased(random.nextLong());
            message.addTimings(StageTiming.newBuilder().setMember("m").setComputeNanos(random.nextLong()));
        }
        byte[] payload = new byte[random.nextInt(3) == 0 ? 0 : random.nextInt(1 << random.nextInt(18))];
        random.nextBytes(payload);
        return message.setDtype(DType.D_TYPE_BF16)
                .addShape(payload.length)
                .setPayload(ByteString.copyFrom(payload))
                .build();
    }

    /** The same as a frame over a buffer of the pool. */
    static TensorFrame<ExecuteRequest> frame(ExecuteRequest message, TensorBuffers buffers) {
        TensorBuffer payload = buffers.lend(message.getPayload().size());
        payload.bytes().put(message.getPayload().asReadOnlyByteBuffer());
        return TensorFrame.of(message.toBuilder().clearPayload().build(), payload);
    }

    /** The same as a message. */
    static ExecuteRequest message(TensorFrame<ExecuteRequest> frame) {
        return frame.header().toBuilder()
                .setPayload(ByteString.copyFrom(frame.payload()))
                .build();
    }
}
