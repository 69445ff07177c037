package io.dromaius.coordinator.api;

import io.dromaius.coordinator.engine.Failure;
import io.dromaius.coordinator.engine.GenerationListener;
import io.dromaius.coordinator.engine.GenerationTask;
import io.dromaius.coordinator.engine.TextOptions;
import io.dromaius.coordinator.vision.VisualEmbeddings;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.GenerateResponse;
import io.dromaius.proto.v1.ImageOptions;
import io.dromaius.proto.v1.Started;
import io.dromaius.proto.v1.Usage;
import io.grpc.stub.ServerCallStreamObserver;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One Generate from admission to its last event, by the events of its {@link AdmittedCall}. */
final class GenerationCall implements GenerationListener {
    /** Of the request, which itself is not kept: it holds the pictures. */
    private final CallFailures.Fields fields;

    private final ImageOptions image;
    private final OutputModes modes;
    private final String id;
    private final CallResources resources;
    private final CallTimes times;
    private final TextOptions options;
    private final long textSeed;
    private final long imageSeed;
    private final AnswerStream answer;
    private final OrderedSections sections;
    private final AdmittedCall call;
    private final List<PictureDrawing> drawings = new ArrayList<>();
    private OrderedSections.Section text;
    private int drawing;
    private @Nullable List<Candidate> candidates;

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
        this.fields = CallFailures.Fields.of(request);
        this.image = request.getImage();
        this.id = id;
        this.resources = resources;
        this.times = new CallTimes(resources.ticker());
        resources.validator().check(request);
        this.modes = OutputModes.of(request);
        if (modes.imageAlone()
                && !request.getImage().getEmbeddingsOnly()
                && !resources.decoders().available()) {
            // Before the call begins it can be told to come again; what has begun can only be aborted.
            throw Failures.of(FailureCode.NO_CAPACITY, "no decoder worker answers")
                    .build();
        }
        long drawnSeed = resources.seeds().getAsLong();
        this.textSeed = request.getText().hasSeed() ? request.getText().getSeed() : drawnSeed;
        this.imageSeed = request.getImage().hasSeed() ? request.getImage().getSeed() : drawnSeed;
        this.options = resources.assembler().options(request.getText(), textSeed);
        PromptInput prompt = resources.assembler().prompt(request);
        this.call = new AdmittedCall("Generate", id, resources, times, prompt, prompt.tokens(), new Ending());
        this.answer = new AnswerStream(
                client,
                resources.maxBufferedBytes(),
                resources.ticker(),
                () -> call.onEvent(() -> call.end("STALLED", () -> {})));
        this.sections = new OrderedSections(answer::send);
        this.text = sections.open();
    }

    /** Begins; call once, within the call's context. */
    void start() {
        call.start(
                modes.imageAlone() ? new GenerationTask.Draw() : new GenerationTask.Generate(options, modes.image()),
                this);
    }

    @Override
    public void onScheduled() {
        call.onEvent(() -> {
            call.scheduled();
            text.tell(AnswerEvents.started(Started.newBuilder()
                    .setRequestId(id)
                    .setPromptTokens(call.usage().getPromptTokens())
                    .setSeed(textSeed)
                    .setImageSeed(imageSeed)
                    .build()));
        });
    }

    @Override
    public void onText(int candidate, String delta, List<Token> tokens) {
        call.onEvent(() -> {
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
        call.onEvent(this::output);
    }

    @Override
    public void onPicture(int picture, ByteBuffer embeddings) {
        call.onEvent(() -> draw(picture, embeddings));
    }

    @Override
    public void onFinished(List<Candidate> finished) {
        call.onEvent(() -> {
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
        call.onEvent(() -> call.fail(CallFailures.of(failure, fields, answer.begun())));
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
        VisualEmbeddings unconditional = call.pipeline().unconditional();
        VisualEmbeddings conditional = new VisualEmbeddings(
                unconditional.dtype(), 1, unconditional.tokens(), unconditional.width(), embeddings);
        text.end();
        PictureDrawing.Source source = new PictureDrawing.Source(
                picture, image, imageSeed + picture, conditional, PictureDrawing.guided(image) ? unconditional : null);
        long begun = times.now();
        PictureDrawing made = new PictureDrawing(source, sections.open(), call::onEvent, new PictureDrawing.Outcome() {
            @Override
            public void onDrawn() {
                drawing--;
                times.drew(times.now() - begun);
                resources.metrics().drawn((times.now() - begun) / 1e9);
                finishWhenDrawn();
            }

            @Override
            public void onFailed(Throwable cause) {
                call.fail(CallFailures.draw(cause, answer.begun()));
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
        Usage usage = call.usage()
                .setGeneratedTokens(
                        finished.stream().mapToInt(one -> one.ids().size()).sum())
                .setOutputImages(drawings.size())
                .build();
        call.end("OK", () -> {
            text.tell(AnswerEvents.finished(finished, usage, times.timings()));
            answer.complete();
        });
    }

    private final class Ending implements AdmittedCall.Ending {
        @Override
        public void onFailed(RuntimeException failure) {
            answer.fail(failure);
        }

        @Override
        public void onEnded() {
            drawings.forEach(PictureDrawing::cancel);
        }
    }
}
