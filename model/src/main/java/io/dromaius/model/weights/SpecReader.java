package io.dromaius.model.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.dromaius.model.spec.CausalFormerSpec;
import io.dromaius.model.spec.CheckpointException;
import io.dromaius.model.spec.EmuSpec;
import io.dromaius.model.spec.IoReason;
import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.spec.VitSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Sizes of a model from the configuration files of the released layout and the shapes of its tensors. Where a file is
 * missing, what it would say of Emu-14B holds: the reference takes those numbers from its own source tree.
 */
final class SpecReader {
    private static final double NORM_EPS = 1e-6;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path directory;
    private final Map<String, StoredTensor> index;

    SpecReader(Path directory, Map<String, StoredTensor> index) {
        this.directory = directory;
        this.index = index;
    }

    EmuSpec read() {
        return new EmuSpec(vit(), causalFormer(), llama());
    }

    private VitSpec vit() {
        JsonNode config = MissingNode.getInstance();
        for (Path file : WeightFolder.files(directory, ".*\\.json")) {
            JsonNode vision = json(file).path("vision_cfg");
            config = vision.isMissingNode() ? config : vision;
        }
        int width = config.path("width").asInt(1408);
        return new VitSpec(
                agreed("vision layers", config.path("layers").asInt(40), layers("visual.blocks.")),
                agreed("vision width", width, size("visual.pos_embed", 2)),
                width / config.path("head_width").asInt(88),
                config.path("image_size").asInt(224),
                config.path("patch_size").asInt(14),
                NORM_EPS);
    }

    private CausalFormerSpec causalFormer() {
        JsonNode config = json(directory.resolve("t5_config.json"));
        return new CausalFormerSpec(
                layers("cformer.cformer.block."),
                size("cformer.causal_tokens", 2),
                config.path("num_heads").asInt(12),
                config.path("d_kv").asInt(64),
                size("cformer.causal_tokens", 1),
                config.path("relative_attention_num_buckets").asInt(32),
                config.path("relative_attention_max_distance").asInt(128),
                config.path("layer_norm_epsilon").asDouble(NORM_EPS));
    }

    private LlamaSpec llama() {
        JsonNode config = json(directory.resolve("llama_config/config.json"));
        return new LlamaSpec(
                agreed("LLaMA layers", config.path("num_hidden_layers").asInt(40), layers("decoder.lm.model.layers.")),
                agreed("hidden size", config.path("hidden_size").asInt(5120), size(LlamaWeights.EMBEDDING, 1)),
                config.path("num_attention_heads").asInt(40),
                config.path("intermediate_size").asInt(13824),
                size(LlamaWeights.EMBEDDING, 0),
                config.path("rms_norm_eps").asDouble(NORM_EPS),
                config.path("rope_theta").asDouble(10_000),
                config.path("max_position_embeddings").asInt(2048));
    }

    private int agreed(String what, int configured, int stored) {
        if (configured != stored) {
            throw new CheckpointException(
                    directory, "the configuration says %d %s, the weights %d".formatted(configured, what, stored));
        }
        return stored;
    }

    private int layers(String prefix) {
        return (int) index.keySet().stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length(), name.indexOf('.', prefix.length())))
                .distinct()
                .count();
    }

    private int size(String name, int dimension) {
        StoredTensor tensor = index.get(name);
        if (tensor == null) {
            throw new CheckpointException(directory, "the weights lack tensor " + name);
        }
        List<Long> shape = tensor.shape();
        if (shape.size() <= dimension) {
            throw new CheckpointException(tensor.file(), "tensor " + name + " has shape " + shape);
        }
        return Math.toIntExact(shape.get(dimension));
    }

    private static JsonNode json(Path file) {
        if (!Files.exists(file)) {
            return MissingNode.getInstance();
        }
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new CheckpointException(file, "is not JSON: " + IoReason.of(e), e);
        }
    }
}
