/**
 * Tensors on the wire.
 *
 * <p>A tensor is the last {@code bytes} field of an ordinary protobuf message, so any protobuf implementation can read
 * and write it. Here that field never becomes a {@code ByteString}: it is read from the socket's buffers straight into
 * a pooled direct buffer, and written from a direct buffer without passing through the heap as a whole.
 */
@NullMarked
package io.dromaius.wire;

import org.jspecify.annotations.NullMarked;
