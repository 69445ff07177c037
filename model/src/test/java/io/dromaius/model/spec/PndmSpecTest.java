package io.dromaius.model.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PndmSpecTest {
    private static final String STABLE_DIFFUSION = "{\"beta_start\":0.00085,\"beta_end\":0.012,"
            + "\"beta_schedule\":\"scaled_linear\",\"num_train_timesteps\":1000,\"set_alpha_to_one\":false,"
            + "\"skip_prk_steps\":true,\"steps_offset\":1,\"trained_betas\":null}";

    @TempDir
    Path folder;

    @Test
    void readsStableDiffusions() throws IOException {
        assertThat(read(STABLE_DIFFUSION)).isEqualTo(new PndmSpec(true, 0.00085, 0.012, 1000, false, 1));
    }

    @Test
    void refusesAnotherMethod() {
        assertThatThrownBy(() -> read(STABLE_DIFFUSION.replace("\"skip_prk_steps\":true", "\"skip_prk_steps\":false")))
                .hasMessageContaining("scheduler_config.json: skip_prk_steps must be true, not false");
        assertThatThrownBy(() -> read(STABLE_DIFFUSION.replace("scaled_linear", "squaredcos_cap_v2")))
                .hasMessageContaining("beta_schedule");
        assertThatThrownBy(() -> read(STABLE_DIFFUSION.replace("\"trained_betas\":null", "\"trained_betas\":[0.1]")))
                .hasMessageContaining("trained_betas");
    }

    @Test
    void refusesAScheduleOfNoTimesteps() {
        assertThatThrownBy(() -> read(STABLE_DIFFUSION.replace(":1000", ":0")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("num_train_timesteps must be positive, not 0");
    }

    private PndmSpec read(String json) throws IOException {
        return PndmSpec.read(Files.writeString(folder.resolve("scheduler_config.json"), json));
    }
}
