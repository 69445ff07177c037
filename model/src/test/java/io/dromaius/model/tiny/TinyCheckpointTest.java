package io.dromaius.model.tiny;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.model.Golden;
import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.model.weights.WeightSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TinyCheckpointTest {

    private static final List<String> UNUSED =
            List.of("visual.norm.", "visual.head.", "cformer.cformer.embed_tokens.", "encoder.", "quant_conv.");

    @TempDir
    private Path directory;

    @Test
    void bothVariantsOpenAsCheckpoints() throws IOException {
        TinyCheckpoint tiny = new TinyCheckpoint(TinySizes.DEFAULT.withLlama(3, 48, 4, 100, 512), 9);
        Path pretrain = tiny.pretrain(directory);
        Path instruct = tiny.instruct(directory);
        assertThat(Checkpoint.open(pretrain).spec().llama())
                .isEqualTo(new LlamaSpec(3, 48, 4, 100, tiny.vocabularySize() + 4, 1e-6, 10_000, 512));
        assertThat(Checkpoint.open(instruct).spec().llama().vocabulary()).isEqualTo(tiny.vocabularySize() + 6);
        assertThat(Checkpoint.open(instruct).tokenizer()).exists();
        assertThat(Checkpoint.open(pretrain).weights().names())
                .isEqualTo(Checkpoint.open(instruct).weights().names());
    }

    @Test
    void tensorsHaveTheDistributionAskedFor() throws IOException {
        WeightSource weights =
                Checkpoint.open(TinyCheckpoint.writePretrain(directory)).weights();
        assertDistribution(weights, "decoder.lm.model.embed_tokens.weight", 0, 1);
        assertDistribution(weights, "decoder.lm.model.layers.0.mlp.down_proj.weight", 0, 1 / Math.sqrt(172));
        assertDistribution(weights, "visual.pos_embed", 0, 0.5);
        assertDistribution(weights, "ln_visual.weight", 1, 0.05);
    }

    @Test
    void theSameSeedGivesTheSameBytesAndAnotherSeedOthers() throws IOException {
        Path once = new TinyCheckpoint(TinySizes.DEFAULT, 1).pretrain(directory.resolve("once"));
        Path again = new TinyCheckpoint(TinySizes.DEFAULT, 1).pretrain(directory.resolve("again"));
        Path other = new TinyCheckpoint(TinySizes.DEFAULT, 2).pretrain(directory.resolve("other"));
        String weights = "unet/diffusion_pytorch_model.bin";
        assertThat(again.resolve(weights)).hasSameBinaryContentAs(once.resolve(weights));
        assertThat(Files.mismatch(once.resolve(weights), other.resolve(weights)))
                .isNotNegative();
    }

    @Test
    void sizesThatDoNotFitAreRefused() {
        assertThatThrownBy(() -> TinySizes.DEFAULT.withLlama(2, 50, 4, 100, 64)).hasMessageContaining("hidden");
        assertThatThrownBy(() -> TinySizes.DEFAULT.withLlama(0, 64, 4, 100, 64)).hasMessageContaining("layers");
    }

    /** The names are those of the reference's full model, save what it does not use; there are only fewer layers. */
    @ParameterizedTest
    @ValueSource(strings = {"emu-14b", "emu-i-14b-lora", "unet", "vae", "safety-checker"})
    void namesAreThoseOfTheRelease(String manifest) throws IOException {
        TinySizes sizes = TinySizes.DEFAULT;
        StateDict dict =
                switch (manifest) {
                    case "emu-14b" -> new EmuTensors(sizes, 500, false).all();
                    case "emu-i-14b-lora" -> new EmuTensors(sizes, 500, true).all();
                    case "unet" -> new DiffusionTensors(sizes).unet();
                    case "vae" -> new DiffusionTensors(sizes).vae();
                    default -> DiffusionTensors.safetyChecker();
                };
        Set<String> written = dict.entries().stream()
                .map(entry -> withoutNumbers(entry.name()))
                .filter(TinyCheckpointTest::isInEveryModel)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> released = new TreeSet<>();
        for (JsonNode tensor :
                Golden.json("full/manifest-" + manifest + ".json").get("tensors")) {
            String name = withoutNumbers(tensor.get("name").textValue());
            if (UNUSED.stream().noneMatch(name::startsWith) && isInEveryModel(name)) {
                released.add(name);
            }
        }
        assertThat(written).isEqualTo(released);
    }

    /** Shortcuts are only where a block changes the number of channels. */
    private static boolean isInEveryModel(String name) {
        return !name.contains("conv_shortcut");
    }

    private static String withoutNumbers(String name) {
        return name.replaceAll(
                "(visual.blocks|layers|former.block)\\.\\d+\\.(?!layer.0.SelfAttention.relative)", "$1.N.");
    }

    private static void assertDistribution(WeightSource weights, String name, double mean, double deviation) {
        try (Tensor tensor = weights.tensor(name, Dtype.FP32)) {
            float[] values = tensor.floats();
            double sum = 0;
            double squares = 0;
            for (float value : values) {
                sum += value;
                squares += (value - mean) * (value - mean);
            }
            assertThat(sum / values.length).isCloseTo(mean, within(0.2 * deviation + 0.01));
            assertThat(Math.sqrt(squares / values.length)).isCloseTo(deviation, within(0.25 * deviation));
        }
    }
}
