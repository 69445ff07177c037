package io.dromaius.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.cli.world.CaptionReader;
import io.dromaius.cli.world.Captions;
import io.dromaius.cli.world.Painter;
import io.dromaius.cli.world.RandomScenes;
import io.dromaius.cli.world.Scene;
import io.dromaius.client.EmuClient;
import io.dromaius.client.FakeServer;
import io.dromaius.proto.v1.GenerateRequest;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoTourTest {
    private static final long SEED = 11;

    private final CapturedTerminal captured = new CapturedTerminal();

    @TempDir
    private Path folder;

    private FakeServer server;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void rightAnswersAreFoundRight() throws IOException {
        Scene shown = new RandomScenes(new Random(SEED)).next();
        tour(Captions.plain(shown), "?", blank());
        Scene asked = CaptionReader.read(text(server.requests().get(2), 0)).orElseThrow();
        String answer = line("truth: ", 1);

        tour(Captions.plain(shown), answer, painted(asked));

        assertThat(lines("verdict: ")).containsExactly("right", "right", "right");
        assertThat(folder.resolve("drawn.png")).hasBinaryContent(painted(asked));
    }

    @Test
    void wrongAnswersAreFoundWrong() throws IOException {
        tour("a picture.", "perhaps", blank());

        assertThat(lines("verdict: "))
                .satisfiesExactly(
                        caption -> assertThat(caption).startsWith("wrong: it leaves something out"),
                        answer -> assertThat(answer).isEqualTo("wrong"),
                        drawing -> assertThat(drawing).startsWith("wrong: nothing "));
    }

    @Test
    void theModelIsAskedAsItWasTaught() throws IOException {
        tour("x", "y", blank());

        List<GenerateRequest> requests = server.requests();
        assertThat(requests.get(0).getPrompt().getPartsCount()).isEqualTo(1);
        assertThat(requests.get(0).getPrompt().getParts(0).getImage().getData().toByteArray())
                .isEqualTo(Files.readAllBytes(folder.resolve("drawn-scene.png")));
        assertThat(text(requests.get(1), 1)).startsWith("question: ").endsWith("? answer:");
        assertThat(requests.get(2).getImage().getGuidanceScale()).isEqualTo(3);
        assertThat(requests.get(2).getImage().getSeed()).isEqualTo(SEED);
    }

    @Test
    void theSameSeedAsksTheSame() throws IOException {
        tour("x", "y", blank());
        tour("x", "y", blank());

        for (int i = 0; i < 3; i++) {
            assertThat(server.requests().get(i + 3).getPrompt())
                    .isEqualTo(server.requests().get(i).getPrompt());
        }
    }

    private void tour(String caption, String answer, byte[] picture) {
        captured.clear();
        server.answer(caption);
        server.answer(answer);
        server.picture(picture);
        try (EmuClient emu = EmuClient.builder().endpoint(server.address()).build()) {
            Path drawn = folder.resolve("drawn.png");
            new DemoTour(captured.terminal(), DemoModel.OF_THE_WORLD, emu, new DemoTimings(), SEED, drawn).show();
        }
    }

    private static byte[] blank() throws IOException {
        return png(new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB));
    }

    private static byte[] painted(Scene scene) throws IOException {
        return png(new Painter(new Random(1)).paint(scene, 64));
    }

    private static byte[] png(BufferedImage picture) throws IOException {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(picture, "png", png);
        return png.toByteArray();
    }

    private static String text(GenerateRequest request, int part) {
        return request.getPrompt().getParts(part).getText();
    }

    private String line(String begin, int index) {
        return lines(begin).get(index);
    }

    /** What stands after {@code begin} on the lines that begin so. */
    private List<String> lines(String begin) {
        return captured.out()
                .lines()
                .filter(line -> line.startsWith(begin))
                .map(line -> line.substring(begin.length()).strip())
                .toList();
    }
}
