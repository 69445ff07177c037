package io.dromaius.coordinator.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.google.common.base.Ticker;
import io.dromaius.proto.internal.v1.StagePlacement;
import io.dromaius.proto.internal.v1.StageTiming;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BusyStagesTest {
    private final Time time = new Time();
    private final List<String> measured = new ArrayList<>();
    private final BusyStages stages = new BusyStages(List.of(stage("a"), stage("b")), new Measured(), time);

    @Test
    void eachStageIsBusyWithWhatItComputed() {
        time.nanos = Duration.ofSeconds(2).toNanos();
        stages.add(List.of(timing("a", 1000, 5), timing("b", 250, 10)));
        stages.add(List.of(timing("a", 500, 0), timing("b", 250, 0)));

        assertThat(stages.shares()).containsExactly(entry("a", 0.75), entry("b", 0.25));
        assertThat(measured).containsExactly("a 1.0 0.005", "b 0.25 0.01", "a 0.5 0.0", "b 0.25 0.0");
    }

    @Test
    void whatWasLongAgoIsForgotten() {
        stages.add(List.of(timing("a", 4000, 0)));
        time.nanos = Duration.ofSeconds(11).toNanos();

        assertThat(stages.shares()).containsExactly(entry("a", 0.0), entry("b", 0.0));
    }

    private static StagePlacement stage(String member) {
        return StagePlacement.newBuilder().setMember(member).build();
    }

    private static StageTiming timing(String member, long computeMillis, long waitMillis) {
        return StageTiming.newBuilder()
                .setMember(member)
                .setComputeNanos(computeMillis * 1_000_000)
                .setWaitNanos(waitMillis * 1_000_000)
                .build();
    }

    private static final class Time extends Ticker {
        long nanos;

        @Override
        public long read() {
            return nanos;
        }
    }

    private final class Measured implements StepMetrics {
        @Override
        public void step(String pipeline, double seconds) {}

        @Override
        public void stage(String member, double computeSeconds, double waitSeconds) {
            measured.add(member + " " + computeSeconds + " " + waitSeconds);
        }
    }
}
