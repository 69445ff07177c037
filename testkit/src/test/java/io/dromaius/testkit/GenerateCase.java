package io.dromaius.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.proto.v1.Candidate;
import io.dromaius.proto.v1.Choice;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.GenerateResponse;
import io.dromaius.proto.v1.TextOptions;
import io.dromaius.proto.v1.TokenIds;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * One prompt of a golden {@code generate} case, with what the reference answered to it.
 *
 * @param expected ids behind BOS, padding removed; one list for each answer asked for
 * @param scores of the answers; empty for greedy ones
 */
record GenerateCase(
        String name,
        String model,
        GenerateRequest request,
        List<List<Integer>> expected,
        List<String> texts,
        List<Double> scores) {
    private static final int END_OF_SEQUENCE = 2;
    private static final int PAD = 32000;

    /** All cases; a batch is several. */
    static List<GenerateCase> all() {
        List<GenerateCase> cases = new ArrayList<>();
        for (JsonNode node : Golden.json("cases/generate/generate.json")) {
            List<String> prompts = Golden.strings(node.get("prompt"));
            List<String> pictures = Golden.strings(node.get("images"));
            int answers = node.get("params").get("num_captions").asInt();
            int picture = 0;
            for (int i = 0; i < prompts.size(); i++) {
                int own = Golden.pictures(prompts.get(i));
                cases.add(read(
                        node,
                        prompts.size() == 1 ? "" : "[" + i + "]",
                        prompts.get(i),
                        pictures.subList(picture, picture + own),
                        i * answers,
                        answers));
                picture += own;
            }
        }
        return cases;
    }

    private static GenerateCase read(
            JsonNode node, String suffix, String prompt, List<String> pictures, int first, int answers) {
        List<List<Integer>> ids = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        List<Double> scores = new ArrayList<>();
        for (int i = first; i < first + answers; i++) {
            ids.add(behindBos(node.get("sequences").get(i)));
            texts.add(node.get("text").get(i).asText());
            if (node.has("sequences_scores")) {
                scores.add(node.get("sequences_scores").get(i).asDouble());
            }
        }
        GenerateRequest request = GenerateRequest.newBuilder()
                .setPrompt(Golden.prompt(prompt, pictures))
                .setText(options(node))
                .build();
        return new GenerateCase(
                node.get("name").asText() + suffix, node.get("model").asText(), request, ids, texts, scores);
    }

    private static TextOptions options(JsonNode node) {
        JsonNode params = node.get("params");
        TextOptions.Builder options = TextOptions.newBuilder()
                .setNumBeams(params.get("num_beams").asInt())
                .setMaxTokens(params.get("max_new_tokens").asInt())
                .setMinTokens(params.get("min_length").asInt() - 1)
                .setRepetitionPenalty((float) params.get("repetition_penalty").asDouble())
                .setLengthPenalty((float) params.get("length_penalty").asDouble())
                .setN(params.get("num_captions").asInt());
        if (!params.get("no_repeat_ngram_size").isNull()) {
            options.setNoRepeatNgramSize(params.get("no_repeat_ngram_size").asInt());
        }
        if (node.has("allowed_sequences")) {
            for (JsonNode allowed : node.get("allowed_sequences")) {
                TokenIds.Builder choice = TokenIds.newBuilder();
                allowed.forEach(id -> choice.addIds(id.asInt()));
                options.addChoices(Choice.newBuilder().setIds(choice));
            }
        }
        return options.build();
    }

    /** Asserts that the events of an answer are in order and that it is the reference's. */
    void check(Iterator<GenerateResponse> events) {
        long number = 0;
        StringBuilder streamed = new StringBuilder();
        List<Integer> streamedIds = new ArrayList<>();
        GenerateResponse last = GenerateResponse.getDefaultInstance();
        while (events.hasNext()) {
            last = events.next();
            assertThat(last.getNumber()).isEqualTo(number++);
            streamed.append(last.getText().getText());
            streamedIds.addAll(last.getText().getTokenIdsList());
        }
        List<Candidate> candidates = last.getFinished().getCandidatesList();
        assertThat(candidates).as(name).hasSize(expected.size());
        for (int i = 0; i < expected.size(); i++) {
            assertThat(candidates.get(i).getTokenIdsList()).as(name).isEqualTo(expected.get(i));
            assertThat(candidates.get(i).getText()).as(name).isEqualTo(texts.get(i));
            if (!scores.isEmpty()) {
                double score = scores.get(i);
                assertThat(candidates.get(i).getSequenceScore())
                        .as(name)
                        .isCloseTo(score, within(2e-5 * Math.abs(score) + 5e-5));
            }
        }
        if (scores.isEmpty()) {
            assertThat(streamed.toString()).as(name + " as streamed").isEqualTo(texts.get(0));
            assertThat(streamedIds).as(name + " as streamed").isEqualTo(expected.get(0));
        }
    }

    boolean hasPictures() {
        return request.getPrompt().getPartsList().stream().anyMatch(part -> part.hasImage());
    }

    private static List<Integer> behindBos(JsonNode sequence) {
        List<Integer> ids = new ArrayList<>();
        for (int i = 1; i < sequence.size(); i++) {
            int id = sequence.get(i).asInt();
            boolean ended = !ids.isEmpty() && ids.get(ids.size() - 1) == END_OF_SEQUENCE;
            if (ended && id == PAD) {
                break;
            }
            ids.add(id);
        }
        return ids;
    }
}
