package io.dromaius.cli.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.model.diffusion.PndmScheduler;
import io.dromaius.model.spec.PndmSpec;
import io.dromaius.model.weights.Checkpoint;
import java.util.Map;

/** Timesteps and noise schedule of {@code cases/diffusion/diffusion.json}. */
final class SchedulerStage implements Stage {
    /** The schedule is a product of float32 numbers below one. */
    private static final double SCHEDULE = 1e-7;

    private final GoldenSet set;

    SchedulerStage(GoldenSet set) {
        this.set = set;
    }

    @Override
    public String name() {
        return "diffusion schedule";
    }

    @Override
    public void run(Tally tally) {
        JsonNode json = set.json("diffusion/diffusion.json");
        PndmScheduler scheduler = new PndmScheduler(PndmSpec.read(Checkpoint.open(set.checkpoint(Model.PRETRAIN))
                .diffusion()
                .resolve("scheduler/scheduler_config.json")));
        for (Map.Entry<String, JsonNode> entry : json.get("scheduler_timesteps").properties()) {
            timesteps(entry.getKey() + " steps", Integer.parseInt(entry.getKey()), entry.getValue(), scheduler, tally);
        }
        for (Map.Entry<String, JsonNode> entry : json.get("cases").properties()) {
            int steps = entry.getValue().get("num_inference_steps").asInt();
            timesteps(entry.getKey(), steps, entry.getValue().get("timesteps"), scheduler, tally);
        }
        for (Map.Entry<String, JsonNode> entry :
                json.get("alphas_cumprod_sample").properties()) {
            alpha(entry.getKey(), Integer.parseInt(entry.getKey()), entry.getValue(), scheduler, tally);
        }
        alpha("final", -1, json.get("final_alpha_cumprod"), scheduler, tally);
    }

    private static void timesteps(String name, int steps, JsonNode expected, PndmScheduler scheduler, Tally tally) {
        tally.expect(1);
        tally.run(
                "timesteps of " + name,
                findings -> findings.equal(
                        "timesteps",
                        Json.ints(expected).stream().mapToInt(Integer::intValue).toArray(),
                        scheduler.timesteps(steps)));
    }

    private static void alpha(String name, int timestep, JsonNode expected, PndmScheduler scheduler, Tally tally) {
        tally.expect(1);
        tally.run(
                "alpha " + name,
                findings -> findings.close("alpha", expected.asDouble(), scheduler.alphaCumprod(timestep), SCHEDULE));
    }
}
