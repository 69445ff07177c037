package io.dromaius.model.weights;

import io.dromaius.model.torch.Dtype;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.razorvine.pickle.IObjectConstructor;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleException;
import net.razorvine.pickle.PickleUtils;
import net.razorvine.pickle.Unpickler;

/**
 * Reads the pickle of a state dict. Only the handful of names that {@code torch.save} writes for one is known here; any other
 * is refused before anything is made of it.
 */
final class TorchPickle extends Unpickler {
    /** A storage, named by its entry in the archive. */
    record StorageKey(Dtype dtype, String key) {}

    /** A tensor over a storage; offset and strides in elements. */
    record View(StorageKey storage, long start, List<Long> shape, List<Long> strides) {}

    /** collections.OrderedDict; a module's state dict carries its versions as state, which nobody needs. */
    public static final class Dict extends LinkedHashMap<Object, Object> {
        private static final long serialVersionUID = 1;

        // The unpickler looks this method up by the exact type.
        @SuppressWarnings("NonApiType")
        public void __setstate__(HashMap<Object, Object> ignored) {}
    }

    private static final Map<String, Dtype> STORAGES = Map.of(
            "DoubleStorage", Dtype.FP64,
            "FloatStorage", Dtype.FP32,
            "HalfStorage", Dtype.FP16,
            "BFloat16Storage", Dtype.BF16,
            "LongStorage", Dtype.INT64,
            "IntStorage", Dtype.INT32,
            "ShortStorage", Dtype.INT16,
            "CharStorage", Dtype.INT8,
            "ByteStorage", Dtype.UINT8,
            "BoolStorage", Dtype.BOOL);

    @Override
    protected Object dispatch(short opcode) throws PickleException, IOException {
        if (opcode == Opcodes.GLOBAL) {
            String module = PickleUtils.readline(input);
            stack.add(constructor(module, PickleUtils.readline(input)));
            return NO_RETURN_VALUE;
        }
        if (opcode == Opcodes.STACK_GLOBAL) {
            Object name = stack.pop();
            stack.add(constructor(stack.pop().toString(), name.toString()));
            return NO_RETURN_VALUE;
        }
        if (opcode == Opcodes.INST) {
            throw new PickleException("old-style instances are not part of a state dict");
        }
        return super.dispatch(opcode);
    }

    @Override
    protected Object persistentLoad(Object id) {
        // ("storage", storage class, key, location, elements)
        if (id instanceof Object[] parts
                && parts.length == 5
                && "storage".equals(parts[0])
                && parts[1] instanceof StorageClass type) {
            return new StorageKey(type.dtype, parts[2].toString());
        }
        throw new PickleException("unknown kind of persistent object");
    }

    private static IObjectConstructor constructor(String module, String name) {
        return switch (module + "." + name) {
            case "collections.OrderedDict" -> arguments -> new Dict();
            case "torch._utils._rebuild_tensor_v2" -> TorchPickle::view;
            case "torch._utils._rebuild_parameter" -> arguments -> arguments[0];
            default -> {
                Dtype dtype = module.equals("torch") ? STORAGES.get(name) : null;
                if (dtype == null) {
                    throw new PickleException(module + "." + name + " is not part of a state dict");
                }
                yield new StorageClass(dtype);
            }
        };
    }

    private static View view(Object[] arguments) {
        if (arguments.length < 4 || !(arguments[0] instanceof StorageKey storage)) {
            throw new PickleException("a tensor without a storage");
        }
        return new View(storage, ((Number) arguments[1]).longValue(), numbers(arguments[2]), numbers(arguments[3]));
    }

    private static List<Long> numbers(Object tuple) {
        return Stream.of((Object[]) tuple)
                .map(number -> ((Number) number).longValue())
                .toList();
    }

    /** A storage class is only ever named, in a persistent id. */
    private record StorageClass(Dtype dtype) implements IObjectConstructor {
        @Override
        public Object construct(Object[] arguments) {
            throw new PickleException("a storage outside the archive");
        }
    }
}
