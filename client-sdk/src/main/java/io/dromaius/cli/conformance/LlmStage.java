package io.dromaius.cli.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.model.llama.HeadResults;
import io.dromaius.model.llama.HeadRow;
import io.dromaius.model.llama.LlamaStage;
import io.dromaius.model.llama.TextHead;
import io.dromaius.model.torch.Tensor;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * {@code cases/llm}: a prompt with pictures through the language model; every tensor of the files is a case, and so is the
 * prompt fed row by row through the cache.
 */
final class LlmStage implements Stage {
    private final GoldenSet set;

    LlmStage(GoldenSet set) {
        this.set = set;
    }

    @Override
    public String name() {
        return "llm";
    }

    @Override
    public void run(Tally tally) throws IOException {
        for (Map.Entry<String, JsonNode> entry : set.json("llm/llm.json").properties()) {
            Model model = Model.of(entry.getKey());
            Map<String, GoldenTensor> expected = set.tensors("llm/llm_" + model + ".safetensors");
            try (LocalModel local = new LocalModel(set, model)) {
                int[] ids =
                        local.tokenizer().encode(entry.getValue().get("prompt").asText());
                LlmRun run = LlmRun.of(local, ids, Json.strings(entry.getValue().get("images")));
                expected.forEach((name, tensor) -> {
                    tally.expect(1);
                    tally.run(model + " " + name, findings -> run.compare(tensor, expected, findings));
                });
                tally.expect(1);
                tally.run(model + " row by row", findings -> rowByRow(local, run, findings));
            }
        }
    }

    /** The same prompt, one row at a time through the cache, against all rows at once. */
    private static void rowByRow(LocalModel local, LlmRun run, Findings findings) {
        List<HeadRow> head =
                List.of(new HeadRow.Text(0, TextHead.best(local.spec().vocabulary())));
        try (Tensor embeddings =
                        Tensor.of(run.embeddings(), run.rows(), local.spec().hidden());
                LlamaStage stage = local.stage(local.spec().allLayers())) {
            for (int row = 0; row < run.rows(); row++) {
                try (Tensor input = embeddings.rows(row, row + 1);
                        Tensor hidden = stage.forward(LocalModel.step(row, 1), input);
                        HeadResults results = stage.heads(hidden, head)) {
                    findings.close(
                            "logits of row " + row,
                            run.logits(row),
                            LlmRun.logits(results.texts().get(0)),
                            Tolerances.INCREMENTAL_LOGITS);
                }
            }
        }
    }
}
