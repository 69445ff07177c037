package io.dromaius.coordinator.pipeline;

import java.util.Optional;

/** Hears that a pipeline cannot go on. Any thread; may be told more than once. */
interface LossListener {
    /**
     * The pipeline is lost.
     *
     * @param member the shard that is to blame, where that is known
     */
    void onLost(String cause, Optional<String> member);
}
