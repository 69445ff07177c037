package io.dromaius.decoder;

/** Hears what the denoise queue does, on its thread; must not block. */
interface DrawMetrics {
    enum Outcome {
        DRAWN,
        FLAGGED,
        CANCELLED,
        FAILED
    }

    /** One UNet call. */
    void stepped(int pictures, long nanos);

    /** A picture has come to its end. */
    void ended(Outcome outcome);
}
