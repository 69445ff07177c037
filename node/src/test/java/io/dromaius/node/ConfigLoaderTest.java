package io.dromaius.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.dromaius.proto.internal.v1.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {
    /** A process' settings beside the shared ones. */
    record WorkerConfig(
            NodeConfig node,
            @Setting(byDefault = "1GiB", help = "memory") DataSize memory,
            @Setting(byDefault = "", help = "names") List<String> names,
            @Setting(byDefault = "0.5", help = "share") double share,
            @Setting(byDefault = "false", help = "verbose") boolean verbose) {
        WorkerConfig {
            if (share > 1) {
                throw new IllegalArgumentException("share is above 1: " + share);
            }
        }
    }

    record Demanding(@Setting(help = "a path") Path root) {}

    @TempDir
    Path directory;

    @Test
    void defaults() {
        assertThat(load(List.of(), Map.of()))
                .isEqualTo(new WorkerConfig(
                        new NodeConfig(
                                "dromaius",
                                "127.0.0.1:2181",
                                "127.0.0.1",
                                Optional.empty(),
                                0,
                                0,
                                Optional.empty(),
                                DType.D_TYPE_BF16,
                                "cpu",
                                0,
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(20)),
                        new DataSize(1L << 30),
                        List.of(),
                        0.5,
                        false));
    }

    @Test
    void everyKeyOfTheFileArrives() throws IOException {
        Path file = file(
                """
                cluster: blue
                zookeeper: zk1:2181,zk2:2181
                host: 10.0.0.7
                bind: 0.0.0.0
                port: 7001
                metricsPort: -1
                checkpoint: /models/emu
                dtype: fp32
                device: cuda:1
                threads: 3
                sessionTimeout: 5s
                drainTimeout: 1m
                memory: 1.5GiB
                names: [a, b]
                share: 0.25
                verbose: true
                """);
        assertThat(load(List.of("--config", file.toString()), Map.of()))
                .isEqualTo(new WorkerConfig(
                        new NodeConfig(
                                "blue",
                                "zk1:2181,zk2:2181",
                                "10.0.0.7",
                                Optional.of("0.0.0.0"),
                                7001,
                                -1,
                                Optional.of(Path.of("/models/emu")),
                                DType.D_TYPE_FP32,
                                "cuda:1",
                                3,
                                Duration.ofSeconds(5),
                                Duration.ofMinutes(1)),
                        new DataSize(3L << 29),
                        List.of("a", "b"),
                        0.25,
                        true));
    }

    @Test
    void flagsOverrideTheEnvironmentWhichOverridesTheFile() throws IOException {
        Path file = file("port: 1\nmetricsPort: 1\nthreads: 1\n");
        Map<String, String> environment =
                Map.of("EMU_CONFIG", file.toString(), "EMU_METRICS_PORT", "2", "EMU_THREADS", "2");
        NodeConfig node = load(List.of("--threads=3"), environment).node();
        assertThat(List.of(node.port(), node.metricsPort(), node.threads())).containsExactly(1, 2, 3);
    }

    @Test
    void anUnknownKeyIsRefusedWithTheNearestKnownOne() throws IOException {
        Path file = file("metricPort: 9090\n");
        refused(
                List.of("--config", file.toString()),
                "unknown key metricPort (" + file + "); did you mean metricsPort?");
        refused(List.of("--chekpoint", "x"), "unknown key --chekpoint (flag --chekpoint); did you mean --checkpoint?");
        refused(List.of("--entirely-different", "x"), "unknown key --entirely-different (flag --entirely-different)");
    }

    @Test
    void aValueOfTheWrongKindIsRefusedWithItsSource() {
        refused(List.of("--port", "http"), "port is not a whole number: 'http' (flag --port)");
        refused(List.of("--memory", "lots"), "memory is not a size like 512MiB: 'lots' (flag --memory)");
        refused(
                List.of("--drain-timeout", "2"),
                "drainTimeout is not a duration like 500ms, 2s or 5m: '2' (flag --drain-timeout)");
        refused(List.of("--dtype", "int4"), "dtype is not one of fp32, bf16, fp16: 'int4' (flag --dtype)");
        refused(List.of("--verbose", "2"), "verbose is neither true nor false: '2' (flag --verbose)");
    }

    @Test
    void theRecordsOwnRulesAreRules() {
        refused(List.of("--share", "1.5"), "share is above 1: 1.5");
        refused(List.of("--device", "gpu"), "device must be cpu or cuda:N: gpu");
    }

    @Test
    void misshapenInputIsRefused() throws IOException {
        refused(List.of("port", "1"), "unexpected argument 'port'; settings are given as --key value");
        refused(List.of("--port"), "flag --port has no value");
        refused(List.of("--port", "1", "--port", "2"), "flag --port is given twice");
        Path nested = file("port: {a: 1}\n");
        refused(List.of("--config", nested.toString()), "port must be a value or a list of values (" + nested + ")");
        Path list = file("- port\n");
        refused(List.of("--config", list.toString()), list + " is not a map of keys to values");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(
                        () -> load(List.of("--config", directory.resolve("none").toString()), Map.of()))
                .withMessageEndingWith("none does not exist");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() ->
                        load(List.of("--config", file("port: 1\nport: 2\n").toString()), Map.of()))
                .withMessageContaining("Duplicate field 'port'");
    }

    @Test
    void aSettingWithoutDefaultHasToBeGiven() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ConfigLoader.load(Demanding.class, List.of(), Map.of()))
                .withMessage("root has to be given: --root (a path)");
    }

    @Test
    void anEmptyFileIsAFileWithoutKeys() throws IOException {
        assertThat(load(List.of("--config", file("").toString()), Map.of())).isEqualTo(load(List.of(), Map.of()));
    }

    @Test
    void sizesAreWrittenAsTheyAreRead() {
        for (long bytes : new long[] {0, 1, 1023, 1024, 3 << 20, 5L << 30, (1L << 40) + 1}) {
            assertThat(DataSize.parse(new DataSize(bytes).toString())).isEqualTo(new DataSize(bytes));
        }
        assertThat(DataSize.parse("20MB")).isEqualTo(new DataSize(20_000_000));
        assertThat(DataSize.parse("20 mib")).isEqualTo(new DataSize(20 << 20));
    }

    @Test
    void helpNamesEveryFlag() {
        assertThat(ConfigLoader.help(WorkerConfig.class))
                .contains("--metrics-port", "--memory", "[1GiB]", "--drain-timeout");
    }

    private void refused(List<String> args, String message) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> load(args, Map.of()))
                .withMessage(message);
    }

    private static WorkerConfig load(List<String> args, Map<String, String> environment) {
        return ConfigLoader.load(WorkerConfig.class, args, environment);
    }

    private Path file(String text) throws IOException {
        return Files.writeString(Files.createTempFile(directory, "config", ".yaml"), text);
    }
}
