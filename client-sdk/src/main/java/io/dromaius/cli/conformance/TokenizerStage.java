package io.dromaius.cli.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.model.text.EmuTokenizer;
import io.dromaius.model.weights.Checkpoint;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** {@code cases/tokenizer/cases.json}: special ids, text to ids, ids to text, padded batches; both tokenizers. */
final class TokenizerStage implements Stage {
    private final GoldenSet set;

    TokenizerStage(GoldenSet set) {
        this.set = set;
    }

    @Override
    public String name() {
        return "tokenizer";
    }

    @Override
    public void run(Tally tally) throws IOException {
        JsonNode cases = set.json("tokenizer/cases.json");
        for (Model model : Model.values()) {
            Checkpoint checkpoint = Checkpoint.open(set.checkpoint(model));
            try (EmuTokenizer tokenizer = EmuTokenizer.open(checkpoint.tokenizer(), model == Model.INSTRUCT)) {
                specials(cases.get("special_ids").get(model.toString()), tokenizer, tally);
                encode(cases.get("encode"), model.toString(), tokenizer, tally);
                decode(cases.get("decode"), model.toString(), tokenizer, tally);
                if (model == Model.INSTRUCT) {
                    batch("batch_left", cases.get("batch_left"), true, tokenizer, tally);
                } else {
                    batch("batch_right", cases.get("batch_right"), false, tokenizer, tally);
                }
            }
        }
    }

    private static void specials(JsonNode ids, EmuTokenizer tokenizer, Tally tally) {
        for (Map.Entry<String, JsonNode> special : ids.properties()) {
            tally.expect(1);
            tally.run(
                    "special " + special.getKey(),
                    findings -> findings.equal(
                            "id",
                            special.getValue().asInt(),
                            tokenizer.specials().id(special.getKey()).orElse(-1)));
        }
    }

    private static void encode(JsonNode cases, String model, EmuTokenizer tokenizer, Tally tally) {
        for (JsonNode one : cases) {
            String text = one.get("text").asText();
            JsonNode expected = one.get(model);
            tally.expect(1);
            tally.run("encode '" + text + "'", findings -> {
                int[] ids = ints(expected.get("input_ids"));
                findings.equal("ids", ids, tokenizer.encode(text));
                findings.equal("ids without BOS", ints(expected.get("ids_no_bos")), tokenizer.encodeWithoutBos(text));
                findings.equal("text", expected.get("decoded_skip_special").asText(), tokenizer.decode(ids));
            });
        }
    }

    private static void decode(JsonNode cases, String model, EmuTokenizer tokenizer, Tally tally) {
        for (JsonNode one : cases) {
            tally.expect(1);
            tally.run(
                    "decode " + one.get("ids"),
                    findings ->
                            findings.equal("text", one.get(model).asText(), tokenizer.decode(ints(one.get("ids")))));
        }
    }

    private static void batch(String name, JsonNode batch, boolean left, EmuTokenizer tokenizer, Tally tally) {
        List<String> texts = Json.strings(batch.get("texts"));
        for (int row = 0; row < texts.size(); row++) {
            int[] expected = ints(batch.get("input_ids").get(row));
            int[] mask = ints(batch.get("attention_mask").get(row));
            int[] ids = tokenizer.encode(texts.get(row));
            tally.expect(1);
            tally.run(name + " " + row, findings -> {
                int start = left ? expected.length - ids.length : 0;
                int[] padded = new int[expected.length];
                int[] used = new int[expected.length];
                Arrays.fill(padded, tokenizer.specials().pad());
                System.arraycopy(ids, 0, padded, start, ids.length);
                Arrays.fill(used, start, start + ids.length, 1);
                findings.equal("padded ids", expected, padded);
                findings.equal("mask", mask, used);
            });
        }
    }

    private static int[] ints(JsonNode array) {
        return Json.ints(array).stream().mapToInt(Integer::intValue).toArray();
    }
}
