package io.dromaius.cli.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What came of the cases of one stage: how many ran, which failed and why, and how near the worst came to its tolerance.
 * Thread-safe.
 */
final class Tally {
    private static final int REASON_CHARACTERS = 300;

    private final String stage;
    private int expected;
    private int run;
    private final List<String> failures = new ArrayList<>();
    private double worstRatio = -1;
    private String worst = "equal";

    Tally(String stage) {
        this.stage = stage;
    }

    /** A check of one case: reports what it finds, or throws. */
    interface Case {
        void check(Findings findings) throws Exception;
    }

    /** {@code count} more cases are there to be run. A stage that ends with fewer has failed. */
    synchronized void expect(int count) {
        expected += count;
    }

    /** Runs one case; whatever it throws is its failure and not the stage's. */
    void run(String name, Case check) {
        Findings findings = new Findings();
        try {
            check.check(findings);
        } catch (Exception | AssertionError | LinkageError e) {
            findings.fail(e.toString());
        }
        add(name, findings);
    }

    /** A case that cannot be run: it counts as failed. */
    synchronized void notRun(String name, String why) {
        failures.add(name + ": not run: " + shorten(why));
    }

    private synchronized void add(String name, Findings findings) {
        run++;
        if (findings.failure() != null) {
            failures.add(name + ": " + shorten(findings.failure()));
        }
        if (findings.ratio() > worstRatio) {
            worstRatio = findings.ratio();
            worst = findings.largest() + " (" + name + ")";
        }
    }

    synchronized boolean passed() {
        return failures.isEmpty() && run == expected && expected > 0;
    }

    /** The stage in a line. */
    synchronized String line() {
        String missing = run < expected ? "  " + (expected - run) + " NOT RUN" : expected == 0 ? "  NO CASES" : "";
        return String.format(
                Locale.ROOT,
                "%-4s %-34s %5d cases %5d failed  %s%s",
                passed() ? "ok" : "FAIL",
                stage,
                run,
                failures.size(),
                run == 0 ? "" : worst,
                missing);
    }

    synchronized List<String> failures() {
        return List.copyOf(failures);
    }

    private static String shorten(String text) {
        return text.length() <= REASON_CHARACTERS ? text : text.substring(0, REASON_CHARACTERS) + "...";
    }
}
