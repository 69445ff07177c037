package io.dromaius.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.dromaius.client.EmuClient;
import io.dromaius.client.FakeServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LoadTest {
    private static final Workload WORKLOAD = new Workload(4, 2, 0, 1);

    @Test
    void openLoopArrivalsAreAPoissonProcess() {
        Load.Open load = new Load.Open(50, 1);
        Random random = new Random(1);
        double[] gaps = LongStream.generate(() -> load.gap(random))
                .limit(100_000)
                .mapToDouble(nanos -> nanos / 1e9)
                .toArray();
        double mean = java.util.Arrays.stream(gaps).average().orElseThrow();
        double variance = java.util.Arrays.stream(gaps)
                .map(gap -> (gap - mean) * (gap - mean))
                .average()
                .orElseThrow();

        // An exponential distribution's deviation equals its mean.
        assertThat(mean).isCloseTo(1 / 50.0, within(2e-4));
        assertThat(Math.sqrt(variance)).isCloseTo(mean, within(5e-4));
    }

    @Test
    void aRequestThatHadToWaitIsTimedFromWhenItWasDue() throws Exception {
        Recording recording = new Recording();
        recording.measure(true);
        try (FakeServer server = new FakeServer();
                EmuClient emu = EmuClient.builder().endpoint(server.address()).build()) {
            server.answer("a", "b");
            long due = System.nanoTime() - Duration.ofMinutes(1).toNanos();

            MeasuredCall.send(emu, WORKLOAD.next(new Random(1)), recording, due).get();
        }

        BenchReport.Figures figures = recording.figures(1);
        assertThat(figures.firstToken().p50()).isGreaterThan(60_000);
        assertThat(figures.interToken().p99()).isLessThan(60_000);
        assertThat(figures.tokensPerSecond()).isEqualTo(2);
    }

    @Test
    void bothLoopsEndWithTheirFigures() throws Exception {
        for (Load load : new Load[] {new Load.Closed(2, 1), new Load.Open(200, 1)}) {
            try (FakeServer server = new FakeServer();
                    EmuClient emu =
                            EmuClient.builder().endpoint(server.address()).build()) {
                server.answerAlways("a", "b");
                MeasuredCall.send(emu, WORKLOAD.next(new Random(1)), new Recording(), System.nanoTime())
                        .get();
                BenchReport report = run(emu, load, Duration.ofMillis(500));

                assertThat(report.figures().requests()).isPositive();
                assertThat(report.figures().failures()).isEmpty();
                assertThat(report.json()).contains("\"inter_token\"");
                assertThat(report.lines()).hasSize(5);
            }
        }
    }

    /** Of a longer time where no request ends in this one. */
    private static BenchReport run(EmuClient emu, Load load, Duration measured) throws InterruptedException {
        BenchReport report = new LoadRun(load, WORKLOAD, Duration.ofMillis(100), measured)
                .run(emu, Map.of("load", load.toString()), List.of());
        return report.figures().requests() > 0 || measured.compareTo(Duration.ofSeconds(20)) > 0
                ? report
                : run(emu, load, measured.multipliedBy(4));
    }

    @Test
    void whatFailsIsCountedByItsStatus() throws Exception {
        Recording recording = new Recording();
        recording.measure(true);
        try (FakeServer server = new FakeServer();
                EmuClient emu = EmuClient.builder().endpoint(server.address()).build()) {
            // Nothing is scripted, so the call fails.
            MeasuredCall.send(emu, WORKLOAD.next(new Random(1)), recording, System.nanoTime())
                    .get();
        }

        assertThat(recording.figures(1).failures()).containsOnlyKeys("UNKNOWN");
    }
}
