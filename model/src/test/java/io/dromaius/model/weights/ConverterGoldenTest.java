package io.dromaius.model.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dromaius.model.Golden;
import io.dromaius.model.spec.CheckpointException;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The converted form: the same weights, checked, and nothing half-written. */
class ConverterGoldenTest {
    @TempDir
    private Path directory;

    @Test
    void aConvertedCheckpointHoldsTheSameModel() throws IOException {
        Checkpoint instruct = Checkpoint.open(Golden.path("emu-tiny-instruct"));
        Path target = directory.resolve("converted");
        List<String> progress = new ArrayList<>();
        new Converter(instruct, Dtype.FP32, (file, done, total) -> progress.add(file + " " + done * 100 / total))
                .convert(target);
        assertThat(progress).hasSize(6 + 3).last().isEqualTo("vision.safetensors 100");

        Checkpoint converted = Checkpoint.open(target);
        assertThat(converted.spec()).isEqualTo(instruct.spec());
        assertThat(converted.tokenizer()).hasSameBinaryContentAs(instruct.tokenizer());
        assertThat(converted.component("unet").names())
                .isEqualTo(instruct.component("unet").names());
        WeightSource before = instruct.weights();
        WeightSource after = converted.weights();
        for (String name : after.names()) {
            try (Tensor expected = before.tensor(name, Dtype.FP32);
                    Tensor found = after.tensor(name, Dtype.FP32)) {
                assertThat(found.floats()).as(name).isEqualTo(expected.floats());
            }
        }
        assertThat(after.copiedBytes()).isZero();
        assertThat(before.names())
                .filteredOn(name -> !after.names().contains(name))
                .allMatch(UnusedWeights::matches);
    }

    @Test
    void aChangedByteIsFoundAndNamed() throws IOException {
        Path target = directory.resolve("converted");
        new Converter(Checkpoint.open(Golden.path("emu-tiny")), Dtype.BF16, (file, done, total) -> {}).convert(target);
        Path layer = target.resolve("layer-002.safetensors");
        try (RandomAccessFile bytes = new RandomAccessFile(layer.toFile(), "rw")) {
            bytes.seek(bytes.length() - 1);
            int last = bytes.read();
            bytes.seek(bytes.length() - 1);
            bytes.write(last ^ 1);
        }
        WeightSource weights = Checkpoint.open(target).weights();
        weights.tensor(LlamaWeights.layer(1).get(0), Dtype.BF16).close();
        assertThatThrownBy(() -> weights.tensor(LlamaWeights.layer(2).get(1), Dtype.BF16))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("layer-002.safetensors")
                .hasMessageContaining("SHA-256")
                .hasMessageContaining("layers.2.self_attn.q_proj");
    }

    @Test
    void aFailureLeavesNothingBehind() throws IOException {
        Path target = directory.resolve("converted");
        Converter full = new Converter(Checkpoint.open(Golden.path("emu-tiny")), Dtype.FP32, (file, done, total) -> {
            if (file.startsWith("layer-003")) {
                throw new IllegalStateException("No space left on device");
            }
        });
        assertThatThrownBy(() -> full.convert(target)).hasMessageContaining("No space left");
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void anExistingTargetIsNotTouched() throws IOException {
        Path target = Files.createDirectory(directory.resolve("converted"));
        Converter converter =
                new Converter(Checkpoint.open(Golden.path("emu-tiny")), Dtype.FP32, (file, done, total) -> {});
        assertThatThrownBy(() -> converter.convert(target)).isInstanceOf(FileAlreadyExistsException.class);
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).containsExactly(target);
        }
    }
}
