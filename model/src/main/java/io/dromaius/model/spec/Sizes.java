package io.dromaius.model.spec;

final class Sizes {
    private Sizes() {}

    static void positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be positive, not " + value);
        }
    }
}
