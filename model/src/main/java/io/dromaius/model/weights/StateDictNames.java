package io.dromaius.model.weights;

import java.util.LinkedHashMap;
import java.util.Map;

/** The spellings of tensor names that training wrappers leave behind, reduced to the names of the bare model. */
final class StateDictNames {
    private StateDictNames() {}

    static Map<String, StoredTensor> normalise(Map<String, StoredTensor> index) {
        boolean wrapped = index.keySet().stream().allMatch(name -> name.startsWith("module."));
        Map<String, StoredTensor> renamed = new LinkedHashMap<>();
        index.forEach((name, tensor) -> {
            String bare = (wrapped ? name.substring("module.".length()) : name)
                    .replace(".base_model.model.", ".")
                    .replace(".base_layer.weight", ".weight");
            renamed.put(bare, tensor.named(bare));
        });
        return renamed;
    }
}
