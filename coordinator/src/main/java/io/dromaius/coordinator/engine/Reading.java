package io.dromaius.coordinator.engine;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a head gave for a sequence's position.
 *
 * @param vector the regress head's vector, owned by the reader; null for a text head
 */
record Reading(Sequence sequence, int position, RowResult row, @Nullable ByteBuffer vector) {}
