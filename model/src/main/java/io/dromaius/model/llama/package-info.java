/** The language model: a stage of consecutive layers over its paged key-value cache, and the heads that read the last one. */
@NullMarked
package io.dromaius.model.llama;

import org.jspecify.annotations.NullMarked;
