package io.dromaius.model.diffusion;

import io.dromaius.model.sampling.CounterRandom;
import io.dromaius.model.spec.PictureSpec;
import io.dromaius.model.spec.PndmSpec;
import io.dromaius.model.spec.UNetSpec;
import io.dromaius.model.spec.VaeSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.vision.RgbImage;
import io.dromaius.model.weights.Checkpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Visual embeddings to pictures, step by step, so that pictures at different steps can share calls of the UNet. The UNet runs
 * in the decoder's dtype; latents, VAE and safety checker in fp32. Not thread-safe: one compute thread.
 */
public final class ImageDecoder implements AutoCloseable {
    private final UNetSpec unetSpec;
    private final VaeSpec vaeSpec;
    private final PndmScheduler scheduler;
    private final UNet unet;
    private final VaeDecoder vae;
    private final Optional<SafetyChecker> safety;
    private final ScriptModule pndm = ScriptModule.load("pndm", "Pndm");
    private final Dtype dtype;
    private final Device device;

    private ImageDecoder(
            UNetSpec unetSpec,
            VaeSpec vaeSpec,
            PndmScheduler scheduler,
            UNet unet,
            VaeDecoder vae,
            Optional<SafetyChecker> safety,
            Dtype dtype,
            Device device) {
        this.unetSpec = unetSpec;
        this.vaeSpec = vaeSpec;
        this.scheduler = scheduler;
        this.unet = unet;
        this.vae = vae;
        this.safety = safety;
        this.dtype = dtype;
        this.device = device;
    }

    /** @throws io.dromaius.model.spec.CheckpointException naming file and tensor, if a diffusion folder is broken */
    public static ImageDecoder load(Checkpoint checkpoint, Dtype dtype, Device device) {
        Path root = checkpoint.diffusion();
        UNetSpec unetSpec = UNetSpec.read(root.resolve("unet/config.json"));
        VaeSpec vaeSpec = VaeSpec.read(root.resolve("vae/config.json"));
        PndmScheduler scheduler = new PndmScheduler(PndmSpec.read(root.resolve("scheduler/scheduler_config.json")));
        UNet unet = UNet.load(checkpoint.component("unet"), unetSpec, dtype, device);
        try {
            VaeDecoder vae = VaeDecoder.load(checkpoint.component("vae"), vaeSpec, device);
            try {
                Optional<SafetyChecker> safety = SafetyChecker.load(checkpoint, device);
                return new ImageDecoder(unetSpec, vaeSpec, scheduler, unet, vae, safety, dtype, device);
            } catch (RuntimeException e) {
                vae.close();
                throw e;
            }
        } catch (RuntimeException e) {
            unet.close();
            throw e;
        }
    }

    /** Height of a picture when nobody asks for another, pixels. */
    public int defaultHeight() {
        return PictureSpec.of(unetSpec, vaeSpec).height();
    }

    /** Width of a picture when nobody asks for another, pixels. */
    public int defaultWidth() {
        return PictureSpec.of(unetSpec, vaeSpec).width();
    }

    /** Whether pictures are checked: a checkpoint may say that it has no safety checker. */
    public boolean checksSafety() {
        return safety.isPresent();
    }

    /** Pixels of a picture's side for one of its latents': sides are multiples of it. */
    public int pixelsPerLatent() {
        return vaeSpec.factor();
    }

    /** Width of the embeddings it draws from. */
    public int embeddingWidth() {
        return unetSpec.contextWidth();
    }

    /** Shape of a draw's latents: 1, channels, height and width. */
    public long[] latentShape(DrawSpec spec) {
        return new long[] {
            1, vaeSpec.latentChannels(), spec.height() / vaeSpec.factor(), spec.width() / vaeSpec.factor()
        };
    }

    /** The noise a draw with this seed starts from; a function of seed and size alone. */
    public Tensor noise(DrawSpec spec, long seed) {
        check(spec);
        long[] shape = latentShape(spec);
        return Tensor.of(CounterRandom.normals(seed, Math.toIntExact(shape[1] * shape[2] * shape[3])), shape);
    }

    /**
     * Refuses what cannot be drawn, whatever it is drawn from.
     *
     * @throws InvalidDrawException naming the field
     */
    public void check(DrawSpec spec) {
        if (spec.steps() < 1 || spec.steps() > scheduler.maxSteps()) {
            throw new InvalidDrawException("steps", "must be 1 to " + scheduler.maxSteps() + ", not " + spec.steps());
        }
        if (!Double.isFinite(spec.guidanceScale())) {
            throw new InvalidDrawException("guidance_scale", "must be finite");
        }
        checkSide("height", spec.height());
        checkSide("width", spec.width());
    }

