package io.dromaius.cli.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.client.EmuClient;
import io.dromaius.client.GenerationOptions;
import io.dromaius.client.Picture;
import io.dromaius.client.Prompt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** {@code cases/generate_image} and {@code cases/diffusion}: prompts to embeddings, and prompts to pictures. */
final class DrawCases {
    /** A tensor of this suffix belongs to the prompt of the name before it, without guidance. */
    private static final String WITHOUT_GUIDANCE = "_nocfg";

    private static final double ANY_GUIDANCE = 7.5;

    private final GoldenSet set;

    DrawCases(GoldenSet set) {
        this.set = set;
    }

    List<RemoteCase> embeddings() {
        JsonNode prompts = set.json("generate_image/generate_image.json");
        List<RemoteCase> cases = new ArrayList<>();
        Map<String, GoldenTensor> embeddings = set.tensors("generate_image/embeds.safetensors");
        for (Map.Entry<String, JsonNode> prompt : prompts.properties()) {
            if (!embeddings.containsKey(prompt.getKey())) {
                cases.add(new RemoteCase(
                        "generate_image",
                        model(prompt.getValue()),
                        prompt.getKey(),
                        (emu, findings) -> findings.fail("no embeddings to compare with")));
            }
        }
        embeddings.forEach((name, expected) -> {
            String base = name.endsWith(WITHOUT_GUIDANCE)
                    ? name.substring(0, name.length() - WITHOUT_GUIDANCE.length())
                    : name;
            JsonNode json = prompts.has(name) ? prompts.get(name) : prompts.path(base);
            cases.add(new RemoteCase(
                    "generate_image", model(json), name, (emu, findings) -> embed(json, expected, emu, findings)));
        });
        return cases;
    }

    List<RemoteCase> pictures() {
        JsonNode prompts = set.json("generate_image/generate_image.json");
        JsonNode diffusion = set.json("diffusion/diffusion.json");
        List<RemoteCase> cases = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : diffusion.get("cases").properties()) {
            JsonNode prompt = prompts.path(entry.getValue().get("inputs").asText());
            cases.add(new RemoteCase(
                    "diffusion",
                    model(prompt),
                    entry.getKey(),
                    (emu, findings) -> draw(entry.getKey(), entry.getValue(), prompt, diffusion, emu, findings)));
        }
        return cases;
    }

    private static Model model(JsonNode json) {
        return Model.of(json.path("model").asText(Model.PRETRAIN.toString()));
    }

    private void embed(JsonNode json, GoldenTensor expected, EmuClient emu, Findings findings) {
        boolean guided = expected.size(0) > 1;
        Picture picture = emu.draw(
                prompt(json),
                GenerationOptions.image()
                        .guidanceScale(guided ? ANY_GUIDANCE : 1)
                        .embeddingsOnly()
                        .build());
        compare("embedding", expected, 0, picture.embeddings().orElse(new float[0]), findings);
        if (guided) {
            compare(
                    "unconditional",
                    expected,
                    1,
                    picture.unconditionalEmbeddings().orElse(new float[0]),
                    findings);
        }
    }

    private static void compare(String what, GoldenTensor expected, int row, float[] actual, Findings findings) {
        float[] wanted = expected.slice(row);
        findings.close(what, wanted, actual, Tolerances.GENERATED_EMBEDDINGS);
        int first = Tolerances.FIRST_POSITIONS * expected.size(2);
        findings.close(
                "first of the " + what,
                Arrays.copyOf(wanted, first),
                Arrays.copyOf(actual, first),
                Tolerances.FIRST_GENERATED_EMBEDDINGS);
    }

    private void draw(
            String name, JsonNode json, JsonNode prompt, JsonNode diffusion, EmuClient emu, Findings findings) {
        GoldenTensor latents = Objects.requireNonNull(
                set.tensors("diffusion/" + name + ".safetensors").get("initial_latents"), "no initial latents");
        Picture picture = emu.draw(
                prompt(prompt),
                GenerationOptions.image()
                        .guidanceScale(json.get("guidance_scale").asDouble())
                        .steps(json.get("num_inference_steps").asInt())
                        .size(Json.size(json, diffusion, "height"), Json.size(json, diffusion, "width"))
                        .initialLatents(latents.floats())
                        .build());
        boolean flagged = json.get("flagged").asBoolean();
        findings.equal("flagged", flagged, picture.flagged());
        Pictures actual = Pictures.decode(picture.png());
        Pictures before = Pictures.read(set.file("diffusion/" + name + "_before_safety.png"));
        if (flagged) {
            actual.compareToBlack(before, findings);
        } else {
            actual.compare(before, findings);
        }
    }

    private Prompt prompt(JsonNode json) {
        Prompt.Builder prompt = Prompt.builder();
        for (JsonNode input : json.get("inputs")) {
            if (input.isTextual()) {
                prompt.text(input.asText());
            } else {
                prompt.image(set.inputBytes(input.get("image").asText()));
            }
        }
        return prompt.build();
    }
}
