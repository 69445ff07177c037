package io.dromaius.model.spec;

import java.nio.file.Path;

/**
 * The noise schedule of PNDM without Runge-Kutta warm-up.
 *
 * @param scaledBetas whether the betas' square roots are spaced evenly, instead of the betas
 * @param betaStart the first timestep's beta
 * @param betaEnd the last timestep's beta
 * @param trainSteps timesteps it was trained on
 * @param endsClean whether a finished picture counts as free of noise, instead of as noisy as at the first timestep
 * @param offset added to every timestep
 */
public record PndmSpec(
        boolean scaledBetas, double betaStart, double betaEnd, int trainSteps, boolean endsClean, int offset) {
    public PndmSpec {
        Sizes.positive("num_train_timesteps", trainSteps);
    }

    /**
     * Reads a {@code scheduler_config.json}.
     *
     * @throws CheckpointException if it describes another method
     */
    public static PndmSpec read(Path file) {
        ComponentConfig config = ComponentConfig.read(file);
        config.require("prediction_type", "epsilon");
        if (!config.flag("skip_prk_steps", false)) {
            throw config.refused("skip_prk_steps must be true, not false");
        }
        if (config.has("trained_betas")) {
            throw config.refused("trained_betas must be null");
        }
        String schedule = config.text("beta_schedule", "linear");
        if (!schedule.equals("scaled_linear") && !schedule.equals("linear")) {
            throw config.refused("beta_schedule must be linear or scaled_linear, not " + schedule);
        }
        return config.describe(() -> new PndmSpec(
                schedule.equals("scaled_linear"),
                config.number("beta_start", 0.0001),
                config.number("beta_end", 0.02),
                config.integer("num_train_timesteps", 1000),
                config.flag("set_alpha_to_one", false),
                config.integer("steps_offset", 0)));
    }
}
