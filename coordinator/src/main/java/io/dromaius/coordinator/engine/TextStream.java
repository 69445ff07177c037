package io.dromaius.coordinator.engine;

import java.util.List;

/** The growing text of one candidate, with its stop strings decided. Pure Java, used on the loop thread only. */
public interface TextStream {
    /** Appends a token; returns the text that may be shown now, never part of a character or of a stop string. */
    String append(int id);

    /** Whether a stop string has been met; what was shown ends before it. */
    boolean stopped();

    /** No more tokens: returns what was held back (nothing after a stop). */
    String finish();

    /** Opens streams. */
    interface Factory {
        TextStream open(List<String> stop);
    }
}
