package io.dromaius.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.proto.v1.ClusterMember;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.Part;
import io.dromaius.proto.v1.PipelineInfo;
import io.dromaius.proto.v1.Prompt;
import io.dromaius.proto.v1.StageInfo;
import io.dromaius.proto.v1.TextOptions;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Two pipelines of three shard processes each, and a seventh to spare: what callers see when a shard dies. */
final class ShardDeathIT {
    private static final Logger log = LoggerFactory.getLogger(ShardDeathIT.class);
    private static final Duration LIMIT = Duration.ofSeconds(3);
    private static final int SHARDS = 7;
    private static final int CALLS = 10;
    /** Of the prompt, to make some 350 tokens. */
    private static final int REPEATS = 40;

    private static final int TOKENS = 300;

    @TempDir
    static Path directory;

    private static ProcessCluster cluster;
    private static List<Integer> expected;

    @BeforeAll
    static void start() throws Exception {
        // Blocks for two calls of a pipeline's five: the others wait.
        cluster = new ProcessCluster("shard-death", directory, "--shards-per-pipeline", "3", "--max-blocks", "48");
        for (int i = 0; i < SHARDS; i++) {
            cluster.addShard();
        }
        awaitAll();
        expected = LiveCall.start(cluster.channel(), request()).end().ids();
        assertThat(expected).hasSize(TOKENS);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @BeforeEach
    void mend() throws Exception {
        cluster.restoreShards(SHARDS);
        awaitAll();
    }

    private static void awaitAll() {
        cluster.awaitMembers("shard");
        cluster.awaitServing(2);
    }

    @ParameterizedTest(name = "{0} of stage {1}")
    @CsvSource({"KILL, 0", "KILL, 1", "KILL, 2", "STOP, 0", "STOP, 1", "STOP, 2"})
    void callsOfTheBrokenPipelineEndInTimeAndNoOthers(String signal, int stage) throws Exception {
        List<PipelineInfo> before = cluster.serving();
        PipelineInfo victim = before.get(0);
        PipelineInfo bystander = before.get(1);
        ClusterProcess shard = cluster.process(victim.getStages(stage).getMember());

        List<LiveCall> calls = Stream.generate(() -> LiveCall.start(cluster.channel(), request()))
                .limit(CALLS)
                .toList();
        cluster.await("calls that run and calls that wait").until(() -> isBusy(victim));
        try (StallMeter meter = StallMeter.start()) {
            if (signal.equals("KILL")) {
                shard.kill();
            } else {
                shard.freeze();
            }
            long died = System.nanoTime();
            cluster.await("the spare shard's service").until(() -> isMended(before));
            log.info("{} of stage {}: served again after {} ms", signal, stage, (System.nanoTime() - died) / 1_000_000);
            checkEnds(calls, died, meter, signal + " of stage " + stage);
        }

        PipelineInfo untouched = cluster.pipeline(bystander.getId()).orElseThrow();
        assertThat(untouched.getEpoch()).isEqualTo(bystander.getEpoch());
        assertThat(untouched.getStagesList()).extracting(StageInfo::getMember).isEqualTo(members(bystander));
        PipelineInfo mended = otherThan(bystander);
        assertThat(mended.getEpoch()).isGreaterThan(highest(before));

        cluster.restoreShards(SHARDS);
        cluster.awaitMembers("shard");
        checkServesOn(mended, untouched);
    }

    /** A shard stands still and says nothing from before it is asked to load: its registration outlives it by far. */
    @Test
    void aShardThatFreezesWhileItsPipelineLoadsIsGivenUpInTime() throws Exception {
        List<PipelineInfo> before = cluster.serving();
        PipelineInfo victim = before.get(0);
        Set<String> placed =
                before.stream().flatMap(one -> members(one).stream()).collect(Collectors.toSet());
        String spare = cluster.members("shard").stream()
                .map(ClusterMember::getId)
                .filter(id -> !placed.contains(id))
                .findFirst()
                .orElseThrow();
        cluster.process(spare).freeze();
        cluster.process(victim.getStages(1).getMember()).kill();
        cluster.await("a pipeline that loads with the spare shard").until(() -> loadsWith(spare));
        try (StallMeter meter = StallMeter.start()) {
            long loading = System.nanoTime();
            cluster.await("the end of that").until(() -> !loadsWith(spare));
            Duration given = Duration.ofNanos(System.nanoTime() - loading);
            Duration limit = meter.extend(LIMIT);
            log.info("STOP while loading: given up after {} ms, of {}", given.toMillis(), limit.toMillis());
            assertThat(given).isLessThan(limit);
        }
    }

    private static boolean loadsWith(String member) {
        return cluster.describe().getPipelinesList().stream()
                .anyMatch(pipeline -> pipeline.getState() == PipelineInfo.State.STATE_LOADING
                        && members(pipeline).contains(member));
    }

    /** Some of its new calls have had a token, and some wait. */
    private static boolean isBusy(PipelineInfo before) {
        return cluster.pipeline(before.getId())
                .filter(info -> info.getWaiting() > 0 && info.getGeneratedTokens() > before.getGeneratedTokens())
                .isPresent();
    }

    private static boolean isMended(List<PipelineInfo> before) {
        List<PipelineInfo> serving = cluster.serving();
        return serving.size() == 2 && highest(serving) > highest(before);
    }

    /** Those without an event may be tried again, those with one were cut short; nobody waits longer than the limit. */
    private static void checkEnds(List<LiveCall> calls, long died, StallMeter meter, String what) throws Exception {
        List<LiveCall.End> failed = new ArrayList<>();
        for (LiveCall call : calls) {
            LiveCall.End end = call.end();
            if (end.isOk()) {
                assertThat(end.ids()).isEqualTo(expected);
            } else {
                failed.add(end);
            }
        }
        Duration limit = meter.extend(LIMIT);
        log.info(
                "{}: calls failed, with {} ms to do so, after {} ms",
                what,
                limit.toMillis(),
                failed.stream().map(end -> end.since(died).toMillis()).toList());
        for (LiveCall.End end : failed) {
            Status.Code code = end.events() == 0 ? Status.Code.UNAVAILABLE : Status.Code.ABORTED;
            assertThat(end.status().getCode()).as(end.toString()).isEqualTo(code);
            assertThat(end.retryInfo()).as(end.toString()).isEqualTo(end.events() == 0);
            assertThat(end.since(died)).as(end.toString()).isLessThan(limit);
        }
        assertThat(failed.stream().map(end -> end.events() > 0).distinct())
                .as("some had begun, some had not: %s", failed)
                .hasSize(2);
        assertThat(failed).as("calls of the other pipeline").hasSizeLessThanOrEqualTo(CALLS / 2);
    }

    /** The newcomer changes nothing for those that serve. */
    private static void checkServesOn(PipelineInfo... pipelines) throws Exception {
        List<LiveCall> calls = Stream.generate(() -> LiveCall.start(cluster.channel(), request()))
                .limit(2)
                .toList();
        for (LiveCall call : calls) {
            assertThat(call.end().ids()).isEqualTo(expected);
        }
        for (PipelineInfo pipeline : pipelines) {
            PipelineInfo now = cluster.pipeline(pipeline.getId()).orElseThrow();
            assertThat(now.getEpoch()).isEqualTo(pipeline.getEpoch());
            assertThat(now.getState()).isEqualTo(PipelineInfo.State.STATE_SERVING);
        }
        Set<String> placed = Stream.of(pipelines)
                .flatMap(pipeline -> members(pipeline).stream())
                .collect(Collectors.toSet());
        // One that was frozen may have to register again.
        cluster.await("the one to spare")
                .until(() -> cluster.members("shard").stream()
                                .map(ClusterMember::getId)
                                .filter(id -> !placed.contains(id))
                                .count()
                        == 1);
    }

    private static PipelineInfo otherThan(PipelineInfo bystander) {
        return cluster.serving().stream()
                .filter(pipeline -> !pipeline.getId().equals(bystander.getId()))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> members(PipelineInfo pipeline) {
        return pipeline.getStagesList().stream().map(StageInfo::getMember).toList();
    }

    private static long highest(List<PipelineInfo> pipelines) {
        return pipelines.stream().mapToLong(PipelineInfo::getEpoch).max().orElseThrow();
    }

    private static GenerateRequest request() {
        return GenerateRequest.newBuilder()
                .setPrompt(Prompt.newBuilder().addParts(Part.newBuilder().setText("emus run far ".repeat(REPEATS))))
                .setText(TextOptions.newBuilder().setMinTokens(TOKENS).setMaxTokens(TOKENS))
                .build();
    }
}
