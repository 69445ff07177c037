package io.dromaius.cli;

import io.dromaius.model.spec.CheckpointException;
import io.dromaius.model.spec.IoReason;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.model.weights.Converter;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a checkpoint in the form that loads fastest. */
@Command(
        name = "convert",
        header = "Convert a checkpoint to safetensors sharded by layer.",
        description = {
            "SOURCE is a released layout, or an instruct file or its folder, whose adapters are merged. TARGET must not"
                    + " exist; it holds a file a layer and a manifest of SHA-256 checksums, so that a shard worker maps its"
                    + " own layers and copies nothing. What fails leaves nothing half-written.",
            ""
        },
        footer = {"", "Example:", "  emu convert emu-14b emu-14b-bf16 --dtype bf16"})
final class ConvertCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "SOURCE", description = "The checkpoint to read.")
    private Path source = Path.of("");

    @Parameters(index = "1", paramLabel = "TARGET", description = "The folder to write.")
    private Path target = Path.of("");

    @Option(
            names = "--base",
            paramLabel = "DIR",
            description = "Released layout that an instruct file goes with (default: the one beside it).")
    private @Nullable Path base;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "bf16",
            converter = DtypeMixin.Converter.class,
            description = "Type to store: bf16 or fp32; what the cluster computes in (default: ${DEFAULT-VALUE}).")
    private Dtype dtype = Dtype.BF16;

    ConvertCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try {
            Checkpoint checkpoint = base == null ? Checkpoint.open(source) : Checkpoint.open(source, base);
            convert(checkpoint);
        } catch (CheckpointException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), "see whether the download is complete", e);
        } catch (FileAlreadyExistsException e) {
            throw new CommandFailure(target + " exists", "name another folder, or remove it", e);
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot write " + target + ": " + IoReason.of(e),
                    "nothing is left of it; make room, or name another",
                    e);
        }
        terminal.print(target + " holds the checkpoint as " + DtypeMixin.name(dtype));
        return 0;
    }

    private void convert(Checkpoint checkpoint) throws IOException {
        Terminal.Progress[] progress = new Terminal.Progress[1];
        try {
            new Converter(checkpoint, dtype, (file, done, total) -> {
                        if (progress[0] == null) {
                            progress[0] = terminal.progress("converting", total);
                        }
                        progress[0].at(done, String.valueOf(file));
                    })
                    .convert(target);
        } finally {
            if (progress[0] != null) {
                progress[0].close();
            }
        }
    }
}
