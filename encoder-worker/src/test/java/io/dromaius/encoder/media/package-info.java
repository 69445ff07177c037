@NullMarked
package io.dromaius.encoder.media;

import org.jspecify.annotations.NullMarked;
