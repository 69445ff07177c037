@NullMarked
package io.dromaius.model.spec;

import org.jspecify.annotations.NullMarked;
