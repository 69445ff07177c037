package io.dromaius.wire;

import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.StatusRuntimeException;
import java.util.Arrays;

/** Puts services together whose methods are rebound to frames. */
final class FrameServices {
    private FrameServices() {}

    /**
     * A service with the generated one's name and schema.
     *
     * @param methods all its methods
     */
    static ServerServiceDefinition define(ServiceDescriptor generated, ServerMethodDefinition<?, ?>... methods) {
        ServiceDescriptor.Builder descriptor =
                ServiceDescriptor.newBuilder(generated.getName()).setSchemaDescriptor(generated.getSchemaDescriptor());
        Arrays.stream(methods).forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
        ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(descriptor.build());
        Arrays.stream(methods).forEach(service::addMethod);
        ServerServiceDefinition guarded = ServerInterceptors.intercept(service.build(), new FrameGuard());
        return ServerInterceptors.intercept(
                ServerInterceptors.useMarshalledMessages(guarded, new Undecoded()), new DamagedRequests());
    }

    static <Q, A> ServerMethodDefinition<Q, A> method(MethodDescriptor<Q, A> method, ServerCallHandler<Q, A> handler) {
        return ServerMethodDefinition.create(method, handler);
    }

    /**
     * Ends a call with the status that parsing its request threw. For the service its caller has gone: it may be answering
     * earlier frames, on any thread, and waits for more.
     */
    private static final class DamagedRequests implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            return new ForwardingServerCallListener<>() {
                private ServerCall.Listener<Q> service = next.startCall(call, headers);

                @Override
                protected ServerCall.Listener<Q> delegate() {
                    return service;
                }

                @Override
                public void onMessage(Q message) {
                    try {
                        super.onMessage(message);
                    } catch (StatusRuntimeException e) {
                        ServerCall.Listener<Q> answering = service;
                        service = new ServerCall.Listener<>() {};
                        Metadata trailers = e.getTrailers();
                        call.close(e.getStatus(), trailers == null ? new Metadata() : trailers);
                        answering.onCancel();
                    }
                }
            };
        }
    }
}
