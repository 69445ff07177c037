package io.dromaius.cli.conformance;

import io.dromaius.cli.PatientClient;
import io.dromaius.cli.Terminal;
import io.dromaius.cli.cluster.ClusterOptions;
import io.dromaius.cli.cluster.LocalCluster;
import io.dromaius.cli.cluster.StateDirectory;
import io.dromaius.client.EmuClient;
import io.dromaius.model.torch.Torch;
import io.dromaius.model.weights.Checkpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Runs every case of a set: first inside this process, then against clusters. Prints a line for each stage as it ends. */
public final class Certification {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final GoldenSet set;
    private final Terminal terminal;
    private final Path state;
    private boolean passed = true;

    /** @param state folder for the clusters' logs */
    public Certification(GoldenSet set, Path state, Terminal terminal) {
        this.set = set;
        this.state = state;
        this.terminal = terminal;
    }

    /** Whether everything has passed so far. */
    public boolean passed() {
        return passed;
    }

    /** Runs the cases that need no cluster. */
    public void runInProcess() {
        // Models this small gain nothing from a team of threads, and lose much where others use the processors too.
        Torch.setThreads(1);
        for (Stage stage : InProcessStages.of(set)) {
            Tally tally = new Tally(stage.name());
            try {
                stage.run(tally);
            } catch (MissingCasesException e) {
                tally.notRun("all of the stage", "the set lacks " + e.what());
            } catch (Exception | LinkageError e) {
                tally.notRun("the rest of the stage", e.toString());
            }
            report(tally);
        }
    }

    /** Runs the cases of {@code model} against a cluster of {@code shards} shards: alone, then all at once. */
    public void runCluster(Model model, int shards) {
        List<RemoteCase> cases = cases(model);
        String name = model + "-" + shards;
        ClusterOptions options =
                ClusterOptions.small(name, new StateDirectory(state.resolve(name)), set.checkpoint(model), shards);
        try (LocalCluster cluster = LocalCluster.start(options, PATIENCE, terminal);
                EmuClient emu = PatientClient.open(List.of(cluster.endpoint()))) {
            String where = " " + model + " x" + shards;
            alone(cases, emu, where);
            atOnce(cases, emu, where);
        } catch (RuntimeException e) {
            passed = false;
            terminal.print("FAIL " + model + " on " + shards + " shards: " + e.getMessage());
        }
    }

    /** Layers of a checkpoint: a cluster can have no more shards. */
    public int layers(Model model) {
        return Checkpoint.open(set.checkpoint(model)).spec().llama().layers();
    }

    private List<RemoteCase> cases(Model model) {
        DrawCases draw = new DrawCases(set);
        List<RemoteCase> cases = new ArrayList<>();
        collect("generate", model, new GenerateCases(set)::all, cases);
        collect("predict", model, new PredictCases(set)::all, cases);
        collect("generate_image", model, draw::embeddings, cases);
        collect("diffusion", model, draw::pictures, cases);
        return cases;
    }

    /** A stage that a set lacks is a failure of its own, and the others are run. */
    private void collect(String stage, Model model, Supplier<List<RemoteCase>> all, List<RemoteCase> into) {
        try {
            all.get().stream().filter(one -> one.model() == model).forEach(into::add);
        } catch (MissingCasesException e) {
            Tally tally = new Tally(stage + " " + model);
            tally.notRun("all of the stage", "the set lacks " + e.what());
            report(tally);
        }
    }

    private void alone(List<RemoteCase> cases, EmuClient emu, String where) {
        byStage(cases).forEach((stage, own) -> {
            Tally tally = new Tally(stage + where);
            tally.expect(own.size());
            own.forEach(one -> tally.run(one.name(), findings -> one.check().run(emu, findings)));
            report(tally);
        });
    }

    private void atOnce(List<RemoteCase> cases, EmuClient emu, String where) {
        Map<String, Tally> tallies = new LinkedHashMap<>();
        ExecutorService users = Executors.newCachedThreadPool();
        for (RemoteCase one : cases) {
            Tally tally = tallies.computeIfAbsent(one.stage(), stage -> new Tally(stage + where + " at once"));
            tally.expect(1);
            users.execute(() -> tally.run(one.name(), findings -> one.check().run(emu, findings)));
        }
        users.shutdown();
        try {
            if (!users.awaitTermination(PatientClient.CALL.toSeconds() * 2, TimeUnit.SECONDS)) {
                users.shutdownNow();
            }
        } catch (InterruptedException e) {
            users.shutdownNow();
            Thread.currentThread().interrupt();
        }
        tallies.values().forEach(this::report);
    }

    private static Map<String, List<RemoteCase>> byStage(List<RemoteCase> cases) {
        Map<String, List<RemoteCase>> stages = new LinkedHashMap<>();
        cases.forEach(one ->
                stages.computeIfAbsent(one.stage(), stage -> new ArrayList<>()).add(one));
        return stages;
    }

    private void report(Tally tally) {
        passed &= tally.passed();
        terminal.print(tally.line());
        tally.failures().forEach(failure -> terminal.print("       " + failure));
    }
}
