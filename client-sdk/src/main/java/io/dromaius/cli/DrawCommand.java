package io.dromaius.cli;

import io.dromaius.client.EmuClient;
import io.dromaius.client.GenerationOptions;
import io.dromaius.client.GenerationStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Draws one picture from a prompt. */
@Command(
        name = "draw",
        header = "Draw a picture from a prompt of text and pictures.",
        footer = {
            "",
            "Examples:",
            "  emu draw \"a dog wearing a pair of glasses\" -o dog.png",
            "  emu draw \"First image: \" --image dog.png \"At the sea: \""
        })
final class DrawCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin(name = PromptMixin.NAME)
    private PromptMixin prompt = new PromptMixin();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            defaultValue = "picture.png",
            description = "Where the PNG goes (default: ${DEFAULT-VALUE}).")
    private Path output = Path.of("picture.png");

    @Mixin
    private ImageMixin image = new ImageMixin();

    @Mixin
    private ConnectionMixin connection = new ConnectionMixin();

    DrawCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        AnswerPrinter printer = new AnswerPrinter(terminal, OutputFile.writable(output, "picture"));
        GenerationOptions.Builder options = GenerationOptions.image();
        image.apply(options);
        try (EmuClient emu = connection.open();
                GenerationStream events = emu.stream(prompt.toPrompt(), options.build())) {
            printer.print(events);
        }
        return 0;
    }
}
