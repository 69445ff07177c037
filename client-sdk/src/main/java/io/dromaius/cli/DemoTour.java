package io.dromaius.cli;

import io.dromaius.cli.world.CaptionReader;
import io.dromaius.cli.world.Captions;
import io.dromaius.cli.world.Painter;
import io.dromaius.cli.world.PictureReader;
import io.dromaius.cli.world.Question;
import io.dromaius.cli.world.RandomQuestions;
import io.dromaius.cli.world.RandomScenes;
import io.dromaius.cli.world.Scene;
import io.dromaius.cli.world.Verdict;
import io.dromaius.client.EmuClient;
import io.dromaius.client.GenerationStream;
import io.dromaius.client.Prompt;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;

/**
 * Three things asked of a model, each beside the truth: a caption of a picture painted for the occasion, an answer to a
 * question on it, and a picture of another scene.
 */
final class DemoTour {
    private final Terminal terminal;
    private final DemoModel model;
    private final EmuClient emu;
    private final DemoTimings timings;
    private final long seed;
    private final Path drawn;
    private final Random random;
    private final RandomScenes scenes;

    /**
     * @param seed of everything that is left to chance
     * @param drawn file of the picture that the model draws; the one that it looks at is put beside it
     */
    DemoTour(Terminal terminal, DemoModel model, EmuClient emu, DemoTimings timings, long seed, Path drawn) {
        this.terminal = terminal;
        this.model = model;
        this.emu = emu;
        this.timings = timings;
        this.seed = seed;
        this.drawn = drawn;
        this.random = new Random(seed);
        this.scenes = new RandomScenes(random);
    }

    /** Where the picture goes that the model looks at: {@code emu-demo-scene.png} beside {@code emu-demo.png}. */
    static Path sceneFile(Path drawn) {
        String name = drawn.getFileName().toString();
        String stem = name.endsWith(".png") ? name.substring(0, name.length() - ".png".length()) : name;
        return drawn.resolveSibling(stem + "-scene.png");
    }

    void show() {
        Scene scene = scenes.next();
        byte[] picture = paint(scene);
        caption(scene, picture);
        answer(new RandomQuestions(random).next(scene), picture);
        draw(scenes.next());
    }

    private byte[] paint(Scene scene) {
        BufferedImage picture = new Painter(random).paint(scene, Painter.SIDE);
        terminal.print("");
        terminal.print("picture:   painted for this run, see " + sceneFile(drawn));
        show(picture);
        try {
            ByteArrayOutputStream png = new ByteArrayOutputStream();
            ImageIO.write(picture, "png", png);
            Files.write(sceneFile(drawn), png.toByteArray());
            return png.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + sceneFile(drawn), e);
        }
    }

    private void caption(Scene scene, byte[] picture) {
        String caption = timings.timed("caption", () -> model.caption(emu, picture));
        terminal.print("caption:   " + printable(caption));
        terminal.print("truth:     " + Captions.plain(scene));
        terminal.print("verdict:   " + Verdict.ofCaption(scene, CaptionReader.read(caption)));
    }

    private void answer(Question question, byte[] picture) {
        String answer = timings.timed("answer", () -> model.answer(emu, picture, question.text()));
        terminal.print("");
        terminal.print("question:  " + question.text());
        terminal.print("answer:    " + printable(answer));
        terminal.print("truth:     " + question.answer());
        terminal.print("verdict:   " + (question.answeredBy(answer) ? "right" : "wrong"));
    }

    private void draw(Scene scene) {
        String asked = Captions.any(scene, random);
        terminal.print("");
        terminal.print("asked for: " + asked);
        timings.timed("draw", () -> {
            try (GenerationStream events =
                    emu.stream(Prompt.of(asked), model.drawing().imageSeed(seed).build())) {
                new AnswerPrinter(terminal, drawn).print(events);
                return true;
            }
        });
        BufferedImage picture = read(drawn);
        show(picture);
        Scene seen = new PictureReader().look(picture).scene();
        terminal.print("seen:      " + Captions.plain(seen));
        terminal.print("verdict:   " + Verdict.ofPicture(scene, seen));
    }

    private static BufferedImage read(Path file) {
        try {
            BufferedImage picture = ImageIO.read(file.toFile());
            if (picture == null) {
                throw new IOException("this is no picture");
            }
            return picture;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private void show(BufferedImage picture) {
        if (terminal.interactive()) {
            terminal.write(TerminalPicture.draw(picture));
        }
    }

    /** Random weights write control characters as gladly as letters. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", " ").strip();
    }
}
