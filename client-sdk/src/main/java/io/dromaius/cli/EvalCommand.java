package io.dromaius.cli;

import io.dromaius.cli.cluster.LocalCluster;
import io.dromaius.cli.eval.Examination;
import io.dromaius.cli.eval.Grader;
import io.dromaius.client.EmuClient;
import io.dromaius.client.EmuClientBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Scores a model through a cluster. */
@Command(
        name = "eval",
        header = "Score a model by an exam, through a cluster.",
        description = {
            "'emu eval demo' asks the demo model about its world: captions, questions, videos, few-shot series, drawing,"
                    + " style, blends. Questions come from seeds that training never sees; pictures are judged by image"
                    + " analysis, texts by what they say. The grader is a Python program (numpy and Pillow).",
            "",
            "Starts a cluster of its own with the project's demo model (demo/emu-demo), unless --endpoint names one.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  emu eval demo",
            "  emu eval demo --cases 50 --paper captions --paper \"text to image\""
        })
final class EvalCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration KNOCK = Duration.ofSeconds(10);

    private final Terminal terminal;

    @Parameters(paramLabel = "EXAM", description = "Which exam: demo.")
    private String exam = "demo";

    @Option(
            names = "--cases",
            paramLabel = "N",
            defaultValue = "500",
            converter = AtLeastOne.class,
            description = "Cases of each paper (default: ${DEFAULT-VALUE}).")
    private int cases = 500;

    @Option(names = "--paper", paramLabel = "NAME", description = "Only this paper; may be repeated.")
    private List<String> papers = new ArrayList<>();

    @Mixin
    private OwnClusterMixin own = new OwnClusterMixin();

    @Option(
            names = {"-e", "--endpoint"},
            paramLabel = "HOST:PORT",
            split = ",",
            description = "A running cluster to ask instead of starting one.")
    private List<String> endpoints = new ArrayList<>();

    @Option(
            names = "--at-once",
            paramLabel = "N",
            defaultValue = "16",
            converter = AtLeastOne.class,
            description = "Calls in flight (default: ${DEFAULT-VALUE}).")
    private int atOnce = 16;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "50",
            converter = AtLeastOne.class,
            description = "Denoise steps of a picture (default: ${DEFAULT-VALUE}).")
    private int steps = 50;

    @Option(
            names = "--python",
            paramLabel = "PROGRAM",
            defaultValue = "${env:EMU_PYTHON:-python3}",
            description = "Interpreter of the grader (default: ${DEFAULT-VALUE}; EMU_PYTHON).")
    private String python = "python3";

    @Option(names = "--grader", paramLabel = "DIR", description = "Folder of the grader (default: the project's demo).")
    private @Nullable Path grader;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            defaultValue = "emu-eval.json",
            description = "Where the scores go as JSON (default: ${DEFAULT-VALUE}).")
    private Path output = Path.of("emu-eval.json");

    EvalCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (!exam.equals("demo")) {
            throw new CommandFailure("there is no exam '" + exam + "'", "there is one: 'emu eval demo'");
        }
        Path model = own.checkpoint().orElseGet(ProjectHome::demoModel);
        if (endpoints.isEmpty() && !Files.exists(model)) { // before minutes go into questions
            throw new CommandFailure(
                    "there is no checkpoint at " + model,
                    "name one with --checkpoint, or a running cluster with --endpoint;"
                            + " demo/README.md says how the demo's is trained");
        }
        OutputFile.writable(output, "scores");
        if (!endpoints.isEmpty()) {
            knock();
        }
        Grader marker = new Grader(grader == null ? ProjectHome.demo() : grader, python);
        RunFolder folder = RunFolder.create("eval");
        Path papersFolder = folder.path().resolve("papers");
        terminal.say("laying out the questions ...");
        try {
            marker.write(papersFolder, cases, papers);
        } catch (CommandFailure e) {
            folder.close();
            throw e;
        }
        Examination examination = new Examination(papersFolder, atOnce, steps);
        if (endpoints.isEmpty()) {
            sitAtOwnCluster(folder, model, examination);
        } else {
            sit(examination, endpoints);
        }
        marker.mark(papersFolder, output.toAbsolutePath(), terminal);
        folder.close();
        terminal.say("scores: " + output);
        return 0;
    }

    /** Fails at once where nothing answers: a client for long exams would go on asking for minutes. */
    private void knock() {
        EmuClientBuilder builder = EmuClient.builder().deadline(KNOCK);
        endpoints.forEach(builder::endpoint);
        try (EmuClient emu = builder.build()) {
            emu.cluster();
        }
    }

    private void sitAtOwnCluster(RunFolder folder, Path model, Examination examination) {
        try (LocalCluster cluster = LocalCluster.start(own.options(folder, model), PATIENCE, terminal)) {
            sit(examination, List.of(cluster.endpoint()));
        }
    }

    private void sit(Examination examination, List<String> addresses) {
        try (EmuClient emu = PatientClient.open(addresses)) {
            examination.sit(emu, terminal);
        }
    }
}
