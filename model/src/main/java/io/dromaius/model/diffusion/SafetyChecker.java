package io.dromaius.model.diffusion;

import io.dromaius.model.spec.CheckpointException;
import io.dromaius.model.spec.SafetySpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.vision.ClipPreprocessor;
import io.dromaius.model.vision.RgbImage;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.model.weights.NamedWeights;
import io.dromaius.model.weights.WeightSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Stable Diffusion's safety checker: a picture too near to one of the listed concepts in CLIP's space is flagged. Runs in
 * fp32. Not thread-safe.
 */
public final class SafetyChecker implements AutoCloseable {
    /** How much stricter the other concepts become once a special one is met. */
    private static final double ADJUSTMENT = 0.01;

    private final NamedWeights weights;
    private final ScriptModule script;
    private final ClipPreprocessor preprocessor;
    private final Device device;
    private final float[] thresholds;
    private final float[] specialThresholds;

    private SafetyChecker(
            NamedWeights weights,
            SafetySpec spec,
            ClipPreprocessor preprocessor,
            Device device,
            float[] thresholds,
            float[] specialThresholds) {
        this.weights = weights;
        this.preprocessor = preprocessor;
        this.device = device;
        this.thresholds = thresholds;
        this.specialThresholds = specialThresholds;
        this.script = ScriptModule.load("clip", "SafetyChecker", Map.of("heads", spec.heads(), "eps", spec.normEps()));
    }

    /**
     * The checker of a checkpoint; empty if the checkpoint says that it has none.
     *
     * @throws CheckpointException naming file and tensor, if one is missing or broken
     */
    static Optional<SafetyChecker> load(Checkpoint checkpoint, Device device) {
        Path root = checkpoint.diffusion();
        Optional<SafetySpec> spec = SafetySpec.ofCheckpoint(root);
        if (spec.isEmpty()) {
            return Optional.empty();
        }
        Path preprocessor = root.resolve("feature_extractor/preprocessor_config.json");
        try {
            return Optional.of(load(
                    checkpoint.component("safety_checker"), spec.get(), ClipPreprocessor.read(preprocessor), device));
        } catch (IOException e) {
            throw new UncheckedIOException(preprocessor + " cannot be read", e);
        }
    }

    /** @throws CheckpointException naming file and tensor, if a tensor is missing or broken */
    public static SafetyChecker load(
            WeightSource source, SafetySpec spec, ClipPreprocessor preprocessor, Device device) {
        float[] thresholds = values(source, SafetyWeights.THRESHOLDS);
        float[] special = values(source, SafetyWeights.SPECIAL_THRESHOLDS);
        NamedWeights weights = NamedWeights.load(
                source, SafetyWeights.of(spec, thresholds.length, special.length), Dtype.FP32, device);
        return new SafetyChecker(weights, spec, preprocessor, device, thresholds, special);
    }

    /** Looks at a picture of any size. */
    public Verdict check(RgbImage picture) {
        RgbImage seen = preprocessor.crop(picture);
        ByteBuffer pixels = ByteBuffer.allocateDirect(4 * seen.samples().length).order(ByteOrder.LITTLE_ENDIAN);
        preprocessor.normalise(seen, pixels.asFloatBuffer());
        long[] shape = {1, 3, seen.height(), seen.width()};
        try (Tensor host = Tensor.wrap(Dtype.FP32, shape, pixels);
                Tensor batch = host.to(device, Dtype.FP32)) {
            List<Tensor> cosines = script.tensors("cosines", weights.dict(), batch);
            try (Tensor concepts = cosines.get(0);
                    Tensor special = cosines.get(1)) {
                return Verdict.of(concepts.floats(), thresholds, special.floats(), specialThresholds, ADJUSTMENT);
            }
        }
    }

    @Override
    public void close() {
        script.close();
        weights.close();
    }

    private static float[] values(WeightSource source, String name) {
        try (Tensor tensor = source.tensor(name, Dtype.FP32)) {
            return tensor.floats();
        }
    }
}
