package io.dromaius.coordinator.api;

import static java.util.Objects.requireNonNull;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import io.dromaius.coordinator.engine.GenerationListener;
import io.dromaius.coordinator.engine.GenerationRequest;
import io.dromaius.coordinator.engine.GenerationTask;
import io.dromaius.coordinator.pipeline.ServingPipeline;
import io.dromaius.coordinator.vision.MediaEncoder;
import io.dromaius.coordinator.vision.VisualEmbeddings;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.node.rpc.RequestIds;
import io.dromaius.proto.v1.Usage;
import io.grpc.Deadline;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The way of one admitted prompt into an engine: its media are encoded, all at once, in the dtype of the pipeline chosen
 * for it, then it is submitted. Everything happens on the call's executor.
 */
final class PromptSubmission {
    private final CallResources resources;
    /** The user's id need not be unique; the engine's must be. */
    private final String id;

    private final LongConsumer messageRelease;
    private final ServingPipeline pipeline;
    private final Executor executor;
    private final CallTimes times;
    private PromptInput prompt;
    private MediaEncoder.@Nullable Encoding encoding;
    private boolean cancelled;

    /** {@code messageRelease} takes the number of the message's bytes that are needed no longer. */
    PromptSubmission(
            CallResources resources,
            String id,
            PromptInput prompt,
            ServingPipeline pipeline,
            Executor executor,
            CallTimes times,
            LongConsumer messageRelease) {
        this.resources = resources;
        this.id = id + "/" + RequestIds.next();
        this.messageRelease = messageRelease;
        this.prompt = prompt;
        this.pipeline = pipeline;
        this.executor = executor;
        this.times = times;
    }

    /**
     * The pipeline for a new request, which counts as its load from now until {@link #cancel}; or UNAVAILABLE, and the
     * ticket is given back.
     */
    static ServingPipeline choose(CallResources resources, Admission.Ticket ticket) {
        return resources.pipelines().leastLoaded().orElseThrow(() -> {
            ticket.close();
            return Failures.of(FailureCode.NO_CAPACITY, "no pipeline serves").build();
        });
    }

    ServingPipeline pipeline() {
        return pipeline;
    }

    /** Begins; {@code onFailed} hears what keeps the prompt from being submitted. */
    void start(
            GenerationTask task,
            @Nullable Deadline deadline,
            GenerationListener listener,
            Consumer<RuntimeException> onFailed) {
        times.encoding();
        MediaEncoder.Encoding begun = resources
                .encoders()
                .encode(prompt.media().stream().map(PromptInput.Part::media).toList(), pipeline.dtype(), id);
        encoding = begun;
        Futures.addCallback(
                begun.all(),
                new FutureCallback<>() {
                    @Override
                    public void onSuccess(@Nullable List<VisualEmbeddings> embeddings) {
                        if (!cancelled) {
                            submit(requireNonNull(embeddings), task, deadline, listener);
                        }
                    }

                    @Override
                    public void onFailure(Throwable cause) {
                        if (!cancelled) {
                            onFailed.accept(CallFailures.encode(cause, failedField(begun)));
                        }
                    }
                },
                executor);
    }

    private void submit(
            List<VisualEmbeddings> embeddings,
            GenerationTask task,
            @Nullable Deadline deadline,
            GenerationListener listener) {
        times.submitted();
        long data = prompt.dataBytes();
        prompt = prompt.withoutData();
        messageRelease.accept(data);
        if (!prompt.media().isEmpty()) {
            resources.metrics().encoded(times.encodeSeconds(), prompt.pictures(), cachedPictures());
        }
        resources.metrics().promptTokens(prompt.tokens());
        pipeline.submit(new GenerationRequest(id, prompt.runs(embeddings), task, deadlineNanos(deadline)), listener);
    }

    /** The first field whose medium failed by itself: the others are cancelled then. */
    private String failedField(MediaEncoder.Encoding begun) {
        for (int i = 0; i < begun.each().size(); i++) {
            ListenableFuture<VisualEmbeddings> one = begun.each().get(i);
            if (one.isDone() && !one.isCancelled() && failed(one)) {
                return prompt.media().get(i).field();
            }
        }
        return "prompt";
    }

    private static boolean failed(ListenableFuture<VisualEmbeddings> done) {
        try {
            Futures.getDone(done);
            return false;
        } catch (java.util.concurrent.ExecutionException e) {
            return Status.fromThrowable(e).getCode() != Status.Code.CANCELLED;
        }
    }

    private long deadlineNanos(@Nullable Deadline deadline) {
        return deadline == null
                ? Long.MAX_VALUE
                : resources.ticker().read() + deadline.timeRemaining(TimeUnit.NANOSECONDS);
    }

    /** Gives up, once: encodes of this call alone and the engine's request end, and no byte of the message is needed. */
    void cancel() {
        cancelled = true;
        prompt = prompt.withoutData();
        if (encoding != null) {
            encoding.cancel();
        }
        pipeline.release(id);
        messageRelease.accept(Long.MAX_VALUE); // last: others may take the room at once
    }

    int cachedPictures() {
        return encoding == null ? 0 : encoding.cachedPictures();
    }

    Usage.Builder usage() {
        return Usage.newBuilder()
                .setPromptTokens(prompt.tokens())
                .setInputImages(prompt.pictures())
                .setCachedImages(cachedPictures());
    }
}
