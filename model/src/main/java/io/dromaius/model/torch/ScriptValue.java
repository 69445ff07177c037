package io.dromaius.model.torch;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An argument converted once and passed to many calls, such as a stage's weights. Holds references to the native arrays,
 * not to the Java memory some of them lie in: the tensors it was made of must outlive it.
 */
public final class ScriptValue implements AutoCloseable {
    private final IValue value;

    private ScriptValue(IValue value) {
        this.value = value;
    }

    /** Takes what {@link ScriptModule} takes as an argument. */
    public static ScriptValue of(Object argument) {
        if (argument instanceof ScriptValue) {
            throw new IllegalArgumentException("a ScriptValue of a ScriptValue");
        }
        return new ScriptValue(borrow(argument));
    }

    @Override
    public void close() {
        value.close();
    }

    /** The value of an argument; a new one, to be closed, unless the argument is a ScriptValue. */
    static IValue borrow(Object argument) {
        if (argument instanceof ScriptValue prepared) {
            return prepared.value;
        } else if (argument instanceof Tensor tensor) {
            return IValue.from(tensor.array());
        } else if (argument instanceof Integer || argument instanceof Long) {
            return IValue.from(((Number) argument).longValue());
        } else if (argument instanceof Float || argument instanceof Double) {
            return IValue.from(((Number) argument).doubleValue());
        } else if (argument instanceof Boolean flag) {
            return IValue.from(flag);
        } else if (argument instanceof String text) {
            return IValue.from(text);
        } else if (argument instanceof long[] numbers) {
            return IValue.listFrom(numbers);
        } else if (argument instanceof int[] numbers) {
            return IValue.listFrom(
                    java.util.Arrays.stream(numbers).asLongStream().toArray());
        } else if (argument instanceof double[] numbers) {
            return IValue.listFrom(numbers);
        } else if (argument instanceof List<?> list) {
            return list(list);
        } else if (argument instanceof Map<?, ?> map) {
            return dict(map);
        }
        throw new IllegalArgumentException("no script value for " + argument.getClass());
    }

    static List<Tensor> tensors(IValue result) {
        List<Tensor> tensors = new ArrayList<>();
        if (result.isTensorList()) {
            for (PtNDArray array : result.toTensorArray(Torch.manager())) {
                tensors.add(new Tensor(array));
            }
            return tensors;
        }
        for (IValue element : result.isTuple() ? result.toIValueTuple() : result.toIValueArray()) {
            try (element) {
                tensors.add(new Tensor(element.toTensor(Torch.manager())));
            }
        }
        return tensors;
    }

    private static IValue dict(Map<?, ?> map) {
        Map<String, PtNDArray> arrays = new HashMap<>();
        map.forEach((name, tensor) -> arrays.put((String) name, ((Tensor) tensor).array()));
        return IValue.stringMapFrom(arrays);
    }

    private static IValue list(List<?> list) {
        if (list.isEmpty() || list.get(0) instanceof Tensor) {
            return IValue.listFrom(
                    list.stream().map(tensor -> ((Tensor) tensor).array()).toArray(PtNDArray[]::new));
        }
        IValue[] elements = new IValue[list.size()];
        try {
            for (int i = 0; i < elements.length; i++) {
                elements[i] = borrow(list.get(i));
            }
            return IValue.listFrom(elements);
        } finally {
            for (IValue element : elements) {
                if (element != null) {
                    element.close();
                }
            }
        }
    }
}
