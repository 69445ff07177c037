package io.dromaius.encoder.media;

import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGB24;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BICUBIC;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale;

import io.dromaius.model.vision.RgbImage;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;

/** Decodes the frames of a video in the order in which they are shown. One thread; borrows its input. */
final class FrameDecoder implements AutoCloseable {

    private final FfmpegInput input;
    private final MediaLimits limits;
    private final AVCodecContext context;
    private final AVFrame frame = av_frame_alloc();
    private boolean drained;

    FrameDecoder(FfmpegInput input, MediaLimits limits) throws MediaException {
        this.input = input;
        this.limits = limits;
        AVCodec codec = avcodec_find_decoder(input.codec().codec_id());
        if (codec == null || codec.isNull()) {
            av_frame_free(frame);
            throw new MediaException("is encoded in a way that cannot be read");
        }
        this.context = avcodec_alloc_context3(codec);
        context.thread_count(1);
        context.max_pixels(limits.pixels());
        if (avcodec_parameters_to_context(context, input.codec()) < 0
                || avcodec_open2(context, codec, (AVDictionary) null) < 0) {
            close();
            throw new MediaException("is encoded in a way that cannot be read");
        }
    }

    /** Goes to the next frame that can be decoded; false at the end. */
    boolean advance() {
        while (avcodec_receive_frame(context, frame) < 0) {
            if (drained) {
                return false;
            }
            AVPacket packet = input.next();
            drained = packet == null;
            // A damaged packet is passed over: the frames around it may be sound.
            avcodec_send_packet(context, packet);
        }
        return true;
    }

    /** The frame that {@link #advance} went to. */
    RgbImage picture() throws MediaException {
        int width = frame.width();
        int height = frame.height();
        limits.checkPixels(width, height);
        SwsContext scaler = sws_getContext(
                width, height, frame.format(), width, height, AV_PIX_FMT_RGB24, SWS_BICUBIC, null, null, (@Nullable
                        DoublePointer)
                        null);
        if (scaler == null || scaler.isNull()) {
            throw new MediaException("has colours that cannot be read");
        }
        // Rows may be written a few bytes past their end.
        int stride = 3 * width + 63 & ~63;
        try (BytePointer rgb = new BytePointer((long) stride * height + 64);
                PointerPointer<BytePointer> planes = new PointerPointer<BytePointer>(1).put(0, rgb);
                IntPointer strides = new IntPointer(1).put(stride)) {
            sws_scale(scaler, frame.data(), frame.linesize(), 0, height, planes, strides);
            byte[] samples = new byte[3 * width * height];
            for (int y = 0; y < height; y++) {
                rgb.position((long) y * stride).get(samples, 3 * width * y, 3 * width);
            }
            rgb.position(0);
            return new RgbImage(width, height, samples);
        } finally {
            sws_freeContext(scaler);
        }
    }

    @Override
    public void close() {
        av_frame_free(frame);
        avcodec_free_context(context);
    }
}
