package io.dromaius.model.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What TorchScript text can be given and gives back; the sources are {@code torchscript/dromaius/sample.py} of the tests. */
class ScriptModuleTest {
    @Test
    void passesTensorsNestedListsAndNumbers() {
        try (ScriptModule module =
                        ScriptModule.load("sample", "Sample", Map.of("scale", 3, "shift", 0.5, "negate", true));
                Tensor a = Tensor.of(new float[] {1, 2}, 2);
                Tensor b = Tensor.of(new float[] {10, 20}, 2);
                Tensor sum = module.tensor("weighted", List.of(List.of(a), List.of(a, b)), new int[] {1, 2}, 2.0)) {
            // -(3 * (1 * a + 2 * (a + b)) * 2 + 0.5)
            assertThat(sum.floats()).containsExactly(-(3 * 23 * 2 + 0.5f), -(3 * 46 * 2 + 0.5f));
        }
    }

    @Test
    void returnsListsAndTuples() {
        try (ScriptModule module =
                        ScriptModule.load("sample", "Sample", Map.of("scale", 1, "shift", 0.0, "negate", false));
                Tensor x = Tensor.of(new long[] {1, 2, 3, 4}, 2, 2)) {
            for (String method : List.of("halves", "pair")) {
                List<Tensor> parts = module.tensors(method, x);
                assertThat(parts.get(0).longs()).containsExactly(1, 2);
                assertThat(parts.get(1).longs()).containsExactly(3, 4);
                parts.forEach(Tensor::close);
            }
        }
    }

    @Test
    void writesToTheCallersMemory() {
        ByteBuffer memory = ByteBuffer.allocateDirect(8).order(ByteOrder.LITTLE_ENDIAN);
        try (ScriptModule module =
                        ScriptModule.load("sample", "Sample", Map.of("scale", 1, "shift", 0.0, "negate", false));
                Tensor x = Tensor.wrap(Dtype.FP32, new long[] {2}, memory)) {
            module.run("fill", x, 7.0);
            assertThat(memory.getFloat(0)).isEqualTo(7f);
            assertThat(memory.getFloat(4)).isEqualTo(7f);
        }
    }

    @Test
    void keepsBf16UnderItsOwnName() {
        ByteBuffer memory = ByteBuffer.allocateDirect(4).order(ByteOrder.LITTLE_ENDIAN);
        memory.putShort(0, (short) 0x3f80).putShort(2, (short) 0xc000);
        try (Tensor x = Tensor.wrap(Dtype.BF16, new long[] {2}, memory);
                Tensor copy = x.to(Device.CPU, Dtype.BF16)) {
            assertThat(x.dtype()).isEqualTo(Dtype.BF16);
            assertThat(x.floats()).containsExactly(1f, -2f);
            assertThat(copy.bytes().getShort(2)).isEqualTo((short) 0xc000);
            memory.putShort(0, (short) 0x4000);
            assertThat(x.floats()).containsExactly(2f, -2f);
            assertThat(copy.floats()).containsExactly(1f, -2f);
        }
    }

    @Test
    void namesFileAndLineOfAnError() {
        assertThatThrownBy(() -> ScriptModule.load("broken", "Broken"))
                .hasMessageContaining("dromaius/broken.py")
                .hasMessageContaining("line 6");
    }

    @Test
    void refusesAHeapBufferAndAWrongLength() {
        assertThatThrownBy(() -> Tensor.wrap(Dtype.FP32, new long[] {2}, ByteBuffer.allocate(8)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Tensor.wrap(Dtype.FP32, new long[] {2}, ByteBuffer.allocateDirect(12)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void callsLeaveNothingBehind() throws IOException {
        try (ScriptModule module =
                        ScriptModule.load("sample", "Sample", Map.of("scale", 1, "shift", 0.0, "negate", false));
                Tensor x = Tensor.zeros(Device.CPU, Dtype.FP32, 2, 1 << 17)) {
            megabytes(module, x, 50);
            int tensors = Torch.liveTensors();
            long before = residentBytes();
            megabytes(module, x, 2000);
            assertThat(Torch.liveTensors()).isEqualTo(tensors);
            // One lost value a round would be 2000 MB; the rest is room for the Java heap.
            assertThat(residentBytes() - before).isLessThan(500L << 20);
        }
    }

    private static void megabytes(ScriptModule module, Tensor x, int rounds) {
        for (int i = 0; i < rounds; i++) {
            try (Tensor copy = x.to(Device.CPU, Dtype.BF16);
                    Tensor wide = copy.to(Device.CPU, Dtype.FP32);
                    Tensor sum = module.tensor("weighted", List.of(List.of(wide, x)), new int[] {1}, 1.0)) {
                module.tensors("halves", sum).forEach(Tensor::close);
                module.tensors("pair", sum).forEach(Tensor::close);
                module.run("fill", sum, 1.0);
            }
        }
    }

    private static long residentBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }
}
