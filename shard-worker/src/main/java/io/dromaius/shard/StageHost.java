package io.dromaius.shard;

import com.google.common.base.Stopwatch;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.LoadShardRequest;
import io.dromaius.proto.internal.v1.LoadShardResponse;
import io.dromaius.proto.internal.v1.StreamResultsRequest;
import io.dromaius.proto.internal.v1.StreamResultsResponse;
import io.dromaius.wire.TensorFrame;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this process is at present: nothing, or one stage in one epoch. Any thread; loading itself is done by the compute
 * thread, after the steps queued before it.
 */
final class StageHost {
    private static final Logger log = LoggerFactory.getLogger(StageHost.class);

    private final StageLoader loader;
    private final StageSession.Settings settings;
    private final List<ShardWorker.Listener> listeners = new CopyOnWriteArrayList<>();
    private final Epochs epochs;
    /** Present once the epoch in force is loaded. */
    private @Nullable StageSession session;
    /** Counts what was asked for; a load that is not the latest any more comes to nothing. */
    private long orders;

    StageHost(StageLoader loader, StageSession.Settings settings) {
        this.loader = loader;
        this.settings = settings;
        this.epochs = new Epochs(settings.member());
    }

    void addListener(ShardWorker.Listener listener) {
        listeners.add(listener);
    }

    /** Drops the streams of the epoch before and loads; answers when the weights are resident. */
    void load(LoadShardRequest request, ResponseStream<LoadShardResponse> response) {
        StageOrder order = StageOrder.of(request, loader.modelLayers());
        long number = enter(order);
        listeners.forEach(listener -> listener.entered(order.epoch().epoch()));
        settings.executor().execute(() -> {
            try {
                response.send(loadNow(order, number));
                response.complete();
            } catch (StatusRuntimeException e) {
                response.fail(e);
            } catch (RuntimeException e) {
                log.error("{} could not be loaded", order, e);
                response.fail(Failures.of(FailureCode.INTERNAL, "the layers could not be loaded")
                        .info("shard", settings.member())
                        .build());
            }
        });
    }

    private long enter(StageOrder order) {
        StageSession before;
        long number;
        synchronized (this) {
            epochs.enter(order.epoch());
            number = ++orders;
            before = session;
            session = null;
        }
        if (before != null) {
            before.fail(superseded(order));
        }
        return number;
    }

    private LoadShardResponse loadNow(StageOrder order, long number) {
        if (!isLatest(number)) {
            throw superseded(order);
        }
        Stopwatch watch = Stopwatch.createStarted(settings.ticker());
        Stage stage = loader.load(order.layout());
        listeners.forEach(listener -> listener.loaded(stage));
        settings.metrics().loaded(stage);
        StageSession loaded = new StageSession(order, stage, settings);
        synchronized (this) {
            if (!isLatest(number)) {
                throw superseded(order);
            }
            session = loaded;
        }
        long millis = watch.elapsed(TimeUnit.MILLISECONDS);
        log.info(
                "layers [{}, {}) are loaded for {} in {} ms",
                order.layout().layers().first(),
                order.layout().layers().end(),
                order.epoch(),
                millis);
        return LoadShardResponse.newBuilder()
                .setBlocks(stage.spec().blocks())
                .setMappedBytes(stage.mappedBytes())
                .setCopiedBytes(stage.copiedBytes())
                .setKvBytes(stage.kvBytes())
                .setLoadMillis(millis)
                .build();
    }

    private synchronized boolean isLatest(long number) {
        return orders == number;
    }

    private StatusRuntimeException superseded(StageOrder order) {
        return Failures.of(FailureCode.STALE_EPOCH, order.epoch() + " was loaded anew or is over")
                .info("expected_epoch", Long.toString(highestEpoch()))
                .info("shard", settings.member())
                .build();
    }

    /**
     * Binds a stream of steps to the epoch that its first frame names.
     *
     * @throws StatusRuntimeException if that is not in force, or not loaded yet
     */
    StageSession attach(ExecuteStream stream, ExecuteRequest first) {
        StageSession target = session(first.getPipeline(), first.getEpoch(), first.getOwner());
        target.attach(stream);
        return target;
    }

    /** Serves the owner's stream of results. */
    void subscribe(StreamResultsRequest request, ServerCallStreamObserver<TensorFrame<StreamResultsResponse>> results) {
        session(request.getPipeline(), request.getEpoch(), request.getOwner()).subscribe(results);
    }

    private synchronized StageSession session(String pipeline, long epoch, String owner) {
        epochs.check(pipeline, epoch, owner);
        StageSession loaded = session;
        if (loaded == null) {
            throw Failures.of(FailureCode.PROTOCOL, "a step came before its layers were loaded")
                    .info("shard", settings.member())
                    .build();
        }
        return loaded;
    }

    private synchronized long highestEpoch() {
        return epochs.highest();
    }

    /** Ends what is served, for a reason; the weights stay. */
    void leave(StatusRuntimeException reason) {
        leave(Long.MAX_VALUE, reason);
    }

    /**
     * Ends what is served up to this epoch because the cluster has no place for it any more. The stage stays resident: the
     * next placement will most likely want the same layers.
     */
    void release(long epoch) {
        leave(
                epoch,
                Failures.of(FailureCode.STALE_EPOCH, "shard " + settings.member() + " is in no pipeline any more")
                        .info("expected_epoch", Long.toString(epoch))
                        .info("shard", settings.member())
                        .build());
    }

    private void leave(long epoch, StatusRuntimeException reason) {
        StageSession before;
        synchronized (this) {
            if (epochs.highest() > epoch) {
                return;
            }
            epochs.leave();
            orders++;
            before = session;
            session = null;
        }
        if (before != null) {
            before.fail(reason);
        }
    }
}
