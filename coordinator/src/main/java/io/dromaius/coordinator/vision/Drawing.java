package io.dromaius.coordinator.vision;

import com.google.protobuf.ByteString;
import io.dromaius.proto.internal.v1.DrawDone;
import io.dromaius.proto.internal.v1.DrawProgress;

/** Hears one picture being drawn. One call at a time; {@code onDone} or {@code onFailed} comes last. */
public interface Drawing {
    /** Steps rise; a step that was done again on another worker is not told twice. */
    void onProgress(DrawProgress progress);

    void onPreview(int step, ByteString png);

    void onDone(DrawDone done);

    void onFailed(Throwable cause);
}
