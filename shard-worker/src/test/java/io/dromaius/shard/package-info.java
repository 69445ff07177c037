@NullMarked
package io.dromaius.shard;

import org.jspecify.annotations.NullMarked;
