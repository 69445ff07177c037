package io.dromaius.coordinator.api;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.util.concurrent.MoreExecutors;
import io.dromaius.coordinator.engine.Failure;
import io.dromaius.coordinator.engine.GenerationListener;
import io.dromaius.coordinator.engine.GenerationTask;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.v1.RankRequest;
import io.dromaius.proto.v1.RankResponse;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One Rank from admission to its answer; like {@link GenerationCall}, all on its own sequential executor. */
final class RankCall implements GenerationListener {
    private static final Logger log = LoggerFactory.getLogger(RankCall.class);

    private final RankRequest request;
    private final String id;
    private final CallResources resources;
    private final Executor executor;
    private final CallTimes times;
    private final PromptInput prompt;
    private final List<ImmutableIntArray> candidates;
    private final PromptSubmission submission;
    private final Admission.Ticket ticket;
    private final StreamObserver<RankResponse> client;
    private boolean over;

    /**
     * Admits the call.
     *
     * @throws io.grpc.StatusRuntimeException when the request is bad, the queue full, or no pipeline serves
     */
    RankCall(RankRequest request, String id, CallResources resources, StreamObserver<RankResponse> client) {
        this.request = request;
        this.id = id;
        this.resources = resources;
        this.client = client;
        this.times = new CallTimes(resources.ticker());
        resources.validator().check(request);
        this.executor = MoreExecutors.newSequentialExecutor(resources.executor());
        this.prompt = resources.assembler().prompt(request);
        this.candidates = resources.assembler().candidates(request, prompt.tokens());
        int tokens = prompt.tokens()
                + candidates.stream().mapToInt(ImmutableIntArray::length).sum();
        this.ticket = resources.admission().admit(tokens);
        this.submission = new PromptSubmission(
                resources, id, prompt, PromptSubmission.choose(resources, ticket), executor, times);
    }

    /** Begins; call once, within the call's context. */
    void start() {
        Context context = Context.current();
        context.addListener(this::onContextCancelled, executor);
        onEvent(() -> submission.start(new GenerationTask.Score(candidates), context.getDeadline(), this, this::fail));
    }

    @Override
    public void onScheduled() {
        onEvent(() -> {
            times.scheduled();
            ticket.running();
        });
    }

    @Override
    public void onScored(List<List<Float>> logprobs) {
        onEvent(() -> {
            resources.metrics().firstOutput(times.output() / 1e9);
            RankLosses losses =
                    RankLosses.of(prompt.tokens(), logprobs, request.hasNSegments() ? request.getNSegments() : 1);
            client.onNext(RankResponse.newBuilder()
                    .addAllRanks(losses.ranks())
                    .addAllLosses(losses.losses())
                    .setUsage(submission.usage())
                    .setTimings(times.timings())
                    .build());
            client.onCompleted();
            end("OK");
        });
    }

    @Override
    public void onFailed(Failure failure) {
        onEvent(() -> fail(CallFailures.of(failure, request.hasChat() ? "chat" : "prompt", false)));
    }

    private void onContextCancelled(Context context) {
        onEvent(() -> {
            boolean late =
                    context.getDeadline() != null && context.getDeadline().isExpired();
            fail(Failures.of(
                            late ? FailureCode.DEADLINE : FailureCode.CANCELLED,
                            late ? "the deadline passed" : "the client cancelled")
                    .build());
        });
    }

    private void fail(RuntimeException failure) {
        client.onError(failure);
        end(Failures.codeOf(failure).map(Enum::name).orElse("INTERNAL"));
    }

    private void end(String outcome) {
        over = true;
        submission.cancel();
        ticket.close();
        resources.metrics().ended("Rank", outcome);
    }

    /** Runs one event of this call, unless the call is over; a defect ends this call alone. */
    private void onEvent(Runnable event) {
        executor.execute(() -> {
            if (over) {
                return;
            }
            try {
                event.run();
            } catch (RuntimeException e) {
                log.error("request {} failed", id, e);
                fail(Failures.of(FailureCode.INTERNAL, "internal error; the log has it under request id " + id)
                        .build());
            }
        });
    }
}
