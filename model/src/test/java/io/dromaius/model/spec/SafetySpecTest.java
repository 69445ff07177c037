package io.dromaius.model.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetySpecTest {
    @TempDir
    Path root;

    @Test
    void aCheckpointSaysThatItHasNoChecker() throws IOException {
        index("{\"safety_checker\": [null, null]}");

        assertThat(SafetySpec.ofCheckpoint(root)).isEmpty();
    }

    @Test
    void aLostFolderIsNoSuchWord() throws IOException {
        assertThatThrownBy(() -> SafetySpec.ofCheckpoint(root))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("safety_checker");

        index("{\"safety_checker\": [\"stable_diffusion\", \"StableDiffusionSafetyChecker\"]}");
        assertThatThrownBy(() -> SafetySpec.ofCheckpoint(root)).isInstanceOf(CheckpointException.class);
    }

    @Test
    void aCheckerThatIsThereCountsWhateverTheIndexSays() throws IOException {
        index("{\"safety_checker\": [null, null]}");
        Files.createDirectory(root.resolve("safety_checker"));
        Files.writeString(
                root.resolve("safety_checker/config.json"),
                "{\"projection_dim\": 8, \"vision_config\": {\"hidden_size\": 24, \"num_attention_heads\": 3,"
                        + " \"hidden_act\": \"quick_gelu\"}}");

        assertThat(SafetySpec.ofCheckpoint(root)).contains(new SafetySpec(12, 24, 3, 3072, 8, 224, 32, 1e-5));
    }

    private void index(String json) throws IOException {
        Files.writeString(root.resolve("model_index.json"), json);
    }
}
