package io.dromaius.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.node.zookeeper.ZooKeeperConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables of docs/configuration.md say what the code says. */
class ConfigurationPageTest {
    @Test
    void theSharedSettings() throws IOException {
        assertThat(rows("## Settings that all processes share")).isEqualTo(rows(NodeConfig.class));
    }

    @Test
    void theEmbeddedZooKeeper() throws IOException {
        assertThat(rows("## The embedded ZooKeeper server")).isEqualTo(rows(ZooKeeperConfig.class));
    }

    /** Each row of the table under a heading, without the last column. */
    private static List<String> rows(String heading) throws IOException {
        String page = Files.readString(Path.of("..", "docs", "configuration.md"));
        int start = page.indexOf(heading) + heading.length();
        int end = page.indexOf("\n## ", start);
        return page.substring(start, end)
                .lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("\\|"))
                .map(cells -> String.join("|", cells[1].strip(), cells[2].strip(), cells[3].strip(), cells[4].strip()))
                .toList();
    }

    private static List<String> rows(Class<? extends Record> type) {
        return new ConfigKeys(type)
                .all().stream()
                        .map(key -> String.join(
                                "|",
                                "`" + key.name() + "`",
                                "`" + key.flag() + "`",
                                "`" + key.variable() + "`",
                                key.setting().byDefault().isEmpty()
                                        ? ""
                                        : "`" + key.setting().byDefault() + "`"))
                        .toList();
    }
}
