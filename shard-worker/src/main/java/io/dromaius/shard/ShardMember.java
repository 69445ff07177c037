package io.dromaius.shard;

import io.dromaius.node.Node;
import io.dromaius.node.membership.Registration;
import io.dromaius.node.membership.ZooKeeperConnection;
import io.dromaius.proto.internal.v1.Member;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;

/** This shard's record in ZooKeeper, kept up to date with what it learns of itself. */
final class ShardMember implements Node.Part, ShardWorker.Listener {
    private static final double CENT = 100;

    private final Registration registration;
    private boolean registered;
    private long highestEpoch;
    private double layerMillis;

    /** @param member all of the record that is known when the node has started */
    ShardMember(ZooKeeperConnection zookeeper, String cluster, Supplier<Member> member) {
        this.registration = new Registration(zookeeper, cluster, () -> learnt(member.get()));
    }

    @Override
    public synchronized void entered(long epoch) {
        highestEpoch = epoch;
        publish();
    }

    @Override
    public synchronized void loaded(Stage stage) {
        // Digits beyond would only be noise that everybody has to read.
        layerMillis = Math.round(stage.layerMillis() * CENT) / CENT;
        publish();
    }

    private void publish() {
        if (registered) {
            registration.update(this::learnt);
        }
    }

    private synchronized Member learnt(Member member) {
        return member.toBuilder()
                .setHighestEpoch(highestEpoch)
                .setLayerMs(layerMillis)
                .build();
    }

    @Override
    public void start() throws IOException, InterruptedException {
        registration.start();
        synchronized (this) {
            registered = true;
            publish();
        }
    }

    @Override
    public void drain(Duration timeLeft) throws IOException {
        leave();
        registration.drain(timeLeft);
    }

    @Override
    public void close() throws IOException {
        leave();
        registration.close();
    }

    private synchronized void leave() {
        registered = false;
    }
}
