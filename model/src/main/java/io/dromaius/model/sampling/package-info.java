/** Drawing a token from scores, with randomness that is a pure function of the request's seed and the place of the token. */
@NullMarked
package io.dromaius.model.sampling;

import org.jspecify.annotations.NullMarked;
