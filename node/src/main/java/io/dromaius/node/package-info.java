/** What every process of the cluster needs once: typed configuration and an orderly life. */
@NullMarked
package io.dromaius.node;

import org.jspecify.annotations.NullMarked;
