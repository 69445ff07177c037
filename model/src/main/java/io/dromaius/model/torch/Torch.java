package io.dromaius.model.torch;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;

/** The engine of this process. */
public final class Torch {
    private static final PtNDManager MANAGER = start();

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
