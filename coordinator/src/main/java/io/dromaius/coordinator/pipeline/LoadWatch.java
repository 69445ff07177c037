package io.dromaius.coordinator.pipeline;

import io.dromaius.node.rpc.PeerWatch;
import io.dromaius.proto.internal.v1.PipelinePlacement;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Watches the shards of a pipeline that is brought up. Loading may take minutes, and no stream of steps tells yet who is
 * alive; but a shard that loads still answers.
 */
final class LoadWatch implements AutoCloseable {
    private final List<PeerWatch> watches = new ArrayList<>();

    /**
     * A watch that begins when started.
     *
     * @param channels one to each stage
     * @param silence after which a shard is lost
     * @param losses hears which
     */
    LoadWatch(
            PipelinePlacement placement,
            List<ManagedChannel> channels,
            Duration silence,
            ScheduledExecutorService timer,
            LossListener losses) {
        for (int stage = 0; stage < placement.getStagesCount(); stage++) {
            ManagedChannel channel = channels.get(stage);
            String member = placement.getStages(stage).getMember();
            watches.add(new PeerWatch(() -> channel, silence, timer, new Loss(member, losses)));
        }
    }

    void start() {
        watches.forEach(PeerWatch::start);
    }

    @Override
    public void close() {
        watches.forEach(PeerWatch::close);
    }

    /** One that cannot be reached will not serve, even if it is being stopped and loads on. */
    private record Loss(String member, LossListener losses) implements PeerWatch.Listener {
        @Override
        public void onUnreachable() {
            onSilent();
        }

        @Override
        public void onSilent() {
            losses.onLost("shard " + member + " gave no sign of life while it was loading", Optional.of(member));
        }

        @Override
        public void onAlive() {}
    }
}
