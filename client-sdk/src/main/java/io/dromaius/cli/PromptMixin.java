package io.dromaius.cli;

import io.dromaius.client.Prompt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Stack;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** A prompt on the command line: text, pictures and videos, read by the model in the order in which they stand there. */
final class PromptMixin {
    static final String NAME = "prompt";

    private enum Kind {
        TEXT,
        IMAGE,
        VIDEO
    }

    private record Piece(Kind kind, String value) {}

    private final List<Piece> pieces = new ArrayList<>();

    @Parameters(
            arity = "0..*",
            paramLabel = "TEXT",
            description = "Text of the prompt; '-' reads it from standard input.",
            parameterConsumer = TextConsumer.class)
    @SuppressWarnings("UnusedVariable") // stands for its annotation: the consumer takes the values
    private List<String> text = new ArrayList<>();

    @Option(
            names = {"-i", "--image"},
            paramLabel = "FILE",
            description = "A picture (PNG, JPEG, WebP) at this place of the prompt; may be repeated.",
            parameterConsumer = ImageConsumer.class)
    @SuppressWarnings("UnusedVariable") // stands for its annotation: the consumer takes the values
    private List<String> image = new ArrayList<>();

    @Option(
            names = {"-v", "--video"},
            paramLabel = "FILE[:FRAMES]",
            description = "A video at this place of the prompt, sampled to FRAMES frames (default 8); may be repeated.",
            parameterConsumer = VideoConsumer.class)
    @SuppressWarnings("UnusedVariable") // stands for its annotation: the consumer takes the values
    private List<String> video = new ArrayList<>();

    /** The pieces as a prompt; there must be one. */
    Prompt toPrompt() {
        if (pieces.isEmpty()) {
            throw new CommandFailure("the prompt is empty", "give it text, --image FILE or --video FILE");
        }
        Prompt.Builder prompt = Prompt.builder();
        for (Piece piece : pieces) {
            switch (piece.kind) {
                case TEXT -> prompt.text(piece.value.equals("-") ? standardInput() : piece.value);
                case IMAGE -> prompt.image(existing(Path.of(piece.value)));
                case VIDEO -> video(prompt, piece.value);
            }
        }
        return prompt.build();
    }

    private static void video(Prompt.Builder prompt, String value) {
        int colon = value.lastIndexOf(':');
        if (colon > 0 && value.substring(colon + 1).matches("[0-9]{1,4}")) {
            int frames = Integer.parseInt(value.substring(colon + 1));
            if (frames == 0) {
                throw new CommandFailure("--video is sampled to at least 1 frame, not 0", "write it as FILE:8");
            }
            prompt.video(existing(Path.of(value.substring(0, colon))), frames);
        } else {
            prompt.video(existing(Path.of(value)));
        }
    }

    /** Refuses, before anything is sent, a file that is not there. */
    static Path existing(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new CommandFailure("there is no file " + file, "check the path");
        }
        return file;
    }

    private static String standardInput() {
        try {
            return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read standard input", e);
        }
    }

    /** Takes one argument at a time, so that the order across options is kept. */
    private abstract static class Consumer implements IParameterConsumer {
        private final Kind kind;

        Consumer(Kind kind) {
            this.kind = kind;
        }

        @Override
        public void consumeParameters(Stack<String> arguments, ArgSpec argument, CommandSpec command) {
            if (arguments.isEmpty()) {
                throw new ParameterException(command.commandLine(), argument.paramLabel() + " is missing");
            }
            CommandSpec mixin = Objects.requireNonNull(command.mixins().get(NAME));
            ((PromptMixin) mixin.userObject()).pieces.add(new Piece(kind, arguments.pop()));
        }
    }

    static final class TextConsumer extends Consumer {
        TextConsumer() {
            super(Kind.TEXT);
        }
    }

    static final class ImageConsumer extends Consumer {
        ImageConsumer() {
            super(Kind.IMAGE);
        }
    }

    static final class VideoConsumer extends Consumer {
        VideoConsumer() {
            super(Kind.VIDEO);
        }
    }
}
