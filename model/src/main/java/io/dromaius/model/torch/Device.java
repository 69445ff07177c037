package io.dromaius.model.torch;

/**
 * Where tensors live and scripts run: {@code cpu} or {@code cuda:N}.
 *
 * @param index ordinal of the CUDA device, -1 on the CPU
 */
public record Device(int index) {
    public static final Device CPU = new Device(-1);

    public Device {
        if (index < -1) {
            throw new IllegalArgumentException("device index: " + index);
        }
    }

    public static Device parse(String name) {
        if (name.equals("cpu")) {
            return CPU;
        }
        if (name.matches("cuda:\\d{1,3}")) {
            return new Device(Integer.parseInt(name.substring(5)));
        }
        throw new IllegalArgumentException("device must be cpu or cuda:N, not " + name);
    }

    public boolean isCpu() {
        return index < 0;
    }

    @Override
    public String toString() {
        return isCpu() ? "cpu" : "cuda:" + index;
    }
}
