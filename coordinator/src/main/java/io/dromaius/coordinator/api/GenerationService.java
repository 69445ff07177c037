package io.dromaius.coordinator.api;

import io.dromaius.node.rpc.RequestIds;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.GenerateResponse;
import io.dromaius.proto.v1.GenerationServiceGrpc;
import io.dromaius.proto.v1.RankRequest;
import io.dromaius.proto.v1.RankResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** {@code emu.v1.GenerationService}: each call becomes an object of its own that lives as long as the call. */
public final class GenerationService extends GenerationServiceGrpc.GenerationServiceImplBase {
    private final CallResources resources;

    GenerationService(CallResources resources) {
        this.resources = resources;
    }

    @Override
    public void generate(GenerateRequest request, StreamObserver<GenerateResponse> client) {
        ServerCallStreamObserver<GenerateResponse> stream = (ServerCallStreamObserver<GenerateResponse>) client;
        new GenerationCall(request, id(request.getRequestId()), resources, stream).start();
    }

    @Override
    public void rank(RankRequest request, StreamObserver<RankResponse> client) {
        new RankCall(request, id(request.getRequestId()), resources, client).start();
    }

    private static String id(String asked) {
        return asked.isEmpty() ? RequestIds.current() : asked;
    }
}
