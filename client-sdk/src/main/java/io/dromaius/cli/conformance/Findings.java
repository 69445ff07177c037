package io.dromaius.cli.conformance;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the comparison of one case found. For one thread. */
final class Findings {
    private @Nullable String failure;
    private double ratio = -1;
    private String largest = "equal";

    /** The first thing that is wrong, or null. */
    @Nullable
    String failure() {
        return failure;
    }

    /** The largest error as a share of its tolerance; -1 if everything had to be equal. */
    double ratio() {
        return ratio;
    }

    String largest() {
        return largest;
    }

    void fail(String reason) {
        if (failure == null) {
            failure = reason;
        }
    }

    void equal(String what, @Nullable Object expected, @Nullable Object actual) {
        if (expected == null ? actual != null : !expected.equals(actual)) {
            fail(what + " is " + actual + ", not " + expected);
        }
    }

    void equal(String what, int[] expected, int[] actual) {
        int at = Arrays.mismatch(expected, actual);
        if (at >= 0) {
            fail(what + " differ at " + at + ": " + Arrays.toString(actual) + ", not " + Arrays.toString(expected));
        }
    }

    /** Values within {@code tolerance} of each other, element by element. */
    void close(String what, float[] expected, float[] actual, double tolerance) {
        if (expected.length != actual.length) {
            fail(what + " has " + actual.length + " values, not " + expected.length);
            return;
        }
        for (int i = 0; i < expected.length; i++) {
            close(what + "[" + i + "]", expected[i], actual[i], tolerance);
        }
    }

    void close(String what, double expected, double actual, double tolerance) {
        if (Double.isInfinite(expected) || Double.isNaN(expected)) {
            equal(what, expected, actual);
            return;
        }
        error(what, Math.abs(expected - actual), tolerance);
    }

    /** An error that may be {@code tolerance} at most. */
    void error(String what, double error, double tolerance) {
        double share = error / tolerance;
        // An error that is not a number is as large as can be.
        if (Double.isNaN(share) || share > ratio) {
            ratio = Double.isNaN(share) ? Double.POSITIVE_INFINITY : share;
            largest = String.format(Locale.ROOT, "%.1e of %.0e", error, tolerance);
        }
        if (!(error <= tolerance)) {
            fail(String.format(Locale.ROOT, "%s is off by %.3e, more than %.0e", what, error, tolerance));
        }
    }
}
