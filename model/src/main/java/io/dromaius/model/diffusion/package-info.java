/** Visual embeddings to a picture: PNDM diffusion with guidance, the VAE's decoder, the safety checker. */
@NullMarked
package io.dromaius.model.diffusion;

import org.jspecify.annotations.NullMarked;
