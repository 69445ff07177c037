package io.dromaius.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Ticker;
import io.dromaius.model.llama.SequenceRows;
import io.dromaius.model.llama.StageStep;
import io.dromaius.model.spec.LayerRange;
import io.dromaius.model.tiny.TinyCheckpoint;
import io.dromaius.model.tiny.TinySizes;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Torch;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.Draw;
import io.dromaius.proto.internal.v1.HeadRow;
import io.dromaius.proto.internal.v1.InputRun;
import io.dromaius.proto.internal.v1.RowResult;
import io.dromaius.proto.internal.v1.TextHead;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchStageLoaderTest {
    private static final long MIB = 1 << 20;
    private static final LayerRange ALL = new LayerRange(0, 6);

    @TempDir
    static Path directory;

    private static Checkpoint checkpoint;

    @BeforeAll
    static void writeCheckpoint() throws IOException {
        checkpoint = Checkpoint.open(TinyCheckpoint.writePretrain(directory));
    }

    @Test
    void theSameLayoutIsTheSameStage() {
        try (StageLoader loader = loader(64 * MIB)) {
            Stage first = loader.load(layout(ALL, 16, 8));

            assertThat(loader.load(layout(ALL, 16, 8))).isSameAs(first);
            assertThat(first.layerMillis()).isPositive();
        }
    }

    @Test
    void otherBlocksLeaveTheWeightsWhereTheyAre() {
        try (StageLoader loader = loader(64 * MIB)) {
            Stage before = loader.load(layout(ALL, 16, 8));
            RowResult expected = best(before);
            int tensors = Torch.liveTensors();

            Stage after = loader.load(layout(ALL, 4, 32));

            assertThat(after.spec().blocks()).isEqualTo(32);
            assertThat(after.spec().blockSize()).isEqualTo(4);
            assertThat(after.mappedBytes() + after.copiedBytes())
                    .isEqualTo(before.mappedBytes() + before.copiedBytes());
            assertThat(after.layerMillis()).as("not measured again").isEqualTo(before.layerMillis());
            assertThat(best(after)).isEqualTo(expected);
            assertThat(Torch.liveTensors()).isEqualTo(tensors);
        }
    }

    @Test
    void aStageWhoseNewBlocksCannotBeHadIsLoadedAnew() {
        int tensors = Torch.liveTensors();
        try (StageLoader loader = loader(Long.MAX_VALUE)) {
            RowResult expected = best(loader.load(layout(ALL, 16, 8)));

            assertThatThrownBy(() -> loader.load(layout(ALL, 1 << 20, 1 << 30)))
                    .satisfies(failure -> assertThat(Failures.codeOf(failure)).contains(FailureCode.OUT_OF_MEMORY));
            assertThat(Torch.liveTensors()).as("the stage is freed").isEqualTo(tensors);

            assertThat(best(loader.load(layout(ALL, 16, 8)))).isEqualTo(expected);
        }
    }

    @Test
    void layersWhoseWeightsGiveNoNumbersAreNotLoaded(@TempDir Path folder) throws IOException {
        Path damaged = new TinyCheckpoint(TinySizes.DEFAULT, 0).damaged().pretrain(folder);
        int tensors = Torch.liveTensors();
        try (StageLoader loader =
                new TorchStageLoader(Checkpoint.open(damaged), Device.CPU, 64 * MIB, Ticker.systemTicker())) {
            assertThatThrownBy(() -> loader.load(layout(new LayerRange(2, 3), 16, 8)))
                    .satisfies(failure -> assertThat(Failures.codeOf(failure)).contains(FailureCode.BAD_CHECKPOINT))
                    .hasMessageContaining(damaged.toString())
                    .hasMessageContaining("[2, 3)")
                    .hasMessageContaining("not finite");
            assertThat(Torch.liveTensors()).as("the stage is freed").isEqualTo(tensors);
        }
    }

    @Test
    void aGpuIsNotAskedForBatchInvariance() {
        Device gpu = Device.parse("cuda:0");
        try (StageLoader loader = new TorchStageLoader(checkpoint, gpu, 64 * MIB, Ticker.systemTicker())) {
            assertThatThrownBy(() -> loader.load(new StageLayout(ALL, DType.D_TYPE_BF16, 16, 8, true)))
                    .satisfies(failure -> assertThat(Failures.codeOf(failure)).contains(FailureCode.UNSUPPORTED))
                    .hasMessageContaining("only on cpu");
        }
    }

    @Test
    void anotherWayToComputeLoadsAnew() {
        try (StageLoader loader = loader(64 * MIB)) {
            Stage before = loader.load(layout(ALL, 16, 8));
            RowResult expected = best(before);
            Stage invariant = loader.load(new StageLayout(ALL, DType.D_TYPE_FP32, 16, 8, true));
            assertThat(invariant.layerMillis()).as("measured again").isNotEqualTo(before.layerMillis());
            assertThat(best(invariant).getId()).isEqualTo(expected.getId());
        }
    }

    @Test
    void otherLayersTakeThePlaceOfThoseBefore() {
        int tensors = Torch.liveTensors();
        try (StageLoader loader = loader(64 * MIB)) {
            loader.load(layout(ALL, 16, 8));
            Stage stage = loader.load(layout(new LayerRange(2, 3), 16, 8));

            assertThat(stage.spec().first()).isFalse();
            assertThat(stage.spec().last()).isFalse();
        }
        assertThat(Torch.liveTensors()).isEqualTo(tensors);
    }

    @Test
    void thePoolIsWhatMemoryLeavesBesideTheWeights() {
        StageLayout layout = layout(ALL, 16, 1 << 20);
        StageMemory memory = StageMemory.of(checkpoint.spec().llama(), checkpoint.weights(), layout, Device.CPU);
        assertThat(memory.blockBytes()).isEqualTo(2 * 6 * 16 * 64 * 4);

        try (StageLoader loader = loader(memory.weightBytes() + 10 * memory.blockBytes() + 1)) {
            Stage stage = loader.load(layout);

            assertThat(stage.spec().blocks()).isEqualTo(10);
            assertThat(stage.kvBytes()).isEqualTo(10 * memory.blockBytes());
        }
        try (StageLoader loader = loader(memory.weightBytes() + memory.blockBytes() - 1)) {
            assertThatThrownBy(() -> loader.load(layout))
                    .satisfies(failure -> assertThat(Failures.codeOf(failure)).contains(FailureCode.OUT_OF_MEMORY));
        }
    }

    @Test
    void whatWeightsAndPoolLeaveMayHoldPackedPrefixes() {
        StageMemory memory = new StageMemory(1000, 16);

        assertThat(memory.spare(2000, memory.blocks(2000, 60))).isEqualTo(40);
        assertThat(memory.spare(2000, memory.blocks(2000, 100))).isEqualTo(8);
    }

    @Test
    void aDrawTakesOneOfTheBestAndIsRepeatable() {
        try (StageLoader loader = loader(64 * MIB)) {
            Stage stage = loader.load(layout(ALL, 16, 8));
            List<Integer> best = run(stage, text().setCandidates(5)).getCandidateIdsList();
            TextHead.Builder drawing = text().setDraw(Draw.newBuilder()
                    .setTemperature(3)
                    .setTopK(5)
                    .setTopP(1)
                    .setSeed(7));

            RowResult drawn = run(stage, drawing);

            assertThat(best).contains(drawn.getId());
            assertThat(drawn.getCandidateIdsList()).as("none was asked for").isEmpty();
            assertThat(run(stage, drawing)).isEqualTo(drawn);
        }
    }

    @Test
    void whereNothingIsAllowedADrawStillAnswers() {
        try (StageLoader loader = loader(64 * MIB)) {
            Stage stage = loader.load(layout(ALL, 16, 8));

            RowResult drawn = run(
                    stage,
                    text().setConstrained(true)
                            .setCandidates(1)
                            .setDraw(Draw.newBuilder().setTemperature(1).setTopP(1)));

            assertThat(drawn.getCandidateScores(0)).isEqualTo(Float.NEGATIVE_INFINITY);
        }
    }

    private static RowResult best(Stage stage) {
        return run(stage, text().setCandidates(3));
    }

    /** What a head says after three tokens. */
    private static RowResult run(Stage stage, TextHead.Builder head) {
        Step step = new Step(
                new StageStep(List.of(), List.of(new SequenceRows(0, 3, new int[] {1}))),
                3,
                List.of(InputRun.newBuilder().addAllIds(List.of(1, 50, 60)).build()),
                0,
                List.of(HeadRow.newBuilder().setRow(2).setText(head).build()));
        StageOutput output = stage.execute(step, ByteBuffer.allocateDirect(0));
        output.release().run();
        return output.results().get(0);
    }

    private static TextHead.Builder text() {
        return TextHead.newBuilder().setRepetitionPenalty(1);
    }

    private static StageLoader loader(long memoryBytes) {
        return new TorchStageLoader(checkpoint, Device.CPU, memoryBytes, Ticker.systemTicker());
    }

    private static StageLayout layout(LayerRange layers, int blockSize, int maxBlocks) {
        return new StageLayout(layers, DType.D_TYPE_FP32, blockSize, maxBlocks, false);
    }
}
