@NullMarked
package io.dromaius.cli.cluster;

import org.jspecify.annotations.NullMarked;
