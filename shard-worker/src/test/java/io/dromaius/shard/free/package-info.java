@NullMarked
package io.dromaius.shard.free;

import org.jspecify.annotations.NullMarked;
