/** The decoder worker: visual embeddings to pictures, many at a time. */
@NullMarked
package io.dromaius.decoder;

import org.jspecify.annotations.NullMarked;
