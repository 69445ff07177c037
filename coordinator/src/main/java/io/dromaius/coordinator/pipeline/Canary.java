package io.dromaius.coordinator.pipeline;

import io.dromaius.coordinator.engine.Failure;
import io.dromaius.coordinator.engine.GenerationListener;
import io.dromaius.coordinator.engine.GenerationRequest;
import io.dromaius.coordinator.engine.GenerationTask;
import io.dromaius.coordinator.vision.VisualEmbeddings;
import io.dromaius.proto.internal.v1.DType;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * What a pipeline has to pass before it serves: a picture of the empty prompt, all the way through. It is the
 * unconditional branch of guidance at the same time.
 */
final class Canary implements GenerationListener {
    private final PipelineEnvironment environment;
    private final DType dtype;
    private final Consumer<VisualEmbeddings> onPassed;
    private final Consumer<String> onFailed;

    /**
     * A canary for a pipeline.
     *
     * @param dtype that the pipeline computes in
     * @param onPassed takes the picture's embeddings, on the engine's thread
     * @param onFailed takes the cause, on the engine's thread
     */
    Canary(
            PipelineEnvironment environment,
            DType dtype,
            Consumer<VisualEmbeddings> onPassed,
            Consumer<String> onFailed) {
        this.environment = environment;
        this.dtype = dtype;
        this.onPassed = onPassed;
        this.onFailed = onFailed;
    }

    /** The request, whose time runs from now. */
    GenerationRequest request() {
        long deadline = environment.ticker().read()
                + environment.settings().canaryTimeout().toNanos();
        return new GenerationRequest("canary", environment.canaryPrompt(), new GenerationTask.Draw(), deadline);
    }

    @Override
    public void onPicture(int picture, ByteBuffer embeddings) {
        int tokens = environment.model().visualTokens();
        onPassed.accept(new VisualEmbeddings(dtype, 1, tokens, environment.hidden(), embeddings));
    }

    @Override
    public void onFailed(Failure failure) {
        onFailed.accept("the canary failed: " + failure.message());
    }
}
