/** Which shard workers form which pipelines: the plan, and the leader that writes it down. */
@NullMarked
package io.dromaius.coordinator.placement;

import org.jspecify.annotations.NullMarked;
