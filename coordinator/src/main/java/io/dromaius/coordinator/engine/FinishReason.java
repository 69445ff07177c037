package io.dromaius.coordinator.engine;

/** Why a candidate ended. */
public enum FinishReason {
    /** End of sequence, or the end of a choice. */
    END,
    /** A stop string. */
    STOP,
    /** max_tokens or the context window. */
    LENGTH,
    /** The picture asked for is there. */
    PICTURE
}
