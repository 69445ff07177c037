package io.dromaius.wire;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Closes the frames that a call never gets to write or to deliver. grpc drops messages of a call that is cancelled
 * before it is connected, and the request of one that is cancelled before it is half-closed, without a word.
 */
final class FrameGuard implements ClientInterceptor, ServerInterceptor {
    /** Frames passed to a call and not written. */
    private static final class Unwritten {
        private final Set<TensorFrame<?>> frames = ConcurrentHashMap.newKeySet();
        private volatile boolean ended;

        void send(Object message, Runnable send) {
            if (message instanceof TensorFrame<?> frame) {
                frames.removeIf(TensorFrame::isClosed);
                sendHeld(frame, send);
                if (ended) {
                    end();
                }
            } else {
                send.run();
            }
        }

        /**
         * Holds the frame from before {@link #end} can close it: a call that ends now takes it as if it had not, while a
         * frame that is gone would be an error in a server's log.
         */
        private void sendHeld(TensorFrame<?> frame, Runnable send) {
            boolean held = frame.hold() != null;
            try {
                frames.add(frame);
                send.run();
            } catch (RuntimeException | Error e) {
                frame.close();
                throw e;
            } finally {
                if (held) {
                    frame.letGo();
                }
            }
        }

        /** Leaves the closed frames where they are: clearing could drop one that is being added, still open. */
        void end() {
            ended = true;
            frames.forEach(TensorFrame::close);
        }
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        Unwritten unwritten = new Unwritten();
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            public void start(Listener<A> listener, Metadata headers) {
                super.start(
                        new SimpleForwardingClientCallListener<>(listener) {
                            @Override
                            public void onClose(Status status, Metadata trailers) {
                                unwritten.end();
                                super.onClose(status, trailers);
                            }
                        },
                        headers);
            }

            @Override
            public void sendMessage(Q message) {
                unwritten.send(message, () -> super.sendMessage(message));
            }
        };
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Unwritten unwritten = new Unwritten();
        ServerCall<Q, A> guarded = new SimpleForwardingServerCall<>(call) {
            @Override
            public void sendMessage(A message) {
                unwritten.send(message, () -> super.sendMessage(message));
            }
        };
        boolean oneRequest = call.getMethodDescriptor().getType().clientSendsOneMessage();
        return new GuardedListener<>(next.startCall(guarded, headers), unwritten, oneRequest);
    }

    private static final class GuardedListener<Q> extends SimpleForwardingServerCallListener<Q> {
        private final Unwritten unwritten;
        private final boolean oneRequest;
        /** The one request, which the service sees only at the half-close. */
        private @Nullable TensorFrame<?> undelivered;

        GuardedListener(ServerCall.Listener<Q> delegate, Unwritten unwritten, boolean oneRequest) {
            super(delegate);
            this.unwritten = unwritten;
            this.oneRequest = oneRequest;
        }

        @Override
        public void onMessage(Q message) {
            if (oneRequest && message instanceof TensorFrame<?> frame) {
                undelivered = frame;
            }
            super.onMessage(message);
        }

        @Override
        public void onHalfClose() {
            undelivered = null;
            super.onHalfClose();
        }

        @Override
        public void onCancel() {
            unwritten.end();
            dropUndelivered();
            super.onCancel();
        }

        /** All answers were taken; a client in this process may read them later, and closes them then. */
        @Override
        public void onComplete() {
            dropUndelivered();
            super.onComplete();
        }

        private void dropUndelivered() {
            if (undelivered != null) {
                undelivered.close();
            }
        }
    }
}
