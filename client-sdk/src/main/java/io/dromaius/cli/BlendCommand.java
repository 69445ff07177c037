package io.dromaius.cli;

import io.dromaius.client.EmuClient;
import io.dromaius.client.GenerationOptions;
import io.dromaius.client.GenerationStream;
import io.dromaius.client.Prompt;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Blends pictures into one. */
@Command(
        name = "blend",
        header = "Blend two or more pictures into one.",
        footer = {"", "Example:", "  emu blend cat.png tiger.png -o cat-tiger.png"})
final class BlendCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(arity = "2..*", paramLabel = "FILE", description = "Pictures (PNG, JPEG, WebP).")
    private List<Path> pictures = new ArrayList<>();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            defaultValue = "blend.png",
            description = "Where the PNG goes (default: ${DEFAULT-VALUE}).")
    private Path output = Path.of("blend.png");

    @Mixin
    private ImageMixin image = new ImageMixin();

    @Mixin
    private ConnectionMixin connection = new ConnectionMixin();

    BlendCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        AnswerPrinter printer = new AnswerPrinter(terminal, OutputFile.writable(output, "picture"));
        GenerationOptions.Builder options = GenerationOptions.image();
        image.apply(options);
        Prompt.Builder prompt = Prompt.builder();
        for (Path picture : pictures) {
            prompt.image(PromptMixin.existing(picture));
        }
        try (EmuClient emu = connection.open();
                GenerationStream events = emu.stream(prompt.build(), options.build())) {
            printer.print(events);
        }
        return 0;
    }
}
