package io.dromaius.coordinator.intake;

/** Bytes for one kind of message, and how many of them are taken. Guarded, with its shares, by whoever has it. */
final class Room {
    private final long limit;
    private long taken;

    Room(long limit) {
        this.limit = limit;
    }

    long limit() {
        return limit;
    }

    long taken() {
        return taken;
    }

    boolean fits(long bytes) {
        return taken + bytes <= limit;
    }

    /** What one message takes, of one room at a time. */
    static final class Share {
        private Room room;
        private long bytes;

        /** Takes nothing of {@code room} yet. */
        Share(Room room) {
            this.room = room;
        }

        long bytes() {
            return bytes;
        }

        /** Whether {@code from} has {@code size} bytes for this share, without what it takes now. */
        boolean fits(Room from, long size) {
            return from.fits(from == room ? size - bytes : size);
        }

        /** Takes {@code size} bytes of {@code from} in place of what it took. */
        void take(Room from, long size) {
            room.taken -= bytes;
            from.taken += size;
            room = from;
            bytes = size;
        }

        /** Keeps {@code size} bytes at most. */
        void shrink(long size) {
            if (size < bytes) {
                take(room, size);
            }
        }
    }
}
