package io.dromaius.coordinator.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * A request in the engine: its sequences, which share the prompt's KV, and where it stands. The first sequence leads:
 * it computes the prompt, the others fork from it there.
 */
final class SequenceGroup {
    private final GenerationRequest request;
    private final long arrival;
    private final Decoder decoder;
    private final Output output;
    private final KvSpace kv;
    private final int promptLength;
    private List<Sequence> sequences = new ArrayList<>();
    private boolean awaiting;
    private boolean ended;
    private long lastStep;

    SequenceGroup(GenerationRequest request, long arrival, Decoder decoder, Output output, KvSpace kv) {
        this.request = request;
        this.arrival = arrival;
        this.decoder = decoder;
        this.output = output;
        this.kv = kv;
        this.promptLength = request.promptLength();
        sequences.add(new Sequence(new Inputs(request.prompt(), promptLength)));
    }

    GenerationRequest request() {
        return request;
    }

    /** Order of submission; kept through preemption. */
    long arrival() {
        return arrival;
    }

    Output output() {
        return output;
    }

    int promptLength() {
        return promptLength;
    }

    List<Sequence> sequences() {
        return sequences;
    }

    Sequence lead() {
        return sequences.get(0);
    }

    Decoder.Pace pace() {
        return decoder.pace();
    }

    /** Whether it needs the readings of a step in flight to go on. */
    boolean awaiting() {
        return awaiting;
    }

    boolean ended() {
        return ended;
    }

    /** The newest step that fed it. */
    long lastStep() {
        return lastStep;
    }

    /** Whether what is pending is a decode: one position of every sequence (two behind a picture). */
    boolean decoding() {
        if (pace() == Decoder.Pace.APART) {
            return false;
        }
        int limit = sequences.size() == 1 ? 2 : 1;
        for (Sequence sequence : sequences) {
            if (!sequence.hasKv() || sequence.pending() > limit) {
                return false;
            }
        }
        return true;
    }

    /** Rows it still has to feed before it decodes. */
    int prefillRows() {
        int rows = 0;
        for (Sequence sequence : sequences) {
            boolean follows = sequence != lead() && !sequence.hasKv();
            rows += follows ? sequence.length() - promptLength : sequence.pending();
        }
        return rows;
    }

    /** What a decode feeds: everything pending. */
    List<Feed> decodeFeeds() {
        List<Feed> feeds = new ArrayList<>(sequences.size());
        for (Sequence sequence : sequences) {
            feeds.add(feed(sequence, sequence.length()));
        }
        return feeds;
    }

    /** {@code wanted} rows of what is pending, in order, and as many as fill the last one's tile; fewer if there are not. */
    List<Feed> prefillFeeds(int wanted, int tile) {
        List<Feed> feeds = new ArrayList<>();
        int left = wanted;
        for (Sequence sequence : sequences) {
            if (left > 0 && forkIfItFollows(sequence)) {
                int whole = (sequence.computed() + left + tile - 1) / tile * tile;
                int to = Math.min(whole, prefillEnd(sequence));
                if (to > sequence.computed()) {
                    feeds.add(feed(sequence, to));
                    left -= to - sequence.computed();
                }
            }
        }
        return feeds;
    }

    /** What follows the prompt is decoded, but for candidates to score, which are given. */
    private Feed feed(Sequence sequence, int to) {
        int from = sequence.computed();
        int decoded = pace() == Decoder.Pace.APART ? 0 : Math.max(0, to - Math.max(from, promptLength));
        return new Feed(sequence, from, to, decoded);
    }

    List<HeadRequest> heads(Sequence sequence, int position) {
        return decoder.heads(sequence, position);
    }

    void fed(long step, boolean readings) {
        lastStep = step;
        awaiting = readings && pace() != Decoder.Pace.APART;
        forkThoseReadTogether();
    }

    /** Takes a step's readings; true when the answer is complete. */
    boolean accept(List<Reading> readings) {
        awaiting = false;
        boolean complete = decoder.accept(this, readings);
        forkThoseReadTogether();
        return complete;
    }

    /** Adds a sequence that follows the lead from the end of the prompt. */
    void add(Sequence sequence) {
        sequences.add(sequence);
        forkThoseReadTogether();
    }

    /** Ends one sequence. */
    void retire(Sequence sequence) {
        kv.drop(sequence);
        sequences.remove(sequence);
    }

    /** Replaces all sequences by continuations of them, {@code next[i]} going on from {@code parents[i]}. */
    void succeed(List<Sequence> next, List<Sequence> parents) {
        kv.succeed(sequences, next, parents);
        sequences = next;
    }

    /** Gives all KV back, to be computed again. */
    void preempt() {
        sequences.forEach(kv::drop);
    }

    void end() {
        preempt();
        sequences.clear();
        ended = true;
    }

    private void forkThoseReadTogether() {
        if (pace() == Decoder.Pace.TOGETHER) {
            sequences.forEach(this::forkIfItFollows);
        }
    }

    /** Whether the sequence has KV now; one that follows gets the prompt's once the lead has computed it. */
    private boolean forkIfItFollows(Sequence sequence) {
        if (!sequence.hasKv() && lead().computed() >= promptLength) {
            kv.fork(sequence, lead(), promptLength);
        }
        return sequence.hasKv();
    }

    /** Sequences that are read together leave their last position for the step that reads them. */
    private int prefillEnd(Sequence sequence) {
        boolean held = pace() == Decoder.Pace.TOGETHER && sequences.size() > 1;
        return held ? sequence.length() - 1 : sequence.length();
    }
}
