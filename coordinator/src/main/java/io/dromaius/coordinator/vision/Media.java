package io.dromaius.coordinator.vision;

import com.google.protobuf.ByteString;
import io.dromaius.proto.internal.v1.EncodeRequest;

/**
 * A picture or a video as the client sent it.
 *
 * @param frames frames to read from a video; 0 for a picture
 */
public record Media(EncodeRequest.Kind kind, int frames, ByteString data) {
    public static Media image(ByteString data) {
        return new Media(EncodeRequest.Kind.KIND_IMAGE, 0, data);
    }

    public static Media video(ByteString data, int frames) {
        return new Media(EncodeRequest.Kind.KIND_VIDEO, frames, data);
    }

    /** The same without its bytes. */
    public Media withoutData() {
        return new Media(kind, frames, ByteString.EMPTY);
    }

    /** Pictures that it becomes: one for each frame of a video. */
    public int pictures() {
        return kind == EncodeRequest.Kind.KIND_VIDEO ? frames : 1;
    }
}
