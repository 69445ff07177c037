package io.dromaius.node.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dromaius.proto.internal.v1.Member;
import io.dromaius.proto.internal.v1.PipelinePlacement;
import io.dromaius.proto.internal.v1.Placement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.CreateMode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The recipes against a real server that is stopped, restarted and made to forget sessions. */
@Timeout(value = 600, unit = TimeUnit.SECONDS)
class MembershipIT {
    private static final String CLUSTER = "test";
    private static final Duration SESSION = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    /** Members that have not registered anew by then are not going to. */
    private static final Duration GRACE = PATIENCE.multipliedBy(2);

    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private TestingServer server;

    @BeforeEach
    void startServer() throws Exception {
        server = new TestingServer(InstanceSpec.newInstanceSpec(), true);
    }

    @AfterEach
    void stop() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
        executor.shutdownNow();
        server.close();
    }

    @Test
    void membersComeChangeAndLeave() throws Exception {
        Membership seen = watch(connect(), Duration.ofMillis(50));
        List<List<Member>> views = new CopyOnWriteArrayList<>();
        seen.addListener(views::add);
        await().atMost(PATIENCE).until(() -> !views.isEmpty());
        Registration encoder = register(connect(), Member.Role.ROLE_ENCODER, "e1");
        Registration shard = register(connect(), Member.Role.ROLE_SHARD, "s1");
        await().atMost(PATIENCE).until(() -> seen.members().size() == 2);
        assertThat(seen.members(Member.Role.ROLE_SHARD)).containsExactly(shard.member());
        assertThat(seen.members(Member.Role.ROLE_ENCODER)).containsExactly(encoder.member());

        shard.update(member -> member.toBuilder().setHighestEpoch(7).build());
        await().atMost(PATIENCE)
                .until(() -> seen.members(Member.Role.ROLE_SHARD).get(0).getHighestEpoch() == 7);

        shard.drain(Duration.ZERO);
        await().atMost(PATIENCE).until(() -> seen.members().size() == 1);
        await().atMost(PATIENCE).until(() -> views.get(views.size() - 1).equals(List.of(encoder.member())));
        assertThat(views.get(0)).isEmpty();
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void withoutZooKeeperTheLastViewStandsAndAfterwardsItIsTrueAgain() throws Exception {
        ZooKeeperConnection watcher = connect();
        Membership seen = watch(watcher, GRACE);
        Registration shard = register(connect(), Member.Role.ROLE_SHARD, "s1");
        await().atMost(PATIENCE).until(() -> seen.members().size() == 1);
        List<List<Member>> views = new CopyOnWriteArrayList<>();
        seen.addListener(views::add);

        server.stop();
        await().atMost(PATIENCE).until(() -> !watcher.isConnected());
        // Long enough for both sessions to be given up on.
        await().pollDelay(SESSION.multipliedBy(2)).atMost(PATIENCE).until(() -> true);
        shard.update(member -> member.toBuilder().setHighestEpoch(9).build());
        assertThat(seen.members()).hasSize(1);

        server.restart();
        await().atMost(PATIENCE).until(() -> seen.members().get(0).getHighestEpoch() == 9);
        assertThat(views).allSatisfy(view -> assertThat(view).hasSize(1));
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aServerThatForgotEverythingLearnsOfTheMembersAgain() throws Exception {
        Membership seen = watch(connect(), GRACE);
        register(connect(), Member.Role.ROLE_SHARD, "s1");
        await().atMost(PATIENCE).until(() -> seen.members().size() == 1);
        List<List<Member>> views = new CopyOnWriteArrayList<>();
        seen.addListener(views::add);
        int port = server.getPort();
        server.close();
        server = new TestingServer(port, true);

        Membership stranger = watch(connect(), Duration.ofMillis(50));
        await().atMost(PATIENCE).until(() -> stranger.members().size() == 1);
        assertThat(views).allSatisfy(view -> assertThat(view).hasSize(1));
    }

    @Test
    void aMemberWhoseProcessDiedIsGoneWhenItsSessionIs() throws Exception {
        Membership seen = watch(connect(), Duration.ofMillis(50));
        ZooKeeperConnection dying = connect();
        Member member =
                Member.newBuilder().setId("s1").setRole(Member.Role.ROLE_SHARD).build();
        dying.curator()
                .create()
                .creatingParentsIfNeeded()
                .withMode(CreateMode.EPHEMERAL)
                .forPath(new ClusterPaths(CLUSTER).member(member), member.toByteArray());
        await().atMost(PATIENCE).until(() -> seen.members().equals(List.of(member)));
        dying.close();
        await().atMost(PATIENCE).until(() -> seen.members().isEmpty());
    }

    @Test
    void thePlacementIsWrittenByCompareAndSetAndWatched() throws Exception {
        PlacementStore writer = store(connect());
        PlacementStore reader = store(connect());
        List<PlacementStore.Versioned> heard = new CopyOnWriteArrayList<>();
        reader.addListener(heard::add);
        await().atMost(PATIENCE).until(() -> !heard.isEmpty());
        assertThat(writer.read().version()).isEqualTo(PlacementStore.ABSENT);

        assertThat(writer.compareAndSet(PlacementStore.ABSENT, placement(1))).isTrue();
        assertThat(writer.compareAndSet(PlacementStore.ABSENT, placement(2))).isFalse();
        int version = reader.read().version();
        assertThat(reader.compareAndSet(version, placement(3))).isTrue();
        assertThat(writer.compareAndSet(version, placement(4))).isFalse();

        assertThat(writer.read()).isEqualTo(new PlacementStore.Versioned(placement(3), version + 1));
        await().atMost(PATIENCE).until(() -> reader.lastKnown().placement().equals(placement(3)));
        assertThat(heard.get(0).placement()).isEqualTo(Placement.getDefaultInstance());
        await().atMost(PATIENCE)
                .until(() -> heard.get(heard.size() - 1).placement().equals(placement(3)));

        server.stop();
        assertThat(reader.lastKnown().placement()).isEqualTo(placement(3));
        server.restart();
        // An answer may be lost with the connection.
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> writer.compareAndSet(version + 1, placement(5))
                        || writer.read().placement().equals(placement(5)));
        await().atMost(PATIENCE).until(() -> reader.lastKnown().placement().equals(placement(5)));
    }

    @Test
    void oneLeadsAndAnotherFollows() throws Exception {
        Leadership first = elect(connect(), "c1");
        await().atMost(PATIENCE).until(first::isLeader);
        Leadership second = elect(connect(), "c2");
        List<Boolean> heard = new CopyOnWriteArrayList<>();
        second.addListener(heard::add, executor);
        assertThat(second.isLeader()).isFalse();
        await().atMost(PATIENCE).until(() -> second.leader().equals("c1"));

        first.close();
        await().atMost(PATIENCE).until(second::isLeader);
        await().atMost(PATIENCE).until(() -> heard.equals(List.of(true)));
        // Asked in vain for half a second, it names the last one known.
        await().atMost(PATIENCE).until(() -> second.leader().equals("c2"));

        server.stop();
        await().atMost(PATIENCE).until(() -> !second.isLeader());
        server.restart();
        await().atMost(PATIENCE).until(second::isLeader);
    }

    private ZooKeeperConnection connect() throws Exception {
        ZooKeeperConnection connection = new ZooKeeperConnection(server.getConnectString(), SESSION);
        open.push(connection::close);
        connection.start();
        return connection;
    }

    private Membership watch(ZooKeeperConnection connection, Duration grace) {
        Membership membership = new Membership(connection, CLUSTER, grace, executor);
        open.push(membership::close);
        membership.start();
        return membership;
    }

    private Registration register(ZooKeeperConnection connection, Member.Role role, String id) throws Exception {
        Registration registration = new Registration(connection, CLUSTER, () -> Member.newBuilder()
                .setId(id)
                .setRole(role)
                .setEndpoint("h:1")
                .build());
        open.push(registration::close);
        registration.start();
        return registration;
    }

    private PlacementStore store(ZooKeeperConnection connection) {
        PlacementStore store = new PlacementStore(connection, CLUSTER, executor);
        open.push(store::close);
        store.start();
        return store;
    }

    private Leadership elect(ZooKeeperConnection connection, String id) throws Exception {
        Leadership leadership = new Leadership(connection, CLUSTER, id);
        open.push(leadership::close);
        leadership.start();
        return leadership;
    }

    private static Placement placement(long epoch) {
        return Placement.newBuilder()
                .addPipelines(PipelinePlacement.newBuilder().setId("p0").setEpoch(epoch))
                .build();
    }
}
