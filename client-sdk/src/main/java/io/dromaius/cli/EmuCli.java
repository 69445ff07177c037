package io.dromaius.cli;

import io.dromaius.client.DeadlineException;
import io.dromaius.client.EmuException;
import io.dromaius.client.InvalidRequestException;
import io.dromaius.client.OverloadedException;
import io.dromaius.client.UnavailableException;
import io.dromaius.model.spec.IoReason;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code emu}. Exit status: 0 done, 1 failed, 2 used wrongly. */
@Command(
        name = "emu",
        header = "Serve Emu: text, pictures and video in; text and pictures out.",
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "",
            "Start with 'emu demo', which needs nothing, or with 'emu up --checkpoint DIR'.",
            "'emu COMMAND --help' explains a command.",
            ""
        },
        mixinStandardHelpOptions = true,
        version = "Dromaius 0.1.0")
public final class EmuCli {
    /** Kept, as loggers that nobody holds are forgotten with their level. */
    private static final Logger GRPC = Logger.getLogger("io.grpc");

    private EmuCli() {}

    public static void main(String[] arguments) {
        // What a call comes to is said by the command; gRPC would add a stack trace for a host that is not there.
        GRPC.setLevel(Level.OFF);
        System.exit(run(Terminal.system(), arguments));
    }

    /** Runs one command and returns its exit status. */
    static int run(Terminal terminal, String... arguments) {
        return line(terminal).execute(arguments);
    }

    /** With its subcommands. */
    static CommandLine line(Terminal terminal) {
        CommandLine line = new CommandLine(new EmuCli())
                .addSubcommand(new DemoCommand(terminal))
                .addSubcommand(new UpCommand(terminal))
                .addSubcommand(new DownCommand(terminal))
                .addSubcommand(new StatusCommand(terminal))
                .addSubcommand(new GenerateCommand(terminal))
                .addSubcommand(new DrawCommand(terminal))
                .addSubcommand(new BlendCommand(terminal))
                .addSubcommand(new RankCommand(terminal))
                .addSubcommand(new ConvertCommand(terminal))
                .addSubcommand(new ConformanceCommand(terminal))
                .addSubcommand(new EvalCommand(terminal))
                .addSubcommand(BenchCommand.line(terminal));
        addHelp(line);
        line.setUsageHelpAutoWidth(true);
        line.setParameterExceptionHandler((wrong, given) -> misused(terminal, wrong));
        line.setExecutionExceptionHandler((failure, command, parsed) -> report(terminal, failure));
        return line;
    }

    /** Every command, however deep, answers {@code --help} and {@code --version}. */
    private static void addHelp(CommandLine line) {
        for (CommandLine command : line.getSubcommands().values()) {
            command.getCommandSpec().mixinStandardHelpOptions(true);
            addHelp(command);
        }
    }

    /** Names what was wrong in one line, which a page of help would push off the screen; who named no command sees them all. */
    private static int misused(Terminal terminal, ParameterException wrong) {
        CommandLine command = wrong.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        List<String> meant =
                wrong instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
        if (!command.getSubcommands().isEmpty() && !(wrong instanceof UnmatchedArgumentException)) {
            terminal.say(command.getUsageMessage());
        }
        complain(
                terminal,
                wrong.getMessage(),
                (meant.isEmpty() ? "" : "did you mean '" + meant.get(0) + "'? ") + "'" + name + " --help' explains it");
        return CommandLine.ExitCode.USAGE;
    }

    /** Says what went wrong and what to do about it; a bug shows its stack trace. */
    private static int report(Terminal terminal, Exception failure) {
        if (failure instanceof CommandFailure command) {
            complain(terminal, command.getMessage(), command.nextStep());
        } else if (failure instanceof EmuException emu) {
            complain(terminal, message(emu), nextStep(emu));
        } else if (failure instanceof UncheckedIOException io && io.getCause() != null) {
            complain(
                    terminal,
                    io.getMessage() + ": " + IoReason.of(io.getCause()),
                    "check the path and its permissions");
        } else {
            failure.printStackTrace();
            complain(terminal, "this is a bug: " + failure, "please report it with the lines above");
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    private static void complain(Terminal terminal, @Nullable String what, String nextStep) {
        terminal.say("emu: " + what);
        terminal.say("  -> " + nextStep);
    }

    /** The field is named, by the message or before it. */
    private static String message(EmuException failure) {
        String message = String.valueOf(failure.getMessage());
        return failure instanceof InvalidRequestException invalid
                ? invalid.field()
                        .filter(field -> !message.contains(field))
                        .map(field -> field + ": " + message)
                        .orElse(message)
                : message;
    }

    private static String nextStep(EmuException failure) {
        if (failure instanceof InvalidRequestException) {
            return "change the request; '--help' lists what each option takes";
        }
        if (failure instanceof OverloadedException) {
            return "the cluster is busy: try again"
                    + failure.retryAfter()
                            .map(wait -> " in " + Math.max(1, wait.toSeconds()) + " s")
                            .orElse(" later");
        }
        if (failure instanceof UnavailableException) {
            return failure.retryAfter().isPresent()
                    ? "'emu status' says what is missing; once it is there, try again"
                    : "is the cluster up, and --endpoint right? 'emu status' and the cluster's logs say more";
        }
        if (failure instanceof DeadlineException) {
            return "give it longer with --deadline; 'emu status' says what the cluster is doing";
        }
        return "see 'emu status' and the logs of the cluster";
    }
}
