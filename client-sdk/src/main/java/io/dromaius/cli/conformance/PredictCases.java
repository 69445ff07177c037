package io.dromaius.cli.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.client.EmuClient;
import io.dromaius.client.Prompt;
import io.dromaius.client.Ranking;
import java.util.ArrayList;
import java.util.List;

/** {@code cases/predict}: with lists of candidates each prompt is a request of its own. */
final class PredictCases {
    private static final String STAGE = "predict";

    private final GoldenSet set;

    PredictCases(GoldenSet set) {
        this.set = set;
    }

    List<RemoteCase> all() {
        List<RemoteCase> cases = new ArrayList<>();
        for (JsonNode json : set.json("predict/predict.json")) {
            cases.add(new RemoteCase(
                    STAGE,
                    Model.of(json.get("model").asText()),
                    "case " + cases.size(),
                    (emu, findings) -> check(json, emu, findings)));
        }
        return cases;
    }

    private void check(JsonNode json, EmuClient emu, Findings findings) {
        List<String> prompts = Json.oneOrMore(json.get("prompt"));
        List<String> images = Json.strings(json.get("images"));
        int segments = json.get("n_segments").asInt();
        int image = 0;
        for (int i = 0; i < prompts.size(); i++) {
            JsonNode candidates = json.get("candidates");
            List<String> asked = Json.strings(candidates.get(0).isArray() ? candidates.get(i) : candidates);
            int pictures = CasePrompt.pictures(prompts.get(i));
            Prompt prompt = CasePrompt.parse(prompts.get(i), images.subList(image, image + pictures), set);
            image += pictures;
            Ranking ranking = emu.rank(prompt, asked, segments);
            findings.equal("ranks", Json.ints(json.get("ranks").get(i)), ranking.ranks());
            if (json.has("losses")) {
                compareLosses(json.get("losses"), i, ranking, findings);
            }
        }
    }

    private static void compareLosses(JsonNode losses, int row, Ranking ranking, Findings findings) {
        float[] expected = Json.floats(losses.get(0).isArray() ? losses.get(row) : losses);
        findings.equal("number of losses", expected.length, ranking.losses().size());
        for (int k = 0; k < expected.length; k++) {
            findings.close("loss " + k, expected[k], ranking.losses().get(k), Tolerances.LOSS);
        }
    }
}
