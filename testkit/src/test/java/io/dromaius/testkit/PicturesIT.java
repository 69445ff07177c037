package io.dromaius.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.GenerateResponse;
import io.dromaius.proto.v1.Image;
import io.dromaius.proto.v1.ImageDone;
import io.dromaius.proto.v1.ImageOptions;
import io.dromaius.proto.v1.OutputMode;
import io.dromaius.proto.v1.Part;
import io.dromaius.proto.v1.Prompt;
import io.dromaius.proto.v1.RankRequest;
import io.dromaius.proto.v1.RankResponse;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pictures in and out, candidates ranked: as the reference does it, through a whole cluster. */
@Tag("side-by-side")
final class PicturesIT {
    /** Prompts of the 78 cases, some of which are batches. */
    private static final int PRETRAIN_CASES = 69;

    private static final int INSTRUCT_CASES = 20;
    private static final int PRETRAIN_RANKS = 6;
    private static final int INSTRUCT_RANKS = 8;

    private static final List<String> RUNS =
            List.of("text10", "blend10", "context10", "text10_nocfg", "text50", "blend4");

    @ParameterizedTest(name = "{0} shards")
    @ValueSource(ints = {1, 3})
    void everythingIsTheReferencesAloneAndAllAtOnce(int shards) throws Exception {
        for (String model : List.of("pretrain", "instruct")) {
            try (MiniCluster cluster = MiniCluster.serving(Golden.checkpoint(model), shards)) {
                cluster.addEncoder();
                cluster.addDecoder();
                checkGenerate(cluster, model);
                checkRanks(cluster, model);
                if (model.equals("pretrain")) {
                    checkEmbeddings(cluster);
                    checkPictures(cluster);
                }
            }
        }
    }

    private static void checkGenerate(MiniCluster cluster, String model) throws Exception {
        Map<GenerateCase, Answer> together = new HashMap<>();
        for (GenerateCase one : GenerateCase.all()) {
            if (one.model().equals(model)) {
                one.check(cluster.generation().generate(one.request()));
                together.put(one, Answer.start(cluster.channel(), one.request()));
            }
        }
        assertThat(together).as(model).hasSize(model.equals("instruct") ? INSTRUCT_CASES : PRETRAIN_CASES);
        for (Map.Entry<GenerateCase, Answer> one : together.entrySet()) {
            one.getKey().check(one.getValue().events().iterator());
        }
    }

    /** A batch has a list of candidates for each prompt, and the reference keeps its ranks but not its losses. */
    private static void checkRanks(MiniCluster cluster, String model) {
        int checked = 0;
        for (JsonNode node : Golden.json("cases/predict/predict.json")) {
            if (!node.get("model").asText().equals(model)) {
                continue;
            }
            List<String> prompts = Golden.strings(node.get("prompt"));
            List<String> pictures = Golden.strings(node.get("images"));
            int picture = 0;
            for (int row = 0; row < prompts.size(); row++) {
                int own = Golden.pictures(prompts.get(row));
                JsonNode candidates = node.get("candidates");
                RankRequest request = RankRequest.newBuilder()
                        .setPrompt(Golden.prompt(prompts.get(row), pictures.subList(picture, picture + own)))
                        .addAllCandidates(
                                Golden.strings(candidates.get(0).isArray() ? candidates.get(row) : candidates))
                        .setNSegments(node.get("n_segments").asInt())
                        .build();
                picture += own;
                checkRank(cluster.generation().rank(request), node, row);
                checked++;
            }
        }
        assertThat(checked).as(model).isEqualTo(model.equals("instruct") ? INSTRUCT_RANKS : PRETRAIN_RANKS);
    }

    private static void checkRank(RankResponse response, JsonNode golden, int row) {
        List<Integer> ranks = new ArrayList<>();
        golden.get("ranks").get(row).forEach(rank -> ranks.add(rank.asInt()));
        assertThat(response.getRanksList()).isEqualTo(ranks);
        for (int i = 0; golden.has("losses") && i < ranks.size(); i++) {
            assertThat((double) response.getLosses(i))
                    .isCloseTo(golden.get("losses").get(i).asDouble(), within(2e-5));
        }
    }

    private static void checkEmbeddings(MiniCluster cluster) throws Exception {
        GoldenTensors stored = GoldenTensors.read("cases/generate_image/embeds.safetensors");
        for (String name : List.of("text", "blend", "context")) {
            float[] expected = stored.floats(name);
            GenerateRequest request = draw(name)
                    .setImage(ImageOptions.newBuilder().setEmbeddingsOnly(true))
                    .build();
            ImageDone done = done(Answer.start(cluster.channel(), request).events());
            assertClose(name, done.getEmbeddings().concat(done.getUnconditionalEmbeddings()), expected);
        }
    }

