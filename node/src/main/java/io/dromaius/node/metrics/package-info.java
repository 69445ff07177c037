/** Measurements, and the endpoint where Prometheus reads them. */
@NullMarked
package io.dromaius.node.metrics;

import org.jspecify.annotations.NullMarked;
