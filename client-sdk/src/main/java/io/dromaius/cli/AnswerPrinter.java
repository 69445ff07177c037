package io.dromaius.cli;

import io.dromaius.client.Candidate;
import io.dromaius.client.GenerationEvent;
import io.dromaius.client.GenerationStream;
import io.dromaius.client.Picture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Shows an answer as it comes: text at once, pictures as progress and then as files. For one answer, one thread. */
final class AnswerPrinter {
    private final Terminal terminal;
    private final Path pictures;
    private final List<Path> saved = new ArrayList<>();
    private Terminal.@Nullable Progress drawing;
    private boolean wrote;

    /**
     * @param pictures file of the first picture; later ones get a number before the extension
     */
    AnswerPrinter(Terminal terminal, Path pictures) {
        this.terminal = terminal;
        this.pictures = pictures;
    }

    void print(GenerationStream events) {
        try {
            for (GenerationEvent event : events) {
                show(event);
            }
        } finally {
            endDrawing();
            endLine(); // a failure is told on a line of its own
        }
    }

    private void endLine() {
        if (wrote) {
            terminal.write("\n");
            wrote = false;
        }
    }

    private void show(GenerationEvent event) {
        if (event instanceof GenerationEvent.TextDelta delta) {
            // Several answers would mix; they are shown whole at the end.
            if (delta.candidate() == 0) {
                terminal.write(delta.text());
                wrote = true;
            }
        } else if (event instanceof GenerationEvent.ImageStarted started) {
            drawing = terminal.progress("drawing", started.steps());
        } else if (event instanceof GenerationEvent.ImageProgress progress && drawing != null) {
            drawing.at(progress.step(), "");
        } else if (event instanceof GenerationEvent.ImageDone done) {
            endDrawing();
            save(done.picture());
        } else if (event instanceof GenerationEvent.Finished finished) {
            finish(finished);
        }
    }

    private void save(Picture picture) {
        Path file = saved.isEmpty() ? pictures : numbered(saved.size() + 1);
        try {
            picture.save(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
        saved.add(file);
        endLine();
        terminal.print(file + (picture.flagged() ? "  (the safety checker fired: the picture is black)" : ""));
        terminal.say("image seed " + Long.toUnsignedString(picture.seed()));
    }

    private Path numbered(int number) {
        String name = pictures.getFileName().toString();
        int dot = name.lastIndexOf('.');
        String stem = dot < 0 ? name : name.substring(0, dot);
        return pictures.resolveSibling(stem + "-" + number + (dot < 0 ? "" : name.substring(dot)));
    }

    private void finish(GenerationEvent.Finished finished) {
        if (wrote) {
            endLine();
        } else if (saved.isEmpty()) {
            terminal.print(finished.candidates().get(0).text());
        }
        for (Candidate candidate :
                finished.candidates().subList(1, finished.candidates().size())) {
            terminal.print(candidate.text());
        }
        terminal.say(String.format(
                Locale.ROOT,
                "%d prompt tokens, %d generated, %.2f s (first after %.2f s)",
                finished.usage().promptTokens(),
                finished.usage().generatedTokens(),
                finished.timings().total().toNanos() / 1e9,
                finished.timings().firstToken().toNanos() / 1e9));
    }

    private void endDrawing() {
        if (drawing != null) {
            drawing.close();
            drawing = null;
        }
    }
}
