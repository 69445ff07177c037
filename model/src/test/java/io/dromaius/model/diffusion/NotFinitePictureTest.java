package io.dromaius.model.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dromaius.model.sampling.CounterRandom;
import io.dromaius.model.spec.VaeSpec;
import io.dromaius.model.tiny.TinyCheckpoint;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.torch.Torch;
import io.dromaius.model.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NotFinitePictureTest {
    private static final DrawSpec SPEC = new DrawSpec(2, 7.5, 64, 64);
    /** Finite itself, but not what a layer makes of it. */
    private static final float HUGE = 3e38f;

    private static Checkpoint checkpoint;

    @BeforeAll
    static void write(@TempDir Path folder) throws IOException {
        checkpoint = Checkpoint.open(TinyCheckpoint.writePretrain(folder));
    }

    @ParameterizedTest
    @EnumSource(names = {"FP32", "BF16"})
    void anOverflowInTheUNetIsItsOwnPicturesAlone(Dtype dtype) {
        try (ImageDecoder decoder = ImageDecoder.load(checkpoint, dtype, Device.CPU);
                Drawing sound = begin(decoder, 1, 1);
                Drawing besideSound = begin(decoder, 2, 1);
                Drawing overflowing = begin(decoder, 1, HUGE);
                Drawing besideOverflowing = begin(decoder, 2, 1)) {
            draw(decoder, List.of(sound, besideSound));
            draw(decoder, List.of(overflowing, besideOverflowing));

            assertThat(besideOverflowing.latentValues()).containsExactly(besideSound.latentValues());
            assertThat(decoder.finish(besideOverflowing).image())
                    .isEqualTo(decoder.finish(besideSound).image());
            int tensors = Torch.liveTensors();
            assertThatThrownBy(() -> decoder.finish(overflowing))
                    .isInstanceOf(NotFiniteException.class)
                    .hasMessageContaining("latents");
            assertThatThrownBy(() -> decoder.preview(overflowing)).isInstanceOf(NotFiniteException.class);
            assertThat(Torch.liveTensors()).isEqualTo(tensors);
        }
    }

    @Test
    void anOverflowInTheVaeIsNoPicture() {
        VaeSpec spec = VaeSpec.read(checkpoint.diffusion().resolve("vae/config.json"));
        float[] latents = new float[spec.latentChannels() * 8 * 8];
        Arrays.fill(latents, HUGE);
        try (VaeDecoder vae = VaeDecoder.load(checkpoint.component("vae"), spec, Device.CPU);
                Tensor finite = Tensor.of(latents, 1, spec.latentChannels(), 8, 8)) {
            int tensors = Torch.liveTensors();
            assertThatThrownBy(() -> vae.decode(finite))
                    .isInstanceOf(NotFiniteException.class)
                    .hasMessageContaining("decoded picture");
            assertThat(Torch.liveTensors()).isEqualTo(tensors);
        }
    }

    private static Drawing begin(ImageDecoder decoder, long seed, float scale) {
        float[] values = CounterRandom.normals(seed, SPEC.contexts() * 32 * decoder.embeddingWidth());
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.max(-HUGE, Math.min(HUGE, values[i] * scale));
        }
        try (Tensor embeddings = Tensor.of(values, SPEC.contexts(), 32, decoder.embeddingWidth());
                Tensor noise = decoder.noise(SPEC, seed)) {
            return decoder.begin(SPEC, embeddings, noise);
        }
    }

    private static void draw(ImageDecoder decoder, List<Drawing> drawings) {
        while (!drawings.get(0).isDone()) {
            decoder.step(drawings);
        }
    }
}
