package io.dromaius.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.CaseFormat;
import io.dromaius.coordinator.CoordinatorConfig;
import io.dromaius.decoder.DecoderConfig;
import io.dromaius.encoder.EncoderWorkerConfig;
import io.dromaius.node.NodeConfig;
import io.dromaius.node.Setting;
import io.dromaius.node.zookeeper.ZooKeeperConfig;
import io.dromaius.shard.ShardWorkerConfig;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The tables of docs/configuration.md have the keys and defaults that the processes have, in their order. */
class ConfigurationPageTest {
    static Stream<Arguments> sections() {
        return Stream.of(
                Arguments.of("## Settings that all processes share", NodeConfig.class),
                Arguments.of("## Coordinator", CoordinatorConfig.class),
                Arguments.of("## Shard worker", ShardWorkerConfig.class),
                Arguments.of("## Encoder worker", EncoderWorkerConfig.class),
                Arguments.of("## Decoder worker", DecoderConfig.class),
                Arguments.of("## The embedded ZooKeeper server", ZooKeeperConfig.class));
    }

    @ParameterizedTest
    @MethodSource("sections")
    void theTableSaysWhatTheRecordSays(String heading, Class<? extends Record> config) throws IOException {
        assertThat(rows(heading)).isNotEmpty().isEqualTo(rows(config));
    }

    /** Each row of the table under a heading, without the last column. */
    private static List<String> rows(String heading) throws IOException {
        String page = Files.readString(Path.of("..", "docs", "configuration.md"));
        int start = page.indexOf(heading + "\n") + heading.length();
        int end = page.indexOf("\n## ", start);
        return page.substring(start, end)
                .lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("\\|"))
                .map(cells -> row(cells[1].strip(), cells[2].strip(), cells[3].strip(), cells[4].strip()))
                .toList();
    }

    private static List<String> rows(Class<? extends Record> config) {
        return Arrays.stream(config.getRecordComponents())
                .filter(component -> component.isAnnotationPresent(Setting.class))
                .map(ConfigurationPageTest::row)
                .toList();
    }

    private static String row(RecordComponent component) {
        String key = component.getName();
        String byDefault = component.getAnnotation(Setting.class).byDefault();
        return row(
                "`" + key + "`",
                "`--" + CaseFormat.LOWER_CAMEL.to(CaseFormat.LOWER_HYPHEN, key) + "`",
                "`EMU_" + CaseFormat.LOWER_CAMEL.to(CaseFormat.UPPER_UNDERSCORE, key) + "`",
                byDefault.isEmpty() ? "" : "`" + byDefault + "`");
    }

    private static String row(String key, String flag, String variable, String byDefault) {
        return String.join("|", key, flag, variable, byDefault);
    }
}
