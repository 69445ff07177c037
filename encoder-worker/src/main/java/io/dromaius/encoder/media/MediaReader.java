package io.dromaius.encoder.media;

import io.dromaius.model.vision.RgbImage;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Reads what a user sent and prepares it for the model, within limits. Safe for use by any number of threads: all of them together
 * hold no more pixels decoded than one picture may have, so that many large pictures at once wait for each other rather than fill
 * the heap.
 */
public final class MediaReader {

    private final MediaLimits limits;
    private final Function<RgbImage, ByteBuffer> preprocess;
    private final VideoReader videos;
    private final Semaphore pixels;

    /** A reader that prepares every picture by {@code preprocess}, on the thread that reads it. */
    public MediaReader(MediaLimits limits, Function<RgbImage, ByteBuffer> preprocess) {
        this.limits = limits;
        this.preprocess = preprocess;
        this.videos = new VideoReader(limits);
        this.pixels = new Semaphore(limits.pixels());
    }

    public MediaLimits limits() {
        return limits;
    }

    /**
     * Reads a picture from the remaining bytes of {@code data}.
     *
     * @throws MediaException when they are no picture or over a limit
     */
    public ByteBuffer picture(ByteBuffer data) throws MediaException {
        limits.checkBytes(data.remaining());
        PixelLease lease = new PixelLease();
        try {
            return preprocess.apply(PictureReader.read(data, lease::take));
        } finally {
            lease.release();
        }
    }

    /**
     * Reads {@code frames} frames of a video from the remaining bytes of {@code data}, which must stay until this returns.
     *
     * @param cancelled whether nobody wants them any more
     * @throws MediaException when they are no video or over a limit
     */
    public List<ByteBuffer> video(ByteBuffer data, int frames, BooleanSupplier cancelled) throws MediaException {
        limits.checkBytes(data.remaining());
        if (frames < 1 || frames > limits.shownFrames()) {
            throw new MediaException("is asked for " + frames + " frames, not 1 to " + limits.shownFrames());
        }
        PixelLease lease = new PixelLease();
        try {
            return videos.read(data, frames, lease::take, preprocess, cancelled);
        } finally {
            lease.release();
        }
    }

    private final class PixelLease {
        private int taken;

        void take(int width, int height) throws MediaException {
            limits.checkPixels(width, height);
            pixels.acquireUninterruptibly(width * height);
            taken = width * height;
        }

        void release() {
            pixels.release(taken);
        }
    }
}
