package io.dromaius.encoder;

import io.dromaius.model.torch.Tensor;
import io.dromaius.model.vision.VisualEncoder;
import java.nio.ByteBuffer;

/** The model as the batcher sees it. Used by, and closed on, one thread. */
interface PictureEncoder extends AutoCloseable {

    /**
     * Embeddings [pictures, queries, hidden] on the CPU, the caller's to close.
     *
     * @param pixels prepared pictures one after the other in a direct buffer
     */
    Tensor encode(ByteBuffer pixels, int pictures);

    @Override
    void close();

    static PictureEncoder of(VisualEncoder encoder) {
        return new PictureEncoder() {
            @Override
            public Tensor encode(ByteBuffer pixels, int pictures) {
                return encoder.encode(pixels, pictures);
            }

            @Override
            public void close() {
                encoder.close();
            }
        };
    }
}
