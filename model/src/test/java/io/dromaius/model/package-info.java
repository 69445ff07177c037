@NullMarked
package io.dromaius.model;

import org.jspecify.annotations.NullMarked;
