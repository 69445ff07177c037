/** Pictures: pixels, preprocessing, and the encoder that turns a picture into visual embeddings. */
@NullMarked
package io.dromaius.model.vision;

import org.jspecify.annotations.NullMarked;
