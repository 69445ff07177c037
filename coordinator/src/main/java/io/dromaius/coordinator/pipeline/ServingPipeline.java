package io.dromaius.coordinator.pipeline;

import io.dromaius.coordinator.engine.GenerationListener;
import io.dromaius.coordinator.engine.GenerationRequest;
import io.dromaius.coordinator.vision.VisualEmbeddings;
import io.dromaius.proto.internal.v1.DType;

/** A pipeline that has passed its canary. Any thread; nothing here blocks. */
public interface ServingPipeline {
    String id();

    /** What vectors fed to it are in, and those that it gives. */
    DType dtype();

    /** Embeddings [1, visual tokens, hidden] of the empty prompt: the unconditional branch of guidance. */
    VisualEmbeddings unconditional();

    /** Hands a request to the engine; the listener hears how it goes. */
    void submit(GenerationRequest request, GenerationListener listener);

    /** Ends a request if it still runs. Once for each that this pipeline was chosen for, submitted or not. */
    void release(String requestId);
}
