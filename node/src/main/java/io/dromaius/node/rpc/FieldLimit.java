package io.dromaius.node.rpc;

import com.google.protobuf.Descriptors.Descriptor;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.io.InputStream;
import java.util.Objects;

/** Refuses requests of more fields than any that could be served; for services whose messages come undecoded. */
final class FieldLimit implements ServerInterceptor {
    /** Parts, choices and candidates are thousands by their own limits; the ids of choices are packed. */
    static final int FIELDS = 100_000;

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Object schema = Objects.requireNonNull(call.getMethodDescriptor().getSchemaDescriptor());
        Descriptor type =
                ((ProtoMethodDescriptorSupplier) schema).getMethodDescriptor().getInputType();
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
            @Override
            @SuppressWarnings("unchecked") // undecoded messages are streams
            public void onMessage(Q message) {
                super.onMessage((Q) new BoundedFields((InputStream) message, type, FIELDS));
            }
        };
    }
}
