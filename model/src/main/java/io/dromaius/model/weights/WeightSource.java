package io.dromaius.model.weights;

import io.dromaius.model.spec.CheckpointException;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Tensors by name. Not thread-safe. */
public interface WeightSource {
    Set<String> names();

    /** @throws CheckpointException if there is no such tensor */
    List<Long> shape(String name);

    /**
     * Reads a tensor on the CPU; the caller closes it. Its pages are resident and its checksum, if the file has one, has been
     * verified. The memory must not be written: where the stored dtype is the wanted one and nothing is merged it is the
     * file itself, mapped.
     *
     * @throws CheckpointException naming file and tensor, if it is missing, truncated or corrupt
     */
    Tensor tensor(String name, Dtype dtype);

    /** Bytes handed out so far as mapped file pages. */
    long mappedBytes();

    /** Bytes handed out so far that had to be converted, merged or made contiguous. */
    long copiedBytes();

    /** Tensors of one safetensors file or torch archive, by the names in it. */
    static WeightSource ofFile(Path file) {
        return new MappedWeights(file, WeightFolder.file(file), tensor -> {});
    }

    /** Reads a tensor and checks its shape. */
    default Tensor tensor(String name, Dtype dtype, long... expected) {
        List<Long> wanted = Arrays.stream(expected).boxed().toList();
        List<Long> found = shape(name);
        if (!found.equals(wanted)) {
            throw new IllegalArgumentException("tensor " + name + " has shape " + found + ", not " + wanted);
        }
        return tensor(name, dtype);
    }
}
