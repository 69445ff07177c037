package io.dromaius.coordinator;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.dromaius.coordinator.placement.LostShards;
import io.dromaius.coordinator.placement.ModelDemand;
import io.dromaius.coordinator.placement.PlacementController;
import io.dromaius.coordinator.placement.PlacementPlanner;
import io.dromaius.coordinator.placement.PlacementSettings;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.node.Node;
import io.dromaius.node.membership.Leadership;
import io.dromaius.node.membership.Membership;
import io.dromaius.node.membership.PlacementStore;
import io.dromaius.node.membership.Registration;
import io.dromaius.node.membership.ZooKeeperConnection;
import io.dromaius.node.rpc.GrpcChannels;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.Member;
import io.dromaius.proto.internal.v1.StagePlacement;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A coordinator's side of ZooKeeper: who is there, what is placed, who leads, and what it says of itself. */
final class ClusterLink {
    private static final Logger log = LoggerFactory.getLogger(ClusterLink.class);

    private final ScheduledExecutorService events = thread("cluster-events");
    private final ScheduledExecutorService writes = thread("placement");
    private final ZooKeeperConnection zookeeper;
    private final Membership membership;
    private final PlacementStore placements;
    private final Leadership leadership;
    private final Registration registration;
    private final LostShards lost;
    private final PlacementController controller;
    private final ModelMembers members;

    /**
     * A link that connects when its parts are started.
     *
     * @param self member id of this coordinator
     * @param endpoint asked once the server listens
     */
    ClusterLink(String self, CoordinatorConfig config, Checkpoint checkpoint, Supplier<String> endpoint) {
        String fingerprint = checkpoint.fingerprint();
        this.members = new ModelMembers(fingerprint, config.node().dtype());
        String cluster = config.node().cluster();
        zookeeper = new ZooKeeperConnection(config.node());
        membership = new Membership(zookeeper, cluster, config.memberGrace(), events);
        placements = new PlacementStore(zookeeper, cluster, events);
        leadership = new Leadership(zookeeper, cluster, self);
        registration = new Registration(zookeeper, cluster, () -> Member.newBuilder()
                .setId(self)
                .setRole(Member.Role.ROLE_COORDINATOR)
                .setEndpoint(endpoint.get())
                .setDevice("cpu")
                .setWeightsFingerprint(fingerprint)
                .build());
        lost = new LostShards(GrpcChannels::internal, events, this::publishLost);
        PlacementPlanner planner = new PlacementPlanner(
                ModelDemand.of(checkpoint.spec().llama()),
                fingerprint,
                new PlacementSettings(config.shardsPerPipeline(), config.maxPipelines()));
        controller = new PlacementController(
                planner, self, membership, placements, leadership, config.placementSettle(), writes);
    }

    /** Adds what only looks: the connection, the members and the placement. */
    void addWatching(Node node) {
        node.addCloseable("cluster events", events::shutdownNow);
        node.add("zookeeper", zookeeper);
        node.add("membership", membership);
        node.add("placements", placements);
        node.add("members", new Node.Part() {
            @Override
            public void start() {
                membership.addListener(ClusterLink.this::onMembers);
            }
        });
    }

    /** Adds what makes this coordinator known and lets it lead; after the server. */
    void addTakingPart(Node node) {
        node.add("registration", new Node.Part() {
            @Override
            public void start() throws Exception {
                registration.start();
            }

            // Not when draining begins: the calls that still run need their pipelines, and those an owner.
            @Override
            public void close() throws Exception {
                registration.close();
            }
        });
        node.addCloseable("placement", writes::shutdownNow);
        node.add("leadership", leadership);
        node.add("placement controller", controller);
    }

    Membership membership() {
        return membership;
    }

    PlacementStore placements() {
        return placements;
    }

    String leader() {
        return leadership.leader();
    }

    boolean connected() {
        return zookeeper.isConnected();
    }

    /** Tells of the members of one role that serve this coordinator's checkpoint, whenever any member changes. */
    void onMembers(Member.Role role, Consumer<List<Member>> listener) {
        membership.addListener(all -> listener.accept(members.of(role, all)));
    }

    /** What a shard computes in, also when it has left meanwhile. */
    DType dtypeOf(String shard) {
        return members.dtypeOf(shard);
    }

    /** A pipeline was lost with this shard. */
    void onShardLost(StagePlacement shard) {
        lost.add(shard);
    }

    private void onMembers(List<Member> all) {
        for (Member stranger : members.update(all, placements.lastKnown().placement())) {
            log.warn(
                    "{} at {} serves another checkpoint than this coordinator and gets no work",
                    stranger.getId(),
                    stranger.getEndpoint());
        }
        lost.keepRegistered(all.stream()
                .filter(member -> member.getRole() == Member.Role.ROLE_SHARD)
                .map(Member::getId)
                .collect(Collectors.toSet()));
    }

    private void publishLost(Set<String> shards) {
        registration.update(
                member -> member.toBuilder().clearLost().addAllLost(shards).build());
    }

    private static ScheduledExecutorService thread(String name) {
        return Executors.newSingleThreadScheduledExecutor(
                new ThreadFactoryBuilder().setNameFormat(name).setDaemon(true).build());
    }
}
