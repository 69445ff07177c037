package io.dromaius.cli;

import io.dromaius.client.EmuClient;
import io.dromaius.client.GenerationOptions;
import io.dromaius.client.GenerationStream;
import io.dromaius.client.Prompt;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Continues a prompt of text, pictures and video. */
@Command(
        name = "generate",
        header = "Continue a prompt of text, pictures and video.",
        description = {
            "The model reads text, --image and --video in the order in which they stand on the command line. Text is"
                    + " shown as it comes.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  emu generate \"Once upon a time\" -n 40",
            "  emu generate --image dog.png \"A photo of\" --beams 5",
            "  emu generate --image a.png \"a dog.\" --image b.png",
            "  emu generate --chat --video clip.mp4 \"What is the woman doing?\"",
            "  emu generate --image dog.png \"Is it a dog?\" --choice yes. --choice no."
        })
final class GenerateCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin(name = PromptMixin.NAME)
    private PromptMixin prompt = new PromptMixin();

    @Option(names = "--chat", description = "The prompt is a user's turn of a chat (instruct models).")
    private boolean chat;

    @Option(names = "--system", paramLabel = "TEXT", description = "Text before the chat; implies --chat.")
    private @Nullable String system;

    @Option(
            names = "--pictures",
            description = "The model may answer with pictures between the text, where it wants to.")
    private boolean interleaved;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            defaultValue = "picture.png",
            description = "Where pictures go; later ones get a number (default: ${DEFAULT-VALUE}).")
    private Path output = Path.of("picture.png");

    @Mixin
    private TextMixin text = new TextMixin();

    @Mixin
    private ImageMixin image = new ImageMixin();

    @Mixin
    private ConnectionMixin connection = new ConnectionMixin();

    GenerateCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        GenerationOptions.Builder options = GenerationOptions.builder();
        if (interleaved) {
            OutputFile.writable(output, "picture");
            options.outputText().outputImage();
        }
        text.apply(options);
        image.apply(options);
        Prompt asked = prompt.toPrompt();
        try (EmuClient emu = connection.open();
                GenerationStream events = emu.stream(chat || system != null ? turn(asked) : asked, options.build())) {
            new AnswerPrinter(terminal, output).print(events);
        }
        return 0;
    }

    private Prompt turn(Prompt asked) {
        Prompt.ChatBuilder turns = Prompt.chat();
        if (system != null) {
            turns.system(system);
        }
        return turns.user(asked).build();
    }
}
