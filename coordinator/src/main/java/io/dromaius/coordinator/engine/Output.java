package io.dromaius.coordinator.engine;

import io.dromaius.coordinator.engine.GenerationListener.Candidate;
import io.dromaius.coordinator.engine.GenerationListener.Token;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A listener behind a guard: remembers whether it has heard output, and keeps its defects from the loop. */
final class Output {
    private static final Logger logger = LoggerFactory.getLogger(Output.class);

    private final GenerationListener listener;
    private boolean scheduled;
    private boolean heard;
    private @Nullable RuntimeException defect;

    Output(GenerationListener listener) {
        this.listener = listener;
    }

    /** Whether output went out, after which a retry would repeat it. */
    boolean heard() {
        return heard;
    }

    /** What the listener threw first; it hears no more output after that. */
    @Nullable
    RuntimeException defect() {
        return defect;
    }

    void scheduled() {
        if (!scheduled) {
            scheduled = true;
            tell(GenerationListener::onScheduled);
        }
    }

    void text(int candidate, String delta, List<Token> tokens) {
        output(to -> to.onText(candidate, delta, tokens));
    }

    void visualEmbedding(int picture, int index) {
        output(to -> to.onVisualEmbedding(picture, index));
    }

    void picture(int picture, ByteBuffer embeddings) {
        output(to -> to.onPicture(picture, embeddings));
    }

    void finished(List<Candidate> candidates) {
        tell(to -> to.onFinished(candidates));
    }

    void scored(List<List<Float>> logprobs) {
        tell(to -> to.onScored(logprobs));
    }

    void failed(Failure failure) {
        try {
            listener.onFailed(failure);
        } catch (RuntimeException e) {
            logger.error("a listener failed on {}", failure, e);
        }
    }

    private void output(Consumer<GenerationListener> call) {
        heard = true;
        tell(call);
    }

    private void tell(Consumer<GenerationListener> call) {
        if (defect == null) {
            try {
                call.accept(listener);
            } catch (RuntimeException e) {
                defect = e;
            }
        }
    }
}
