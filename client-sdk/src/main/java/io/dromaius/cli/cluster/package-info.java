/** A cluster on this machine: its processes, started, recorded, watched and stopped. */
@NullMarked
package io.dromaius.cli.cluster;

import org.jspecify.annotations.NullMarked;
