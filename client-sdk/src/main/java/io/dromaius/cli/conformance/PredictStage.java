package io.dromaius.cli.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.model.llama.HeadResults;
import io.dromaius.model.llama.HeadRow;
import io.dromaius.model.llama.TextHead;
import io.dromaius.model.torch.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** {@code cases/predict} inside this process: losses of candidates, and their ranks. */
final class PredictStage implements Stage {
    private final GoldenSet set;

    PredictStage(GoldenSet set) {
        this.set = set;
    }

    @Override
    public String name() {
        return "predict losses";
    }

    @Override
    public void run(Tally tally) throws IOException {
        JsonNode cases = set.json("predict/predict.json");
        for (Model model : Model.values()) {
            try (LocalModel local = new LocalModel(set, model)) {
                for (int i = 0; i < cases.size(); i++) {
                    JsonNode one = cases.get(i);
                    if (Model.of(one.get("model").asText()) == model) {
                        tally.expect(1);
                        tally.run("case " + i, findings -> check(one, local, findings));
                    }
                }
            }
        }
    }

    private static void check(JsonNode one, LocalModel model, Findings findings) throws IOException {
        List<String> prompts = Json.oneOrMore(one.get("prompt"));
        List<String> images = Json.strings(one.get("images"));
        int image = 0;
        for (int i = 0; i < prompts.size(); i++) {
            JsonNode candidates = one.get("candidates");
            boolean lists = candidates.get(0).isArray();
            List<int[]> ids = Json.strings(lists ? candidates.get(i) : candidates).stream()
                    .map(model.tokenizer()::encodeWithoutBos)
                    .toList();
            for (int k = 0; !lists && one.has("candidate_ids") && k < ids.size(); k++) {
                findings.equal(
                        "ids of candidate " + k,
                        Json.ints(one.get("candidate_ids").get(k)).stream()
                                .mapToInt(Integer::intValue)
                                .toArray(),
                        ids.get(k));
            }
            int pictures = CasePrompt.pictures(prompts.get(i));
            double[] losses = losses(
                    model,
                    model.tokenizer().encode(prompts.get(i)),
                    images.subList(image, image + pictures),
                    ids,
                    one.get("n_segments").asInt());
            image += pictures;
            findings.equal("ranks", Json.ints(one.get("ranks").get(i)), ranks(losses));
            if (one.has("losses")) {
                JsonNode expected =
                        one.get("losses").get(0).isArray() ? one.get("losses").get(i) : one.get("losses");
                for (int k = 0; k < losses.length; k++) {
                    findings.close("loss " + k, expected.get(k).asDouble(), losses[k], Tolerances.LOSS);
                }
            }
        }
    }

    private static List<Integer> ranks(double[] losses) {
        return IntStream.range(0, losses.length)
                .boxed()
                .sorted(Comparator.comparingDouble(k -> losses[k]))
                .toList();
    }

    private static double[] losses(
            LocalModel model, int[] prompt, List<String> images, List<int[]> candidates, int segments)
            throws IOException {
        double[] losses = new double[candidates.size()];
        try (Tensor embedded = model.embed(prompt, images);
                Tensor hidden = model.stage().forward(LocalModel.step(0, prompt.length), embedded);
                Tensor last = hidden.rows(prompt.length - 1, prompt.length)) {
            for (int k = 0; k < losses.length; k++) {
                double sum = crossEntropy(model, prompt.length, last, candidates.get(k));
                losses[k] = sum / (prompt.length + paddedLength(candidates, k, segments) - 1);
            }
        }
        return losses;
    }

    /** Candidates are padded to the longest of their segment; the last segment takes what division leaves over. */
    private static int paddedLength(List<int[]> candidates, int k, int segments) {
        int size = Math.max(1, candidates.size() / segments);
        int segment = Math.min(k / size, segments - 1);
        int end = segment == segments - 1 ? candidates.size() : (segment + 1) * size;
        return candidates.subList(segment * size, end).stream()
                .mapToInt(ids -> ids.length)
                .max()
                .orElseThrow();
    }

    /** Of a candidate after a prompt of {@code start} rows, whose last hidden state is {@code last}. */
    private static double crossEntropy(LocalModel model, int start, Tensor last, int[] ids) throws IOException {
        double sum = -logprob(model, last, 0, ids[0]);
        if (ids.length == 1) {
            return sum;
        }
        try (Tensor embedded = model.embed(java.util.Arrays.copyOf(ids, ids.length - 1), List.of());
                Tensor hidden = model.stage().forward(LocalModel.step(start, ids.length - 1), embedded)) {
            List<Double> logprobs = new ArrayList<>();
            for (int i = 1; i < ids.length; i++) {
                logprobs.add(logprob(model, hidden, i - 1, ids[i]));
            }
            return sum - logprobs.stream().mapToDouble(Double::doubleValue).sum();
        }
    }

    private static double logprob(LocalModel model, Tensor hidden, int row, int id) {
        TextHead head = new TextHead(false, new int[0], 1, 0, false, false, new int[0], 0, false, 0, new int[] {id});
        try (HeadResults results = model.stage().heads(hidden, List.of(new HeadRow.Text(row, head)))) {
            return results.texts().get(0).scored()[0];
        }
    }
}
