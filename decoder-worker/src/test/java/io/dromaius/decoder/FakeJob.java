package io.dromaius.decoder;

import io.dromaius.model.diffusion.DrawSpec;
import io.dromaius.model.diffusion.Drawing;
import io.dromaius.model.diffusion.ImageDecoder;
import io.dromaius.model.diffusion.Picture;
import io.dromaius.model.torch.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A job that remembers what it is told. */
final class FakeJob implements DrawJob {
    final List<String> events = new ArrayList<>();
    int previewEvery;
    boolean cancelled;
    /** Embeddings that its picture is drawn from. */
    int tokens = 32;
    /** Whether its picture is one that the UNet overflows on. */
    boolean overflowing;
    /** Thrown instead of beginning. */
    @Nullable
    Error error;

    @Nullable
    Picture picture;

    @Nullable
    RuntimeException failure;

    int unetCalls;

    private final DrawSpec spec;
    private final long seed;

    FakeJob(DrawSpec spec, long seed) {
        this.spec = spec;
        this.seed = seed;
    }

    @Override
    public DrawSpec spec() {
        return spec;
    }

    @Override
    public boolean isCancelled() {
        return cancelled;
    }

    @Override
    public Drawing begin(ImageDecoder decoder) {
        if (error != null) {
            throw error;
        }
        try (Tensor embeddings = overflowing ? huge(decoder) : embeddings(decoder, spec.contexts(), tokens, seed);
                Tensor noise = decoder.noise(spec, seed)) {
            return decoder.begin(spec, embeddings, noise);
        }
    }

    @Override
    public boolean wantsPreview(int step) {
        return previewEvery > 0 && step % previewEvery == 0;
    }

    @Override
    public void stepped(int step) {
        events.add("step " + step);
    }

    @Override
    public void previewed(int step, Picture preview) {
        events.add("preview " + step);
    }

    @Override
    public void done(Picture drawn, int calls) {
        picture = drawn;
        unetCalls = calls;
        events.add("done");
    }

    @Override
    public void failed(RuntimeException cause) {
        failure = cause;
        events.add("failed");
    }

    @Override
    public void dropped() {
        events.add("dropped");
    }

    private Tensor huge(ImageDecoder decoder) {
        float[] values = new float[spec.contexts() * 32 * decoder.embeddingWidth()];
        Arrays.fill(values, Float.MAX_VALUE);
        return Tensor.of(values, spec.contexts(), 32, decoder.embeddingWidth());
    }

    static Tensor embeddings(ImageDecoder decoder, int contexts, long seed) {
        return embeddings(decoder, contexts, 32, seed);
    }

    private static Tensor embeddings(ImageDecoder decoder, int contexts, int tokens, long seed) {
        float[] values = new float[contexts * tokens * decoder.embeddingWidth()];
        Random random = new Random(seed);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.of(values, contexts, tokens, decoder.embeddingWidth());
    }
}
