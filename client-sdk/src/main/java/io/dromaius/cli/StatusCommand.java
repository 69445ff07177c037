package io.dromaius.cli;

import io.dromaius.cli.cluster.ProcessRecord;
import io.dromaius.client.EmuClient;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Draws the cluster in text. */
@Command(
        name = "status",
        header = "Show a cluster: pipelines, members, load.",
        description =
                "Draws each pipeline as its chain of stages, with the layers and the busy share of each, and lists"
                        + " the members; a spare shard is in no pipeline. Of a cluster that 'emu up' started it also"
                        + " says which processes have ended since.")
final class StatusCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private ConnectionMixin connection = new ConnectionMixin();

    @Option(
            names = {"-w", "--watch"},
            description = "Draw again every second until Ctrl-C.")
    private boolean watch;

    StatusCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (EmuClient emu = connection.open()) {
            do {
                String picture = ClusterPicture.draw(emu.cluster());
                terminal.write(watch && terminal.interactive() ? "\u001b[H\u001b[2J" + picture : picture);
                if (watch) {
                    TimeUnit.SECONDS.sleep(1);
                }
            } while (watch && !terminal.isGone());
        } finally {
            sayWhoEnded();
        }
        return 0;
    }

    /** Also when the cluster does not answer: then it says why. */
    private void sayWhoEnded() {
        for (ProcessRecord process : connection.localProcesses()) {
            if (!process.alive()) {
                terminal.say(
                        "%s (pid %d) has ended; its log: %s".formatted(process.name(), process.pid(), process.log()));
            }
        }
    }
}
