/** Pictures and videos from the bytes that users send, which may be anything. */
@NullMarked
package io.dromaius.encoder.media;

import org.jspecify.annotations.NullMarked;
