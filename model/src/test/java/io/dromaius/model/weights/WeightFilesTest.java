package io.dromaius.model.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dromaius.model.spec.CheckpointException;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading tensors from safetensors files and torch archives, good ones and bad ones. */
class WeightFilesTest {
    private static final float[] SIX = {0, 1, 2, 3, 4, 5};

    @TempDir
    private Path directory;

    @Test
    void readsBackWhatWasWritten() throws IOException {
        Path file = directory.resolve("a.safetensors");
        try (Tensor x = Tensor.of(SIX, 2, 3);
                Tensor y = x.to(Device.CPU, Dtype.BF16)) {
            SafetensorsWriter.write(file, Map.of("x", x, "y", y));
        }
        WeightSource weights = source(file);
        assertThat(weights.names()).containsExactlyInAnyOrder("x", "y");
        try (Tensor x = weights.tensor("x", Dtype.FP32);
                Tensor y = weights.tensor("y", Dtype.BF16)) {
            assertThat(x.floats()).containsExactly(SIX);
            assertThat(y.floats()).containsExactly(SIX);
        }
        assertThat(weights.mappedBytes()).isEqualTo(6 * 4 + 6 * 2);
        assertThat(weights.copiedBytes()).isZero();
        try (Tensor y = weights.tensor("y", Dtype.FP32, 2, 3)) {
            assertThat(y.floats()).containsExactly(SIX);
        }
        assertThat(weights.copiedBytes()).isEqualTo(6 * 4);
    }

    @Test
    void readsAStateDictWithAndWithoutTheModuleWrapper() throws IOException {
        Path bare = directory.resolve("bare.pt");
        new TorchArchive()
                .global("collections", "OrderedDict")
                .op(')', 'R', '(')
                .tensor("x", SIX, 0, new int[] {2, 3}, new int[] {3, 1})
                .endDict()
                .startDict()
                .string("_metadata")
                .op('}')
                .endDict()
                .op('b')
                .write(bare);
        Path wrapped = directory.resolve("wrapped.bin");
        new TorchArchive()
                .startDict()
                .string("module")
                .startDict()
                .tensor("x", SIX, 0, new int[] {2, 3}, new int[] {3, 1})
                .endDict()
                .string("steps")
                .op('K', 7)
                .endDict()
                .write(wrapped);
        for (Path file : new Path[] {bare, wrapped}) {
            WeightSource weights = source(file);
            assertThat(weights.names()).containsExactly("x");
            try (Tensor x = weights.tensor("x", Dtype.FP32)) {
                assertThat(x.floats()).containsExactly(SIX);
                assertThat(weights.copiedBytes()).isZero();
            }
        }
    }

    @Test
    void readsViewsOfAStorage() throws IOException {
        Path file = directory.resolve("views.pt");
        new TorchArchive()
                .startDict()
                .tensor("transposed", SIX, 0, new int[] {3, 2}, new int[] {1, 3})
                .tensor("tail", SIX, 4, new int[] {2}, new int[] {1})
                .endDict()
                .write(file);
        WeightSource weights = source(file);
        try (Tensor transposed = weights.tensor("transposed", Dtype.FP32);
                Tensor tail = weights.tensor("tail", Dtype.FP32)) {
            assertThat(transposed.floats()).containsExactly(0, 3, 1, 4, 2, 5);
            assertThat(tail.floats()).containsExactly(4, 5);
        }
        assertThat(weights.copiedBytes()).isEqualTo(6 * 4);
    }

    @Test
    void refusesAnyNameThatIsNotPartOfAStateDict() throws IOException {
        Path file = directory.resolve("evil.pt");
        new TorchArchive()
                .global("os", "system")
                .op('(')
                .string("true")
                .op('t', 'R')
                .write(file);
        assertThatThrownBy(() -> source(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("evil.pt")
                .hasMessageContaining("os.system");
    }

    @Test
    void namesFileAndTensorOfACorruptArchive() throws IOException {
        Path file = directory.resolve("corrupt.pt");
        new TorchArchive()
                .startDict()
                .tensor("layer.weight", SIX, 0, new int[] {6}, new int[] {1})
                .endDict()
                .write(file);
        StoredTensor tensor = WeightFolder.file(file).values().iterator().next();
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(tensor.storage().offset() + 5);
            bytes.write(77);
        }
        assertThatThrownBy(() -> source(file).tensor("layer.weight", Dtype.FP32))
                .hasMessageContaining("corrupt.pt")
                .hasMessageContaining("layer.weight")
                .hasMessageContaining("CRC");
    }

    @Test
    void namesTheFileThatIsTruncated() throws IOException {
        Path safetensors = directory.resolve("short.safetensors");
        try (Tensor x = Tensor.of(SIX, 6)) {
            SafetensorsWriter.write(safetensors, Map.of("layer.weight", x));
        }
        Path torch = directory.resolve("short.bin");
        new TorchArchive()
                .startDict()
                .tensor("layer.weight", SIX, 0, new int[] {6}, new int[] {1})
                .endDict()
                .write(torch);
        truncate(safetensors, 1);
        truncate(torch, 1);
        assertThatThrownBy(() -> source(safetensors))
                .hasMessageContaining("short.safetensors")
                .hasMessageContaining("layer.weight");
        assertThatThrownBy(() -> source(torch))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("short.bin");
        truncate(safetensors, Files.size(safetensors) - 7);
        assertThatThrownBy(() -> source(safetensors)).hasMessageContaining("truncated");
    }

    @Test
    void namesAMissingTensorAndAWrongShape() throws IOException {
        Path file = directory.resolve("a.safetensors");
        try (Tensor x = Tensor.of(SIX, 6)) {
            SafetensorsWriter.write(file, Map.of("x", x));
        }
        assertThatThrownBy(() -> source(file).tensor("y", Dtype.FP32)).hasMessageContaining("has no tensor y");
        assertThatThrownBy(() -> source(file).tensor("x", Dtype.FP32, 2, 3)).hasMessageContaining("tensor x");
    }

    @Test
    void mergesLowRankAdapters() throws IOException {
        Path file = directory.resolve("lora.safetensors");
        try (Tensor w = Tensor.of(new float[] {1, 0, 0, 1}, 2, 2);
                Tensor a = Tensor.of(new float[] {1, 2}, 1, 2);
                Tensor b = Tensor.of(new float[] {3, 5}, 2, 1)) {
            SafetensorsWriter.write(
                    file,
                    Map.of("q.weight", w, "q.lora_A.default.weight", a, "q.lora_B.default.weight", b, "k.weight", w));
        }
        WeightSource weights = LoraWeights.merge(source(file), 2);
        assertThat(weights.names()).containsExactlyInAnyOrder("q.weight", "k.weight");
        // alpha / r = 2
        try (Tensor q = weights.tensor("q.weight", Dtype.FP32);
                Tensor k = weights.tensor("k.weight", Dtype.FP32)) {
            assertThat(q.floats()).containsExactly(1 + 2 * 3, 2 * 6, 2 * 5, 1 + 2 * 10);
            assertThat(k.floats()).containsExactly(1, 0, 0, 1);
        }
        assertThat(weights.copiedBytes()).isEqualTo(16);
        assertThat(weights.mappedBytes()).isEqualTo(16);
    }

    private static WeightSource source(Path file) {
        return new MappedWeights(file, WeightFolder.file(file), tensor -> {});
    }

    private static void truncate(Path file, long bytes) throws IOException {
        try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw")) {
            content.setLength(content.length() - bytes);
        }
    }
}
