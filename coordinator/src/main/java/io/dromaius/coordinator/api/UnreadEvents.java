package io.dromaius.coordinator.api;

import com.google.common.base.Ticker;
import io.dromaius.proto.v1.GenerateResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Events of one answer that its client has not taken yet, and whether they are more than a client that reads leaves.
 *
 * <p>Finished pictures come all at once, several of them together, and are soon more than the bound. They are held
 * against a client only when it has taken nothing for a while; everything else counts at once. One thread at a time.
 */
final class UnreadEvents {
    /** How long a client that takes nothing may leave more than the bound, as far as it is pictures. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private final long most;
    private final Ticker ticker;
    private final Deque<GenerateResponse> events = new ArrayDeque<>();
    private long bytes;
    private long pictureBytes;
    private long lastTaken;

    /** At most {@code most} bytes may stay. */
    UnreadEvents(long most, Ticker ticker) {
        this.most = most;
        this.ticker = ticker;
    }

    void add(GenerateResponse event) {
        if (events.isEmpty()) {
            lastTaken = ticker.read();
        }
        events.add(event);
        count(event, event.getSerializedSize());
    }

    /** The next event, which the client takes now. */
    GenerateResponse take() {
        GenerateResponse event = events.remove();
        lastTaken = ticker.read();
        count(event, -event.getSerializedSize());
        return event;
    }

    boolean isEmpty() {
        return events.isEmpty();
    }

    void clear() {
        events.clear();
        bytes = 0;
        pictureBytes = 0;
    }

    /** Whether a client that reads would have left less. */
    boolean tooMany() {
        boolean reads = ticker.read() - lastTaken < PATIENCE.toNanos();
        return (reads ? bytes - pictureBytes : bytes) > most;
    }

    private void count(GenerateResponse event, long size) {
        bytes += size;
        if (event.hasImageChunk() || event.hasImageDone()) {
            pictureBytes += size;
        }
    }
}
