@NullMarked
package io.dromaius.cli;

import org.jspecify.annotations.NullMarked;
