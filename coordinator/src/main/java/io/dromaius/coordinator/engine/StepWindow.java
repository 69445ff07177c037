package io.dromaius.coordinator.engine;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** The steps in flight, oldest first, and the watch over the oldest. */
final class StepWindow {
    private final EngineConfig config;
    private final Deque<Flight> flights = new ArrayDeque<>();
    private long sent;
    // When the oldest step had the pipeline's last stage to itself: it was sent, or the one before it was answered.
    private long oldestSince;

    private record Flight(long step, int rows, List<PendingReading> readings, long sentAt) {}

    StepWindow(EngineConfig config) {
        this.config = config;
    }

    int free() {
        return config.window() - flights.size();
    }

    int inFlight() {
        return flights.size();
    }

    long sent() {
        return sent;
    }

    void add(StepPlan plan, List<PendingReading> readings, long now) {
        if (flights.isEmpty()) {
            oldestSince = now;
        }
        flights.add(new Flight(plan.step(), plan.rows(), readings, now));
        sent = plan.step();
    }

    /** Forgets all steps; their results will not come. */
    void clear() {
        flights.clear();
    }

    /**
     * Takes the oldest step out.
     *
     * @throws IllegalArgumentException unless the result is that step's and of its shape
     */
    List<GroupReadings> accept(StepResult result, long now) {
        Flight flight = flights.peek();
        checkArgument(
                flight != null && flight.step() == result.step(), "an unexpected result of step %s", result.step());
        checkArgument(
                flight.readings().size() == result.rows().size(),
                "step %s gave %s results for %s heads",
                result.step(),
                result.rows().size(),
                flight.readings().size());
        List<GroupReadings> readings = byGroup(flight.readings(), result);
        flights.remove();
        oldestSince = now;
        return readings;
    }

    Optional<Long> overdue(long now) {
        Flight oldest = flights.peek();
        return oldest != null && nanosUntilOverdue(now) <= 0 ? Optional.of(oldest.step()) : Optional.empty();
    }

    /** Never less than 0; {@link Long#MAX_VALUE} when nothing is in flight. */
    long nanosUntilOverdue(long now) {
        Flight oldest = flights.peek();
        if (oldest == null) {
            return Long.MAX_VALUE;
        }
        long allowed = config.stepTimeout().toNanos()
                + oldest.rows() * config.rowTimeout().toNanos();
        return Math.max(0, allowed - (now - oldestSince));
    }

    private static List<GroupReadings> byGroup(List<PendingReading> pending, StepResult result) {
        int vectorBytes = vectorBytes(pending, result);
        List<GroupReadings> groups = new ArrayList<>();
        int nextVector = 0;
        for (int i = 0; i < pending.size(); i++) {
            PendingReading head = pending.get(i);
            ByteBuffer vector = head.vector() ? result.vectors().slice(vectorBytes * nextVector++, vectorBytes) : null;
            if (groups.isEmpty() || groups.get(groups.size() - 1).group() != head.group()) {
                groups.add(new GroupReadings(head.group(), new ArrayList<>()));
            }
            groups.get(groups.size() - 1)
                    .readings()
                    .add(new Reading(
                            head.sequence(), head.position(), result.rows().get(i), vector));
        }
        return groups;
    }

    private static int vectorBytes(List<PendingReading> pending, StepResult result) {
        int vectors = 0;
        for (PendingReading reading : pending) {
            vectors += reading.vector() ? 1 : 0;
        }
        int bytes = result.vectors().limit();
        boolean fits = vectors == 0 ? bytes == 0 : bytes > 0 && bytes % vectors == 0;
        checkArgument(fits, "step %s gave %s bytes for %s vectors", result.step(), bytes, vectors);
        return vectors == 0 ? 0 : bytes / vectors;
    }
}
