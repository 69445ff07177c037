package io.dromaius.coordinator.intake;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import java.util.function.LongUnaryOperator;

/** Counts the bytes of one call's message while they come: only the transport knows of them before it is whole. */
public final class MessageMeter extends ServerStreamTracer {
    private static final Context.Key<MessageMeter> CURRENT = Context.key("message-meter");

    /** Of the transport's thread alone, as soon as bytes come. */
    private long received;

    private volatile long allowed = Long.MAX_VALUE;
    private volatile LongUnaryOperator more = received -> Long.MAX_VALUE;

    private MessageMeter() {}

    /** Gives each call of a server its meter; {@link MessageIntake} needs it. */
    public static ServerStreamTracer.Factory factory() {
        return new ServerStreamTracer.Factory() {
            @Override
            public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
                return new MessageMeter();
            }
        };
    }

    /** The meter of the call being served. */
    static MessageMeter current() {
        MessageMeter meter = CURRENT.get();
        if (meter == null) {
            throw new IllegalStateException("the server gives its calls no meter");
        }
        return meter;
    }

    /**
     * Asks {@code again} each time more bytes have come than were allowed, {@code bytes} at first, how many may come.
     * Call before any come; it is asked on the transport's thread, with those that have.
     */
    void limit(long bytes, LongUnaryOperator again) {
        more = again;
        allowed = bytes;
    }

    @Override
    public Context filterContext(Context context) {
        return context.withValue(CURRENT, this);
    }

    @Override
    public void inboundWireSize(long bytes) {
        received += bytes;
        if (received > allowed) {
            allowed = more.applyAsLong(received);
        }
    }
}
