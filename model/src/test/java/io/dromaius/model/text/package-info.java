@NullMarked
package io.dromaius.model.text;

import org.jspecify.annotations.NullMarked;
