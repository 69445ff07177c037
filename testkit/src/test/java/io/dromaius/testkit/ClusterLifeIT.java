package io.dromaius.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.client.EmuClient;
import io.dromaius.client.GenerationOptions;
import io.dromaius.client.Prompt;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.Part;
import io.dromaius.proto.v1.PipelineInfo;
import io.dromaius.proto.v1.StageInfo;
import io.dromaius.proto.v1.TextOptions;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A cluster of processes through what happens in its life, in order: each event finds the cluster that the last one left. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag("side-by-side")
final class ClusterLifeIT {
    private static final Logger log = LoggerFactory.getLogger(ClusterLifeIT.class);
    /** Every session and every grace runs out meanwhile. */
    private static final Duration OUTAGE = Duration.ofSeconds(30);

    private static final String PROMPT = "emus run far ".repeat(8);
    private static final int TOKENS = 200;

    @TempDir
    static Path directory;

    private static ProcessCluster cluster;
    private static final List<ClusterProcess> SHARDS = new ArrayList<>();
    private static List<Integer> expected;

    @BeforeAll
    static void start() throws Exception {
        cluster = ProcessCluster.withDefaultTimes("cluster-life", directory, "--shards-per-pipeline", "2");
        SHARDS.add(cluster.addShard());
        SHARDS.add(cluster.addShard());
        cluster.awaitServing(1);
        expected = LiveCall.start(cluster.channel(), request(TOKENS)).end().ids();
        assertThat(expected).hasSize(TOKENS);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    @Order(1)
    void cancelledCallsFreeTheirBlocksOnEveryShard() throws Exception {
        List<LiveCall> calls = Stream.generate(() -> LiveCall.start(cluster.channel(), request(1500)))
                .limit(4)
                .toList();
        cluster.await("calls that run").until(() -> calls.stream().allMatch(call -> call.events() > 1));
        assertThat(blocksInUse(SHARDS)).allSatisfy(blocks -> assertThat(blocks).isPositive());
        PipelineInfo running = cluster.serving().get(0);
        assertThat(running.getFreeBlocks()).isLessThan(running.getBlocks());
        assertThat(running.getShardBlocksInUse()).isPositive();

        long cancelled = System.nanoTime();
        calls.forEach(LiveCall::cancel);
        awaitFreeBlocks();
        log.info("cancelled: blocks are free after {} ms", (System.nanoTime() - cancelled) / 1_000_000);
        PipelineInfo after = cluster.serving().get(0);
        assertThat(after.getFreeBlocks()).isEqualTo(after.getBlocks());
        assertThat(after.getShardBlocksInUse()).isZero();
        assertThat(calls.get(0).end().status().getCode()).isEqualTo(Status.Code.CANCELLED);
    }

    /**
     * A call of n tokens takes the steps of its prompt, of which the last gives the first token, n - 1 more, and one that
     * frees its blocks. One that is cancelled takes as many for the tokens that it got, the one in flight, and that last.
     */
    @Test
    @Order(2)
    void theStepAfterACancelFreesItsBlocks() throws Exception {
        PipelineInfo before = cluster.serving().get(0);
        assertThat(LiveCall.start(cluster.channel(), request(TOKENS)).end().ids())
                .isEqualTo(expected);
        awaitFreeBlocks();
        long ofPrompt = stepsBeyondTokens(before);
        int cancelled = 0;
        for (int round = 0; cancelled < 5; round++) {
            assertThat(round).as("calls that ended before they were cancelled").isLessThan(20);
            before = cluster.serving().get(0);
            LiveCall call = LiveCall.start(cluster.channel(), request(1500));
            cluster.await("a call that runs").until(() -> call.events() > 10);
            call.cancel();
            awaitFreeBlocks();
            if (call.end().isOk()) {
                continue;
            }
            cancelled++;
            PipelineInfo after = cluster.serving().get(0);
            long got = after.getGeneratedTokens() - before.getGeneratedTokens();
            assertThat(got).isBetween(10L, 1499L);
            long more = stepsBeyondTokens(before) - ofPrompt;
            log.info("cancelled after {} tokens: {} steps more", got, more);
            assertThat(more).as("the one in flight, and no other").isBetween(0L, 1L);
        }
    }

    private static long stepsBeyondTokens(PipelineInfo before) {
        PipelineInfo now = cluster.serving().get(0);
        return now.getSteps() - before.getSteps() - (now.getGeneratedTokens() - before.getGeneratedTokens());
    }

    /** On the shards, and in the result that tells the coordinator so: nothing is in flight after that. */
    private static void awaitFreeBlocks() {
        cluster.await("blocks that are free")
                .until(() -> blocksInUse(SHARDS).stream().allMatch(blocks -> blocks == 0)
                        && cluster.serving().get(0).getShardBlocksInUse() == 0);
    }

    @Test
    @Order(3)
    void theCoordinatorAndTheShardsTellPrometheusWhatThePageSays() throws Exception {
        cluster.await("the end of the last test's calls")
                .until(() -> Scrape.of(cluster.coordinator()).lines().contains("dromaius_requests_running 0.0"));
        Scrape coordinator = Scrape.of(cluster.coordinator());
        assertThat(coordinator.names()).isEqualTo(Scrape.documented("coordinator"));
        assertThat(coordinator.lines()).contains("dromaius_pipelines_serving 1.0");
        assertThat(coordinator.sum("dromaius_generated_tokens_total")).isGreaterThan(2 * TOKENS);
        assertThat(coordinator.sum("dromaius_requests_total")).isGreaterThan(1);
        assertThat(coordinator.sum("dromaius_time_to_first_token_seconds_count"))
                .isGreaterThan(1);
        assertThat(coordinator.sum("dromaius_step_seconds_count")).isGreaterThan(TOKENS);
        assertThat(coordinator.sum("dromaius_kv_blocks")).isPositive();
        Scrape shard = Scrape.of(SHARDS.get(0));
        assertThat(shard.names()).isEqualTo(Scrape.documented("shard"));
        assertThat(shard.sum("dromaius_shard_rows_total")).isGreaterThan(2 * TOKENS);
    }

    /** For half of the time it stands still with its connections open, then it is gone; both are noticed differently. */
    @Test
    @Order(4)
    void servesOnWithoutZooKeeper() throws Exception {
        PipelineInfo before = cluster.serving().get(0);
        LiveCall running = LiveCall.start(cluster.channel(), request(1500));
        cluster.await("a call that runs").until(() -> running.events() > 1);
        cluster.zookeeper().freeze();
        long away = System.nanoTime();
        assertServesFor(OUTAGE.dividedBy(2));
        cluster.zookeeper().kill();
        assertServesFor(OUTAGE.minus(Duration.ofNanos(System.nanoTime() - away)));
        assertThat(running.end().ids()).as(running.end().toString()).hasSize(1500);
        assertThat(cluster.describe().getRegistryConnected())
                .as("it still answers an operator")
                .isFalse();
        cluster.restartZooKeeper();
        cluster.await("ZooKeeper").until(() -> cluster.describe().getRegistryConnected());
        cluster.awaitMembers("shard");
        assertUntouched(before);
    }

    /** A new call every second, and an operator who looks. */
    private static void assertServesFor(Duration time) {
        long begun = System.nanoTime();
        List<LiveCall.End> ends = new ArrayList<>();
        Awaitility.await("calls during the whole time")
                .atMost(time.plus(Duration.ofMinutes(5)))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    LiveCall.End end =
                            LiveCall.start(cluster.channel(), request(TOKENS)).end();
                    assertThat(end.ids()).as(end.toString()).isEqualTo(expected);
                    assertThat(cluster.serving()).hasSize(1);
                    ends.add(end);
                    return System.nanoTime() - begun > time.toNanos();
                });
        log.info("{} calls in {} ms without ZooKeeper", ends.size(), (System.nanoTime() - begun) / 1_000_000);
    }

    @Test
    @Order(5)
    void newcomersFormAPipelineOfTheirOwn() throws Exception {
        PipelineInfo before = cluster.serving().get(0);
        SHARDS.add(cluster.addShard());
        cluster.awaitMembers("shard");
        SHARDS.add(cluster.addShard());
        cluster.awaitServing(2);
        assertUntouched(before);
        assertServes();
    }

    @Test
    @Order(6)
    void aJoinerCompletesABrokenPipeline() throws Exception {
        List<PipelineInfo> before = cluster.serving();
        PipelineInfo broken = before.get(0);
        PipelineInfo bystander = before.get(1);
        ClusterProcess victim = cluster.process(broken.getStages(0).getMember());
        victim.kill();
        SHARDS.remove(victim);
        cluster.await("the loss is noticed").until(() -> cluster.serving().size() == 1);
        assertServes();
        SHARDS.add(cluster.addShard());
        cluster.awaitServing(2);
        assertUntouched(bystander);
        PipelineInfo mended = cluster.serving().stream()
                .filter(pipeline -> !pipeline.getId().equals(bystander.getId()))
                .findFirst()
                .orElseThrow();
        assertThat(mended.getEpoch()).isGreaterThan(Math.max(broken.getEpoch(), bystander.getEpoch()));
        assertThat(mended.getStagesList())
                .extracting(StageInfo::getMember)
                .as("the survivor is used again")
                .contains(broken.getStages(1).getMember());
        assertServes();
    }

    @Test
    @Order(7)
    void aRestartedCoordinatorServesWithTheSameWorkers() throws Exception {
        long highest = highestEpoch();
        LiveCall call = LiveCall.start(cluster.channel(), request(1500));
        cluster.await("a call that runs").until(() -> call.events() > 1);
        cluster.coordinator().kill();
        long killed = System.nanoTime();
        assertThat(call.end().status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        cluster.restartCoordinator();
        cluster.awaitServing(2);
        log.info("coordinator: served again after {} ms", (System.nanoTime() - killed) / 1_000_000);
        assertThat(SHARDS).allMatch(ClusterProcess::isAlive);
        assertThat(cluster.serving())
                .allSatisfy(pipeline -> assertThat(pipeline.getEpoch()).isGreaterThan(highest));
        assertServes();
    }

    @Test
    @Order(8)
    void aStandbyTakesOverWithTheSameWorkers() throws Exception {
        long highest = highestEpoch();
        PipelineInfo before = cluster.serving().get(0);
        ClusterProcess active = cluster.coordinator();
        ClusterProcess standby = cluster.addCoordinator();
        cluster.awaitMembers("coordinator");
        try (EmuClient client = EmuClient.builder()
                .endpoint(standby.endpoint())
                .endpoint(active.endpoint())
                .build()) {
            assertThat(ids(client)).as("a standby sends callers on").isEqualTo(expected);
            assertUntouched(before);

            active.kill();
            long killed = System.nanoTime();
            cluster.turnTo(standby);
            cluster.awaitServing(2);
            log.info("standby: served after {} ms", (System.nanoTime() - killed) / 1_000_000);
            assertThat(SHARDS).allMatch(ClusterProcess::isAlive);
            assertThat(cluster.serving())
                    .allSatisfy(pipeline -> assertThat(pipeline.getEpoch()).isGreaterThan(highest));
            assertThat(ids(client)).as("callers find it").isEqualTo(expected);
        }
        assertServes();
    }

    private static List<Integer> ids(EmuClient client) {
        GenerationOptions options =
                GenerationOptions.builder().minTokens(TOKENS).maxTokens(TOKENS).build();
        return client.generate(Prompt.of(PROMPT), options).candidates().get(0).tokenIds();
    }

    private static long highestEpoch() {
        return cluster.serving().stream()
                .mapToLong(PipelineInfo::getEpoch)
                .max()
                .orElseThrow();
    }

    private static void assertServes() throws Exception {
        List<LiveCall> calls = Stream.generate(() -> LiveCall.start(cluster.channel(), request(TOKENS)))
                .limit(4)
                .toList();
        for (LiveCall call : calls) {
            assertThat(call.end().ids()).as(call.end().toString()).isEqualTo(expected);
        }
    }

    private static void assertUntouched(PipelineInfo pipeline) {
        PipelineInfo now = cluster.pipeline(pipeline.getId()).orElseThrow();
        assertThat(now.getEpoch()).isEqualTo(pipeline.getEpoch());
        assertThat(now.getState()).isEqualTo(PipelineInfo.State.STATE_SERVING);
        assertThat(now.getSteps()).as("it goes on, it did not begin again").isGreaterThanOrEqualTo(pipeline.getSteps());
    }

    private static List<Integer> blocksInUse(List<ClusterProcess> shards) throws IOException, InterruptedException {
        List<Integer> blocks = new ArrayList<>();
        for (ClusterProcess shard : shards) {
            blocks.add((int) Scrape.of(shard).sum("dromaius_shard_blocks_in_use"));
        }
        return blocks;
    }

    private static GenerateRequest request(int tokens) {
        return GenerateRequest.newBuilder()
                .setPrompt(io.dromaius.proto.v1.Prompt.newBuilder()
                        .addParts(Part.newBuilder().setText(PROMPT)))
                .setText(TextOptions.newBuilder().setMinTokens(tokens).setMaxTokens(tokens))
                .build();
    }
}
