package io.dromaius.node.rpc;

import io.grpc.Context;
import io.grpc.Metadata;
import java.util.concurrent.ThreadLocalRandom;

/** The id under which a call is found in the logs of every process that had a part in it. */
public final class RequestIds {
    /** Carries the id between processes; a caller may choose it. */
    public static final Metadata.Key<String> HEADER = Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER);
    /** The key of the id in the logging context. */
    public static final String MDC_KEY = "request_id";

    static final Context.Key<String> CONTEXT = Context.key("request-id");
    private static final int LONGEST = 128;

    private RequestIds() {}

    /** The id of the call being served; "-" outside of one. */
    public static String current() {
        String id = CONTEXT.get();
        return id == null ? "-" : id;
    }

    /** A new id: 16 hexadecimal digits. */
    public static String next() {
        return String.format("%016x", ThreadLocalRandom.current().nextLong());
    }

    /** The caller's id where it is usable in a log line, else a new one. */
    static String of(Metadata headers) {
        String given = headers.get(HEADER);
        boolean usable = given != null
                && !given.isEmpty()
                && given.length() <= LONGEST
                && given.chars().allMatch(c -> c > ' ' && c < 127);
        return usable ? given : next();
    }
}
