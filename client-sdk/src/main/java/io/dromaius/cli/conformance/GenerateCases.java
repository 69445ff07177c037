package io.dromaius.cli.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.client.Candidate;
import io.dromaius.client.EmuClient;
import io.dromaius.client.Generation;
import io.dromaius.client.GenerationOptions;
import io.dromaius.client.Prompt;
import java.util.ArrayList;
import java.util.List;

/** {@code cases/generate}: each prompt of a batch is a request of its own. */
final class GenerateCases {
    private static final String STAGE = "generate";
    private static final int END_OF_SEQUENCE = 2;

    private final GoldenSet set;

    GenerateCases(GoldenSet set) {
        this.set = set;
    }

    List<RemoteCase> all() {
        List<RemoteCase> cases = new ArrayList<>();
        for (JsonNode json : set.json("generate/generate.json")) {
            cases.add(new RemoteCase(
                    STAGE,
                    Model.of(json.get("model").asText()),
                    json.get("name").asText(),
                    (emu, findings) -> check(json, emu, findings)));
        }
        return cases;
    }

    private void check(JsonNode json, EmuClient emu, Findings findings) {
        List<String> prompts = Json.oneOrMore(json.get("prompt"));
        List<String> images = Json.strings(json.get("images"));
        int perPrompt = json.get("params").get("num_captions").asInt();
        findings.equal(
                "number of sequences",
                prompts.size() * perPrompt,
                json.get("sequences").size());
        int image = 0;
        for (int i = 0; i < prompts.size(); i++) {
            int pictures = CasePrompt.pictures(prompts.get(i));
            Prompt prompt = CasePrompt.parse(prompts.get(i), images.subList(image, image + pictures), set);
            image += pictures;
            Generation answer = emu.generate(prompt, options(json));
            findings.equal("candidates", perPrompt, answer.candidates().size());
            for (int k = 0; k < answer.candidates().size(); k++) {
                compare(json, i * perPrompt + k, answer.candidates().get(k), findings);
            }
        }
    }

    private static GenerationOptions options(JsonNode json) {
        JsonNode params = json.get("params");
        if (params.get("do_sample").asBoolean()) {
            throw new IllegalArgumentException("sampling has no reference to compare with");
        }
        GenerationOptions.Builder options = GenerationOptions.builder()
                .beams(params.get("num_beams").asInt())
                .maxTokens(params.get("max_new_tokens").asInt())
                // The reference's length counts the BOS that is not fed.
                .minTokens(Math.max(0, params.get("min_length").asInt() - 1))
                .repetitionPenalty(params.get("repetition_penalty").asDouble());
        if (params.get("num_beams").asInt() > 1) {
            options.lengthPenalty(params.get("length_penalty").asDouble());
        }
        if (params.get("num_captions").asInt() > 1) {
            options.candidates(params.get("num_captions").asInt());
        }
        if (!params.path("no_repeat_ngram_size").isNull()) {
            options.noRepeatNgramSize(params.get("no_repeat_ngram_size").asInt());
        }
        for (JsonNode sequence : json.path("allowed_sequences")) {
            options.choice(Json.ints(sequence));
        }
        return options.build();
    }

    private void compare(JsonNode json, int row, Candidate candidate, Findings findings) {
        findings.equal("ids", generated(json.get("sequences").get(row)), candidate.tokenIds());
        findings.equal("text", json.get("text").get(row).asText(), candidate.text());
        if (json.has("sequences_scores")) {
            double score = json.get("sequences_scores").get(row).asDouble();
            findings.close(
                    "score",
                    score,
                    candidate.score(),
                    Tolerances.SCORE_RELATIVE * Math.abs(score) + Tolerances.SCORE_ABSOLUTE);
        }
    }

    /** The ids without the BOS before them and the padding after them. */
    private static List<Integer> generated(JsonNode sequence) {
        List<Integer> ids = Json.ints(sequence);
        int end = ids.indexOf(END_OF_SEQUENCE);
        return ids.subList(1, end < 0 ? ids.size() : end + 1);
    }
}
