@NullMarked
package io.dromaius.encoder;

import org.jspecify.annotations.NullMarked;
