package io.dromaius.shard;

import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.ExecuteResponse;
import io.dromaius.proto.internal.v1.LoadShardRequest;
import io.dromaius.proto.internal.v1.LoadShardResponse;
import io.dromaius.proto.internal.v1.StreamResultsRequest;
import io.dromaius.proto.internal.v1.StreamResultsResponse;
import io.dromaius.wire.TensorFrame;
import io.dromaius.wire.TensorShardService;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;

/** The shard's side of the wire. What it is asked goes to the {@link StageHost}; nothing is computed on gRPC's threads. */
final class ShardService implements TensorShardService {
    private final StageHost host;
    private final ScheduledExecutorService timer;
    private final Duration signOfLife;

    ShardService(StageHost host, ScheduledExecutorService timer, Duration signOfLife) {
        this.host = host;
        this.timer = timer;
        this.signOfLife = signOfLife;
    }

    @Override
    public void loadShard(LoadShardRequest request, StreamObserver<LoadShardResponse> response) {
        host.load(request, new ResponseStream<>((ServerCallStreamObserver<LoadShardResponse>) response, () -> {}));
    }

    @Override
    public StreamObserver<TensorFrame<ExecuteRequest>> execute(StreamObserver<ExecuteResponse> responses) {
        return new ExecuteStream(host, (ServerCallStreamObserver<ExecuteResponse>) responses, timer, signOfLife);
    }

    @Override
    public void streamResults(
            StreamResultsRequest request, StreamObserver<TensorFrame<StreamResultsResponse>> responses) {
        host.subscribe(request, (ServerCallStreamObserver<TensorFrame<StreamResultsResponse>>) responses);
    }
}
