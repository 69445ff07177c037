package io.dromaius.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** A terminal that nobody watches, and what was written to it. */
public final class CapturedTerminal {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Terminal terminal = new Terminal(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false);

    public Terminal terminal() {
        return terminal;
    }

    /** Results. */
    public String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    /** How it went. */
    public String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /** Forgets what was written so far. */
    public void clear() {
        out.reset();
        err.reset();
    }
}
