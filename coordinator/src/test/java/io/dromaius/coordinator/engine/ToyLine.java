package io.dromaius.coordinator.engine;

import com.google.common.primitives.ImmutableIntArray;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;

/** The toy model fed position by position, without blocks, steps or batches: what a request should come to. */
final class ToyLine {
    private long hidden;
    private int length;

    static ToyLine after(List<InputRun> prompt) {
        ToyLine line = new ToyLine();
        for (InputRun run : prompt) {
            if (run instanceof InputRun.Ids ids) {
                ids.ids().forEach(line::feed);
            } else {
                for (int i = 0; i < run.length(); i++) {
                    line.feed(((InputRun.Vectors) run.slice(i, i + 1)).rows());
                }
            }
        }
        return line;
    }

    ToyLine copy() {
        ToyLine copy = new ToyLine();
        copy.hidden = hidden;
        copy.length = length;
        return copy;
    }

    void feed(int id) {
        hidden = ToyModel.hidden(hidden, ToyModel.kv(ToyModel.idInput(id), length++));
    }

    void feed(ByteBuffer vector) {
        hidden = ToyModel.hidden(hidden, ToyModel.kv(ToyModel.vectorInput(vector), length++));
    }

    /** Unprocessed log-probabilities of the whole vocabulary. */
    float[] logprobs() {
        ImmutableIntArray all =
                ImmutableIntArray.copyOf(IntStream.range(0, ToyModel.VOCABULARY).toArray());
        List<Float> scores = ToyModel.text(hidden, HeadRequest.Text.scores(all)).scores();
        float[] logprobs = new float[scores.size()];
        for (int id = 0; id < logprobs.length; id++) {
            logprobs[id] = scores.get(id);
        }
        return logprobs;
    }

    /** The most likely id among those that {@code mayFollow} lists. */
    int best(int... mayFollow) {
        float[] logprobs = logprobs();
        int best = mayFollow[0];
        for (int id : mayFollow) {
            best = logprobs[id] > logprobs[best] ? id : best;
        }
        return best;
    }

    ByteBuffer regress() {
        return ToyModel.regress(hidden);
    }
}
