/** Load on a cluster and what it does to latency: arrivals, recording, report. */
@NullMarked
package io.dromaius.cli.bench;

import org.jspecify.annotations.NullMarked;
