package io.dromaius.coordinator.api;

import com.google.common.util.concurrent.MoreExecutors;
import io.dromaius.coordinator.engine.Failure;
import io.dromaius.coordinator.engine.GenerationListener;
import io.dromaius.coordinator.engine.GenerationTask;
import io.dromaius.coordinator.engine.TextOptions;
import io.dromaius.coordinator.vision.VisualEmbeddings;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.GenerateResponse;
import io.dromaius.proto.v1.Started;
import io.dromaius.proto.v1.Usage;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Generate from admission to its last event. Everything that happens to it (media encoded, tokens, pictures drawn,
 * the client gone) is an event on its own sequential executor, so nothing here is locked, and the engine's thread only
 * hands over.
 */
final class GenerationCall implements GenerationListener {
    private static final Logger log = LoggerFactory.getLogger(GenerationCall.class);

    private final GenerateRequest request;
    private final OutputModes modes;
    private final String id;
    private final CallResources resources;
    private final Executor executor;
    private final CallTimes times;
    private final PromptSubmission submission;
    private final TextOptions options;
    private final long textSeed;
    private final long imageSeed;
    private final AnswerStream answer;
    private final OrderedSections sections;
    private final Admission.Ticket ticket;
    private final List<PictureDrawing> drawings = new ArrayList<>();
    private OrderedSections.Section text;
    private int drawing;
    private @Nullable List<Candidate> candidates;
    private boolean over;

    /**
     * Admits the call.
     *
     * @throws io.grpc.StatusRuntimeException when the request is bad, the queue full, or no pipeline serves
     */
    GenerationCall(
            GenerateRequest request,
            String id,
            CallResources resources,
            ServerCallStreamObserver<GenerateResponse> client) {
        this.request = request;
        this.id = id;
        this.resources = resources;
        this.times = new CallTimes(resources.ticker());
        resources.validator().check(request);
        this.modes = OutputModes.of(request);
        this.executor = MoreExecutors.newSequentialExecutor(resources.executor());
        long drawnSeed = resources.seeds().getAsLong();
        this.textSeed = request.getText().hasSeed() ? request.getText().getSeed() : drawnSeed;
        this.imageSeed = request.getImage().hasSeed() ? request.getImage().getSeed() : drawnSeed;
        this.options = resources.assembler().options(request.getText(), textSeed);
        PromptInput prompt = resources.assembler().prompt(request);
        this.ticket = resources.admission().admit(prompt.tokens());
        this.submission = new PromptSubmission(
                resources, id, prompt, PromptSubmission.choose(resources, ticket), executor, times);
        this.answer = new AnswerStream(client, resources.maxBufferedBytes(), () -> onEvent(() -> end("STALLED")));
        this.sections = new OrderedSections(answer::send);
        this.text = sections.open();
    }

    /** Begins; call once, within the call's context. */
    void start() {
        Context context = Context.current();
        context.addListener(this::onContextCancelled, executor);
        GenerationTask task =
                modes.imageAlone() ? new GenerationTask.Draw() : new GenerationTask.Generate(options, modes.image());
        onEvent(() -> submission.start(task, context.getDeadline(), this, this::fail));
    }

    @Override
    public void onScheduled() {
        onEvent(() -> {
            times.scheduled();
            ticket.running();
            text.tell(AnswerEvents.started(Started.newBuilder()
                    .setRequestId(id)
                    .setPromptTokens(submission.usage().getPromptTokens())
                    .setSeed(textSeed)
                    .setImageSeed(imageSeed)
                    .build()));
        });
    }

    @Override
    public void onText(int candidate, String delta, List<Token> tokens) {
        onEvent(() -> {
            if (!tokens.isEmpty()) {
                output();
                resources.metrics().generatedTokens(tokens.size());
            }
            if (modes.text()) {
                text.tell(AnswerEvents.text(candidate, delta, tokens, options.logprobs() >= 0));
            }
        });
    }

    @Override
    public void onVisualEmbedding(int picture, int index) {
        onEvent(this::output);
    }

    @Override
    public void onPicture(int picture, ByteBuffer embeddings) {
        onEvent(() -> draw(picture, embeddings));
    }

    @Override
    public void onFinished(List<Candidate> finished) {
        onEvent(() -> {
            if (!times.anyOutput()) {
                output(); // beams tell nothing before they end
                finished.forEach(
                        one -> resources.metrics().generatedTokens(one.ids().size()));
            }
            candidates = finished;
            finishWhenDrawn();
        });
    }

    @Override
    public void onFailed(Failure failure) {
        onEvent(() -> fail(CallFailures.of(failure, request.hasChat() ? "chat" : "prompt", answer.begun())));
    }

    private void output() {
        boolean first = !times.anyOutput();
        double seconds = times.output() / 1e9;
        if (first) {
            resources.metrics().firstOutput(seconds);
        } else {
            resources.metrics().betweenTokens(seconds);
        }
    }

    private void draw(int picture, ByteBuffer embeddings) {
        VisualEmbeddings unconditional = submission.pipeline().unconditional();
        VisualEmbeddings conditional = new VisualEmbeddings(
                unconditional.dtype(), 1, unconditional.tokens(), unconditional.width(), embeddings);
        text.end();
        PictureDrawing.Source source = new PictureDrawing.Source(
                picture,
                request.getImage(),
                imageSeed + picture,
                conditional,
                PictureDrawing.guided(request.getImage()) ? unconditional : null);
        long begun = times.now();
        PictureDrawing made = new PictureDrawing(source, sections.open(), this::onEvent, new PictureDrawing.Outcome() {
            @Override
            public void onDrawn() {
                drawing--;
                times.drew(times.now() - begun);
                resources.metrics().drawn((times.now() - begun) / 1e9);
                finishWhenDrawn();
            }

            @Override
            public void onFailed(Throwable cause) {
                fail(CallFailures.draw(cause, answer.begun()));
            }
        });
        text = sections.open();
        drawing++;
        drawings.add(made);
        made.start(resources.decoders(), id);
    }

    private void finishWhenDrawn() {
        List<Candidate> finished = candidates;
        if (finished == null || drawing > 0) {
            return;
        }
        Usage usage = submission
                .usage()
                .setGeneratedTokens(
                        finished.stream().mapToInt(one -> one.ids().size()).sum())
                .setOutputImages(drawings.size())
                .build();
        text.tell(AnswerEvents.finished(finished, usage, times.timings()));
        answer.complete();
        end("OK");
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
        answer.fail(failure);
        end(Failures.codeOf(failure).map(Enum::name).orElse("INTERNAL"));
    }

    /** Frees everything that the call holds, anywhere. */
    private void end(String outcome) {
        over = true;
        submission.cancel();
        drawings.forEach(PictureDrawing::cancel);
        ticket.close();
        resources.metrics().ended("Generate", outcome);
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
