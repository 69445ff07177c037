package io.dromaius.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.model.diffusion.DrawSpec;
import io.dromaius.model.diffusion.Drawing;
import io.dromaius.model.diffusion.ImageDecoder;
import io.dromaius.model.sampling.CounterRandom;
import io.dromaius.model.tiny.TinyCheckpoint;
import io.dromaius.model.tiny.TinySizes;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.torch.Torch;
import io.dromaius.model.vision.RgbImage;
import io.dromaius.model.weights.Checkpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A UNet in bf16, where a last bit is a hundred thousand times that of fp32: company changes a picture no more than there. */
final class Bf16BatchTest {
    private static final int STEPS = 8;

    @TempDir
    private Path directory;

    @Test
    void aPictureIsTheSameAloneAndAmongOthers() throws Exception {
        Path checkpoint = new TinyCheckpoint(TinySizes.OTHER, 4).pretrain(directory);
        Torch.setThreads(1);
        try (ImageDecoder decoder = ImageDecoder.load(Checkpoint.open(checkpoint), Dtype.BF16, Device.CPU)) {
            RgbImage alone = draw(decoder, 1).get(0);
            List<RgbImage> two = draw(decoder, 2);
            assertThat(two.get(1)).isNotEqualTo(alone);
            PictureDifference.assertAlmostEqual(alone, two.get(0));
            PictureDifference.assertAlmostEqual(alone, draw(decoder, 5).get(0));
        }
    }

    /** So many pictures in the same calls, of seeds 0, 1, ... */
    private static List<RgbImage> draw(ImageDecoder decoder, int count) {
        DrawSpec spec = new DrawSpec(STEPS, 7.5, decoder.defaultHeight(), decoder.defaultWidth());
        List<Drawing> drawings = new ArrayList<>();
        for (int seed = 0; seed < count; seed++) {
            float[] values = CounterRandom.normals(100L + seed, 2 * 24 * decoder.embeddingWidth());
            try (Tensor embeddings = Tensor.of(values, 2, 24, decoder.embeddingWidth());
                    Tensor noise = decoder.noise(spec, seed)) {
                drawings.add(decoder.begin(spec, embeddings, noise));
            }
        }
        while (!drawings.get(0).isDone()) {
            decoder.step(drawings);
        }
        List<RgbImage> pictures = new ArrayList<>();
        for (Drawing drawing : drawings) {
            pictures.add(decoder.finish(drawing).image());
            drawing.close();
        }
        return pictures;
    }
}
