package io.dromaius.shard;

import com.google.common.base.Stopwatch;
import com.google.common.base.Ticker;
import io.dromaius.node.metrics.Metrics;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.LoadShardRequest;
import io.dromaius.proto.internal.v1.LoadShardResponse;
import io.dromaius.proto.internal.v1.ShardServiceGrpc;
import io.dromaius.wire.TensorBuffers;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Shards of one pipeline in this JVM, and their owner. Its methods are for the test's thread. */
final class Chain implements AutoCloseable {
    static final int LAYERS = 6;
    static final String PIPELINE = "p0";
    static final String OWNER = "owner-1";
    static final long PATIENCE_SECONDS = 60;

    /** One shard. */
    record Shard(
            String member,
            ShardWorker worker,
            Metrics metrics,
            Server server,
            String endpoint,
            ManagedChannel channel) {
        ShardServiceGrpc.ShardServiceBlockingStub stub() {
            return ShardServiceGrpc.newBlockingStub(channel).withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private int layers;
    private final Transport transport;
    private final ShardWorker.Pace pace;
    private final Ticker ticker;
    private final List<Shard> shards = new ArrayList<>();
    private final List<Steps> streams = new ArrayList<>();

    Chain(Transport transport) {
        this(transport, ShardWorker.Pace.DEFAULT);
    }

    Chain(Transport transport, ShardWorker.Pace pace) {
        this(transport, pace, Ticker.systemTicker());
    }

    Chain(Transport transport, ShardWorker.Pace pace, Ticker ticker) {
        this.transport = transport;
        this.pace = pace;
        this.ticker = ticker;
    }

    static Chain of(Transport transport, int count) throws IOException {
        Chain chain = new Chain(transport);
        for (int i = 0; i < count; i++) {
            chain.add(new FakeStage.Loader(LAYERS));
        }
        return chain;
    }

    /** Waits until every buffer is given back: a worker gives back what it read after others have its answer. */
    static void awaitNothingLent() throws InterruptedException {
        Stopwatch watch = Stopwatch.createStarted();
        while (TensorBuffers.shared().leased() > 0) {
            if (watch.elapsed(TimeUnit.SECONDS) > PATIENCE_SECONDS) {
                throw new AssertionError(TensorBuffers.shared().leased() + " buffers are not given back");
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    Shard add(StageLoader loader) throws IOException {
        layers = loader.modelLayers();
        String member = "shard-" + shards.size();
        Metrics metrics = new Metrics();
        ShardWorker worker =
                new ShardWorker(member, loader, pace, transport::dial, ticker, metrics, (thread, cause) -> {});
        Server server = transport.serve(worker.service());
        String endpoint = transport.endpoint(server);
        Shard shard = new Shard(member, worker, metrics, server, endpoint, transport.dial(endpoint));
        shards.add(shard);
        return shard;
    }

    Shard shard(int index) {
        return shards.get(index);
    }

    Shard last() {
        return shards.get(shards.size() - 1);
    }

    /** Loads every shard, the layers spread evenly. */
    List<LoadShardResponse> load(long epoch) {
        List<LoadShardResponse> responses = new ArrayList<>();
        for (int i = 0; i < shards.size(); i++) {
            responses.add(shards.get(i).stub().loadShard(order(i, epoch).build()));
        }
        return responses;
    }

    LoadShardRequest.Builder order(int index, long epoch) {
        boolean last = index == shards.size() - 1;
        return LoadShardRequest.newBuilder()
                .setPipeline(PIPELINE)
                .setEpoch(epoch)
                .setOwner(OWNER)
                .setFirstLayer(layers * index / shards.size())
                .setEndLayer(layers * (index + 1) / shards.size())
                .setNextEndpoint(last ? "" : shards.get(index + 1).endpoint())
                .setNextMember(last ? "" : shards.get(index + 1).member())
                .setDtype(DType.D_TYPE_FP32)
                .setBlockSize(4)
                .setMaxBlocks(64);
    }

    /** Opens the results and the steps of an epoch, as its owner does. */
    Steps open(long epoch) {
        Steps steps = steps(epoch, OWNER);
        steps.openResults(last().channel());
        steps.open(shard(0).channel());
        return steps;
    }

    /** Opens the steps alone, in any name. */
    Steps openSteps(long epoch, String owner) {
        Steps steps = steps(epoch, owner);
        steps.open(shard(0).channel());
        return steps;
    }

    /** Streams that are not open yet. */
    Steps steps(long epoch, String owner) {
        Steps steps = new Steps(epoch, owner);
        streams.add(steps);
        return steps;
    }

    @Override
    public void close() throws Exception {
        streams.forEach(Steps::close);
        for (Shard shard : shards) {
            shard.channel().shutdownNow();
            shard.server().shutdownNow();
            shard.worker().close();
        }
    }
}
