package io.dromaius.model.diffusion;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.model.Golden;
import io.dromaius.model.spec.SafetySpec;
import io.dromaius.model.spec.UNetSpec;
import io.dromaius.model.spec.VaeSpec;
import io.dromaius.model.weights.UnusedWeights;
import io.dromaius.model.weights.WeightShapes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every tensor of the full-size diffusion folders is needed by name and shape, or on a named list of unused ones. */
class FullSizeWeightsTest {
    @TempDir
    Path folder;

    @Test
    void unet() throws IOException {
        UNetSpec spec = UNetSpec.read(config("unet"));

        assertThat(spec.heads()).containsExactly(8, 8, 8, 8);
        assertThat(sorted(UNetWeights.of(spec))).isEqualTo(manifest("unet"));
    }

    @Test
    void vaeWithoutItsEncoder() throws IOException {
        VaeSpec spec = VaeSpec.read(config("vae"));
        Map<String, List<Long>> today = new TreeMap<>();
        manifest("vae")
                .forEach((name, shape) -> today.put(
                        name.replace(".query.", ".to_q.")
                                .replace(".key.", ".to_k.")
                                .replace(".value.", ".to_v.")
                                .replace(".proj_attn.", ".to_out.0."),
                        shape));
        today.keySet().removeIf(UnusedWeights::matchesInDiffusion);

        assertThat(spec.factor()).isEqualTo(8);
        assertThat(sorted(VaeWeights.of(spec))).isEqualTo(today);
    }

    @Test
    void safetyChecker() throws IOException {
        JsonNode config = Golden.json("full/manifest-safety-checker.json").required("config");
        Path file = Files.writeString(
                folder.resolve("config.json"), "{\"projection_dim\":768,\"vision_config\":" + config + "}");

        assertThat(sorted(SafetyWeights.of(SafetySpec.read(file), 17, 3))).isEqualTo(manifest("safety-checker"));
    }

    private Path config(String component) throws IOException {
        JsonNode config = Golden.json("full/manifest-" + component + ".json").required("config");
        return Files.writeString(folder.resolve("config.json"), config.toString());
    }

    private static Map<String, List<Long>> manifest(String component) {
        Map<String, List<Long>> tensors = new TreeMap<>();
        for (JsonNode tensor :
                Golden.json("full/manifest-" + component + ".json").required("tensors")) {
            List<Long> shape = new ArrayList<>();
            tensor.required("shape").forEach(size -> shape.add(size.asLong()));
            tensors.put(tensor.required("name").asText(), shape);
        }
        return tensors;
    }

    private static Map<String, List<Long>> sorted(WeightShapes shapes) {
        return new TreeMap<>(shapes.asMap());
    }
}
