package io.dromaius.coordinator.api;

import com.google.common.primitives.ImmutableIntArray;
import io.dromaius.coordinator.engine.Failure;
import io.dromaius.coordinator.engine.GenerationListener;
import io.dromaius.coordinator.engine.GenerationTask;
import io.dromaius.proto.v1.RankRequest;
import io.dromaius.proto.v1.RankResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** One Rank from admission to its answer, by the events of its {@link AdmittedCall}. */
final class RankCall implements GenerationListener {
    /** Of the request, which itself is not kept: it holds the pictures. */
    private final CallFailures.Fields fields;

    private final int segments;
    private final CallResources resources;
    private final CallTimes times;
    private final int promptTokens;
    private final List<ImmutableIntArray> candidates;
    private final StreamObserver<RankResponse> client;
    private final AdmittedCall call;

    /**
     * Admits the call.
     *
     * @throws io.grpc.StatusRuntimeException when the request is bad, the queue full, or no pipeline serves
     */
    RankCall(RankRequest request, String id, CallResources resources, StreamObserver<RankResponse> client) {
        this.fields = CallFailures.Fields.of(request);
        this.segments = request.hasNSegments() ? request.getNSegments() : 1;
        this.resources = resources;
        this.client = client;
        this.times = new CallTimes(resources.ticker());
        resources.validator().check(request);
        PromptInput prompt = resources.assembler().prompt(request);
        this.promptTokens = prompt.tokens();
        this.candidates = resources.assembler().candidates(request, prompt.tokens());
        int tokens = prompt.tokens()
                + candidates.stream().mapToInt(ImmutableIntArray::length).sum();
        this.call = new AdmittedCall("Rank", id, resources, times, prompt, tokens, client::onError);
    }

    /** Begins; call once, within the call's context. */
    void start() {
        call.start(new GenerationTask.Score(candidates), this);
    }

    @Override
    public void onScheduled() {
        call.onEvent(call::scheduled);
    }

    @Override
    public void onScored(List<List<Float>> logprobs) {
        call.onEvent(() -> {
            resources.metrics().firstOutput(times.output() / 1e9);
            RankLosses losses = RankLosses.of(promptTokens, logprobs, segments);
            RankResponse response = RankResponse.newBuilder()
                    .addAllRanks(losses.ranks())
                    .addAllLosses(losses.losses())
                    .setUsage(call.usage())
                    .setTimings(times.timings())
                    .build();
            call.end("OK", () -> {
                client.onNext(response);
                client.onCompleted();
            });
        });
    }

    @Override
    public void onFailed(Failure failure) {
        call.onEvent(() -> call.fail(CallFailures.of(failure, fields, false)));
    }
}
