package io.dromaius.encoder.media;

import static org.bytedeco.ffmpeg.avformat.AVFormatContext.AVFMT_FLAG_CUSTOM_IO;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avformat.AVSEEK_SIZE;
import static org.bytedeco.ffmpeg.global.avformat.av_find_best_stream;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avformat.avio_alloc_context;
import static org.bytedeco.ffmpeg.global.avformat.avio_context_free;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_QUIET;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_free;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.avutil.av_malloc;

import java.nio.ByteBuffer;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.Read_packet_Pointer_BytePointer_int;
import org.bytedeco.ffmpeg.avformat.Seek_Pointer_long_int;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * The packets of the best video stream of a file in memory. Only containers that name no other file or address may be opened, and
 * nothing but the given bytes is ever read. One thread; closing frees all native memory.
 */
final class FfmpegInput implements AutoCloseable {

    /** Self-contained containers: playlists and the like could make the process read files or addresses. */
    private static final String FORMATS = "mov,matroska,webm,avi,mpegts,mpeg,flv,ogg,gif";

    private static final int BUFFER_BYTES = 64 << 10;
    private static final int SEEK_SET = 0;
    private static final int SEEK_CURRENT = 1;
    private static final int SEEK_END = 2;

    static {
        // JavaCPP would refuse to allocate once the process, with its mapped weights, is larger than a multiple of the
        // heap.
        System.setProperty("org.bytedeco.javacpp.maxBytes", "0");
        System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        av_log_set_level(AV_LOG_QUIET);
    }

    // Native code calls back into these for as long as the input is open.
    private final Reading reading;
    private final Seeking seeking;
    private final AVIOContext io;
    private final AVFormatContext format;
    private final AVPacket packet = av_packet_alloc();
    private final int stream;

    /** Opens the remaining bytes of {@code data}, which must stay until {@link #close}. */
    FfmpegInput(ByteBuffer data) throws MediaException {
        ByteBuffer file = data.slice();
        this.reading = new Reading(file);
        this.seeking = new Seeking(file);
        BytePointer buffer = new BytePointer(av_malloc(BUFFER_BYTES)).capacity(BUFFER_BYTES);
        this.io = avio_alloc_context(buffer, BUFFER_BYTES, 0, null, reading, null, seeking);
        this.format = avformat_alloc_context();
        format.pb(io);
        format.flags(format.flags() | AVFMT_FLAG_CUSTOM_IO);
        try {
            open();
            this.stream = av_find_best_stream(format, AVMEDIA_TYPE_VIDEO, -1, -1, (AVCodec) null, 0);
            if (stream < 0) {
                throw new MediaException("has no video in it");
            }
        } catch (MediaException e) {
            close();
            throw e;
        }
    }

    private void open() throws MediaException {
        AVDictionary options = new AVDictionary(null);
        try {
            av_dict_set(options, "format_whitelist", FORMATS, 0);
            if (avformat_open_input(format, (String) null, null, options) < 0) {
                throw new MediaException("is no video that can be read");
            }
        } finally {
            av_dict_free(options);
        }
        if (avformat_find_stream_info(format, (AVDictionary) null) < 0) {
            throw new MediaException("is a video whose streams cannot be read");
        }
    }

    AVCodecParameters codec() {
        return format.streams(stream).codecpar();
    }

    /** The next packet of the video, valid until the next call or {@link #close}; null at the end of what can be read. */
    @Nullable
    AVPacket next() {
        while (true) {
            av_packet_unref(packet);
            if (av_read_frame(format, packet) < 0) {
                return null;
            }
            if (packet.stream_index() == stream) {
                return packet;
            }
        }
    }

    @Override
    public void close() {
        av_packet_free(packet);
        // Opening that failed has freed the context and made the pointer null; closing bears that.
        avformat_close_input(format);
        av_free(io.buffer());
        avio_context_free(io);
        reading.close();
        seeking.close();
    }

    private static final class Reading extends Read_packet_Pointer_BytePointer_int {
        private final ByteBuffer file;

        Reading(ByteBuffer file) {
            this.file = file;
        }

        @Override
        public int call(Pointer opaque, BytePointer buffer, int size) {
            int count = Math.min(size, file.remaining());
            if (count == 0) {
                return AVERROR_EOF;
            }
            buffer.capacity(count).asByteBuffer().put(file.slice(file.position(), count));
            file.position(file.position() + count);
            return count;
        }
    }

    private static final class Seeking extends Seek_Pointer_long_int {
        private final ByteBuffer file;

        Seeking(ByteBuffer file) {
            this.file = file;
        }

        @Override
        public long call(Pointer opaque, long offset, int whence) {
            if (whence == AVSEEK_SIZE) {
                return file.capacity();
            }
            long target =
                    switch (whence & 3) {
                        case SEEK_SET -> offset;
                        case SEEK_CURRENT -> file.position() + offset;
                        case SEEK_END -> file.capacity() + offset;
                        default -> -1;
                    };
            if (target < 0 || target > file.capacity()) {
                return -1;
            }
            file.position((int) target);
            return target;
        }
    }
}
