package io.dromaius.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures. */
@Command(
        name = "bench",
        header = "Measure a cluster, or a part of it.",
        synopsisSubcommandLabel = "COMMAND",
        description = "Figures go to standard output, with --json as JSON.")
final class BenchCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** With its subcommands. */
    static CommandLine line(Terminal terminal) {
        return new CommandLine(new BenchCommand())
                .addSubcommand(new BenchLoadCommand(terminal))
                .addSubcommand(new BenchLayerCommand(terminal))
                .addSubcommand(new BenchAttentionCommand(terminal))
                .addSubcommand(new BenchSplitCommand(terminal))
                .addSubcommand(new BenchCoordinatorCommand(terminal));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name what to measure");
    }
}
