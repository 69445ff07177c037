@NullMarked
package io.dromaius.cli.world;

import org.jspecify.annotations.NullMarked;
