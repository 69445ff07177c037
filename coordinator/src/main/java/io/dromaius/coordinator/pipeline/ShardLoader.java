package io.dromaius.coordinator.pipeline;

import static java.util.Objects.requireNonNull;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.LoadShardRequest;
import io.dromaius.proto.internal.v1.LoadShardResponse;
import io.dromaius.proto.internal.v1.PipelinePlacement;
import io.dromaius.proto.internal.v1.ShardServiceGrpc;
import io.dromaius.proto.internal.v1.StagePlacement;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Tells every shard of a pipeline which layers it holds, all at the same time. Stateless. */
final class ShardLoader {
    /** What will be the same the next time. */
    private static final Set<FailureCode> LASTING =
            Set.of(FailureCode.BAD_CHECKPOINT, FailureCode.OUT_OF_MEMORY, FailureCode.UNSUPPORTED);

    private final PipelineSettings settings;
    private final DType dtype;

    ShardLoader(PipelineSettings settings, DType dtype) {
        this.settings = settings;
        this.dtype = dtype;
    }

    /**
     * Loads all stages.
     *
     * @param channels one to each stage
     * @param onLoaded hears what each stage answered, in order; on a thread of gRPC's
     * @param unloadable called before a loss that an operator has to mend
     * @param losses hears of each failure
     */
    void load(
            PipelinePlacement placement,
            List<? extends Channel> channels,
            Consumer<List<LoadShardResponse>> onLoaded,
            Runnable unloadable,
            LossListener losses) {
        List<ListenableFuture<LoadShardResponse>> loads = new ArrayList<>();
        for (int stage = 0; stage < placement.getStagesCount(); stage++) {
            ListenableFuture<LoadShardResponse> load = load(placement, stage, channels.get(stage));
            loads.add(load);
            Futures.addCallback(
                    load,
                    new FailedLoad(placement.getStages(stage).getMember(), unloadable, losses),
                    MoreExecutors.directExecutor());
        }
        // Not allAsList, which logs all failures but the first; each stage tells its own.
        Futures.addCallback(
                Futures.successfulAsList(loads),
                new FutureCallback<>() {
                    @Override
                    public void onSuccess(@Nullable List<@Nullable LoadShardResponse> answers) {
                        List<LoadShardResponse> loaded = requireNonNull(answers).stream()
                                .flatMap(Stream::ofNullable)
                                .toList();
                        if (loaded.size() == loads.size()) {
                            onLoaded.accept(loaded);
                        }
                    }

                    @Override
                    public void onFailure(Throwable cause) {
                        throw new IllegalStateException("a list of outcomes cannot fail", cause);
                    }
                },
                MoreExecutors.directExecutor());
    }

    private ListenableFuture<LoadShardResponse> load(PipelinePlacement placement, int stage, Channel channel) {
        StagePlacement own = placement.getStages(stage);
        LoadShardRequest.Builder request = LoadShardRequest.newBuilder()
                .setPipeline(placement.getId())
                .setEpoch(placement.getEpoch())
                .setOwner(placement.getOwner())
                .setFirstLayer(own.getFirstLayer())
                .setEndLayer(own.getEndLayer())
                .setDtype(dtype)
                .setBlockSize(settings.blockSize())
                .setMaxBlocks(settings.maxBlocks())
                .setBatchInvariant(settings.batchInvariant());
        if (stage + 1 < placement.getStagesCount()) {
            StagePlacement next = placement.getStages(stage + 1);
            request.setNextEndpoint(next.getEndpoint()).setNextMember(next.getMember());
        }
        Context previous = Context.ROOT.attach();
        try {
            return ShardServiceGrpc.newFutureStub(channel)
                    .withDeadlineAfter(settings.loadTimeout().toNanos(), TimeUnit.NANOSECONDS)
                    .loadShard(request.build());
        } finally {
            Context.ROOT.detach(previous);
        }
    }

    private record FailedLoad(String member, Runnable unloadable, LossListener losses)
            implements FutureCallback<LoadShardResponse> {
        @Override
        public void onSuccess(@Nullable LoadShardResponse loaded) {}

        @Override
        public void onFailure(Throwable cause) {
            if (Failures.codeOf(cause).filter(LASTING::contains).isPresent()) {
                unloadable.run();
            }
            losses.onLost("shard " + member + " did not load: " + said(cause), Blame.of(cause, member));
        }
    }

    /** What the shard said, without the dress of a status. */
    private static String said(Throwable cause) {
        Status status = Status.fromThrowable(cause);
        return status.getDescription() == null ? status.toString() : status.getCode() + ": " + status.getDescription();
    }
}
