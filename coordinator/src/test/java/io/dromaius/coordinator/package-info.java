@NullMarked
package io.dromaius.coordinator;

import org.jspecify.annotations.NullMarked;
