package io.dromaius.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dromaius.cli.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoryTest {
    @TempDir
    private Path folder;

    @Test
    void whatIsWrittenIsReadBack() {
        StateDirectory state = new StateDirectory(folder);
        ClusterRecord record = new ClusterRecord(
                "blue",
                "localhost:1",
                "localhost:2",
                "/model",
                List.of(new ProcessRecord("a", "shard", 7, 8, 9, 10, "log")));

        state.write(record);

        assertThat(state.read()).contains(record);
        state.clear();
        assertThat(state.read()).isEmpty();
    }

    @Test
    void aDamagedRecordIsSaidAndNotTakenForNone() throws IOException {
        Files.writeString(folder.resolve("cluster.json"), "{");

        assertThatThrownBy(() -> new StateDirectory(folder).read())
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("cluster.json");
    }
}
