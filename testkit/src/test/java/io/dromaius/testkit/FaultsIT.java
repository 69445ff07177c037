package io.dromaius.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.RetryInfo;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.Part;
import io.dromaius.proto.v1.PipelineInfo;
import io.dromaius.proto.v1.Prompt;
import io.dromaius.proto.v1.TextOptions;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What breaks, breaks quickly, tells so, and heals. */
final class FaultsIT {
    private static final long FOUND_WITHIN_SECONDS = 3;

    @Test
    void aDeadShardEndsItsCallsAndAJoinerBringsServiceBack() throws Exception {
        try (MiniCluster cluster = new MiniCluster(Golden.checkpoint("pretrain"), "--shards-per-pipeline", "2")) {
            for (int stage = 0; stage < 2; stage++) {
                cluster.addShardProcess();
            }
            cluster.awaitServing(1);
            List<Integer> expected = Answer.start(cluster.channel(), story(30)).ids();

            for (int stage = 0; stage < 2; stage++) {
                ShardProcess killed = cluster.process(stage);
                assertLost(cluster, killed::kill);
                cluster.addShardProcess();
                cluster.awaitServing(1);
                assertThat(Answer.start(cluster.channel(), story(30)).ids()).isEqualTo(expected);

                ShardProcess frozen = cluster.process(stage);
                assertLost(cluster, frozen::freeze);
                frozen.thaw();
                cluster.awaitServing(1);
                assertThat(Answer.start(cluster.channel(), story(30)).ids()).isEqualTo(expected);
            }
        }
    }

    @Test
    void withoutZooKeeperServiceGoesOn() throws Exception {
        try (MiniCluster cluster = MiniCluster.serving(Golden.checkpoint("pretrain"), 2)) {
            PipelineInfo before = cluster.describe().getPipelines(0);
            List<Integer> expected = Answer.start(cluster.channel(), story(30)).ids();
            Answer running = Answer.start(cluster.channel(), story(400)).awaitTokens();

            cluster.zookeeper().stop();
            Awaitility.await("sessions are lost").atMost(Duration.ofSeconds(30)).until(() -> !cluster.describe()
                    .getRegistryConnected());
            for (int i = 0; i < 8; i++) { // longer than the session timeout
                assertThat(Answer.start(cluster.channel(), story(30)).ids()).isEqualTo(expected);
                Awaitility.await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
            }
            assertThat(running.end(60).isOk()).isTrue();

            cluster.zookeeper().restart();
            Awaitility.await("ZooKeeper is back").atMost(Duration.ofSeconds(30)).until(() -> cluster.describe()
                    .getRegistryConnected());
            Awaitility.await().pollDelay(Duration.ofSeconds(5)).until(() -> true);
            assertThat(Answer.start(cluster.channel(), story(30)).ids()).isEqualTo(expected);
            assertThat(cluster.describe().getPipelines(0).getEpoch())
                    .as("nobody was placed anew")
                    .isEqualTo(before.getEpoch());
        }
    }

    @Test
    void aCancelledCallFreesItsBlocksOnTheShards() throws Exception {
        try (MiniCluster cluster = MiniCluster.serving(Golden.checkpoint("pretrain"), 2)) {
            List<Answer> answers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                answers.add(Answer.start(cluster.channel(), story(1500)));
            }
            for (Answer answer : answers) {
                answer.awaitTokens();
            }
            PipelineInfo busy = cluster.describe().getPipelines(0);
            assertThat(busy.getRunning()).isEqualTo(4);
            assertThat(busy.getShardBlocksInUse()).isPositive();

            answers.forEach(Answer::cancel);

            Awaitility.await("blocks are free").atMost(Duration.ofSeconds(5)).until(() -> {
                PipelineInfo now = cluster.describe().getPipelines(0);
                return now.getFreeBlocks() == now.getBlocks() && now.getShardBlocksInUse() == 0;
            });
            assertThat(cluster.describe().getLoad().getRunning()).isZero();
        }
    }

    @Test
    void aSmallPoolServesAllByTurns() throws Exception {
        List<List<List<Integer>>> answers = new ArrayList<>();
        for (String blocks : List.of("1024", "14")) {
            try (MiniCluster cluster = MiniCluster.serving(Golden.checkpoint("pretrain"), 1, "--max-blocks", blocks)) {
                List<Answer> calls = Stream.generate(() -> Answer.start(cluster.channel(), story(100)))
                        .limit(6)
                        .toList();
                List<List<Integer>> ids = new ArrayList<>();
                for (Answer call : calls) {
                    ids.add(call.ids());
                }
                answers.add(ids);
            }
        }
        assertThat(answers.get(1)).isEqualTo(answers.get(0));
    }

    private interface Fault {
        void strike() throws Exception;
    }

    private static void assertLost(MiniCluster cluster, Fault fault) throws Exception {
        Answer running = Answer.start(cluster.channel(), story(2000)).awaitTokens();
        fault.strike();
        Status status = running.end(FOUND_WITHIN_SECONDS);
        assertThat(status.getCode()).as("with events: %s", status).isEqualTo(Status.Code.ABORTED);

        Answer next = Answer.start(cluster.channel(), story(30));
        Status refused = next.end(FOUND_WITHIN_SECONDS);
        assertThat(refused.getCode()).as("without events: %s", refused).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(Failures.detail(next.failure(), RetryInfo.class)).isPresent();
    }

    /** Greedy text of so many tokens, unless the model ends it. */
    private static GenerateRequest story(int tokens) {
        return GenerateRequest.newBuilder()
                .setPrompt(Prompt.newBuilder()
                        .addParts(Part.newBuilder().setText("Once upon a time there was a small robot who")))
                .setText(TextOptions.newBuilder().setMaxTokens(tokens).setMinTokens(tokens))
                .build();
    }
}
