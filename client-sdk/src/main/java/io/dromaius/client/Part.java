package io.dromaius.client;

import com.google.protobuf.ByteString;
import io.dromaius.proto.v1.Image;
import io.dromaius.proto.v1.Video;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** One piece of a prompt. Immutable; holds the wire form so that retries do not encode it again. */
final class Part {
    private final io.dromaius.proto.v1.Part message;

    private Part(io.dromaius.proto.v1.Part message) {
        this.message = message;
    }

    static Part text(String text) {
        return new Part(io.dromaius.proto.v1.Part.newBuilder().setText(text).build());
    }

    static Part image(byte[] data) {
        return image(ByteString.copyFrom(data));
    }

    static Part image(Path file) {
        return image(read(file));
    }

    static Part video(byte[] data, int frames) {
        return video(ByteString.copyFrom(data), frames);
    }

    static Part video(Path file, int frames) {
        return video(read(file), frames);
    }

    io.dromaius.proto.v1.Part message() {
        return message;
    }

    private static Part image(ByteString data) {
        return new Part(io.dromaius.proto.v1.Part.newBuilder()
                .setImage(Image.newBuilder().setData(data))
                .build());
    }

    /** {@code frames} of 0 leaves the number to the cluster. */
    private static Part video(ByteString data, int frames) {
        if (frames < 0) {
            throw new IllegalArgumentException("frames must not be negative, but is " + frames);
        }
        Video.Builder video = Video.newBuilder().setData(data);
        if (frames > 0) {
            video.setFrames(frames);
        }
        return new Part(io.dromaius.proto.v1.Part.newBuilder().setVideo(video).build());
    }

    private static ByteString read(Path file) {
        try {
            return ByteString.copyFrom(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
