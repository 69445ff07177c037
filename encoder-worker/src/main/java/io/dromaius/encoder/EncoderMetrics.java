package io.dromaius.encoder;

import io.dromaius.proto.internal.v1.EncodeRequest;

/** What the worker counts. Any thread. */
interface EncoderMetrics {

    EncoderMetrics NONE = new EncoderMetrics() {
        @Override
        public void mediaRead(EncodeRequest.Kind kind, long nanos) {}

        @Override
        public void mediaRefused(EncodeRequest.Kind kind) {}

        @Override
        public void batchRan(int pictures, long nanos) {}
    };

    /** A picture or video was decoded and prepared. */
    void mediaRead(EncodeRequest.Kind kind, long nanos);

    /** Bytes were no picture or video, or over a limit. */
    void mediaRefused(EncodeRequest.Kind kind);

    void batchRan(int pictures, long nanos);
}
