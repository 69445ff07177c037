package io.dromaius.cli;

import io.dromaius.client.EmuClient;
import io.dromaius.client.GenerationOptions;
import io.dromaius.client.Prompt;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What a model must be told to talk about the demo world: each was taught another way to be asked. */
enum DemoModel {
    /** The one of {@code demo/emu-demo}: it captions a bare picture, and knows no other questions than the world's. */
    OF_THE_WORLD {
        @Override
        String caption(EmuClient emu, byte[] picture) {
            return emu.generate(Prompt.builder().image(picture).build(), GREEDY).text();
        }

        @Override
        String answer(EmuClient emu, byte[] picture, String question) {
            Prompt prompt = Prompt.builder()
                    .image(picture)
                    .text("question: " + question + " answer:")
                    .build();
            return emu.generate(prompt, GREEDY).text();
        }

        @Override
        GenerationOptions.Builder drawing() {
            return GenerationOptions.image().guidanceScale(3).steps(50);
        }
    },
    /** Any other: asked in the words of the reference's own evaluations. */
    OTHER {
        @Override
        String caption(EmuClient emu, byte[] picture) {
            return emu.caption(picture);
        }

        @Override
        String answer(EmuClient emu, byte[] picture, String question) {
            return emu.answer(picture, question);
        }

        @Override
        GenerationOptions.Builder drawing() {
            return GenerationOptions.image();
        }
    };

    private static final GenerationOptions GREEDY =
            GenerationOptions.builder().maxTokens(64).build();

    abstract String caption(EmuClient emu, byte[] picture);

    abstract String answer(EmuClient emu, byte[] picture, String question);

    abstract GenerationOptions.Builder drawing();

    /** The trained checkpoint of this project, where it is there. */
    static Optional<Path> trained() {
        return Optional.of(ProjectHome.demoModel()).filter(Files::isDirectory);
    }

    /** How to talk to the model in {@code checkpoint}: the demo model's folder holds its {@code Emu-demo.json}. */
    static DemoModel of(Path checkpoint) {
        return Files.isRegularFile(checkpoint.resolve("Emu-demo.json")) ? OF_THE_WORLD : OTHER;
    }
}
