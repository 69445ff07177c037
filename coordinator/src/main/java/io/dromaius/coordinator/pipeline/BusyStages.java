package io.dromaius.coordinator.pipeline;

import com.google.common.base.Ticker;
import io.dromaius.proto.internal.v1.StagePlacement;
import io.dromaius.proto.internal.v1.StageTiming;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which share of its time each stage of a pipeline computes, from the timings that come with the results. Thread-safe. */
final class BusyStages {
    private final Map<String, BusyShare> shares = new LinkedHashMap<>();
    private final StepMetrics metrics;

    BusyStages(List<StagePlacement> stages, StepMetrics metrics, Ticker ticker) {
        this.metrics = metrics;
        stages.forEach(stage -> shares.put(stage.getMember(), new BusyShare(ticker)));
    }

    /** What one step took on each stage; a stage of another pipeline's is only measured. */
    void add(List<StageTiming> timings) {
        for (StageTiming timing : timings) {
            BusyShare share = shares.get(timing.getMember());
            if (share != null) {
                share.add(timing.getComputeNanos());
            }
            metrics.stage(timing.getMember(), timing.getComputeNanos() / 1e9, timing.getWaitNanos() / 1e9);
        }
    }

    /** Of the last seconds, by member, in the order of the stages. */
    Map<String, Double> shares() {
        Map<String, Double> now = new LinkedHashMap<>();
        shares.forEach((member, share) -> now.put(member, share.share()));
        return now;
    }
}
