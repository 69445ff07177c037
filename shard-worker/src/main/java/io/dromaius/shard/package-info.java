/**
 * The shard worker: one stage of a pipeline. It takes step frames from the stage before it (or from the owner), runs its
 * layers on one compute thread, and hands the hidden states to the stage after it, or the results to the owner.
 */
@NullMarked
package io.dromaius.shard;

import org.jspecify.annotations.NullMarked;
