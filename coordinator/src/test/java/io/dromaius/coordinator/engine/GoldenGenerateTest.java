package io.dromaius.coordinator.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.primitives.ImmutableIntArray;
import io.dromaius.coordinator.engine.GenerationListener.Candidate;
import io.dromaius.model.text.EmuTokenizer;
import io.dromaius.model.text.IncrementalDetokenizer;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.vision.RgbImage;
import io.dromaius.model.vision.VisualEncoder;
import io.dromaius.model.weights.Checkpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.imageio.ImageIO;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The reference's own generations, all at once in a pool too small for all, through the engine and the real model. */
class GoldenGenerateTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BLOCK_SIZE = 16;

    private record Expected(String name, JsonNode golden, int first, int count, RecordingListener heard) {}

    @ParameterizedTest
    @CsvSource({"pretrain, 3, 150", "instruct, 2, 90"})
    void generatesWhatTheReferenceGenerates(String model, int window, int blocks) throws IOException {
        Path directory = golden(model.equals("instruct") ? "emu-tiny-instruct" : "emu-tiny");
        Checkpoint checkpoint = Checkpoint.open(directory);
        EngineConfig config =
                new EngineConfig(blocks, BLOCK_SIZE, window, 256, 64, 256, Duration.ofMinutes(5), Duration.ZERO);
        List<Expected> all = new ArrayList<>();
        try (EmuTokenizer tokenizer = EmuTokenizer.open(checkpoint.tokenizer(), model.equals("instruct"));
                VisualEncoder encoder = VisualEncoder.load(checkpoint, Dtype.FP32, Device.CPU);
                LocalStage stage = new LocalStage(checkpoint, blocks, BLOCK_SIZE)) {
            EngineModel ids = new EngineModel(
                    1,
                    2,
                    tokenizer.specials().imageStart(),
                    tokenizer.specials().imageEnd(),
                    checkpoint.spec().visualTokens(),
                    2048);
            EngineLoop loop = new EngineLoop(
                    config, ids, stop -> new Detokenized(tokenizer.detokenizer()), stage, new FakeTicker());
            Pictures pictures = new Pictures(encoder);
            for (JsonNode each :
                    JSON.readTree(golden("cases/generate/generate.json").toFile())) {
                if (each.get("model").asText().equals(model)) {
                    all.addAll(submit(each, loop, tokenizer, pictures));
                }
            }
            stage.runToEnd(loop);
            for (Expected each : all) {
                check(each, tokenizer.specials().pad());
            }
            CompletableFuture<EngineStats> stats = loop.stats();
            stage.runToEnd(loop);
            assertThat(stats.join().preemptions()).as("preemptions").isPositive();
            assertThat(stats.join().blocksInUse()).isZero();
        }
        assertThat(all).hasSizeGreaterThan(10);
    }

    private static List<Expected> submit(JsonNode golden, EngineLoop loop, EmuTokenizer tokenizer, Pictures pictures)
            throws IOException {
        List<Expected> requests = new ArrayList<>();
        List<JsonNode> prompts = new ArrayList<>();
        (golden.get("prompt").isArray() ? golden.get("prompt") : List.of(golden.get("prompt"))).forEach(prompts::add);
        Iterator<JsonNode> images = golden.get("images").iterator();
        int perPrompt = golden.get("sequences").size() / prompts.size();
        for (int i = 0; i < prompts.size(); i++) {
            int[] ids = tokenizer.encode(prompts.get(i).asText());
            List<InputRun> runs = new ArrayList<>();
            for (int at = 0; at < ids.length; ) {
                int end = at;
                boolean picture = ids[at] == tokenizer.specials().image();
                while (end < ids.length && (ids[end] == tokenizer.specials().image()) == picture) {
                    end++;
                }
                if (picture) {
                    runs.add(pictures.embeddings(images.next().asText()));
                } else {
                    runs.add(InputRun.Ids.of(Arrays.copyOfRange(ids, at, end)));
                }
                at = end;
            }
            RecordingListener heard = new RecordingListener();
            String id = golden.get("name").asText() + "#" + i;
            GenerationTask task = new GenerationTask.Generate(options(golden, perPrompt), false);
            loop.submit(new GenerationRequest(id, runs, task, Long.MAX_VALUE), heard);
            requests.add(new Expected(id, golden, i * perPrompt, perPrompt, heard));
        }
        return requests;
    }

    private static TextOptions options(JsonNode golden, int n) {
        JsonNode params = golden.get("params");
        TextOptions.Builder options = TextOptions.builder(
                        params.get("max_new_tokens").asInt())
                .minTokens(params.get("min_length").asInt() - 1)
                .n(n)
                .repetition(
                        (float) params.get("repetition_penalty").asDouble(),
                        params.get("no_repeat_ngram_size").asInt(0));
        if (params.get("num_beams").asInt() > 1) {
            options.beams(params.get("num_beams").asInt(), (float)
                    params.get("length_penalty").asDouble());
        }
        List<ImmutableIntArray> choices = new ArrayList<>();
        if (golden.has("allowed_sequences")) {
            golden.get("allowed_sequences").forEach(choice -> choices.add(ImmutableIntArray.copyOf(ints(choice))));
        }
        return options.choices(choices).build();
    }

    private static void check(Expected each, int pad) {
        assertThat(each.heard().failure()).as(each.name()).isEmpty();
        for (int i = 0; i < each.count(); i++) {
            Candidate found = each.heard().candidates().get(i);
            int row = each.first() + i;
            List<Integer> expected =
                    new ArrayList<>(ints(each.golden().get("sequences").get(row)));
            // The reference begins with BOS and fills up with [PAD].
            expected.remove(0);
            expected.removeIf(id -> id == pad);
            assertThat(found.ids()).as(each.name()).isEqualTo(expected);
            assertThat(found.text())
                    .as(each.name())
                    .isEqualTo(each.golden().get("text").get(row).asText());
            if (each.golden().has("sequences_scores")) {
                double score = each.golden().get("sequences_scores").get(row).asDouble();
                assertThat(found.score()).as(each.name()).isCloseTo(score, within(2e-5 * Math.abs(score) + 5e-5));
            }
        }
    }

    /** Embeddings of the golden pictures, each encoded once. */
    private static final class Pictures {
        private final VisualEncoder encoder;
        private final Map<String, InputRun> embeddings = new HashMap<>();

        Pictures(VisualEncoder encoder) {
            this.encoder = encoder;
        }

        InputRun embeddings(String name) throws IOException {
            InputRun known = embeddings.get(name);
            if (known != null) {
                return known;
            }
            RgbImage image = RgbImage.of(
                    ImageIO.read(golden("cases/inputs/" + name + ".png").toFile()));
            try (Tensor encoded = encoder.encode(List.of(image))) {
                ByteBuffer bytes = encoded.bytes();
                ByteBuffer copy = ByteBuffer.allocate(bytes.remaining())
                        .put(bytes.duplicate())
                        .flip();
                InputRun run = new InputRun.Vectors(copy, Math.toIntExact(encoded.size(1)));
                embeddings.put(name, run);
                return run;
            }
        }
    }

    /** Text of a real vocabulary, without stop strings. */
    private record Detokenized(IncrementalDetokenizer detokenizer) implements TextStream {
        @Override
        public String append(int id) {
            return detokenizer.append(id);
        }

        @Override
        public boolean stopped() {
            return false;
        }

        @Override
        public String finish() {
            return detokenizer.finish();
        }
    }

    private static List<Integer> ints(JsonNode array) {
        List<Integer> ints = new ArrayList<>();
        array.forEach(element -> ints.add(element.asInt()));
        return ints;
    }

    private static Path golden(String relative) {
        String directory = System.getProperty("golden.dir", "");
        if (directory.isBlank() && Boolean.getBoolean("golden.required")) {
            fail("golden.required is true but golden.dir is not set");
        }
        assumeTrue(!directory.isBlank(), "golden.dir is not set");
        Path path = Path.of(directory, relative);
        assertThat(Files.exists(path)).as("%s", path).isTrue();
        return path;
    }
}
