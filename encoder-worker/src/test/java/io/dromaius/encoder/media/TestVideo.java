package io.dromaius.encoder.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_FFV1;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MPEG4;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_rescale_ts;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_from_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_WRITE;
import static org.bytedeco.ffmpeg.global.avformat.av_interleaved_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_write_trailer;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;
import static org.bytedeco.ffmpeg.global.avformat.avio_closep;
import static org.bytedeco.ffmpeg.global.avformat.avio_open;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGR0;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;
import static org.bytedeco.ffmpeg.global.avutil.av_make_q;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVOutputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/** Videos of plain gray frames, encoded by FFmpeg itself: frame i is {@code gray(i)} all over. */
public final class TestVideo {

    public static final int WIDTH = 64;
    public static final int HEIGHT = 48;

    private TestVideo() {}

    /** An mp4 with frames of several types, whose order in the file is not that in which they are shown. */
    public static byte[] mp4(int frames) throws IOException {
        return encode("mp4", AV_CODEC_ID_MPEG4, AV_PIX_FMT_YUV420P, frames);
    }

    /** A Matroska file with lossless frames. */
    public static byte[] lossless(int frames) throws IOException {
        return encode("matroska", AV_CODEC_ID_FFV1, AV_PIX_FMT_BGR0, frames);
    }

    /** Within the studio range, so that no conversion clips it. */
    public static int gray(int frame) {
        return 20 + frame * 7 % 200;
    }

    private static byte[] encode(String container, int codecId, int pixelFormat, int frames) throws IOException {
        Path file = Files.createTempFile("video", "." + container);
        AVFormatContext format = new AVFormatContext(null);
        avformat_alloc_output_context2(format, (AVOutputFormat) null, container, file.toString());
        AVCodec codec = avcodec_find_encoder(codecId);
        AVCodecContext context = avcodec_alloc_context3(codec)
                .width(WIDTH)
                .height(HEIGHT)
                .pix_fmt(pixelFormat)
                .time_base(av_make_q(1, 25))
                .gop_size(8)
                .max_b_frames(codecId == AV_CODEC_ID_MPEG4 ? 2 : 0);
        context.flags(context.flags() | AV_CODEC_FLAG_GLOBAL_HEADER);
        assertThat(avcodec_open2(context, codec, (AVDictionary) null)).isNotNegative();
        AVStream stream = avformat_new_stream(format, null);
        stream.time_base(context.time_base());
        avcodec_parameters_from_context(stream.codecpar(), context);
        AVIOContext io = new AVIOContext(null);
        assertThat(avio_open(io, file.toString(), AVIO_FLAG_WRITE)).isNotNegative();
        format.pb(io);
        assertThat(avformat_write_header(format, (AVDictionary) null)).isNotNegative();
        AVFrame frame = av_frame_alloc().width(WIDTH).height(HEIGHT).format(pixelFormat);
        av_frame_get_buffer(frame, 0);
        for (int i = 0; i < frames; i++) {
            av_frame_make_writable(frame);
            fill(frame, pixelFormat, gray(i));
            frame.pts(i);
            avcodec_send_frame(context, frame);
            writePackets(format, context, stream);
        }
        avcodec_send_frame(context, null);
        writePackets(format, context, stream);
        av_write_trailer(format);
        av_frame_free(frame);
        avcodec_free_context(context);
        avio_closep(io);
        avformat_free_context(format);
        byte[] bytes = Files.readAllBytes(file);
        Files.delete(file);
        return bytes;
    }

    private static void fill(AVFrame frame, int pixelFormat, int gray) {
        if (pixelFormat == AV_PIX_FMT_BGR0) {
            fillPlane(frame, 0, HEIGHT, gray);
        } else {
            fillPlane(frame, 0, HEIGHT, 16 + Math.round(gray * 219 / 255f));
            fillPlane(frame, 1, HEIGHT / 2, 128);
            fillPlane(frame, 2, HEIGHT / 2, 128);
        }
    }

    private static void fillPlane(AVFrame frame, int plane, int rows, int value) {
        ByteBuffer bytes =
                frame.data(plane).capacity((long) frame.linesize(plane) * rows).asByteBuffer();
        while (bytes.hasRemaining()) {
            bytes.put((byte) value);
        }
    }

    private static void writePackets(AVFormatContext format, AVCodecContext context, AVStream stream) {
        AVPacket packet = av_packet_alloc();
        while (avcodec_receive_packet(context, packet) >= 0) {
            packet.stream_index(stream.index());
            av_packet_rescale_ts(packet, context.time_base(), stream.time_base());
            assertThat(av_interleaved_write_frame(format, packet)).isNotNegative();
        }
        av_packet_free(packet);
    }
}
