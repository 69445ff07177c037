package io.dromaius.model.vision;

import io.dromaius.model.spec.EmuSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.model.weights.WeightSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;

/** Pictures to visual embeddings. Not thread-safe: one compute thread. */
public final class VisualEncoder implements AutoCloseable {
    private final ImagePreprocessor preprocessor;
    private final EvaVit vit;
    private final CausalFormer causalFormer;
    private final Device device;
    private final Dtype dtype;
    private final int side;

    private VisualEncoder(EvaVit vit, CausalFormer causalFormer, Device device, Dtype dtype, int side) {
        this.preprocessor = new ImagePreprocessor(side);
        this.vit = vit;
        this.causalFormer = causalFormer;
        this.device = device;
        this.dtype = dtype;
        this.side = side;
    }

    /** @throws io.dromaius.model.spec.CheckpointException naming file and tensor, if the checkpoint is broken */
    public static VisualEncoder load(Checkpoint checkpoint, Dtype dtype, Device device) {
        EmuSpec spec = checkpoint.spec();
        WeightSource weights = checkpoint.weights();
        EvaVit vit = EvaVit.load(weights, spec.vit(), dtype, device);
        try {
            CausalFormer causalFormer = CausalFormer.load(
                    weights,
                    spec.causalFormer(),
                    spec.vit().width(),
                    spec.llama().hidden(),
                    dtype,
                    device);
            return new VisualEncoder(
                    vit, causalFormer, device, dtype, spec.vit().imageSize());
        } catch (RuntimeException e) {
            vit.close();
            throw e;
        }
    }

    /** Resizes and normalises one picture: fp32 [3, side, side] in a direct buffer. Thread-safe, unlike the rest. */
    public ByteBuffer preprocess(RgbImage picture) {
        ByteBuffer pixels =
                ByteBuffer.allocateDirect(4 * preprocessor.elements()).order(ByteOrder.LITTLE_ENDIAN);
        preprocessor.preprocess(picture, pixels.asFloatBuffer());
        return pixels;
    }

    /** Embeddings [n, queries, hidden] of n pictures, on the CPU in this encoder's dtype. */
    public Tensor encode(List<RgbImage> pictures) {
        ByteBuffer pixels = ByteBuffer.allocateDirect(Math.multiplyExact(4 * preprocessor.elements(), pictures.size()))
                .order(ByteOrder.LITTLE_ENDIAN);
        FloatBuffer out = pixels.asFloatBuffer();
        pictures.forEach(picture -> preprocessor.preprocess(picture, out));
        return encode(pixels, pictures.size());
    }

    /** Embeddings of pictures that {@link #preprocess} has prepared, one after the other in one direct buffer. */
    public Tensor encode(ByteBuffer pixels, int pictures) {
        try (Tensor host = Tensor.wrap(Dtype.FP32, new long[] {pictures, 3, side, side}, pixels);
                Tensor batch = host.to(device, dtype);
                Tensor features = vit.features(batch);
                Tensor embeddings = causalFormer.embeddings(features)) {
            return embeddings.to(Device.CPU, dtype);
        }
    }

    @Override
    public void close() {
        causalFormer.close();
        vit.close();
    }
}
