/** Logical KV blocks: who holds which, never what is in them. Owned by one engine loop; nothing here is thread-safe. */
@NullMarked
package io.dromaius.coordinator.kv;

import org.jspecify.annotations.NullMarked;