    /** Two implementations differ by 2e-3 at the end of 32 fed-back embeddings, and hardly in the first eight. */
    private static void assertClose(String name, ByteString actual, float[] expected) {
        java.nio.FloatBuffer floats = actual.asReadOnlyByteBuffer()
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        assertThat(floats.remaining()).isEqualTo(expected.length);
        int width = expected.length / 2 / 32;
        for (int i = 0; i < expected.length; i++) {
            int position = i / width % 32;
            assertThat(floats.get(i))
                    .as("%s at position %s", name, position)
                    .isCloseTo(expected[i], within(position < 8 ? 1e-4f : 2e-3f));
        }
    }

    private static void checkPictures(MiniCluster cluster) throws Exception {
        JsonNode cases = Golden.json("cases/diffusion/diffusion.json").get("cases");
        for (String run : RUNS) {
            check(
                    run,
                    cases.get(run),
                    Answer.start(cluster.channel(), request(run, cases.get(run)))
                            .events());
        }
        Map<String, Answer> together = new HashMap<>();
        for (String run : RUNS) {
            together.put(run, Answer.start(cluster.channel(), request(run, cases.get(run))));
        }
        for (Map.Entry<String, Answer> one : together.entrySet()) {
            check(one.getKey(), cases.get(one.getKey()), one.getValue().events());
        }
    }

    private static GenerateRequest request(String run, JsonNode golden) {
        ByteString latents =
                GoldenTensors.read("cases/diffusion/" + run + ".safetensors").bytes("initial_latents");
        return draw(golden.get("inputs").asText())
                .setImage(ImageOptions.newBuilder()
                        .setSteps(golden.get("num_inference_steps").asInt())
                        .setGuidanceScale((float) golden.get("guidance_scale").asDouble())
                        .setInitialLatents(latents))
                .build();
    }

    private static void check(String run, JsonNode golden, List<GenerateResponse> events) throws Exception {
        boolean flagged = golden.get("flagged").asBoolean();
        int steps = golden.get("num_inference_steps").asInt();
        ByteString png = ByteString.empty();
        int progress = 0;
        for (GenerateResponse event : events) {
            if (event.hasImageProgress()) {
                assertThat(event.getImageProgress().getStep()).isEqualTo(++progress);
            }
            if (event.hasImageChunk()) {
                assertThat(event.getImageChunk().getOffset()).isEqualTo(png.size());
                png = png.concat(event.getImageChunk().getData());
            }
        }
        assertThat(progress).as(run + ": an event for each denoise step").isEqualTo(steps);
        ImageDone done = done(events);
        assertThat(done.getFlagged()).as(run).isEqualTo(flagged);
        assertThat(done.getPngBytes()).isEqualTo(png.size());
        BufferedImage actual = ImageIO.read(new ByteArrayInputStream(png.toByteArray()));
        BufferedImage expected = ImageIO.read(
                Golden.path("cases/diffusion/" + run + "_before_safety.png").toFile());
        int differing = 0;
        for (int y = 0; y < expected.getHeight(); y++) {
            for (int x = 0; x < expected.getWidth(); x++) {
                for (int shift = 0; shift < 24; shift += 8) {
                    int wanted = flagged ? 0 : expected.getRGB(x, y) >> shift & 0xff;
                    int difference = Math.abs((actual.getRGB(x, y) >> shift & 0xff) - wanted);
                    assertThat(difference).as("%s at %s, %s", run, x, y).isLessThanOrEqualTo(1);
                    differing += difference;
                }
            }
        }
        assertThat(differing).as(run).isLessThan(expected.getHeight() * expected.getWidth() * 3 / 100);
    }

    private static ImageDone done(List<GenerateResponse> events) {
        return events.stream()
                .filter(GenerateResponse::hasImageDone)
                .findFirst()
                .orElseThrow()
                .getImageDone();
    }

    /** The named inputs of {@code generate_image}, asking for one picture. */
    private static GenerateRequest.Builder draw(String name) {
        Prompt.Builder prompt = Prompt.newBuilder();
        for (JsonNode input : Golden.json("cases/generate_image/generate_image.json")
                .get(name)
                .get("inputs")) {
            prompt.addParts(
                    input.isTextual()
                            ? Part.newBuilder().setText(input.asText())
                            : Part.newBuilder()
                                    .setImage(Image.newBuilder()
                                            .setData(Golden.picture(
                                                    input.get("image").asText()))));
        }
        return GenerateRequest.newBuilder().setPrompt(prompt).addOutputModes(OutputMode.OUTPUT_MODE_IMAGE);
    }
}
