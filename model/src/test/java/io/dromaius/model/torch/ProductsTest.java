package io.dromaius.model.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ops.linear} reads its weights in another way at one row, at a few rows of large weights, and otherwise. */
class ProductsTest {
    @ParameterizedTest(name = "{0} rows, {1} x {2}, {3}")
    @CsvSource({
        "1, 4096, 1024, FP32, 1e-5",
        "2, 4096, 1024, FP32, 1e-5",
        "9, 4100, 1030, FP32, 1e-5",
        "128, 4096, 1024, FP32, 1e-5",
        "129, 4096, 1024, FP32, 1e-5",
        "3, 600, 192, FP32, 1e-5",
        "1, 4096, 1024, BF16, 8e-3",
        "7, 4096, 1024, BF16, 8e-3",
        "8, 4096, 1024, BF16, 8e-3",
        "9, 4100, 1030, BF16, 8e-3",
        "16, 4100, 1030, BF16, 8e-3",
        "128, 4096, 1024, BF16, 8e-3",
    })
    void areTheProductWhateverTheirNumberOfRows(int rows, long outs, long width, Dtype dtype, double most) {
        try (ScriptModule module = ScriptModule.load("products", "Products");
                Tensor drawn = module.tensor("weights", outs, width);
                Tensor weights = drawn.to(Device.CPU, dtype);
                Tensor miss = module.tensor("miss", rows, weights)) {
            assertThat((double) miss.floats()[0]).isLessThan(most);
        }
    }
}
