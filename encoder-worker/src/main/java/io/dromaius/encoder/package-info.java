/** The encoder worker: bytes of pictures and videos in, visual embeddings out, batched across calls. */
@NullMarked
package io.dromaius.encoder;

import org.jspecify.annotations.NullMarked;
