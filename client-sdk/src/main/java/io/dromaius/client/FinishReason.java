package io.dromaius.client;

/** Why an answer ended. */
public enum FinishReason {
    /** The model emitted its end of sequence. */
    END,
    /** One of the stop strings came up; the text ends before it. */
    STOP,
    /** {@code maxTokens} or the context window is reached. */
    LENGTH,
    /** The picture asked for is drawn. */
    IMAGE,
    /** A reason this version of the SDK does not know. */
    OTHER
}
