package io.dromaius.coordinator.api;

import com.google.common.util.concurrent.MoreExecutors;
import io.dromaius.coordinator.engine.GenerationListener;
import io.dromaius.coordinator.engine.GenerationTask;
import io.dromaius.coordinator.intake.MessageIntake;
import io.dromaius.coordinator.pipeline.ServingPipeline;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.v1.Usage;
import io.grpc.Context;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one call, whatever it asks for: from its place in the queue and on a pipeline to its one end, which gives
 * both back and counts the outcome.
 *
 * <p>Everything that happens to a call is an event on its own sequential executor, so nothing in it is locked, and the
 * engine's thread only hands over. Nothing happens after the end. Methods are called within events, unless they say that
 * any thread may.
 */
final class AdmittedCall {
    private static final Logger log = LoggerFactory.getLogger(AdmittedCall.class);

    /** How a call takes its end. */
    interface Ending {
        /** Tells the client, who is told nothing more. */
        void onFailed(RuntimeException failure);

        /** Frees what the call holds besides its prompt, however it ended. */
        default void onEnded() {}
    }

    private final String method;
    private final String id;
    private final CallResources resources;
    private final CallTimes times;
    private final Ending ending;
    private final Executor executor;
    private final Admission.Ticket ticket;
    private final PromptSubmission submission;
    private final Context context = Context.current();
    private final Context.CancellationListener contextEnded = ended -> onEvent(() -> fail(CallFailures.ended(ended)));
    private boolean over;

    /**
     * Admits a call, within its context.
     *
     * @param method its name, for what is counted
     * @param tokens that wait until it runs
     * @throws io.grpc.StatusRuntimeException when the queue is full, or no pipeline serves
     */
    AdmittedCall(
            String method,
            String id,
            CallResources resources,
            CallTimes times,
            PromptInput prompt,
            int tokens,
            Ending ending) {
        this.method = method;
        this.id = id;
        this.resources = resources;
        this.times = times;
        this.ending = ending;
        this.executor = MoreExecutors.newSequentialExecutor(resources.executor());
        this.ticket = resources.admission().admit(tokens);
        this.submission = new PromptSubmission(
                resources,
                id,
                prompt,
                PromptSubmission.choose(resources, ticket),
                executor,
                times,
                MessageIntake.release());
    }

    /** Submits the prompt; call once. The end of the call's context is from now on the call's. */
    void start(GenerationTask task, GenerationListener listener) {
        context.addListener(contextEnded, MoreExecutors.directExecutor());
        onEvent(() -> submission.start(task, context.getDeadline(), listener, this::fail));
    }

    /** Runs one event of this call, unless the call is over; a defect ends this call alone. Any thread. */
    void onEvent(Runnable event) {
        executor.execute(() -> {
            if (over) {
                return;
            }
            try {
                event.run();
            } catch (RuntimeException e) {
                log.error("request {} failed", id, e);
                RuntimeException internal = Failures.of(
                                FailureCode.INTERNAL, "internal error; the log has it under request id " + id)
                        .build();
                if (over) { // everything is freed; only telling the end went wrong
                    ending.onFailed(internal);
                } else {
                    fail(internal);
                }
            }
        });
    }

    /** The engine has begun with it. */
    void scheduled() {
        times.scheduled();
        ticket.running();
    }

    /** Where it runs. Any thread. */
    ServingPipeline pipeline() {
        return submission.pipeline();
    }

    /** What is known of its usage: the prompt's part. */
    Usage.Builder usage() {
        return submission.usage();
    }

    /** Ends the call with what the client is to hear. */
    void fail(RuntimeException failure) {
        end(Failures.codeOf(failure).map(Enum::name).orElse("INTERNAL"), () -> ending.onFailed(failure));
    }

    /**
     * Ends the call: frees everything that it holds, anywhere, and only then lets {@code tell} tell the client, who may
     * come again at once and should find the room.
     */
    void end(String outcome, Runnable tell) {
        over = true;
        context.removeListener(contextEnded); // until the client has read its answer the context lasts, not the call
        submission.cancel();
        ending.onEnded();
        ticket.close();
        resources.metrics().ended(method, outcome);
        tell.run();
    }
}
