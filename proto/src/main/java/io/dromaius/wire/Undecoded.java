package io.dromaius.wire;

import io.grpc.MethodDescriptor.Marshaller;
import java.io.InputStream;

/**
 * Hands encoded messages on as they are, for {@link io.grpc.ServerInterceptors#useMarshalledMessages}: parsing is put off until
 * a listener gets the message, for grpc makes UNKNOWN of what a marshaller throws by itself. Nothing is copied, so a stream is
 * read once, within the call that brings it.
 */
public final class Undecoded implements Marshaller<InputStream> {
    @Override
    public InputStream stream(InputStream stream) {
        return stream;
    }

    @Override
    public InputStream parse(InputStream stream) {
        return stream;
    }
}
