package io.dromaius.cli.conformance;

import io.dromaius.model.llama.HeadResults;
import io.dromaius.model.llama.HeadRow;
import io.dromaius.model.llama.LlamaStage;
import io.dromaius.model.llama.TextHead;
import io.dromaius.model.llama.TextResult;
import io.dromaius.model.spec.LayerRange;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.LlamaWeights;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** A prompt through the layers, one stage a layer, and what the heads read off each of its rows. */
final class LlmRun {
    private static final Pattern LAYER = Pattern.compile("layer_(\\d+)_out");

    private final int[] ids;
    private final float[] embeddings;
    private final Map<String, float[]> hidden = new HashMap<>();
    private final List<TextResult> texts = new ArrayList<>();

    private LlmRun(int[] ids, float[] embeddings) {
        this.ids = ids;
        this.embeddings = embeddings;
    }

    static LlmRun of(LocalModel model, int[] ids, List<String> images) throws IOException {
        try (Tensor embedded = model.embed(ids, images)) {
            LlmRun run = new LlmRun(ids, embedded.floats());
            run.forward(model);
            return run;
        }
    }

    int rows() {
        return ids.length;
    }

    float[] embeddings() {
        return embeddings;
    }

    /** Logits of a row, by id. */
    float[] logits(int row) {
        return logits(texts.get(row));
    }

    static float[] logits(TextResult all) {
        float[] logits = new float[all.ids().length];
        for (int i = 0; i < logits.length; i++) {
            logits[all.ids()[i]] = all.scores()[i];
        }
        return logits;
    }

    private void forward(LocalModel model) {
        Tensor rows = Tensor.of(embeddings, ids.length, model.spec().hidden());
        try {
            for (int layer = 0; layer < model.spec().layers(); layer++) {
                try (LlamaStage stage = model.stage(new LayerRange(layer, layer + 1))) {
                    Tensor output = stage.forward(LocalModel.step(0, ids.length), rows);
                    rows.close();
                    rows = output;
                    hidden.put("layer_" + layer + "_out", rows.floats());
                    if (layer + 1 == model.spec().layers()) {
                        read(model, stage, rows);
                    }
                }
            }
        } finally {
            rows.close();
        }
    }

    private void read(LocalModel model, LlamaStage last, Tensor rows) {
        List<HeadRow> heads = new ArrayList<>();
        IntStream.range(0, ids.length)
                .forEach(row -> heads.add(
                        new HeadRow.Text(row, TextHead.best(model.spec().vocabulary()))));
        IntStream.range(0, ids.length).forEach(row -> heads.add(new HeadRow.Regress(row)));
        try (HeadResults results = last.heads(rows, heads);
                ScriptModule script = ScriptModule.load(
                        "conformance", "FinalNorm", Map.of("eps", model.spec().normEps()));
                Tensor weight = model.checkpoint().weights().tensor(LlamaWeights.FINAL_NORM, Dtype.FP32);
                Tensor normed = script.tensor("forward", rows, weight)) {
            texts.addAll(results.texts());
            hidden.put("final_norm_hidden", normed.floats());
            hidden.put("regress_head", results.vectors().orElseThrow().floats());
        }
    }

    /** Compares one tensor of a file; {@code file} holds its neighbours. */
    void compare(GoldenTensor expected, Map<String, GoldenTensor> file, Findings findings) {
        String name = expected.name();
        Matcher layer = LAYER.matcher(name);
        if (layer.matches() || name.equals("final_norm_hidden") || name.equals("regress_head")) {
            findings.close(name, expected.floats(), hidden.getOrDefault(name, new float[0]), Tolerances.HIDDEN);
            return;
        }
        switch (name) {
            case "input_ids" -> findings.equal(name, expected.ints(), ids);
            case "inputs_embeds" -> findings.close(name, expected.floats(), embeddings, Tolerances.HIDDEN);
            case "logits_argmax" ->
                findings.equal(
                        name,
                        expected.ints(),
                        texts.stream().mapToInt(text -> text.ids()[0]).toArray());
            case "logits_logsumexp" -> compareLogSumExp(expected, findings);
            case "logits" -> compareLogits(expected, file, findings);
            case "logits_top10_ids", "logits_top10_values" -> compareTop(file, findings);
            // Which rows "logits" holds.
            case "logits_positions" ->
                findings.equal(
                        "number of positions",
                        expected.values().length,
                        file.containsKey("logits") ? file.get("logits").size(0) : -1);
            default -> findings.fail("nothing is known of such a tensor");
        }
    }

    private void compareLogSumExp(GoldenTensor expected, Findings findings) {
        for (int row = 0; row < ids.length; row++) {
            TextResult text = texts.get(row);
            findings.close(
                    "logsumexp of row " + row,
                    expected.values()[row],
                    text.scores()[0] - text.idLogprobs()[0],
                    Tolerances.LOGITS);
        }
    }

    private void compareLogits(GoldenTensor expected, Map<String, GoldenTensor> file, Findings findings) {
        GoldenTensor positions = file.get("logits_positions");
        if (positions == null) {
            findings.fail("the file does not say which rows these are");
            return;
        }
        for (int i = 0; i < expected.size(0); i++) {
            int row = positions.ints()[i];
            findings.close("logits of row " + row, expected.slice(i), logits(row), Tolerances.LOGITS);
        }
    }

    /** Values in order; an id may change places with one whose value is within the tolerance. */
    private void compareTop(Map<String, GoldenTensor> file, Findings findings) {
        GoldenTensor topIds = file.get("logits_top10_ids");
        GoldenTensor topValues = file.get("logits_top10_values");
        if (topIds == null || topValues == null) {
            findings.fail("ids or values are missing");
            return;
        }
        int k = topIds.size(1);
        for (int row = 0; row < ids.length; row++) {
            float[] logits = logits(row);
            for (int i = 0; i < k; i++) {
                double value = topValues.values()[row * k + i];
                findings.close(
                        "value " + i + " of row " + row, value, texts.get(row).scores()[i], Tolerances.LOGITS);
                findings.close(
                        "logit of id " + i + " of row " + row,
                        value,
                        logits[topIds.ints()[row * k + i]],
                        Tolerances.LOGITS);
            }
        }
    }
}
