package io.dromaius.model.weights;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.model.Golden;
import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.Dtype;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every tensor of the full-size files is read by something or named as unused. */
class ManifestGoldenTest {
    private static final LlamaSpec LLAMA = new LlamaSpec(40, 5120, 40, 13824, 32004, 1e-6, 10000, 2048);

    @Test
    void everyLanguageModelTensorIsRead() {
        for (String file : List.of("manifest-emu-14b", "manifest-emu-i-14b-lora")) {
            JsonNode manifest = Golden.json("full/" + file + ".json");
            WeightSource weights = LoraWeights.merge(
                    new MappedWeights(Path.of(file), StateDictNames.normalise(index(manifest)), tensor -> {}), 16);
            Set<String> left = new HashSet<>(weights.names());
            left.removeIf(name -> !name.startsWith("decoder.") || UnusedWeights.matches(name));
            List<String> read = LlamaWeights.stage(LLAMA.allLayers(), LLAMA);
            assertThat(left).containsExactlyInAnyOrderElementsOf(read);
        }
    }

    @Test
    void theSizesOfTheFullModelAreReadFromItsShapes() {
        Map<String, StoredTensor> index = StateDictNames.normalise(index(Golden.json("full/manifest-emu-14b.json")));
        assertThat(new SpecReader(Path.of("nowhere"), index).read().llama()).isEqualTo(LLAMA);
        assertThat(new SpecReader(Path.of("nowhere"), index).read().vit().layers())
                .isEqualTo(40);
        assertThat(new SpecReader(Path.of("nowhere"), index)
                        .read()
                        .causalFormer()
                        .layers())
                .isEqualTo(12);
    }

    private static Map<String, StoredTensor> index(JsonNode manifest) {
        List<JsonNode> tensors = new ArrayList<>();
        manifest.get("tensors").forEach(tensors::add);
        manifest.path("maybe_present_in_released_file").path("tensors").forEach(tensors::add);
        Map<String, StoredTensor> index = new LinkedHashMap<>();
        for (JsonNode tensor : tensors) {
            List<Long> shape = new ArrayList<>();
            tensor.get("shape").forEach(size -> shape.add(size.asLong()));
            Dtype dtype = tensor.get("dtype").asText().equals("bfloat16") ? Dtype.BF16 : Dtype.FP32;
            StoredTensor.Storage storage = new StoredTensor.Storage(Path.of("nowhere"), 0, Long.MAX_VALUE, 0);
            String name = tensor.get("name").asText();
            index.put(name, StoredTensor.contiguous(name, dtype, shape, storage));
        }
        return index;
    }
}
