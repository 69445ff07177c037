package io.dromaius.model.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTest {
    @ParameterizedTest
    @EnumSource(names = {"FP32", "BF16", "FP16"})
    void oneElementThatIsNotFiniteIsFoundInEveryDtype(Dtype dtype) {
        assertThat(isFinite(dtype, -1, 0, 60_000)).isTrue();
        assertThat(isFinite(dtype, -1, 0, Float.NaN)).isFalse();
        assertThat(isFinite(dtype, Float.NEGATIVE_INFINITY, 0, 1)).isFalse();
    }

    @Test
    void nothingIsFinite() {
        assertThat(isFinite(Dtype.FP32)).isTrue();
    }

    private static boolean isFinite(Dtype dtype, float... values) {
        try (Tensor given = Tensor.of(values, values.length);
                Tensor tensor = given.to(Device.CPU, dtype)) {
            return tensor.isFinite();
        }
    }
}
