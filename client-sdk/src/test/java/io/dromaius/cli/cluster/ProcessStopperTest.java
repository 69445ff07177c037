package io.dromaius.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProcessStopperTest {
    private final List<Process> started = new java.util.ArrayList<>();

    @AfterEach
    void killWhatIsLeft() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void whatEndsOnATermSignalIsNotKilled() throws Exception {
        ProcessRecord sleeper = start("sleep 600");

        assertThat(new ProcessStopper(Duration.ofMinutes(1)).stop(List.of(sleeper)))
                .isEmpty();

        assertThat(sleeper.alive()).isFalse();
    }

    @Test
    void whatIgnoresTheTermSignalIsKilledAndNamed() throws Exception {
        ProcessRecord stubborn = start("trap '' TERM; echo ready; while true; do sleep 1; done");
        assertThat(started.get(0).inputReader().readLine()).isEqualTo("ready");

        assertThat(new ProcessStopper(Duration.ofMillis(300)).stop(List.of(stubborn)))
                .containsExactly("test");

        assertThat(started.get(0).waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void anotherProcessOfTheSamePidIsLeftAlone() throws Exception {
        ProcessRecord own = start("sleep 600");
        ProcessRecord reused =
                new ProcessRecord(own.name(), own.role(), own.pid(), own.startMillis() - 60_000, 0, 0, own.log());

        assertThat(reused.alive()).isFalse();
        new ProcessStopper(Duration.ofMillis(10)).stop(List.of(reused));

        assertThat(own.alive()).isTrue();
    }

    private ProcessRecord start(String script) throws IOException {
        Process process = new ProcessBuilder("sh", "-c", script).start();
        started.add(process);
        ProcessPlan plan = new ProcessPlan("test", "shard", "Main", List.of(), List.of(), java.util.Map.of(), 0, 0, "");
        return ProcessRecord.of(plan, process.toHandle(), "none");
    }
}
