package io.dromaius.coordinator.intake;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The bound on the bytes of request messages that are received and held. Thread-safe; calls nobody while it is locked.
 *
 * <p>How long a message is, gRPC tells only when it is there. So room is set apart before one is received: for as many
 * bytes as the caller says, or for the largest message. What it did not need is free again when it has come. A call
 * that finds no such room waits for it, in order of arrival. At last it may go on without: it grows into what is left
 * as its message comes, and is refused when nothing is. A quarter of the budget is for messages said to be small and
 * for the first bytes of such calls alone, so that a small message gets in beside any number of large ones. Calls that
 * wait count there as well, for the transport buffers so much of theirs unasked.
 */
public final class MessageBudget {
    private static final int PARTS = 4;
    /**
     * What comes without room of its own gets so many times what has come: what is refused half-way was sent in vain.
     */
    private static final int GROWTH = 8;

    private final long largest;
    private final long small;

    @GuardedBy("this")
    private final Room largeRoom;

    @GuardedBy("this")
    private final Room smallRoom;

    @GuardedBy("this")
    private final Set<Place> waiting = new LinkedHashSet<>();

    /**
     * Lets messages have at most {@code budget} bytes together.
     *
     * @param largest bytes of a message
     * @param small bytes of a message that counts as small, at least what the transport buffers of a call that waits
     */
    public MessageBudget(long budget, long largest, long small) {
        checkArgument(0 < small && small <= largest, "small %s, largest %s", small, largest);
        this.largest = largest;
        this.small = small;
        this.smallRoom = new Room(budget / PARTS);
        this.largeRoom = new Room(budget - budget / PARTS);
        checkArgument(largeRoom.limit() >= largest, "a message of %s bytes does not fit into %s", largest, budget);
        checkArgument(smallRoom.limit() >= small, "a small message of %s bytes does not fit into %s", small, budget);
    }

    /**
     * A place for one call's message, which takes nothing yet; {@code onRoom} runs if it waited and there is room.
     *
     * @param claim bytes that the message has at most; more than the largest may have count as the largest
     */
    Place place(long claim, Runnable onRoom) {
        return new Place(Math.min(claim, largest), onRoom);
    }

    /** Bytes of the largest message. */
    long largest() {
        return largest;
    }

    /** Bytes of a message that counts as small. */
    long small() {
        return small;
    }

    /** What is held now. */
    public synchronized Load load() {
        return new Load(largeRoom.taken() + smallRoom.taken(), largeRoom.limit() + smallRoom.limit(), waiting.size());
    }

    /**
     * Bytes and calls at one moment.
     *
     * @param bytes held, or set apart for messages to come
     * @param waiting calls for whose messages there is no room
     */
    public record Load(long bytes, long limit, int waiting) {}

    /** Takes for those who wait what room there is; they have to be told when the lock is free. */
    @GuardedBy("this")
    private List<Place> letIn() {
        List<Place> in = new ArrayList<>();
        Iterator<Place> next = waiting.iterator();
        while (next.hasNext()) {
            Place place = next.next();
            if (!largeRoom.fits(place.claim)) {
                break;
            }
            next.remove();
            place.receive(largeRoom);
            in.add(place);
        }
        return in;
    }

    private static void tell(List<Place> in) {
        in.forEach(place -> place.onRoom.run());
    }

    /** When a call's message may be received. */
    enum Turn {
        NOW,
        LATER,
        NEVER
    }

    /** One call's message. Every method does its part once, and nothing once the place is over. */
    final class Place {
        private final long claim;
        private final Runnable onRoom;

        @GuardedBy("MessageBudget.this")
        private Stage stage = Stage.NEW;

        @GuardedBy("MessageBudget.this")
        private final Room.Share share;

        private Place(long claim, Runnable onRoom) {
            this.claim = claim;
            this.onRoom = onRoom;
            this.share = new Room.Share(smallRoom);
        }

        /** Asks for room for the message; call first, and once. */
        Turn enter() {
            synchronized (MessageBudget.this) {
                checkState(stage == Stage.NEW, "entered twice");
                if (waiting.isEmpty() && largeRoom.fits(claim)) {
                    receive(largeRoom);
                    return Turn.NOW;
                }
                if (claim <= small && smallRoom.fits(claim)) {
                    receive(smallRoom);
                    return Turn.NOW;
                }
                if (!smallRoom.fits(small)) {
                    stage = Stage.OVER;
                    return Turn.NEVER;
                }
                share.take(smallRoom, small);
                stage = Stage.WAITING;
                waiting.add(this);
                return Turn.LATER;
            }
        }

        private void receive(Room room) {
            synchronized (MessageBudget.this) {
                share.take(room, claim);
                stage = Stage.RECEIVING;
            }
        }

        /** Whether it waits no longer, and may from now on receive what {@link #grow} finds room for. */
        boolean receiveGrowing() {
            List<Place> in;
            synchronized (MessageBudget.this) {
                if (stage != Stage.WAITING) {
                    return false;
                }
                waiting.remove(this);
                stage = Stage.RECEIVING;
                in = letIn();
            }
            tell(in);
            return true;
        }

        /**
         * So many bytes of the message have come, no more than were claimed. Returns how many may come, or -1 if there is
         * no room for so many: the place is over then.
         */
        long grow(long received) {
            List<Place> in;
            synchronized (MessageBudget.this) {
                if (stage != Stage.RECEIVING) {
                    return Long.MAX_VALUE;
                }
                long size = Math.max(share.bytes(), Math.min(received * GROWTH, claim));
                if (share.fits(largeRoom, size)) {
                    share.take(largeRoom, size);
                    return size;
                }
                stage = Stage.OVER;
                in = shrink(0);
            }
            tell(in);
            return -1;
        }

        /** The message is there, and this long. */
        void measured(long size) {
            List<Place> in;
            synchronized (MessageBudget.this) {
                in = stage == Stage.RECEIVING ? shrink(size) : List.of();
            }
            tell(in);
        }

        /** So many bytes of the whole request are needed no longer. */
        void release(long unneeded) {
            List<Place> in;
            synchronized (MessageBudget.this) {
                in = stage == Stage.HELD ? shrink(Math.max(0, share.bytes() - unneeded)) : List.of();
            }
            tell(in);
        }

        /** Whether the request is whole from now on: it can no longer be refused. */
        boolean complete() {
            synchronized (MessageBudget.this) {
                boolean now = stage == Stage.RECEIVING;
                stage = now ? Stage.HELD : stage;
                return now;
            }
        }

        /** Whether the request, not whole yet, is refused from now on. */
        boolean refuse() {
            return leave(true);
        }

        /** Nothing is needed any longer: the call has ended. */
        void close() {
            leave(false);
        }

        private boolean leave(boolean unlessWhole) {
            List<Place> in;
            synchronized (MessageBudget.this) {
                if (stage == Stage.OVER || (unlessWhole && stage == Stage.HELD)) {
                    return false;
                }
                waiting.remove(this);
                stage = Stage.OVER;
                in = shrink(0);
            }
            tell(in);
            return true;
        }

        @GuardedBy("MessageBudget.this")
        private List<Place> shrink(long size) {
            share.shrink(size);
            return letIn();
        }
    }

    private enum Stage {
        NEW,
        WAITING,
        RECEIVING,
        HELD,
        OVER
    }
}
