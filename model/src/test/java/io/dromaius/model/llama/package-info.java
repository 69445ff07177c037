@NullMarked
package io.dromaius.model.llama;

import org.jspecify.annotations.NullMarked;
