package io.dromaius.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import io.dromaius.model.llama.BlockCopy;
import io.dromaius.model.llama.SequenceRows;
import io.dromaius.model.spec.LayerRange;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.Draw;
import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.HeadRow;
import io.dromaius.proto.internal.v1.InputRun;
import io.dromaius.proto.internal.v1.SequenceSlice;
import io.dromaius.proto.internal.v1.TextHead;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StepReaderTest {
    private static final int HIDDEN = 8;
    private static final int VOCABULARY = 100;
    private static final int BLOCKS = 16;
    private static final int BLOCK_SIZE = 4;

    @Test
    void theFirstStageReadsInputsAndLeavesHeadsAlone() {
        StepReader reader = new StepReader(spec(0, 2, 4));

        Step step = reader.read(frame(1).build(), 2 * HIDDEN * 2);

        assertThat(step.rows()).isEqualTo(5);
        assertThat(step.vectors()).isEqualTo(2);
        assertThat(step.inputs()).hasSize(2);
        assertThat(step.heads()).isEmpty();
        assertThat(step.work().sequences()).singleElement().satisfies(rows -> assertThat(rows.blocks())
                .containsExactly(3, 4));
        assertThat(reader.blocksInUse()).isEqualTo(2);
    }

    @Test
    void theLastStageReadsHiddenStatesAndHeads() {
        StepReader reader = new StepReader(spec(2, 4, 4));

        Step step = reader.read(downstream(frame(1)).build(), 5 * HIDDEN * 2);

        assertThat(step.inputs()).isEmpty();
        assertThat(step.heads()).hasSize(1);
    }

    @Test
    void stepsHaveNoGaps() {
        StepReader reader = new StepReader(spec(0, 4, 4));
        reader.read(ExecuteRequest.newBuilder().setStep(1).build(), 0);

        refused(reader, ExecuteRequest.newBuilder().setStep(3).build(), 0, "step 3 after step 1");
        refused(reader, ExecuteRequest.newBuilder().setStep(1).build(), 0, "step 1 after step 1");
        refused(reader, ExecuteRequest.newBuilder().setStep(-1).build(), 0, "step 18446744073709551615");
        reader.read(ExecuteRequest.newBuilder().setStep(2).build(), 0);
    }

    @Test
    void whatTheFirstStageCannotRunIsRefused() {
        StepReader reader = new StepReader(spec(0, 4, 4));
        int payload = 2 * HIDDEN * 2;

        refused(reader, frame(1).build(), payload - 1, "a payload of 31 bytes in place of 32");
        refused(reader, frame(1).setDtype(DType.D_TYPE_FP32).build(), payload, "D_TYPE_FP32 in place of D_TYPE_BF16");
        refused(reader, frame(1).setShape(0, 3).build(), payload, "shape [3, 8]");
        refused(reader, frame(1).clearShape().build(), payload, "shape []");
        refused(reader, sliced(slice -> slice.setLength(6)), payload, "5 inputs for 6 positions");
        refused(reader, sliced(slice -> slice.setLength(-1)), payload, "rows are over");
        refused(reader, sliced(slice -> slice.setLength(9000)), payload, "rows are over");
        refused(reader, sliced(slice -> slice.getInputsBuilder(0).setIds(0, VOCABULARY)), payload, "has the id 100");
        refused(reader, sliced(slice -> slice.getInputsBuilder(0).setIds(0, -1)), payload, "has the id 4294967295");
        refused(reader, sliced(slice -> slice.getInputsBuilder(0).clearIds()), payload, "a run is empty");
        refused(reader, sliced(slice -> slice.getInputsBuilder(1).setVectors(-2)), payload, "too many vectors");
        refused(reader, sliced(slice -> slice.getInputsBuilder(1).addIds(1)), payload, "both ids and vectors");
        refused(reader, copying(1, BLOCKS), payload, "no block 16");
        refused(reader, copying(-1, 2), payload, "no block 4294967295");
        refused(reader, copying(2, 2), payload, "to itself");
        refused(reader, copying(1, 2, 5, 2), payload, "copied to twice");
        refused(reader, copying(1, 2, 2, 5), payload, "from and to");
        refused(
                reader,
                ExecuteRequest.newBuilder().setStep(1).addCopies(copy(1, 2)).build(),
                0,
                "copied but not written");

        assertThat(reader.blocksInUse()).isZero();
        reader.read(frame(1).build(), payload);
    }

    @Test
    void headsThatCannotBeReadAreRefused() {
        StepReader reader = new StepReader(spec(2, 4, 4));

        refusedHead(reader, HeadRow.newBuilder().setRow(5).setText(text()), "reads row 5 of 5");
        refusedHead(reader, HeadRow.newBuilder().setRow(-1).setText(text()), "reads row 4294967295");
        refusedHead(reader, HeadRow.newBuilder(), "has no head");
        refusedHead(reader, head(text().setRepetitionPenalty(0)), "repetition penalty 0.0");
        refusedHead(reader, head(text().setRepetitionPenalty(Float.NaN)), "repetition penalty NaN");
        refusedHead(reader, head(text().setRepetitionPenalty(Float.POSITIVE_INFINITY)), "penalty Infinity");
        refusedHead(reader, head(text().setCandidates(VOCABULARY + 1)), "101 of 100, candidates");
        refusedHead(reader, head(text().setLogprobs(-1)), "4294967295 of 100, log-probabilities");
        refusedHead(reader, head(text().setNoRepeatNgramSize(-1)), "n-gram");
        refusedHead(reader, head(text().addHistory(VOCABULARY)), "a history has the id 100");
        refusedHead(reader, head(text().addAllowedIds(VOCABULARY)), "a constraint has the id 100");
        refusedHead(reader, head(text().addScoreIds(VOCABULARY)), "a scored id has the id 100");
        refusedHead(reader, head(text().setDraw(draw().setTemperature(0))), "temperature 0.0");
        refusedHead(reader, head(text().setDraw(draw().setTemperature(Float.NaN))), "temperature NaN");
        refusedHead(reader, head(text().setDraw(draw().setTopP(0))), "top_p 0.0");
        refusedHead(reader, head(text().setDraw(draw().setTopP(1.5f))), "top_p 1.5");
        refusedHead(reader, head(text().setDraw(draw().setTopK(-1))), "top_k");

        assertThat(reader.blocksInUse()).isZero();
    }

    /** Bytes of a good frame are changed at random: it is refused, or what is made of it is safe to run. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void aDamagedFrameIsRefusedOrHarmless(long seed) {
        Random random = new Random(seed);
        int refused = 0;
        int harmless = 0;
        for (int i = 0; i < 5_000; i++) {
            boolean first = random.nextBoolean();
            StepReader reader = new StepReader(first ? spec(0, 2, 4) : spec(2, 4, 4));
            ExecuteRequest.Builder good = first ? frame(1) : downstream(frame(1));
            byte[] bytes = good.addCopies(copy(1, 3)).build().toByteArray();
            for (int damage = 1 + random.nextInt(3); damage > 0; damage--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                ExecuteRequest frame = ExecuteRequest.parseFrom(bytes);
                checkHarmless(reader.read(frame, (first ? 2 : 5) * HIDDEN * 2), first);
                harmless++;
            } catch (InvalidProtocolBufferException | InvalidFrameException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(100);
        assertThat(harmless).isGreaterThan(100);
    }

    private static void checkHarmless(Step step, boolean first) {
        int rows = 0;
        for (SequenceRows sequence : step.work().sequences()) {
            rows += sequence.length();
            assertThat(sequence.blocks().length * BLOCK_SIZE).isGreaterThanOrEqualTo(sequence.end());
            assertThat(Arrays.stream(sequence.blocks()).allMatch(block -> block >= 0 && block < BLOCKS))
                    .isTrue();
        }
        assertThat(rows).isEqualTo(step.rows()).isLessThanOrEqualTo(StepReader.MOST_ROWS);
        if (first) {
            assertThat(step.inputs().stream()
                            .mapToInt(run -> run.getVectors() + run.getIdsCount())
                            .sum())
                    .isEqualTo(rows);
        }
        for (BlockCopy copy : step.work().copies()) {
            assertThat(copy.source()).isBetween(0, BLOCKS - 1);
            assertThat(copy.target()).isBetween(0, BLOCKS - 1);
        }
        for (HeadRow head : step.heads()) {
            assertThat(head.getRow()).isBetween(0, rows - 1);
        }
    }

    private static StageSpec spec(int first, int end, int layers) {
        return new StageSpec(
                new LayerRange(first, end), layers, HIDDEN, VOCABULARY, DType.D_TYPE_BF16, BLOCKS, BLOCK_SIZE);
    }

    /** Three ids and two vectors of one new sequence, whose last row a text head reads. */
    private static ExecuteRequest.Builder frame(long step) {
        return ExecuteRequest.newBuilder()
                .setStep(step)
                .addSlices(SequenceSlice.newBuilder()
                        .setSequence(9)
                        .setLength(5)
                        .addAllNewBlocks(List.of(3, 4))
                        .addInputs(InputRun.newBuilder().addAllIds(List.of(1, 2, 99)))
                        .addInputs(InputRun.newBuilder().setVectors(2)))
                .addHeads(head(text()))
                .setDtype(DType.D_TYPE_BF16)
                .addShape(2)
                .addShape(HIDDEN);
    }

    private static ExecuteRequest.Builder downstream(ExecuteRequest.Builder frame) {
        frame.getSlicesBuilder(0).clearInputs();
        return frame.setShape(0, 5);
    }

    private static ExecuteRequest sliced(Consumer<SequenceSlice.Builder> change) {
        ExecuteRequest.Builder frame = frame(1);
        change.accept(frame.getSlicesBuilder(0));
        return frame.build();
    }

    private static ExecuteRequest copying(int... sourceTargets) {
        ExecuteRequest.Builder frame = frame(1);
        for (int i = 0; i < sourceTargets.length; i += 2) {
            frame.addCopies(copy(sourceTargets[i], sourceTargets[i + 1]));
        }
        return frame.build();
    }

    private static io.dromaius.proto.internal.v1.BlockCopy copy(int source, int target) {
        return io.dromaius.proto.internal.v1.BlockCopy.newBuilder()
                .setSource(source)
                .setTarget(target)
                .build();
    }

    private static HeadRow.Builder head(TextHead.Builder text) {
        return HeadRow.newBuilder().setRow(4).setText(text);
    }

    private static TextHead.Builder text() {
        return TextHead.newBuilder().setRepetitionPenalty(1).setCandidates(1);
    }

    private static Draw.Builder draw() {
        return Draw.newBuilder().setTemperature(1).setTopP(1);
    }

    private static void refusedHead(StepReader reader, HeadRow.Builder head, String why) {
        refused(reader, downstream(frame(1)).setHeads(0, head).build(), 5 * HIDDEN * 2, why);
    }

    private static void refused(StepReader reader, ExecuteRequest frame, int payloadBytes, String why) {
        assertThatThrownBy(() -> reader.read(frame, payloadBytes))
                .isInstanceOf(InvalidFrameException.class)
                .hasMessageContaining(why);
    }
}
