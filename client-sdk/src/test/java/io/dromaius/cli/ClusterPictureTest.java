package io.dromaius.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.proto.v1.ClusterMember;
import io.dromaius.proto.v1.GetClusterResponse;
import io.dromaius.proto.v1.Load;
import io.dromaius.proto.v1.ModelInfo;
import io.dromaius.proto.v1.PipelineInfo;
import io.dromaius.proto.v1.StageInfo;
import org.junit.jupiter.api.Test;

class ClusterPictureTest {
    private static final GetClusterResponse CLUSTER = GetClusterResponse.newBuilder()
            .setCluster("blue")
            .setModel(ModelInfo.newBuilder()
                    .setName("emu")
                    .setLayers(40)
                    .setHiddenSize(5120)
                    .setContext(2048))
            .setLoad(Load.newBuilder()
                    .setRunning(3)
                    .setQueued(1)
                    .setQueuedTokens(70)
                    .setQueueLimitTokens(9000))
            .setCoordinator("c-1")
            .setLeader("c-1")
            .setRegistryConnected(true)
            .addMembers(member("shard", "s-1"))
            .addMembers(member("shard", "s-2"))
            .addMembers(member("shard", "s-3"))
            .addMembers(member("encoder", "e-1").toBuilder().setDtype("fp32"))
            .addMembers(member("coordinator", "c-1").toBuilder().clearDtype())
            .addPipelines(PipelineInfo.newBuilder()
                    .setId("p-0")
                    .setEpoch(4)
                    .setState(PipelineInfo.State.STATE_SERVING)
                    .setRunning(3)
                    .setBlocks(100)
                    .setFreeBlocks(25)
                    .addStages(StageInfo.newBuilder()
                            .setMember("s-1")
                            .setEndLayer(21)
                            .setBusy(0.87))
                    .addStages(StageInfo.newBuilder()
                            .setMember("s-2")
                            .setFirstLayer(21)
                            .setEndLayer(40)
                            .setBusy(0.5)))
            .build();

    @Test
    void aPipelineIsAChainOfItsStages() {
        assertThat(ClusterPicture.draw(CLUSTER))
                .contains(
                        """
                        pipeline p-0  epoch 4  serving
                          +------------------+     +------------------+
                          | s-1              |     | s-2              |
                          | layers 0-20      | --> | layers 21-39     |
                          | #########.  87 % |     | #####.....  50 % |
                          +------------------+     +------------------+
                          running 3, waiting 0, 0 steps, KV ########.. 75 of 100 blocks
                        """);
    }

    @Test
    void aShardOutsideEveryPipelineIsASpare() {
        assertThat(ClusterPicture.draw(CLUSTER).lines())
                .filteredOn(line -> line.endsWith("(spare)"))
                .singleElement()
                .asString()
                .contains("s-3");
    }

    @Test
    void aMemberShowsTheTypeItComputesInIfItComputes() {
        assertThat(ClusterPicture.draw(CLUSTER).lines().filter(line -> line.contains("127.0.0.1:7000")))
                .map(line -> line.replaceAll(" +", " ").strip())
                .contains(
                        "shard s-1 127.0.0.1:7000 cpu bf16",
                        "encoder e-1 127.0.0.1:7000 cpu fp32",
                        "coordinator c-1 127.0.0.1:7000 cpu");
        assertThat(ClusterPicture.draw(CLUSTER)).startsWith("blue   emu, 40 layers x 5120, context 2048");
    }

    @Test
    void aBrokenPipelineSaysWhy() {
        GetClusterResponse broken = CLUSTER.toBuilder()
                .setPipelines(
                        0,
                        CLUSTER.getPipelines(0).toBuilder()
                                .setState(PipelineInfo.State.STATE_BROKEN)
                                .setDetail("s-2 is gone"))
                .build();

        assertThat(ClusterPicture.draw(broken)).contains("pipeline p-0  epoch 4  BROKEN: s-2 is gone");
    }

    @Test
    void withoutAPipelineItSaysSo() {
        assertThat(ClusterPicture.draw(CLUSTER.toBuilder().clearPipelines().build()))
                .contains("no pipeline");
    }

    @Test
    void anAbsentRegistryIsMentioned() {
        assertThat(ClusterPicture.draw(
                        CLUSTER.toBuilder().setRegistryConnected(false).build()))
                .contains("ZooKeeper is away");
    }

    private static ClusterMember member(String role, String id) {
        return ClusterMember.newBuilder()
                .setRole(role)
                .setId(id)
                .setEndpoint("127.0.0.1:7000")
                .setDevice("cpu")
                .setDtype("bf16")
                .build();
    }
}
