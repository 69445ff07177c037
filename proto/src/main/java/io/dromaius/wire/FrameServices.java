package io.dromaius.wire;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
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
            return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
                private boolean ended;

                @Override
                public void onMessage(Q message) {
                    if (ended) {
                        return;
                    }
                    try {
                        super.onMessage(message);
                    } catch (StatusRuntimeException e) {
                        ended = true;
                        Metadata trailers = e.getTrailers();
                        call.close(e.getStatus(), trailers == null ? new Metadata() : trailers);
                        super.onCancel();
                    }
                }

                @Override
                public void onHalfClose() {
                    if (!ended) {
                        super.onHalfClose();
                    }
                }

                @Override
                public void onReady() {
                    if (!ended) {
                        super.onReady();
                    }
                }

                @Override
                public void onCancel() {
                    if (!ended) {
                        super.onCancel();
                    }
                }

                @Override
                public void onComplete() {
                    if (!ended) {
                        super.onComplete();
                    }
                }
            };
        }
    }
}
