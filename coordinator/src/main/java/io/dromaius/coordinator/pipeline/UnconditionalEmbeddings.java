package io.dromaius.coordinator.pipeline;

import io.dromaius.coordinator.vision.VisualEmbeddings;
import io.dromaius.proto.internal.v1.DType;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The picture of the empty prompt, which guidance needs for every other picture. It depends on weights and dtype alone,
 * so the first pipeline's canary computes it for all. Thread-safe.
 */
public final class UnconditionalEmbeddings {
    private final Map<DType, VisualEmbeddings> byDtype = new ConcurrentHashMap<>();

    /** Keeps {@code made} if nothing is kept for its dtype; returns what is kept. */
    VisualEmbeddings keep(VisualEmbeddings made) {
        VisualEmbeddings kept = byDtype.putIfAbsent(made.dtype(), made);
        return kept == null ? made : kept;
    }

    Optional<VisualEmbeddings> of(DType dtype) {
        return Optional.ofNullable(byDtype.get(dtype));
    }
}
