package io.dromaius.coordinator.engine;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes down what a request hears; two requests that heard the same answer compare equal by {@link #outcome}. */
final class RecordingListener implements GenerationListener {
    private final List<String> output = new ArrayList<>();
    private final StringBuilder streamed = new StringBuilder();
    private Optional<Failure> failure = Optional.empty();
    private List<Candidate> candidates = List.of();
    private int scheduled;
    private int ends;

    @Override
    public void onScheduled() {
        scheduled++;
    }

    @Override
    public void onText(int candidate, String delta, List<Token> tokens) {
        output.add("text " + candidate + " '" + delta + "' " + tokens);
        streamed.append(delta);
    }

    @Override
    public void onVisualEmbedding(int picture, int index) {
        output.add("embedding " + picture + "." + index);
    }

    @Override
    public void onPicture(int picture, ByteBuffer embeddings) {
        List<Long> values = new ArrayList<>();
        for (int i = 0; i < embeddings.limit(); i += Long.BYTES) {
            values.add(embeddings.getLong(i));
        }
        output.add("picture " + picture + " " + values);
    }

    @Override
    public void onFinished(List<Candidate> finished) {
        candidates = finished;
        output.add("finished " + finished);
        ends++;
    }

    @Override
    public void onScored(List<List<Float>> logprobs) {
        output.add("scored " + logprobs);
        ends++;
    }

    @Override
    public void onFailed(Failure why) {
        failure = Optional.of(why);
        ends++;
    }

    List<String> outcome() {
        return output;
    }

    List<Candidate> candidates() {
        return candidates;
    }

    String streamed() {
        return streamed.toString();
    }

    Optional<Failure> failure() {
        return failure;
    }

    boolean scheduled() {
        return scheduled > 0;
    }

    boolean ended() {
        return ends > 0;
    }

    /** Whether the rules of the listener were kept so far. */
    boolean orderly() {
        return scheduled <= 1 && ends <= 1;
    }
}
