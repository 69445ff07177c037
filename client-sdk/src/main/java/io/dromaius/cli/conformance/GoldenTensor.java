package io.dromaius.cli.conformance;

import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.WeightSource;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Stored values of any type, widened to double, row-major. */
@SuppressWarnings("ArrayRecordComponent") // compared element by element, with a tolerance
record GoldenTensor(String name, List<Long> shape, double[] values) {

    /** Every tensor of a safetensors file, by name. */
    static Map<String, GoldenTensor> read(Path file) {
        WeightSource source = WeightSource.ofFile(file);
        Map<String, GoldenTensor> tensors = new LinkedHashMap<>();
        source.names().stream().sorted().forEach(name -> {
            try (Tensor tensor = source.tensor(name, Dtype.FP64)) {
                DoubleBuffer stored =
                        tensor.bytes().order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer();
                double[] values = new double[stored.remaining()];
                stored.get(values);
                tensors.put(name, new GoldenTensor(name, source.shape(name), values));
            }
        });
        return tensors;
    }

    int size(int dimension) {
        return Math.toIntExact(shape.get(dimension));
    }

    float[] floats() {
        return narrow(values);
    }

    int[] ints() {
        return Arrays.stream(values).mapToInt(value -> (int) value).toArray();
    }

    /** The values at {@code index} of the first dimension. */
    float[] slice(int index) {
        int length = values.length / size(0);
        return narrow(Arrays.copyOfRange(values, index * length, (index + 1) * length));
    }

    private static float[] narrow(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }
}
