package io.dromaius.cli;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Where a command writes: results to standard output, everything about how it goes to standard error. Progress is a bar
 * where a person watches and plain lines where a file does.
 */
public final class Terminal {
    private final PrintStream out;
    private final PrintStream err;
    private final boolean interactive;

    public Terminal(PrintStream out, PrintStream err, boolean interactive) {
        this.out = out;
        this.err = err;
        this.interactive = interactive;
    }

    /** The process' own streams; the launcher says in {@code emu.terminal} whether a person watches. */
    public static Terminal system() {
        return new Terminal(
                new PrintStream(System.out, true, StandardCharsets.UTF_8),
                new PrintStream(System.err, true, StandardCharsets.UTF_8),
                Boolean.getBoolean("emu.terminal"));
    }

    public boolean interactive() {
        return interactive;
    }

    /** A line of the result. */
    public void print(String line) {
        out.println(line);
    }

    /** Part of a line of the result, shown at once. */
    public void write(String text) {
        out.print(text);
        out.flush();
    }

    /** Whether nobody reads the result any more, as when the pager behind a pipe was left. */
    public boolean isGone() {
        return out.checkError();
    }

    /** A line about how it goes. */
    public void say(String line) {
        err.println(line);
    }

    /** Begins a task of {@code steps} steps; close it when it ends, well or badly. */
    public Progress progress(String task, long steps) {
        return interactive ? new Bar(task, steps) : new Lines(task, steps);
    }

    /** How far a task is. Not thread-safe. */
    public interface Progress extends AutoCloseable {
        /** {@code done} of the steps are done; {@code detail} says what is under way. */
        void at(long done, String detail);

        @Override
        void close();
    }

    private final class Bar implements Progress {
        private final ProgressBar bar;

        Bar(String task, long steps) {
            bar = new ProgressBarBuilder()
                    .setTaskName(task)
                    .setInitialMax(steps)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis((int) Duration.ofMillis(100).toMillis())
                    .setConsumer(new ConsoleProgressBarConsumer(err))
                    .build();
        }

        @Override
        public void at(long done, String detail) {
            bar.stepTo(done);
            bar.setExtraMessage(detail.isEmpty() ? "" : " " + detail);
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    /** A line at each quarter and at each change of detail. */
    private final class Lines implements Progress {
        private final String task;
        private final long steps;
        private long quarter;
        private String last = "";

        Lines(String task, long steps) {
            this.task = task;
            this.steps = steps;
        }

        @Override
        public void at(long done, String detail) {
            long reached = steps == 0 ? 4 : done * 4 / steps;
            if (reached > quarter || !detail.equals(last)) {
                quarter = reached;
                last = detail;
                say(task + " " + done + "/" + steps + (detail.isEmpty() ? "" : ": " + detail));
            }
        }

        @Override
        public void close() {}
    }
}
