/** The coordinator's side of pictures: encoder and decoder workers, and the embeddings it keeps. */
@NullMarked
package io.dromaius.coordinator.vision;

import org.jspecify.annotations.NullMarked;
