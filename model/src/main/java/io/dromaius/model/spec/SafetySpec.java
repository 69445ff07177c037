package io.dromaius.model.spec;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Sizes of the safety checker's CLIP vision transformer.
 *
 * @param inner width of the MLP's hidden layer
 * @param embedding width of the space it compares in
 * @param imageSize side of the square picture, pixels
 */
public record SafetySpec(
        int layers, int width, int heads, int inner, int embedding, int imageSize, int patchSize, double normEps) {
    public SafetySpec {
        if (layers < 1 || heads < 1 || width % heads != 0 || patchSize < 1 || imageSize < patchSize) {
            throw new IllegalArgumentException("safety checker of width " + width + ", " + heads + " heads, " + layers
                    + " layers, image " + imageSize + ", patch " + patchSize);
        }
    }

    /**
     * The checker of a checkpoint; empty if {@code model_index.json} says that it has none, as diffusers writes that down.
     *
     * @param root directory of the diffusion folders
     * @throws CheckpointException if there is no checker and nothing says so: a lost folder alone must not switch it off
     */
    public static Optional<SafetySpec> ofCheckpoint(Path root) {
        Path folder = root.resolve("safety_checker");
        if (Files.exists(folder)) {
            return Optional.of(read(folder.resolve("config.json")));
        }
        Path index = root.resolve("model_index.json");
        if (!Files.exists(index) || !ComponentConfig.read(index).isListOfNulls("safety_checker")) {
            throw new CheckpointException(
                    folder,
                    "does not exist; a checkpoint that goes without a checker says so in model_index.json:"
                            + " {\"safety_checker\": [null, null]}");
        }
        return Optional.empty();
    }

    /**
     * Reads a transformers {@code config.json}.
     *
     * @throws CheckpointException if it describes a network that this one is not
     */
    public static SafetySpec read(Path file) {
        ComponentConfig config = ComponentConfig.read(file);
        // Files of early 2022 repeat the sizes under vision_config_dict, and transformers lets that one win.
        ComponentConfig first = config.at("vision_config_dict");
        ComponentConfig second = config.at("vision_config");
        String activation = first.text("hidden_act", second.text("hidden_act", "quick_gelu"));
        if (!activation.equals("quick_gelu")) {
            throw config.refused("hidden_act must be quick_gelu, not " + activation);
        }
        return config.describe(() -> new SafetySpec(
                integer(first, second, "num_hidden_layers", 12),
                integer(first, second, "hidden_size", 768),
                integer(first, second, "num_attention_heads", 12),
                integer(first, second, "intermediate_size", 3072),
                config.integer("projection_dim", 512),
                integer(first, second, "image_size", 224),
                integer(first, second, "patch_size", 32),
                first.number("layer_norm_eps", second.number("layer_norm_eps", 1e-5))));
    }

    private static int integer(ComponentConfig first, ComponentConfig second, String key, int byDefault) {
        return first.integer(key, second.integer(key, byDefault));
    }
}
