@NullMarked
package io.dromaius.cli.eval;

import org.jspecify.annotations.NullMarked;
