@NullMarked
package io.dromaius.cli.bench;

import org.jspecify.annotations.NullMarked;
