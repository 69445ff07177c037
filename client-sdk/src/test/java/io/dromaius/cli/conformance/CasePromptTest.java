package io.dromaius.cli.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dromaius.client.EmuClient;
import io.dromaius.client.FakeServer;
import io.dromaius.client.GenerationOptions;
import io.dromaius.client.Prompt;
import io.dromaius.proto.v1.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CasePromptTest {
    private static final String PICTURE = "[IMG]" + "<image>".repeat(32) + "[/IMG]";

    @TempDir
    private Path folder;

    private GoldenSet set;

    @BeforeEach
    void create() throws IOException {
        for (String name : List.of("emu-tiny", "emu-tiny-instruct", "cases/inputs")) {
            Files.createDirectories(folder.resolve(name));
        }
        Files.writeString(folder.resolve("cases/inputs/dog.png"), "dog");
        Files.writeString(folder.resolve("cases/inputs/cat.png"), "cat");
        set = new GoldenSet(folder);
    }

    @Test
    void anAssembledPromptComesApartIntoItsParts() throws IOException {
        String quoted = "You see [IMG]ImageContent[/IMG]. ";

        List<Part> parts = sent(CasePrompt.parse(quoted + PICTURE + " and " + PICTURE, List.of("dog", "cat"), set));

        assertThat(parts)
                .extracting(Part::getPartCase)
                .containsExactly(Part.PartCase.TEXT, Part.PartCase.IMAGE, Part.PartCase.TEXT, Part.PartCase.IMAGE);
        assertThat(parts.get(0).getText()).isEqualTo(quoted);
        assertThat(parts.get(1).getImage().getData().toStringUtf8()).isEqualTo("dog");
        assertThat(parts.get(2).getText()).isEqualTo(" and ");
        assertThat(parts.get(3).getImage().getData().toStringUtf8()).isEqualTo("cat");
    }

    @Test
    void aPictureTooManyIsAnError() {
        assertThatThrownBy(() -> CasePrompt.parse("no picture", List.of("dog"), set))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the prompt has room for 0 pictures, not 1");
    }

    private static List<Part> sent(Prompt prompt) throws IOException {
        try (FakeServer server = new FakeServer();
                EmuClient emu = EmuClient.builder().endpoint(server.address()).build()) {
            server.answer("x");
            emu.generate(prompt, GenerationOptions.defaults());
            return server.requests().get(0).getPrompt().getPartsList();
        }
    }
}
