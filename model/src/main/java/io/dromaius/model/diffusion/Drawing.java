package io.dromaius.model.diffusion;

import io.dromaius.model.torch.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A picture on its way through the denoise steps. Belongs to the {@link ImageDecoder} that began it, and its thread. */
public final class Drawing implements AutoCloseable {
    /** Noise predictions that the multi-step method still uses beside the newest. */
    private static final int REMEMBERED = 3;

    private final DrawSpec spec;
    private final int[] timesteps;
    private final Tensor context;
    private final Deque<Tensor> noise = new ArrayDeque<>(); // newest first
    private Tensor latents;
    private @Nullable Tensor first;
    private int calls;

    /** Takes over the tensors. */
    Drawing(DrawSpec spec, int[] timesteps, Tensor context, Tensor latents) {
        this.spec = spec;
        this.timesteps = timesteps;
        this.context = context;
        this.latents = latents;
    }

    public DrawSpec spec() {
        return spec;
    }

    /** UNet calls it has taken part in. */
    public int calls() {
        return calls;
    }

    /** UNet calls it takes in all. */
    public int totalCalls() {
        return timesteps.length;
    }

    /** Denoise steps that are behind it, 1 to {@code spec().steps()}: the second call only betters the first step. */
    public int stepsDone() {
        return calls < 2 ? calls : calls - 1;
    }

    /** Whether one UNet call can take both a step further: pictures of one size, from as many embeddings. */
    public boolean goesWith(Drawing other) {
        return spec.height() == other.spec.height()
                && spec.width() == other.spec.width()
                && context.shape()[1] == other.context.shape()[1];
    }

    public boolean isDone() {
        return calls == timesteps.length;
    }

    /** The latents as they are now: fp32 [channels, height / factor, width / factor]. */
    public float[] latentValues() {
        return latents.floats();
    }

    @Override
    public void close() {
        context.close();
        latents.close();
        noise.forEach(Tensor::close);
        noise.clear();
        if (first != null) {
            first.close();
            first = null;
        }
    }

    int timestep() {
        return timesteps[calls];
    }

    Tensor context() {
        return context;
    }

    Tensor latents() {
        return latents;
    }

    /** The newest noise that the method remembers; there is one once the first call is done. */
    Tensor newestNoise() {
        return noise.element();
    }

    /** What the step starts from: the first sample again, if the step is a corrector. */
    Tensor origin(PlmsStep step) {
        return step.corrects() && first != null ? first : latents;
    }

    /** The predictions a step combines, with the one just made in front. */
    List<Tensor> combined(Tensor predicted, PlmsStep step) {
        List<Tensor> combined = new ArrayList<>();
        combined.add(predicted);
        combined.addAll(noise);
        return combined.subList(0, step.weights().size());
    }

    /** Ends a step; takes over both tensors. */
    void advance(PlmsStep step, Tensor predicted, Tensor next) {
        if (calls == 0) {
            first = latents;
        } else {
            latents.close();
        }
        latents = next;
        if (step.corrects()) {
            predicted.close();
            if (first != null) {
                first.close();
                first = null;
            }
        } else {
            noise.addFirst(predicted);
            while (noise.size() > REMEMBERED) {
                noise.removeLast().close();
            }
        }
        calls++;
    }
}
