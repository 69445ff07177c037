package io.dromaius.model.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.model.Golden;
import io.dromaius.model.GoldenTensors;
import io.dromaius.model.spec.PndmSpec;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PndmSchedulerTest {
    /** Stable Diffusion's schedule. */
    private final PndmScheduler scheduler = new PndmScheduler(new PndmSpec(true, 0.00085, 0.012, 1000, false, 1));

    @Test
    void visitsTheTimestepsOfTheReference() {
        JsonNode cases = Golden.json("cases/diffusion/diffusion.json").required("cases");

        assertThat(cases).isNotEmpty();
        for (JsonNode one : cases) {
            assertThat(released().timesteps(one.required("num_inference_steps").asInt()))
                    .containsExactly(Golden.ints(one.required("timesteps")));
        }
    }

    @Test
    void theFirstStepIsTheReferences() {
        PlmsStep step = released().step(10, 0);
        GoldenTensors golden = GoldenTensors.read("cases/diffusion/text10_nocfg.safetensors");
        float[] sample = golden.floats("initial_latents");
        float[] noise = golden.floats("unet_out_first");

        float[] next = new float[sample.length];
        for (int i = 0; i < next.length; i++) {
            next[i] = (float) (step.sampleFactor() * sample[i] + step.noiseFactor() * noise[i]);
        }

        float[] expected = Arrays.copyOf(golden.floats("latents_per_step"), next.length);
        assertThat(GoldenTensors.distance("first latents", expected, next)).isLessThan(1e-5);
    }

    @Test
    void theSecondCallCorrectsTheFirst() {
        PlmsStep first = scheduler.step(10, 0);
        PlmsStep second = scheduler.step(10, 1);

        assertThat(second.corrects()).isTrue();
        assertThat(second.weights()).containsExactly(0.5, 0.5);
        assertThat(second.timestep()).isEqualTo(801);
        assertThat(second.sampleFactor()).isEqualTo(first.sampleFactor());
        assertThat(second.noiseFactor()).isEqualTo(first.noiseFactor());
    }

    @Test
    void weightsOfAConstantNoiseAddUpToOne() {
        for (int call = 0; call < 11; call++) {
            assertThat(scheduler.step(10, call).weights().stream()
                            .mapToDouble(Double::doubleValue)
                            .sum())
                    .isCloseTo(1, within(1e-12));
        }
        assertThat(scheduler.step(10, 10).weights()).hasSize(4);
    }

    @Test
    void aStepAlongTheTrueNoiseKeepsThePictureExactly() {
        // x_t = sqrt(a) x0 + sqrt(1 - a) e, for the same x0 and e at every t.
        PlmsStep last = scheduler.step(10, 10);
        PlmsStep previous = scheduler.step(10, 9);
        double x0 = 0.7;
        double e = -1.3;
        double[] at1 = forward(1);
        double[] at101 = forward(101);

        assertThat(previous.sampleFactor() * (at101[0] * x0 + at101[1] * e) + previous.noiseFactor() * e)
                .isCloseTo(at1[0] * x0 + at1[1] * e, within(1e-6));
        assertThat(last.timestep()).isEqualTo(1);
    }

    @Test
    void oneStepIsOneCall() {
        assertThat(scheduler.timesteps(1)).containsExactly(1);
        assertThat(scheduler.timesteps(2)).containsExactly(501, 1, 1);
    }

    @Test
    void refusesMoreStepsThanTheScheduleHas() {
        assertThat(scheduler.maxSteps()).isEqualTo(999);
        assertThat(scheduler.timesteps(999)[0]).isEqualTo(999);
        assertThatThrownBy(() -> scheduler.timesteps(1000)).hasMessageContaining("steps must be 1 to 999, not 1000");
        assertThatThrownBy(() -> scheduler.timesteps(0)).hasMessageContaining("not 0");
    }

    /** Factors of picture and noise at a timestep, in fp64. */
    private static double[] forward(int timestep) {
        double alpha = 1;
        for (int t = 0; t <= timestep; t++) {
            double root = Math.sqrt(0.00085) + (Math.sqrt(0.012) - Math.sqrt(0.00085)) * t / 999;
            alpha *= 1 - root * root;
        }
        return new double[] {Math.sqrt(alpha), Math.sqrt(1 - alpha)};
    }

    private static PndmScheduler released() {
        return new PndmScheduler(PndmSpec.read(Golden.path("emu-tiny/scheduler/scheduler_config.json")));
    }
}
