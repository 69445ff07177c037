package io.dromaius.encoder.media;

import io.dromaius.model.vision.RgbImage;
import io.dromaius.model.vision.VideoFrames;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Frames spread over a video by the reference's rule. The file stays in memory; it is read once to count its frames and once to
 * decode them. Stateless but for its limits.
 */
final class VideoReader {

    private final MediaLimits limits;

    VideoReader(MediaLimits limits) {
        this.limits = limits;
    }

    /**
     * What {@code prepare} makes of {@code count} frames, in order; a short video repeats frames. No more than one frame is held decoded.
     *
     * @param data the remaining bytes must stay until this returns
     * @param cancelled asked between packets; when it says so, the frames still missing are not read
     */
    List<ByteBuffer> read(
            ByteBuffer data,
            int count,
            SizeCheck sizeCheck,
            Function<RgbImage, ByteBuffer> prepare,
            BooleanSupplier cancelled)
            throws MediaException {
        int packets = countPackets(data, sizeCheck);
        @Nullable ByteBuffer[] shown = new ByteBuffer[count];
        int decoded = decode(data, VideoFrames.indices(packets, count), shown, prepare, cancelled);
        boolean complete = !Arrays.asList(shown).contains(null);
        if (!complete && decoded > 0 && !cancelled.getAsBoolean()) {
            // A damaged or padded stream has fewer frames than packets: spread over those that there are.
            decode(data, VideoFrames.indices(decoded, count), shown, prepare, cancelled);
            complete = !Arrays.asList(shown).contains(null);
        }
        if (!complete) {
            throw new MediaException("has no frames that can be decoded");
        }
        return Arrays.stream(shown).map(Objects::requireNonNull).toList();
    }

    private int countPackets(ByteBuffer data, SizeCheck sizeCheck) throws MediaException {
        try (FfmpegInput input = new FfmpegInput(data)) {
            sizeCheck.check(input.codec().width(), input.codec().height());
            int frames = 0;
            while (input.next() != null) {
                if (++frames > limits.videoFrames()) {
                    throw new MediaException("has more than " + limits.videoFrames() + " frames");
                }
            }
            if (frames == 0) {
                throw new MediaException("has no frames");
            }
            return frames;
        }
    }

    /** Fills {@code shown} with the frames of the ascending {@code indices}; returns how many frames there were on the way. */
    private int decode(
            ByteBuffer data,
            int[] indices,
            @Nullable ByteBuffer[] shown,
            Function<RgbImage, ByteBuffer> prepare,
            BooleanSupplier cancelled)
            throws MediaException {
        Arrays.fill(shown, null);
        int frame = 0;
        int next = 0;
        try (FfmpegInput input = new FfmpegInput(data);
                FrameDecoder decoder = new FrameDecoder(input, limits)) {
            while (next < indices.length && !cancelled.getAsBoolean() && decoder.advance()) {
                if (indices[next] == frame) {
                    ByteBuffer picture = prepare.apply(decoder.picture());
                    while (next < indices.length && indices[next] == frame) {
                        shown[next++] = picture;
                    }
                }
                frame++;
            }
        }
        return frame;
    }
}
