@NullMarked
package io.dromaius.decoder;

import org.jspecify.annotations.NullMarked;
