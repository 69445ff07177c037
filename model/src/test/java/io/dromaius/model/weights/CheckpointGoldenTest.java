package io.dromaius.model.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dromaius.model.Golden;
import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opening the released layout and the instruct file. */
class CheckpointGoldenTest {
    @Test
    void opensTheReleasedLayout() {
        Checkpoint checkpoint = Checkpoint.open(Golden.path("emu-tiny"));
        assertThat(checkpoint.spec().llama()).isEqualTo(new LlamaSpec(6, 64, 4, 172, 32004, 1e-6, 10000, 2048));
        assertThat(checkpoint.spec().vit().headWidth()).isEqualTo(44);
        assertThat(checkpoint.spec().causalFormer().layers()).isEqualTo(3);
        assertThat(checkpoint.spec().visualTokens()).isEqualTo(32);
        assertThat(checkpoint.tokenizer()).exists();
        assertThat(checkpoint.component("vae").names()).contains("decoder.conv_in.weight");
        WeightSource weights = checkpoint.weights();
        try (Tensor norm = weights.tensor(LlamaWeights.FINAL_NORM, Dtype.BF16, 64)) {
            assertThat(norm.floats()).hasSize(64);
            assertThat(weights.copiedBytes()).isZero();
        }
    }

    @Test
    void opensAnInstructFileWithItsSiblingsConfiguration() {
        for (String path : new String[] {"emu-tiny-instruct", "emu-tiny-instruct/Emu-instruct.pt"}) {
            Checkpoint checkpoint = Checkpoint.open(Golden.path(path));
            assertThat(checkpoint.spec().llama().vocabulary()).isEqualTo(32006);
            assertThat(checkpoint.diffusion().getFileName()).hasToString("emu-tiny");
            assertThat(checkpoint.weights().names())
                    .containsAll(LlamaWeights.stage(
                            checkpoint.spec().llama().allLayers(),
                            checkpoint.spec().llama()))
                    .noneMatch(name -> name.contains("lora"));
        }
    }

    @Test
    void fingerprintTellsWeightsApart() {
        String pretrain = Checkpoint.open(Golden.path("emu-tiny")).fingerprint();
        assertThat(pretrain).isEqualTo(Checkpoint.open(Golden.path("emu-tiny")).fingerprint());
        assertThat(pretrain)
                .isNotEqualTo(Checkpoint.open(Golden.path("emu-tiny-instruct")).fingerprint());
    }

    @Test
    void saysWhatIsMissing(@TempDir Path directory) throws Exception {
        assertThatThrownBy(() -> Checkpoint.open(directory.resolve("nowhere"))).hasMessageContaining("does not exist");
        Path lonely = directory.resolve("deep/er/lonely.pt");
        Files.createDirectories(lonely.getParent());
        Files.copy(Golden.path("emu-tiny-instruct/Emu-instruct.pt"), lonely);
        assertThatThrownBy(() -> Checkpoint.open(lonely)).hasMessageContaining("llama_config");
    }
}
