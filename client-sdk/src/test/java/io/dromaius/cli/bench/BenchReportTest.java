package io.dromaius.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BenchReportTest {
    private static final String EXPOSITION =
            """
            # HELP dromaius_shard_busy_seconds_total Time spent computing steps.
            dromaius_shard_busy_seconds_total 12.5
            process_resident_memory_bytes 9.0E8
            dromaius_shard_mapped_bytes 3.0E8
            dromaius_shard_kv_bytes 1.0E8
            dromaius_shard_packed_bytes 2.0E7
            dromaius_grpc_calls_total{method="Execute",} 7.0
            """;

    @Test
    void aShardTellsWhatItsMemoryIs() {
        Map<String, Double> metrics = ProcessSample.parse(EXPOSITION);

        assertThat(metrics).hasSize(5).containsEntry("dromaius_shard_busy_seconds_total", 12.5);
        assertThat(ShardMemory.of(metrics).orElseThrow())
                .isEqualTo(new ShardMemory(900, 300, 0, 100, 20))
                .extracting(ShardMemory::beyond)
                .isEqualTo(480.0);
        assertThat(ShardMemory.of(Map.of())).isEmpty();
    }

    @Test
    void useIsWhatWasAddedWithinTheWindow() {
        Recording recording = new Recording();
        recording.measure(true);
        recording.firstTokens(100);
        BenchReport report = BenchReport.between(
                Map.of("shard-0", sample(1, 10), "shard-1", sample(1, 20)),
                Map.of("shard-0", sample(3, 13), "shard-1", sample(2, 21)),
                Map.of(),
                recording.figures(4));

        assertThat(report.cpuPerToken()).isEqualTo(Map.of("shard-0", 20_000.0, "shard-1", 10_000.0));
        assertThat(report.busy()).isEqualTo(Map.of("shard-0", 0.75, "shard-1", 0.25));
        assertThat(report.summedBusy()).isCloseTo(1, within(1e-9));
    }

    @Test
    void theMedianIsTheMiddle() {
        assertThat(Median.of(List.of(9, 1, 5), Integer::doubleValue)).isEqualTo(5);
        assertThat(Median.of(List.of(4, 1, 3, 2), Integer::doubleValue)).isEqualTo(2.5);
        assertThatThrownBy(() -> Median.of(List.<Integer>of(), Integer::doubleValue))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static ProcessSample sample(int cpuSeconds, double busy) {
        return new ProcessSample(Duration.ofSeconds(cpuSeconds), Optional.of(busy), Optional.empty());
    }
}
