package io.dromaius.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClusterPlanTest {
    private static final StateDirectory STATE = new StateDirectory(Path.of("/nowhere"));
    private static final ClusterOptions SMALL = ClusterOptions.small("blue", STATE, Path.of("model"), 3);

    @Test
    void everyPartIsAProcessOfItsOwn() {
        assertThat(ClusterPlan.of(SMALL).processes())
                .extracting(ProcessPlan::name)
                .containsExactly("zookeeper", "coordinator", "shard-0", "shard-1", "shard-2", "encoder-0", "decoder-0");
    }

    @Test
    void noTwoShareAPort() {
        assertThat(ClusterPlan.of(SMALL).processes())
                .extracting(ProcessPlan::port)
                .doesNotHaveDuplicates();
    }

    @Test
    void anEnsembleTakesThePlaceOfTheOwnServer() {
        ClusterPlan plan = ClusterPlan.of(with(Optional.of("zk1:2181,zk2:2181"), 3, 1));

        assertThat(plan.zookeeper()).isEqualTo("zk1:2181,zk2:2181");
        assertThat(plan.processes()).extracting(ProcessPlan::role).doesNotContain("zookeeper");
        assertThat(plan.processes()).allSatisfy(process -> assertThat(process.arguments())
                .containsSequence("--zookeeper", "zk1:2181,zk2:2181"));
    }

    @Test
    void shardsAreDividedAmongPipelines() {
        assertThat(ClusterPlan.of(with(Optional.empty(), 4, 2))
                        .processes()
                        .get(1)
                        .arguments())
                .containsSequence("--shards-per-pipeline", "2");
        assertThatThrownBy(() -> with(Optional.empty(), 3, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("3 shards do not make 2 equal pipelines");
    }

    @Test
    void openMpTeamsSpinBrieflyAndSleep() {
        assertThat(ClusterPlan.of(SMALL).processes().get(2).environment())
                .containsEntry("OMP_WAIT_POLICY", "passive")
                .containsEntry("GOMP_SPINCOUNT", "1000")
                .containsKey("OMP_NUM_THREADS");
    }

    @Test
    void theWindowIsTheCoordinators() {
        assertThat(ClusterPlan.of(SMALL.withWindow(3)).processes())
                .filteredOn(process -> process.arguments().contains("--window"))
                .singleElement()
                .satisfies(process -> {
                    assertThat(process.role()).isEqualTo("coordinator");
                    assertThat(process.arguments()).containsSequence("--window", "3");
                });
    }

    @Test
    void batchInvarianceIsTheCoordinatorsToAskFor() {
        assertThat(ClusterPlan.of(SMALL.withBatchInvariance()).processes())
                .filteredOn(process -> process.arguments().contains("--batch-invariant"))
                .singleElement()
                .satisfies(process -> {
                    assertThat(process.role()).isEqualTo("coordinator");
                    assertThat(process.arguments()).containsSequence("--batch-invariant", "true");
                });
    }

    private static ClusterOptions with(Optional<String> zookeeper, int shards, int pipelines) {
        return new ClusterOptions(
                "blue",
                STATE,
                Path.of("model"),
                shards,
                pipelines,
                1,
                1,
                "fp32",
                "cpu",
                1,
                0,
                false,
                0,
                zookeeper,
                ClusterOptions.SHARD_MAIN,
                List.of());
    }
}
