package io.dromaius.coordinator.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

final class MessageBudgetTest {
    private static final long BUDGET = 400;
    private static final long LARGE_ROOM = 300;
    private static final long SMALL_ROOM = 100;
    private static final long LARGEST = 90;
    private static final long SMALL = 15;
    /** Of those who say nothing, of small and of larger messages, and of one that may not be so large. */
    private static final long[] CLAIMS = {LARGEST, LARGEST, 0, SMALL - 1, SMALL, SMALL + 1, 50, LARGEST + 1};

    private final MessageBudget budget = new MessageBudget(BUDGET, LARGEST, SMALL);
    /** In order of arrival. */
    private final List<Modelled> all = new ArrayList<>();

    private enum State {
        WAITING,
        RECEIVING,
        HELD,
        OVER
    }

    /** What a place should be, told by hand. */
    private final class Modelled {
        final long claim;
        final MessageBudget.Place place;
        State state = State.OVER;
        boolean large;
        long bytes;
        int called;
        int expectedCalls;

        Modelled(long claim) {
            this.claim = Math.min(claim, LARGEST);
            this.place = budget.place(claim, this::onRoom);
        }

        private void onRoom() {
            called++;
        }

        void set(State now, boolean inLargeRoom, long size) {
            state = now;
            large = inLargeRoom;
            bytes = size;
        }
    }

    @RepeatedTest(20)
    void aWalkOfCallsHoldsWhatTheModelHoldsAndInTheEndNothing(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        for (int step = 0; step < 2_000; step++) {
            if (all.isEmpty() || random.nextInt(4) == 0) {
                enter(new Modelled(CLAIMS[random.nextInt(CLAIMS.length)]));
            } else {
                act(all.get(random.nextInt(all.size())), random);
            }
            letIn();
            check();
            all.removeIf(one -> one.state == State.OVER && random.nextInt(3) == 0);
        }
        all.forEach(one -> {
            one.place.close();
            one.place.close();
        });
        assertThat(budget.load()).isEqualTo(new MessageBudget.Load(0, BUDGET, 0));
    }

    @Test
    void aBudgetWithoutRoomForTheLargestMessageIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new MessageBudget(100, 90, 15));
        assertThatIllegalArgumentException().isThrownBy(() -> new MessageBudget(100, 70, 26));
    }

    private void enter(Modelled one) {
        boolean large = waiting() == 0 && taken(true) + one.claim <= LARGE_ROOM;
        boolean now = large || (one.claim <= SMALL && taken(false) + one.claim <= SMALL_ROOM);
        boolean later = !now && taken(false) + SMALL <= SMALL_ROOM;
        MessageBudget.Turn expected =
                now ? MessageBudget.Turn.NOW : later ? MessageBudget.Turn.LATER : MessageBudget.Turn.NEVER;
        assertThat(one.place.enter()).isEqualTo(expected);
        if (now) {
            one.set(State.RECEIVING, large, one.claim);
        } else if (later) {
            one.set(State.WAITING, false, SMALL);
        }
        all.add(one);
    }

    private void act(Modelled one, Random random) {
        long size = random.nextInt((int) LARGEST + 1);
        switch (random.nextInt(7)) {
            case 0 -> {
                assertThat(one.place.receiveGrowing()).isEqualTo(one.state == State.WAITING);
                if (one.state == State.WAITING) {
                    one.set(State.RECEIVING, false, SMALL);
                }
            }
            case 1 -> {
                one.place.measured(size);
                if (one.state == State.RECEIVING) {
                    one.bytes = Math.min(one.bytes, size);
                }
            }
            case 2 -> {
                assertThat(one.place.complete()).isEqualTo(one.state == State.RECEIVING);
                one.state = one.state == State.RECEIVING ? State.HELD : one.state;
            }
            case 3 -> {
                one.place.release(size);
                if (one.state == State.HELD) {
                    one.bytes = Math.max(0, one.bytes - size);
                }
            }
            case 4 -> grow(one, random.nextInt((int) one.claim + 1));
            case 5 -> {
                boolean open = one.state == State.WAITING || one.state == State.RECEIVING;
                assertThat(one.place.refuse()).isEqualTo(open);
                if (open) {
                    one.set(State.OVER, false, 0);
                }
            }
            default -> {
                one.place.close();
                one.set(State.OVER, false, 0);
            }
        }
    }

    private void grow(Modelled one, long received) {
        long allowed = one.place.grow(received);
        if (one.state != State.RECEIVING) {
            return;
        }
        long size = Math.max(one.bytes, Math.min(received * 8, one.claim));
        long others = taken(true) - (one.large ? one.bytes : 0);
        if (others + size <= LARGE_ROOM) {
            one.set(State.RECEIVING, true, size);
            assertThat(allowed).isEqualTo(size);
        } else {
            one.set(State.OVER, false, 0);
            assertThat(allowed).isEqualTo(-1);
        }
    }

    /** Whoever waits longest gets the room first, and nobody before it. */
    private void letIn() {
        for (Modelled one : all) {
            if (one.state != State.WAITING) {
                continue;
            }
            if (taken(true) + one.claim > LARGE_ROOM) {
                return;
            }
            one.set(State.RECEIVING, true, one.claim);
            one.expectedCalls++;
        }
    }

    private void check() {
        assertThat(budget.load())
                .isEqualTo(new MessageBudget.Load(taken(true) + taken(false), BUDGET, (int) waiting()));
        assertThat(taken(true)).isLessThanOrEqualTo(LARGE_ROOM);
        assertThat(taken(false)).isLessThanOrEqualTo(SMALL_ROOM);
        assertThat(all).allSatisfy(one -> assertThat(one.called).isEqualTo(one.expectedCalls));
    }

    private long waiting() {
        return all.stream().filter(one -> one.state == State.WAITING).count();
    }

    private long taken(boolean large) {
        return all.stream()
                .filter(one -> one.large == large)
                .mapToLong(one -> one.bytes)
                .sum();
    }
}
