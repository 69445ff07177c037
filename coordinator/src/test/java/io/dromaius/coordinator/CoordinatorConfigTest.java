package io.dromaius.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dromaius.node.ConfigException;
import io.dromaius.node.ConfigLoader;
import io.dromaius.node.DataSize;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class CoordinatorConfigTest {
    @Test
    void byDefaultPipelinesAreAsShortAndAsManyAsMemoryAllows() {
        CoordinatorConfig config = ConfigLoader.load(CoordinatorConfig.class, List.of(), Map.of());

        assertThat(config.shardsPerPipeline()).isZero();
        assertThat(config.maxPipelines()).isZero();
        assertThat(config.blockSize()).isEqualTo(16);
        assertThat(config.heartbeatTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.queueTokens()).isEqualTo(65536);
        assertThat(config.modelName()).isEqualTo("emu");
    }

    @Test
    void flagsGoBeforeTheEnvironment() {
        CoordinatorConfig config = ConfigLoader.load(
                CoordinatorConfig.class,
                List.of("--shards-per-pipeline", "3", "--placement-settle", "50ms"),
                Map.of("EMU_SHARDS_PER_PIPELINE", "5", "EMU_MAX_PIPELINES", "2"));

        assertThat(config.shardsPerPipeline()).isEqualTo(3);
        assertThat(config.maxPipelines()).isEqualTo(2);
        assertThat(config.placementSettle()).isEqualTo(Duration.ofMillis(50));
    }

    @Test
    void messagesMayHaveAShareOfTheHeapUnlessToldOtherwise() {
        CoordinatorConfig byDefault = ConfigLoader.load(CoordinatorConfig.class, List.of(), Map.of());
        CoordinatorConfig told =
                ConfigLoader.load(CoordinatorConfig.class, List.of("--message-budget", "1GiB"), Map.of());

        assertThat(byDefault.messageMemory())
                .isEqualTo(new DataSize(Math.max(96 << 20, Runtime.getRuntime().maxMemory() / 4)));
        assertThat(told.messageMemory()).isEqualTo(DataSize.ofMebibytes(1024));
    }

    @Test
    void whatCannotWorkIsRefused() {
        assertThatThrownBy(() ->
                        ConfigLoader.load(CoordinatorConfig.class, List.of("--message-budget", "64MiB"), Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessage("messageBudget must be at least 96MiB");
        assertThatThrownBy(() -> ConfigLoader.load(CoordinatorConfig.class, List.of("--max-blocks", "0"), Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("maxBlocks");
        assertThatThrownBy(
                        () -> ConfigLoader.load(CoordinatorConfig.class, List.of("--default-deadline", "1h"), Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessage("defaultDeadline must be at most longestDeadline, which is 1800 s");
        assertThatThrownBy(
                        () -> ConfigLoader.load(CoordinatorConfig.class, List.of("--no-such-setting", "1"), Map.of()))
                .isInstanceOf(ConfigException.class);
    }
}
