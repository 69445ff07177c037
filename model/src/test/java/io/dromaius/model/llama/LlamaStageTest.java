package io.dromaius.model.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dromaius.model.spec.LayerRange;
import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.torch.Torch;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a stage loads, refuses and frees. */
class LlamaStageTest {
    private static final LlamaSpec SPEC = new LlamaSpec(4, 32, 2, 48, 100, 1e-6, 10000, 2048);
    private static final StageOptions OPTIONS = new StageOptions(Dtype.FP32, Device.CPU, 8, 4);

    @Test
    void opensOnlyItsOwnLayers() {
        RandomWeights weights = new RandomWeights(SPEC, 1);
        new LlamaStage(SPEC, weights, new LayerRange(1, 3), OPTIONS).close();
        assertThat(weights.opened()).hasSize(2 * 9).allMatch(name -> name.matches(".*layers\\.[12]\\..*"));
    }

    @Test
    void countsTheBytesOfItsPages() {
        try (LlamaStage stage = new LlamaStage(SPEC, new RandomWeights(SPEC, 1), new LayerRange(0, 2), OPTIONS)) {
            assertThat(stage.kvBytes()).isEqualTo(2L * 2 * 8 * 4 * 32 * 4);
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        try (LlamaStage stage = new LlamaStage(SPEC, new RandomWeights(SPEC, 1), new LayerRange(0, 1), OPTIONS);
                Tensor row = stage.embed(List.of(new StageInput.Ids(1)), Optional.empty())) {
            assertThatThrownBy(() -> stage.forward(step(4, 1, 0), row)).hasMessageContaining("do not hold 5 positions");
            assertThatThrownBy(() -> stage.forward(step(0, 1, 8), row)).hasMessageContaining("block 8 of 8");
            assertThatThrownBy(() -> stage.forward(step(0, 2, 0), row)).hasMessageContaining("2 rows");
            assertThatThrownBy(() -> stage.embed(List.of(new StageInput.Ids(100)), Optional.empty()))
                    .hasMessageContaining("token id 100");
            assertThatThrownBy(() -> stage.embed(List.of(new StageInput.Vectors(1)), Optional.empty()))
                    .hasMessageContaining("1 rows of vectors");
            assertThatThrownBy(() -> stage.heads(row, List.of(new HeadRow.Regress(0))))
                    .hasMessageContaining("not the last stage");
        }
    }

    @Test
    void everyTensorOfAStepIsClosed() {
        try (LlamaStage stage = new LlamaStage(SPEC, new RandomWeights(SPEC, 1), SPEC.allLayers(), OPTIONS)) {
            run(stage, 1);
            int before = Torch.liveTensors();
            run(stage, 50);
            assertThat(Torch.liveTensors()).isEqualTo(before);
        }
    }

    @Test
    void aFailedLoadLeavesNothingOpen() {
        RandomWeights narrow = new RandomWeights(new LlamaSpec(4, 16, 2, 48, 100, 1e-6, 10000, 2048), 1);
        int before = Torch.liveTensors();
        assertThatThrownBy(() -> new LlamaStage(SPEC, narrow, SPEC.allLayers(), OPTIONS))
                .hasMessageContaining("embed_tokens");
        assertThat(Torch.liveTensors()).isEqualTo(before);
    }

    private static void run(LlamaStage stage, int steps) {
        int[] table = IntStream.range(0, 8).toArray();
        for (int i = 0; i < steps; i++) {
            StageStep step =
                    new StageStep(List.of(new BlockCopy(0, 7)), List.of(new SequenceRows(i % 20, 1 + i % 3, table)));
            try (Tensor vectors = Tensor.zeros(Device.CPU, Dtype.FP32, step.rows(), 32);
                    Tensor x = stage.embed(List.of(new StageInput.Vectors(step.rows())), Optional.of(vectors));
                    Tensor y = stage.forward(step, x);
                    HeadResults results =
                            stage.heads(y, List.of(new HeadRow.Text(0, TextHead.best(100)), new HeadRow.Regress(0)))) {
                assertThat(results.texts()).hasSize(1);
            }
        }
    }

    private static StageStep step(int start, int length, int... blocks) {
        return new StageStep(List.of(), List.of(new SequenceRows(start, length, blocks)));
    }
}
