package io.dromaius.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dromaius.node.ConfigException;
import io.dromaius.node.ConfigLoader;
import io.dromaius.node.DataSize;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShardWorkerConfigTest {
    @Test
    void defaults() {
        ShardWorkerConfig config = load();

        assertThat(config.memory()).isEmpty();
        assertThat(config.pace()).isEqualTo(ShardWorker.Pace.DEFAULT);
    }

    @Test
    void everyKey() {
        ShardWorkerConfig config = load("--memory", "40GiB", "--sign-of-life", "100ms", "--silence", "900ms");

        assertThat(config.memory()).contains(DataSize.parse("40GiB"));
        assertThat(config.signOfLife()).isEqualTo(Duration.ofMillis(100));
        assertThat(config.silence()).isEqualTo(Duration.ofMillis(900));
    }

    @Test
    void contradictionsAreRefused() {
        refused("signOfLife", "--sign-of-life", "3s");
        refused("signOfLife", "--sign-of-life", "0s");
    }

    private static void refused(String key, String... args) {
        assertThatThrownBy(() -> load(args)).isInstanceOf(ConfigException.class).hasMessageContaining(key);
    }

    private static ShardWorkerConfig load(String... args) {
        return ConfigLoader.load(ShardWorkerConfig.class, List.of(args), Map.of());
    }
}
