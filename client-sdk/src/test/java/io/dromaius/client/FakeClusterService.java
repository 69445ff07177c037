package io.dromaius.client;

import io.dromaius.proto.v1.ClusterServiceGrpc;
import io.dromaius.proto.v1.GetClusterRequest;
import io.dromaius.proto.v1.GetClusterResponse;
import io.dromaius.proto.v1.ModelInfo;
import io.grpc.stub.StreamObserver;

/** A cluster that serves one model. */
final class FakeClusterService extends ClusterServiceGrpc.ClusterServiceImplBase {
    private volatile boolean instruct;

    void setInstruct(boolean instruct) {
        this.instruct = instruct;
    }

    @Override
    public void getCluster(GetClusterRequest request, StreamObserver<GetClusterResponse> observer) {
        observer.onNext(GetClusterResponse.newBuilder()
                .setCluster("test")
                .setModel(ModelInfo.newBuilder().setInstruct(instruct))
                .build());
        observer.onCompleted();
    }
}
