package io.dromaius.coordinator.vision;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.EncodeRequest;

/** What decides the embeddings of a picture or video: its bytes, how they are read, and the compute dtype. */
public record ContentKey(HashCode sha256, EncodeRequest.Kind kind, int frames, DType dtype) {
    /** The key of {@code media}. */
    public static ContentKey of(Media media, DType dtype) {
        HashCode hash = Hashing.sha256().hashBytes(media.data().asReadOnlyByteBuffer());
        return new ContentKey(hash, media.kind(), media.frames(), dtype);
    }
}
