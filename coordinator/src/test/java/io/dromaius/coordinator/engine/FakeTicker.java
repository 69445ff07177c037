package io.dromaius.coordinator.engine;

import com.google.common.base.Ticker;
import java.time.Duration;

/** Time that passes when the test says so. */
public final class FakeTicker extends Ticker {
    private long nanos;

    @Override
    public long read() {
        return nanos;
    }

    public void advance(Duration duration) {
        nanos += duration.toNanos();
    }
}
