package io.dromaius.cli.eval;

import io.dromaius.cli.CommandFailure;
import io.dromaius.cli.Terminal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The grader of the demo world: {@code python -m grade}, a program of its own, so that no part of the model marks itself. */
public final class Grader {
    private final Path home;
    private final String python;

    /**
     * @param home folder that holds the package {@code grade}
     * @param python interpreter with numpy and Pillow
     * @throws CommandFailure if the package is not there
     */
    public Grader(Path home, String python) {
        if (!Files.isRegularFile(home.resolve("grade/__main__.py"))) {
            throw new CommandFailure(
                    "the grader is not in " + home, "run emu from a checkout of the project, or give --grader DIR");
        }
        this.home = home;
        this.python = python;
    }

    /** Lays out {@code cases} questions of each paper, of all papers if none is named. */
    public void write(Path folder, int cases, List<String> papers) {
        List<String> arguments = new ArrayList<>(List.of("write", folder.toString(), "--cases", "" + cases));
        papers.forEach(paper -> Collections.addAll(arguments, "--paper", paper));
        run(arguments);
    }

    /** Marks the answers, and prints the scores. */
    public void mark(Path folder, Path report, Terminal terminal) {
        run(List.of("marks", folder.toString(), "--json", report.toString())).forEach(terminal::print);
    }

    /** Lines that it printed. */
    private List<String> run(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(python, "-m", "grade"));
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(home.toFile()).redirectErrorStream(true);
        try {
            Process process = builder.start();
            List<String> lines;
            try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
                lines = output.lines().toList();
            } finally {
                process.destroy();
            }
            int status = process.waitFor();
            if (status != 0) {
                String reason =
                        String.join(System.lineSeparator(), lines.subList(Math.max(0, lines.size() - 4), lines.size()));
                throw new CommandFailure(
                        "the grader failed (status " + status + "): " + reason,
                        "python -m pip install -r " + home.resolve("grade/requirements.txt")
                                + ", or name another interpreter with --python");
            }
            return lines;
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot run " + python + ": " + e.getMessage(),
                    "install Python 3.10 or newer, or name one with --python",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("interrupted while the grader ran", e));
        }
    }
}
