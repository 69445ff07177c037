package io.dromaius.cli.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.model.diffusion.DrawSpec;
import io.dromaius.model.diffusion.Drawing;
import io.dromaius.model.diffusion.ImageDecoder;
import io.dromaius.model.diffusion.Picture;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.Checkpoint;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * {@code cases/diffusion} from the stored embeddings and latents: the steps of each drawing and its picture. A stored tensor is
 * a case each; the parts of the networks are {@link DiffusionTrace}'s.
 */
final class DiffusionStage implements Stage {
    private final GoldenSet set;

    DiffusionStage(GoldenSet set) {
        this.set = set;
    }

    @Override
    public String name() {
        return "diffusion";
    }

    @Override
    public void run(Tally tally) {
        JsonNode json = set.json("diffusion/diffusion.json");
        Checkpoint checkpoint = Checkpoint.open(set.checkpoint(Model.PRETRAIN));
        try (ImageDecoder decoder = ImageDecoder.load(checkpoint, Dtype.FP32, Device.CPU);
                DiffusionTrace trace = new DiffusionTrace(checkpoint)) {
            for (Map.Entry<String, JsonNode> run : json.get("cases").properties()) {
                Map<String, GoldenTensor> file = set.tensors("diffusion/" + run.getKey() + ".safetensors");
                tally.expect(1);
                tally.run(
                        run.getKey() + " drawing",
                        findings -> draw(run.getKey(), run.getValue(), json, file, decoder, findings));
                int timestep = run.getValue().get("timesteps").get(0).asInt();
                file.values().stream().filter(tensor -> !isOfTheDrawing(tensor)).forEach(tensor -> {
                    tally.expect(1);
                    tally.run(
                            run.getKey() + " " + tensor.name(),
                            findings -> trace.compare(tensor, file, timestep, findings));
                });
            }
        }
    }

    /** What goes into a drawing or comes out of its steps; and what the safety stage compares. */
    private static boolean isOfTheDrawing(GoldenTensor tensor) {
        return List.of(
                        "initial_latents",
                        "prompt_embeds",
                        "latents_per_step",
                        "clip_image_embeds",
                        "clip_pixels_channel0")
                .contains(tensor.name());
    }

    private void draw(
            String run,
            JsonNode one,
            JsonNode all,
            Map<String, GoldenTensor> file,
            ImageDecoder decoder,
            Findings findings) {
        GoldenTensor embeddings = Objects.requireNonNull(file.get("prompt_embeds"), "no prompt_embeds");
        GoldenTensor latents = Objects.requireNonNull(file.get("initial_latents"), "no initial_latents");
        GoldenTensor steps = Objects.requireNonNull(file.get("latents_per_step"), "no latents_per_step");
        DrawSpec spec = new DrawSpec(
                one.get("num_inference_steps").asInt(),
                one.get("guidance_scale").asDouble(),
                Json.size(one, all, "height"),
                Json.size(one, all, "width"));
        try (Tensor context = tensor(embeddings);
                Tensor noise = tensor(latents);
                Drawing drawing = decoder.begin(spec, context, noise)) {
            findings.equal("number of calls", steps.size(0), drawing.totalCalls());
            while (!drawing.isDone() && findings.failure() == null) {
                decoder.step(List.of(drawing));
                int done = drawing.calls() - 1;
                findings.close(
                        "latents after call " + done, steps.slice(done), drawing.latentValues(), Tolerances.LATENTS);
            }
            Picture picture = decoder.finish(drawing);
            findings.equal("flagged", one.get("flagged").asBoolean(), picture.flagged());
            Pictures before = Pictures.read(set.file("diffusion/" + run + "_before_safety.png"));
            Pictures drawn = Pictures.decode(picture.image().toPng());
            if (picture.flagged()) {
                drawn.compareToBlack(before, findings);
            } else {
                drawn.compare(before, findings);
            }
        }
    }

    private static Tensor tensor(GoldenTensor stored) {
        return Tensor.of(
                stored.floats(),
                stored.shape().stream().mapToLong(Long::longValue).toArray());
    }
}
