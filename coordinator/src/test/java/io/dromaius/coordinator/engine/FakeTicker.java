package io.dromaius.coordinator.engine;

import com.google.common.base.Ticker;
import java.time.Duration;

/** Time that passes when the test says so. */
final class FakeTicker extends Ticker {
    private long nanos;

    @Override
    public long read() {
        return nanos;
    }

    void advance(Duration duration) {
        nanos += duration.toNanos();
    }
}
