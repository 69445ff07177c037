@NullMarked
package io.dromaius.model.tiny;

import org.jspecify.annotations.NullMarked;
