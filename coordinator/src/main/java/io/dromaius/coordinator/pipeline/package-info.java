/** Pipelines of shards as their owner sees them: bringing one up, sending it steps, hearing its results, noticing its end. */
@NullMarked
package io.dromaius.coordinator.pipeline;

import org.jspecify.annotations.NullMarked;
