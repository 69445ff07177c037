package io.dromaius.cli.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.model.text.ShortAnswer;

/** {@code cases/tokenizer/short_answer.json}: answers of visual question answering, cleaned up. */
final class ShortAnswerStage implements Stage {
    private final GoldenSet set;

    ShortAnswerStage(GoldenSet set) {
        this.set = set;
    }

    @Override
    public String name() {
        return "short_answer";
    }

    @Override
    public void run(Tally tally) {
        for (JsonNode one : set.json("tokenizer/short_answer.json")) {
            String answer = one.get("answer").asText();
            tally.expect(1);
            tally.run(
                    "'" + answer + "'",
                    findings -> findings.equal("short answer", one.get("short").asText(), ShortAnswer.of(answer)));
        }
    }
}
