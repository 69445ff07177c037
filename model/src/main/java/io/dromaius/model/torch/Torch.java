package io.dromaius.model.torch;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.cuda.CudaUtils;
import java.lang.management.MemoryUsage;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The engine of this process. */
public final class Torch {
    private static final PtNDManager MANAGER = start();

    private static final Pattern ERROR = Pattern.compile("^RuntimeError: (.+?)(?:\\.(?:\\s|$)|$)", Pattern.MULTILINE);

    private Torch() {}

    /** Threads libtorch may use in one operation; holds for the whole process. */
    public static void setThreads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: " + threads);
        }
        manager();
        JniUtils.setNumThreads(threads);
    }

    public static int threads() {
        manager();
        return JniUtils.getNumThreads();
    }

    /** Tensors of this process that are not closed. */
    public static int liveTensors() {
        return manager().getManagedArrays().size();
    }

    /** Why nothing can be computed on {@code device} by this process, in a line; empty where something can. */
    public static Optional<String> unusable(Device device) {
        if (device.isCpu()) {
            return Optional.empty();
        }
        try {
            Tensor.zeros(device, Dtype.FP32, 1).close();
            return Optional.empty();
        } catch (RuntimeException e) {
            return Optional.of("device " + device + " cannot be used: is there such a GPU, and a libtorch for it? ("
                    + reason(String.valueOf(e.getMessage())) + ")");
        }
    }

    /** The first sentence behind the traceback, where there is one. */
    private static String reason(String message) {
        Matcher error = ERROR.matcher(message);
        return error.find() ? error.group(1) : message.lines().findFirst().orElse("");
    }

    /** Free bytes of a GPU; empty where they cannot be read. */
    public static OptionalLong freeMemory(Device gpu) {
        try {
            MemoryUsage memory = CudaUtils.getGpuMemory(ai.djl.Device.gpu(gpu.index()));
            return OptionalLong.of(memory.getMax() - memory.getUsed());
        } catch (RuntimeException | LinkageError e) {
            return OptionalLong.empty(); // no driver, or one that does not tell
        }
    }

    /** Owner of last resort of every native array. Closing an array takes it out; the manager itself is never closed. */
    static PtNDManager manager() {
        return MANAGER;
    }

    private static PtNDManager start() {
        // A missing native library must be an error here, not a download.
        if (System.getProperty("ai.djl.offline") == null) {
            System.setProperty("ai.djl.offline", "true");
        }
        return (PtNDManager) NDManager.newBaseManager(ai.djl.Device.cpu(), "PyTorch");
    }
}
