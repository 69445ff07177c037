package io.dromaius.cli.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TallyTest {
    private final Tally tally = new Tally("stage");

    @Test
    void everyCaseRunAndNoneFailedIsAPass() {
        tally.expect(2);
        tally.run("a", findings -> findings.close("x", 1, 1.5, 1));
        tally.run("b", findings -> findings.close("x", 1, 1.25, 1));

        assertThat(tally.passed()).isTrue();
        assertThat(tally.line()).startsWith("ok").contains("2 cases").contains("5.0e-01 of 1e+00 (a)");
    }

    @Test
    void aCaseNotRunIsAFailure() {
        tally.expect(2);
        tally.run("a", findings -> findings.equal("x", 1, 1));

        assertThat(tally.passed()).isFalse();
        assertThat(tally.line()).startsWith("FAIL").contains("1 NOT RUN");
    }

    @Test
    void noCasesAtAllAreAFailure() {
        assertThat(tally.passed()).isFalse();
        assertThat(tally.line()).contains("NO CASES");
    }

    @Test
    void whatACaseThrowsIsItsFailure() {
        tally.expect(2);
        tally.run("a", findings -> {
            throw new IllegalStateException("gone");
        });
        tally.run("b", findings -> findings.equal("x", 1, 1));

        assertThat(tally.passed()).isFalse();
        assertThat(tally.failures()).containsExactly("a: java.lang.IllegalStateException: gone");
    }

    @Test
    void anErrorBeyondItsToleranceFails() {
        tally.expect(1);
        tally.run("a", findings -> findings.close("x", new float[] {1, 2}, new float[] {1, 2.5f}, 0.4));

        assertThat(tally.failures()).singleElement().asString().contains("x[1] is off by 5.000e-01");
    }

    @Test
    void notANumberIsNeverClose() {
        tally.expect(1);
        tally.run("a", findings -> findings.close("x", 1, Double.NaN, 1e9));

        assertThat(tally.passed()).isFalse();
    }

    @Test
    void missingValuesAreNeverClose() {
        tally.expect(1);
        tally.run("a", findings -> findings.close("x", new float[] {1}, new float[0], 1));

        assertThat(tally.passed()).isFalse();
    }

    @Test
    void infinitiesMustBeTheSame() {
        tally.expect(2);
        tally.run("a", findings -> findings.close("x", Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY, 1));
        tally.run("b", findings -> findings.close("x", Double.NEGATIVE_INFINITY, -1e30, 1));

        assertThat(tally.failures()).hasSize(1);
    }
}
