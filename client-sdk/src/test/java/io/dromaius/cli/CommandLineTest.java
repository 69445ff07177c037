package io.dromaius.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.client.FakeServer;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.OutputMode;
import io.dromaius.proto.v1.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class CommandLineTest {
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
    void partsReachTheModelInTheOrderOfTheCommandLine() throws IOException {
        Path dog = file("dog.png", "dog");
        Path clip = file("clip.mp4", "clip");
        server.answer("two dogs");

        int status =
                run("generate", "look: ", "--image", dog.toString(), "and", "--video", clip + ":4", "--image=" + dog);

        assertThat(status).isZero();
        assertThat(captured.out()).isEqualTo("two dogs\n");
        GenerateRequest request = server.requests().get(0);
        assertThat(request.getPrompt().getPartsList())
                .extracting(Part::getPartCase)
                .containsExactly(
                        Part.PartCase.TEXT,
                        Part.PartCase.IMAGE,
                        Part.PartCase.TEXT,
                        Part.PartCase.VIDEO,
                        Part.PartCase.IMAGE);
        assertThat(request.getPrompt().getParts(2).getText()).isEqualTo("and");
        assertThat(request.getPrompt().getParts(3).getVideo().getFrames()).isEqualTo(4);
        assertThat(request.getPrompt().getParts(3).getVideo().getData().toStringUtf8())
                .isEqualTo("clip");
    }

    @Test
    void whereAPictureGoesIsCheckedBeforeItIsDrawn() {
        Path nowhere = folder.resolve("no").resolve("where.png");

        assertThat(run("draw", "a dog", "--output", nowhere.toString())).isEqualTo(1);
        assertThat(run("draw", "a dog", "--output", folder.toString())).isEqualTo(1);

        assertThat(server.requests()).isEmpty();
        assertThat(captured.err()).contains("no picture can be written to " + nowhere);
    }

    @Test
    void onlyWhatWasGivenIsSent() {
        server.answer("x");

        run("generate", "hello", "--beams", "5", "--stop", "end");

        GenerateRequest request = server.requests().get(0);
        assertThat(request.getText().getNumBeams()).isEqualTo(5);
        assertThat(request.getText().getStopList()).containsExactly("end");
        assertThat(request.getText().hasTemperature()).isFalse();
        assertThat(request.hasImage()).isFalse();
    }

    @Test
    void aSystemMessageMakesAChat() {
        server.answer("x");

        run("generate", "hello", "--system", "Be brief.");

        assertThat(server.requests().get(0).getChat().getSystem()).isEqualTo("Be brief.");
        assertThat(server.requests().get(0).getChat().getTurns(0).getParts(0).getText())
                .isEqualTo("hello");
    }

    @Test
    void aDrawnPictureIsAFile() throws IOException {
        server.picture(new byte[] {7, 8, 9});
        Path file = folder.resolve("drawn.png");

        int status = run("draw", "a dog", "-o", file.toString(), "--size", "512x384", "--image-seed", "5");

        assertThat(status).isZero();
        assertThat(Files.readAllBytes(file)).containsExactly(7, 8, 9);
        GenerateRequest request = server.requests().get(0);
        assertThat(request.getOutputModesList()).containsExactly(OutputMode.OUTPUT_MODE_IMAGE);
        assertThat(request.getImage().getWidth()).isEqualTo(512);
        assertThat(request.getImage().getHeight()).isEqualTo(384);
        assertThat(request.getImage().getSeed()).isEqualTo(5);
    }

    @Test
    void blendedPicturesFollowEachOtherWithoutText() throws IOException {
        server.picture(new byte[] {1});

        run(
                "blend",
                file("a.png", "a").toString(),
                file("b.png", "b").toString(),
                "-o",
                folder.resolve("ab.png").toString());

        assertThat(server.requests().get(0).getPrompt().getPartsList())
                .extracting(part -> part.getImage().getData().toStringUtf8())
                .containsExactly("a", "b");
    }

    @Test
    void rankedAnswersComeBestFirst() {
        int status = run("rank", "A photo of", "-c", "a dog", "-c", "a cat");

        assertThat(status).isZero();
        assertThat(captured.out().lines().map(String::strip)).containsExactly("1.0000  a cat", "2.0000  a dog");
    }

    @Test
    void aMissingFileIsSaidBeforeAnythingIsSent() {
        int status = run("generate", "--image", folder.resolve("none.png").toString());

        assertThat(status).isEqualTo(1);
        assertThat(captured.err()).contains("there is no file").contains("-> check the path");
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void wrongUseIsToldInOneLineAndWhereToLook() {
        assertThat(run("generate", "hello", "--max-tokens", "-3")).isEqualTo(2);
        assertThat(run("generate", "hello", "--top-k", "many")).isEqualTo(2);
        assertThat(run("generate", "hello", "--deadline", "0")).isEqualTo(2);
        assertThat(EmuCli.run(captured.terminal(), "generat")).isEqualTo(2);

        assertThat(captured.err().lines())
                .containsExactly(
                        "emu: Invalid value for option '--max-tokens': it is at least 1, not -3",
                        "  -> 'emu generate --help' explains it",
                        "emu: Invalid value for option '--top-k': 'many' is no whole number",
                        "  -> 'emu generate --help' explains it",
                        "emu: Invalid value for option '--deadline': it is at least 1, not 0",
                        "  -> 'emu generate --help' explains it",
                        "emu: Unmatched argument at index 0: 'generat'",
                        "  -> did you mean 'generate'? 'emu --help' explains it");
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void whoNamesNoCommandSeesThemAll() {
        assertThat(EmuCli.run(captured.terminal())).isEqualTo(2);
        assertThat(captured.err()).contains("conformance").contains("Missing required subcommand");
    }

    @Test
    void aSeedThatWasPrintedCanBeGivenBack() {
        server.picture(new byte[] {1});
        String printed = "18446744073709551615";

        run("draw", "a dog", "-o", folder.resolve("x.png").toString(), "--image-seed", printed);

        assertThat(Long.toUnsignedString(server.requests().get(0).getImage().getSeed()))
                .isEqualTo(printed);
    }

    @Test
    void aClusterCannotBeNamedOutOfItsFolder() {
        assertThat(EmuCli.run(captured.terminal(), "down", "--cluster", "../../x"))
                .isEqualTo(1);
        assertThat(captured.err()).contains("'../../x' is no name of a cluster");
    }

    @Test
    void anEmptyPromptIsRefusedHere() {
        assertThat(run("generate")).isEqualTo(1);
        assertThat(captured.err()).contains("the prompt is empty");
    }

    @Test
    void anUnknownOptionIsAUsageError() {
        assertThat(run("generate", "x", "--beam", "5")).isEqualTo(2);
    }

    @Test
    void withoutAClusterTheNextStepIsSaid() {
        int status = EmuCli.run(captured.terminal(), "status", "--state", folder.toString());

        assertThat(status).isEqualTo(1);
        assertThat(captured.err())
                .contains("no cluster 'dromaius' runs")
                .contains("-> start one with 'emu up --checkpoint DIR'");
    }

    @Test
    void downWithoutAClusterIsDone() {
        assertThat(EmuCli.run(captured.terminal(), "down", "--state", folder.toString()))
                .isZero();
        assertThat(captured.out()).contains("nothing to stop");
    }

    @Test
    void upWithoutACheckpointSaysWhatIsMissing() {
        int status = EmuCli.run(
                captured.terminal(),
                "up",
                "--checkpoint",
                folder.resolve("none").toString(),
                "--state",
                folder.toString());

        assertThat(status).isEqualTo(1);
        assertThat(captured.err()).contains("there is no checkpoint at");
    }

    @Test
    void evalWithoutACheckpointSaysSoBeforeItLaysOutQuestions() throws IOException {
        Files.createFile(Files.createDirectories(folder.resolve("grade")).resolve("__main__.py"));
        int status = EmuCli.run(
                captured.terminal(),
                "eval",
                "demo",
                "--checkpoint",
                folder.resolve("none").toString(),
                "--grader",
                folder.toString(),
                "--python",
                folder.resolve("none").toString());

        assertThat(status).isEqualTo(1);
        assertThat(captured.err()).contains("there is no checkpoint at", "--endpoint");
    }

    @Test
    void evalRefusesWhatCannotEndWellBeforeItLaysOutQuestions() {
        String nowhere = folder.resolve("none").resolve("scores.json").toString();
        String[] toNowhere = {"eval", "demo", "--endpoint", "127.0.0.1:1", "--output", nowhere};
        assertThat(EmuCli.run(captured.terminal(), toNowhere)).isEqualTo(1);
        assertThat(captured.err()).contains("no scores can be written to " + nowhere);

        String somewhere = folder.resolve("scores.json").toString();
        String[] fromNobody = {"eval", "demo", "--endpoint", "127.0.0.1:1", "--output", somewhere};
        assertThat(EmuCli.run(captured.terminal(), fromNobody)).isEqualTo(1);
        assertThat(captured.err()).contains("127.0.0.1:1").doesNotContain("laying out");
    }

    @Test
    void aLoadIsReportedAsJson() throws IOException {
        Path report = folder.resolve("report.json");
        for (int i = 0; i < 10_000; i++) {
            server.answer("a", "b");
        }

        int status = run(
                "bench",
                "load",
                "--clients",
                "1",
                "--seconds",
                "1",
                "--warm-up",
                "0",
                "--json",
                "--output",
                report.toString());

        assertThat(status).isZero();
        assertThat(captured.out()).contains("\"tokens_per_second\"").contains("\"p99_ms\"");
        assertThat(report).hasContent(captured.out());
    }

    @Test
    void everyCommandExplainsItself() {
        for (String command : List.of(
                "demo",
                "up",
                "down",
                "status",
                "generate",
                "draw",
                "blend",
                "rank",
                "convert",
                "conformance",
                "eval",
                "bench",
                "bench load",
                "bench layer",
                "bench attention",
                "bench split",
                "bench coordinator")) {
            int status = EmuCli.run(captured.terminal(), (command + " --help").split(" ", -1));
            assertThat(status).as(command).isZero();
        }
    }

    /** Every command's, so that none can be added without a limit. */
    @Test
    void aWholeNumberBelowItsLimitIsRefusedByTheNameOfItsOption() {
        CommandLine line = EmuCli.line(captured.terminal());
        assertThat(refused(line)).contains("--rounds", "--threads", "--shards", "--port", "--max-tokens");
    }

    /** The names of all options of whole numbers, below {@code line}. */
    private Set<String> refused(CommandLine line) {
        Set<String> names = new TreeSet<>();
        for (CommandLine command : line.getSubcommands().values()) {
            names.addAll(refused(command));
            for (OptionSpec option : command.getCommandSpec().options()) {
                if (option.type() == int.class || option.type() == Integer.class) {
                    names.add(option.longestName());
                    refused(command, option);
                }
            }
        }
        return names;
    }

    private void refused(CommandLine command, OptionSpec option) {
        String given = command.getCommandSpec().qualifiedName() + " " + option.longestName() + " -1";
        captured.clear();
        assertThat(EmuCli.run(
                        captured.terminal(), given.substring("emu ".length()).split(" ", -1)))
                .as(given)
                .isEqualTo(2);
        assertThat(captured.err()).as(given).contains("'" + option.longestName() + "': it is at least ");
    }

    @Test
    void whatIsMeasuredIsMeasuredAtLeastOnce() {
        assertThat(EmuCli.run(captured.terminal(), "bench", "layer", "--rounds", "0"))
                .isEqualTo(2);
        assertThat(EmuCli.run(captured.terminal(), "up", "--checkpoint", "x", "--port", "65536"))
                .isEqualTo(2);
        assertThat(EmuCli.run(captured.terminal(), "bench", "load", "--seconds", "3000000000"))
                .isEqualTo(2);

        assertThat(captured.err().lines().filter(line -> line.startsWith("emu:")))
                .containsExactly(
                        "emu: Invalid value for option '--rounds': it is at least 1, not 0",
                        "emu: Invalid value for option '--port': it is at most 65535, not 65536",
                        "emu: Invalid value for option '--seconds': it is at most 2147483647, not 3000000000");
    }

    @Test
    void aVideoHasAtLeastOneFrame() throws IOException {
        assertThat(run("generate", "--video", file("clip.mp4", "clip") + ":0")).isEqualTo(1);
        assertThat(captured.err()).contains("--video is sampled to at least 1 frame, not 0");
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void aValueThatNothingCanBeDoneWithIsAUsageError() {
        assertThat(EmuCli.run(captured.terminal(), "bench", "layer", "--dtype", "fp16"))
                .isEqualTo(2);
        assertThat(EmuCli.run(captured.terminal(), "bench", "split", "--shards", "0"))
                .isEqualTo(2);
    }

    private int run(String command, String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = command;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        all[all.length - 2] = "--endpoint";
        all[all.length - 1] = server.address();
        return EmuCli.run(captured.terminal(), all);
    }

    private Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }
}
