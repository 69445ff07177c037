package io.dromaius.model.llama;

import java.util.ArrayDeque;
import java.util.Deque;

/** Native resources of one object, closed in the reverse order of their coming. */
final class Owned implements AutoCloseable {
    private final Deque<AutoCloseable> resources = new ArrayDeque<>();

    <T extends AutoCloseable> T add(T resource) {
        resources.push(resource);
        return resource;
    }

    @Override
    public void close() {
        while (!resources.isEmpty()) {
            try {
                resources.pop().close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("native resources throw nothing checked", e);
            }
        }
    }
}
