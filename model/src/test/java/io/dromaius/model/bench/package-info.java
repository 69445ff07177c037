@NullMarked
package io.dromaius.model.bench;

import org.jspecify.annotations.NullMarked;