    /**
     * Starts a picture.
     *
     * @param embeddings floating [contexts, tokens, embeddingWidth], conditional first; on the CPU, copied
     * @param latents floating {@link #latentShape}; on the CPU, copied
     * @throws InvalidDrawException naming the field
     */
    public Drawing begin(DrawSpec spec, Tensor embeddings, Tensor latents) {
        check(spec, embeddings.shape());
        if (!Arrays.equals(latents.shape(), latentShape(spec))) {
            throw new InvalidDrawException(
                    "initial_latents",
                    "must have shape %s, not %s"
                            .formatted(Arrays.toString(latentShape(spec)), Arrays.toString(latents.shape())));
        }
        Tensor context = embeddings.to(device, dtype);
        return new Drawing(spec, scheduler.timesteps(spec.steps()), context, latents.to(device, Dtype.FP32));
    }

    /**
     * Refuses what cannot be drawn from embeddings of this shape. Thread-safe, like the shorter form.
     *
     * @throws InvalidDrawException naming the field
     */
    public void check(DrawSpec spec, long[] embeddings) {
        check(spec);
        if (embeddings.length != 3
                || embeddings[0] != spec.contexts()
                || embeddings[1] < 1
                || embeddings[2] != embeddingWidth()) {
            throw new InvalidDrawException(
                    "embeddings",
                    "must have shape [%d, tokens, %d], not %s"
                            .formatted(spec.contexts(), embeddingWidth(), Arrays.toString(embeddings)));
        }
    }

    /** One UNet call that takes every drawing a step further: any mix of steps and guidance, if they go with each other. */
    public void step(List<Drawing> drawings) {
        List<Tensor> latents = new ArrayList<>();
        List<Tensor> contexts = new ArrayList<>();
        int[] timesteps = new int[drawings.size()];
        double[] guidance = new double[drawings.size()];
        for (int i = 0; i < drawings.size(); i++) {
            Drawing drawing = drawings.get(i);
            latents.add(drawing.latents());
            contexts.add(drawing.context());
            timesteps[i] = drawing.timestep();
            guidance[i] = drawing.spec().guidanceScale();
        }
        List<Tensor> predicted = unet.denoise(latents, contexts, timesteps, guidance);
        for (int i = 0; i < drawings.size(); i++) {
            advance(drawings.get(i), predicted.get(i));
        }
    }

    /**
     * The finished picture, checked if there is a checker.
     *
     * @throws NotFiniteException if latents, pixels or what the checker found are not finite
     */
    public Picture finish(Drawing drawing) {
        if (!drawing.isDone()) {
            throw new IllegalStateException("after " + drawing.calls() + " of " + drawing.totalCalls() + " calls");
        }
        return picture(drawing.latents());
    }

    /**
     * What the picture would be if the noise seen last were all there is, checked; after at least one step.
     *
     * @throws NotFiniteException as {@link #finish} does
     */
    public Picture preview(Drawing drawing) {
        PlmsStep step = scheduler.step(drawing.spec().steps(), drawing.calls() - 1);
        try (Tensor predicted = pndm.tensor("predict", drawing.latents(), drawing.newestNoise(), step.alpha())) {
            return picture(predicted);
        }
    }

    @Override
    public void close() {
        pndm.close();
        safety.ifPresent(SafetyChecker::close);
        vae.close();
        unet.close();
    }

    private void advance(Drawing drawing, Tensor predicted) {
        PlmsStep step = scheduler.step(drawing.spec().steps(), drawing.calls());
        Tensor next = pndm.tensor(
                "step",
                drawing.origin(step),
                drawing.combined(predicted, step),
                step.weights().stream().mapToDouble(Double::doubleValue).toArray(),
                step.sampleFactor(),
                step.noiseFactor());
        drawing.advance(step, predicted, next);
    }

    private Picture picture(Tensor latents) {
        // Once a picture and not at every step: what is not finite stays so.
        if (!latents.isFinite()) {
            throw new NotFiniteException("the picture's latents are not finite");
        }
        RgbImage drawn = vae.decode(latents);
        Verdict verdict = safety.map(checker -> checker.check(drawn)).orElse(Verdict.UNCHECKED);
        return new Picture(verdict.flagged() ? RgbImage.black(drawn.width(), drawn.height()) : drawn, verdict);
    }

    private void checkSide(String field, int pixels) {
        int factor = vaeSpec.factor();
        if (pixels < factor || pixels % factor != 0) {
            throw new InvalidDrawException(field, "must be a multiple of " + factor + ", not " + pixels);
        }
    }
}
