package io.dromaius.coordinator.api;

import com.google.common.base.Ticker;
import io.dromaius.coordinator.pipeline.Pipelines;
import io.dromaius.coordinator.vision.DecoderPool;
import io.dromaius.coordinator.vision.MediaEncoder;
import io.dromaius.model.text.EmuTokenizer;
import io.dromaius.model.text.PromptAssembler;
import io.dromaius.node.rpc.RequestIds;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.GenerateResponse;
import io.dromaius.proto.v1.GenerationServiceGrpc;
import io.dromaius.proto.v1.RankRequest;
import io.dromaius.proto.v1.RankResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.security.SecureRandom;
import java.util.concurrent.Executor;

/** {@code emu.v1.GenerationService}: each call becomes an object of its own that lives as long as the call. */
public final class GenerationService extends GenerationServiceGrpc.GenerationServiceImplBase {
    /** Where requests go. */
    public record Backend(Admission admission, Pipelines pipelines, MediaEncoder encoders, DecoderPool decoders) {}

    private final CallResources resources;

    private GenerationService(CallResources resources) {
        this.resources = resources;
    }

    /**
     * A service of one model.
     *
     * @param maxBufferedBytes of events that a client has not read before it is cut off
     * @param executor runs the calls' own events
     */
    public static GenerationService create(
            String model,
            RequestLimits limits,
            long maxBufferedBytes,
            EmuTokenizer tokenizer,
            PromptAssembler prompts,
            Backend backend,
            GenerationMetrics metrics,
            Executor executor) {
        return new GenerationService(new CallResources(
                new RequestValidator(model, limits),
                new RequestAssembler(tokenizer, prompts, limits),
                backend.admission(),
                backend.pipelines(),
                backend.encoders(),
                backend.decoders(),
                metrics,
                executor,
                Ticker.systemTicker(),
                new SecureRandom()::nextLong,
                maxBufferedBytes));
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
