package io.dromaius.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.client.EmuClient;
import io.dromaius.client.Generation;
import io.dromaius.client.GenerationOptions;
import io.dromaius.client.Prompt;
import io.dromaius.model.tiny.TinyCheckpoint;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.model.weights.Converter;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code emu} as it is typed: processes that start processes. */
final class CommandsIT {
    private static final Logger log = LoggerFactory.getLogger(CommandsIT.class);
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final String QUESTION = "what is it?";

    @TempDir
    private Path directory;

    /** What a command answered, what it said besides, and its exit status. */
    private record Outcome(int status, String output, String said, Duration time) {}

    @Test
    void aChatAboutAVideo() throws Exception {
        int port = ProcessCluster.freePort();
        Path video = video();
        Outcome up = up(TinyCheckpoint.writeInstruct(directory), "--port=" + port, "--decoders=0");
        assertThat(up.status()).as(up.said()).isZero();
        assertThat(running())
                .as("ZooKeeper, a coordinator, a shard, an encoder")
                .isEqualTo(4);
        try (EmuClient emu = EmuClient.builder().endpoint("127.0.0.1:" + port).build()) {
            Generation eight = emu.generate(chat(Prompt.builder().video(video)), options());
            Generation four = emu.generate(chat(Prompt.builder().video(video, 4)), options());
            assertThat(eight.usage().inputImages())
                    .as("8 frames unless asked otherwise")
                    .isEqualTo(8);
            assertThat(four.usage().inputImages()).isEqualTo(4);
            assertThat(eight.text()).isNotBlank();

            Outcome generate = emu(
                    "generate",
                    "--endpoint=127.0.0.1:" + port,
                    "--chat",
                    "--video",
                    video + ":4",
                    QUESTION,
                    "--max-tokens=12");
            assertThat(generate.status()).as(generate.said()).isZero();
            assertThat(generate.output().strip()).isEqualTo(four.text().strip());
        } finally {
            Outcome down = emu("down", "--cluster=" + cluster(), "--state=" + state());
            assertThat(down.status()).as(down.said()).isZero();
        }
        assertNothingRuns();
    }

    @Test
    void aDamagedLayerEndsUpAtOnce() throws Exception {
        Path checkpoint = directory.resolve("converted");
        new Converter(Checkpoint.open(TinyCheckpoint.writePretrain(directory)), Dtype.FP32, (file, done, total) -> {})
                .convert(checkpoint);
        Path layer;
        try (var files = Files.list(checkpoint)) {
            layer = files.filter(file -> file.getFileName().toString().contains("layer"))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
        try (RandomAccessFile file = new RandomAccessFile(layer.toFile(), "rw")) {
            file.seek(file.length() - 1);
            int last = file.read();
            file.seek(file.length() - 1);
            file.write(last ^ 1);
        }
        Outcome up = up(checkpoint, "--port=0", "--decoders=0", "--encoders=0");
        log.info("up on a damaged layer: {} ms: {}", up.time().toMillis(), up.said());
        assertThat(up.status()).isNotZero();
        assertThat(up.said())
                .contains(layer.getFileName().toString(), "SHA-256", "tensor", "run the command again")
                .doesNotContain("is not ready after");
        assertNothingRuns();
    }

    @Test
    void aDeviceThatIsNotThereEndsUpAtOnce() throws Exception {
        Outcome up = up(
                TinyCheckpoint.writePretrain(directory),
                "--port=0",
                "--device=cuda:99",
                "--decoders=0",
                "--encoders=0");
        log.info("up without the device: {} ms: {}", up.time().toMillis(), up.said());
        assertThat(up.status()).isNotZero();
        assertThat(up.said()).contains("device cuda:99 cannot be used").doesNotContain("is not ready after");
        assertNothingRuns();
    }

    private Outcome up(Path checkpoint, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "up",
                "--cluster=" + cluster(),
                "--state=" + state(),
                "--checkpoint=" + checkpoint,
                "--shards=1",
                "--dtype=fp32",
                "--threads=1",
                "--jvm=" + mark(),
                "--jvm=-XX:TieredStopAtLevel=1",
                "--jvm=-XX:+UseSerialGC",
                "--jvm=-Xmx192m"));
        arguments.addAll(List.of(more));
        return emu(arguments.toArray(String[]::new));
    }

    private Outcome emu(String... arguments) throws Exception {
        Path output = Files.createTempFile(directory, "emu", ".out");
        Path said = Files.createTempFile(directory, "emu", ".err");
        long begun = System.nanoTime();
        Process process = new ProcessBuilder(JavaCommand.of("io.dromaius.cli.EmuCli", List.of(arguments)))
                .redirectOutput(output.toFile())
                .redirectError(said.toFile())
                .start();
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("it does not end: " + Files.readString(said));
        }
        Duration time = Duration.ofNanos(System.nanoTime() - begun);
        return new Outcome(process.exitValue(), Files.readString(output), Files.readString(said), time);
    }

    /** Among the JVM's flags, as what comes behind the class path is beyond what {@link ProcessHandle} reads. */
    private String mark() {
        return "-Demu.test=" + cluster();
    }

    /** A name that no other process on this machine has in its arguments. */
    private String cluster() {
        return "commands-" + directory.getFileName();
    }

    private Path state() {
        return directory.resolve("state");
    }

    private void assertNothingRuns() {
        Awaitility.await("the end of every process").atMost(LIMIT).until(() -> running() == 0);
    }

    /** Processes of this test's cluster. */
    private long running() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(mark()))
                .count();
    }

    private static Prompt chat(Prompt.Builder video) {
        return Prompt.chat().user(video.text(QUESTION).build()).build();
    }

    private static GenerationOptions options() {
        return GenerationOptions.builder().maxTokens(12).build();
    }

    /** Plain gray frames, encoded by FFmpeg, of several types, whose order in the file is not that in which they are shown. */
    private Path video() throws IOException {
        Path file = directory.resolve("gray.mp4");
        try (InputStream resource = CommandsIT.class.getResourceAsStream("/gray.mp4")) {
            Files.write(file, resource.readAllBytes());
        }
        return file;
    }
}
