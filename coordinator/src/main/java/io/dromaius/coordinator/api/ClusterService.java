package io.dromaius.coordinator.api;

import io.dromaius.coordinator.engine.EngineStats;
import io.dromaius.coordinator.pipeline.Pipeline;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.Member;
import io.dromaius.proto.internal.v1.PipelinePlacement;
import io.dromaius.proto.internal.v1.Placement;
import io.dromaius.proto.internal.v1.StagePlacement;
import io.dromaius.proto.v1.ClusterMember;
import io.dromaius.proto.v1.ClusterServiceGrpc;
import io.dromaius.proto.v1.GetClusterRequest;
import io.dromaius.proto.v1.GetClusterResponse;
import io.dromaius.proto.v1.Load;
import io.dromaius.proto.v1.ModelInfo;
import io.dromaius.proto.v1.PipelineInfo;
import io.dromaius.proto.v1.StageInfo;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** {@code emu.v1.ClusterService}: what an operator looks at, as seen from this coordinator. */
public final class ClusterService extends ClusterServiceGrpc.ClusterServiceImplBase {
    private static final Duration STATS_PATIENCE = Duration.ofMillis(500);

    /** Where the answers come from. Every one is safe to ask from any thread. */
    public interface Source {
        String cluster();

        /** Member id of this coordinator. */
        String self();

        /** Member id of the leader, as last known. */
        String leader();

        boolean registryConnected();

        List<Member> members();

        Placement placement();

        /** Those that this coordinator owns. */
        List<Pipeline> pipelines();

        long cachedEmbeddings();
    }

    private final ModelInfo model;
    private final Source source;
    private final Supplier<Admission.Load> load;

    /** Answers from {@code source}. */
    public ClusterService(ModelInfo model, Source source, Supplier<Admission.Load> load) {
        this.model = model;
        this.source = source;
        this.load = load;
    }

    @Override
    public void getCluster(GetClusterRequest request, StreamObserver<GetClusterResponse> client) {
        GetClusterResponse.Builder cluster = GetClusterResponse.newBuilder()
                .setCluster(source.cluster())
                .setModel(model)
                .setCoordinator(source.self())
                .setLeader(source.leader())
                .setRegistryConnected(source.registryConnected())
                .setLoad(load());
        source.members().forEach(member -> cluster.addMembers(member(member)));
        Map<PipelinePlacement, Pipeline> owned = new HashMap<>();
        Map<PipelinePlacement, CompletableFuture<EngineStats>> asked = new HashMap<>();
        for (Pipeline pipeline : source.pipelines()) {
            owned.put(pipeline.placement(), pipeline);
            pipeline.stats().ifPresent(stats -> asked.put(pipeline.placement(), stats));
        }
        Map<PipelinePlacement, EngineStats> answered = Together.answers(asked, STATS_PATIENCE);
        for (PipelinePlacement placed : source.placement().getPipelinesList()) {
            Pipeline pipeline = owned.get(placed);
            PipelineInfo.Builder info = pipeline == null ? elsewhere(placed) : owned(pipeline);
            EngineStats stats = answered.get(placed);
            if (stats != null) {
                addStats(info, stats);
            } else if (asked.containsKey(placed)) {
                info.setDetail("the engine does not answer");
            }
            cluster.addPipelines(info);
        }
        client.onNext(cluster.build());
        client.onCompleted();
    }

    private Load load() {
        Admission.Load now = load.get();
        return Load.newBuilder()
                .setRunning(now.running())
                .setQueued(now.queued())
                .setQueuedTokens(now.queuedTokens())
                .setQueueLimitTokens(now.limitTokens())
                .setCachedEmbeddings(source.cachedEmbeddings())
                .build();
    }

    private static PipelineInfo.Builder elsewhere(PipelinePlacement placed) {
        return placed(placed, Map.of()).setDetail("owned by " + placed.getOwner());
    }

    private static PipelineInfo.Builder owned(Pipeline pipeline) {
        return placed(pipeline.placement(), pipeline.busy())
                .setState(
                        switch (pipeline.state()) {
                            case LOADING -> PipelineInfo.State.STATE_LOADING;
                            case SERVING -> PipelineInfo.State.STATE_SERVING;
                            case BROKEN -> PipelineInfo.State.STATE_BROKEN;
                        })
                .setDetail(pipeline.detail())
                .setUnloadable(pipeline.unloadable());
    }

    private static void addStats(PipelineInfo.Builder info, EngineStats stats) {
        info.setRunning(stats.runningRequests())
                .setWaiting(stats.queuedRequests())
                .setBlocks(stats.blocks())
                .setFreeBlocks(stats.blocks() - stats.blocksInUse())
                .setShardBlocksInUse(stats.shardBlocksInUse())
                .setSteps(stats.steps())
                .setGeneratedTokens(stats.generatedTokens())
                .setPreemptions(stats.preemptions());
    }

    private static PipelineInfo.Builder placed(PipelinePlacement placed, Map<String, Double> busy) {
        PipelineInfo.Builder info = PipelineInfo.newBuilder()
                .setId(placed.getId())
                .setEpoch(placed.getEpoch())
                .setOwner(placed.getOwner());
        for (StagePlacement stage : placed.getStagesList()) {
            info.addStages(StageInfo.newBuilder()
                    .setMember(stage.getMember())
                    .setFirstLayer(stage.getFirstLayer())
                    .setEndLayer(stage.getEndLayer())
                    .setBusy(busy.getOrDefault(stage.getMember(), 0.0)));
        }
        return info;
    }

    private static ClusterMember member(Member member) {
        return ClusterMember.newBuilder()
                .setId(member.getId())
                .setRole(lower(member.getRole().name(), "ROLE_"))
                .setEndpoint(member.getEndpoint())
                .setDevice(member.getDevice())
                .setDtype(dtypeName(member.getDtype()))
                .setMemoryBytes(member.getMemoryBytes())
                .setLayerMs(member.getLayerMs())
                .setHighestEpoch(member.getHighestEpoch())
                .build();
    }

    private static String dtypeName(DType dtype) {
        return dtype == DType.D_TYPE_UNSPECIFIED ? "" : lower(dtype.name(), "D_TYPE_");
    }

    private static String lower(String name, String prefix) {
        return name.substring(prefix.length()).toLowerCase(Locale.ROOT);
    }
}
