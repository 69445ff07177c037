/** A shard worker that computes nothing: what a cluster of them takes is what everything around the computing takes. */
@NullMarked
package io.dromaius.shard.free;

import org.jspecify.annotations.NullMarked;
