package io.dromaius.model.torch;

import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * A class of {@code src/main/torchscript/dromaius}, compiled by libtorch. Its methods are called with positional
 * arguments: {@link Tensor}, {@code int}, {@code long}, {@code double}, {@code boolean}, {@code String}, {@code int[]},
 * {@code long[]}, {@code double[]}, lists of tensors (nested too), maps from name to tensor, or a {@link ScriptValue} prepared once. Arguments stay
 * the caller's; results become the caller's.
 *
 * <p>Thread-safe, but every calling thread gets its own team of OpenMP threads, so a process should call from one.
 */
public final class ScriptModule implements AutoCloseable {
    private final PtSymbolBlock block;
    private final String name;

    private ScriptModule(PtSymbolBlock block, String name) {
        this.block = block;
        this.name = name;
    }

    /** Loads a class without attributes. */
    public static ScriptModule load(String file, String type) {
        return load(file, type, Map.of());
    }

    /**
     * Compiles a class with everything it imports.
     *
     * @param file file name without {@code .py}
     * @param attributes values of the class's attributes: Integer, Double or Boolean
     * @throws ai.djl.engine.EngineException with file and line, if the source does not compile
     */
    public static ScriptModule load(String file, String type, Map<String, Object> attributes) {
        byte[] archive = ScriptArchive.pack(file, type, attributes);
        try (java.io.InputStream in = new java.io.ByteArrayInputStream(archive)) {
            return new ScriptModule(JniUtils.loadModule(Torch.manager(), in, false, false), file + "." + type);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot load " + file + "." + type, e);
        }
    }

    /** Calls a method that returns one tensor. */
    public Tensor tensor(String method, Object... arguments) {
        try (IValue result = call(method, arguments)) {
            return new Tensor(result.toTensor(Torch.manager()));
        }
    }

    /** Calls a method that returns a list or tuple of tensors. */
    public List<Tensor> tensors(String method, Object... arguments) {
        try (IValue result = call(method, arguments)) {
            return ScriptValue.tensors(result);
        }
    }

    /** Calls a method for what it does to its arguments. */
    public void run(String method, Object... arguments) {
        call(method, arguments).close();
    }

    private IValue call(String method, Object... arguments) {
        // Thread-local in libtorch. The profiling executor costs 40 ms at a stage's first call and gains nothing later.
        JniUtils.setGraphExecutorOptimize(false);
        IValue[] values = new IValue[arguments.length];
        try {
            for (int i = 0; i < arguments.length; i++) {
                values[i] = ScriptValue.borrow(arguments[i]);
            }
            return IValueUtils.runMethod(block, method, values);
        } finally {
            for (int i = 0; i < values.length; i++) {
                if (values[i] != null && !(arguments[i] instanceof ScriptValue)) {
                    values[i].close();
                }
            }
        }
    }

    @Override
    public void close() {
        block.close();
    }

    @Override
    public String toString() {
        return name;
    }
}
