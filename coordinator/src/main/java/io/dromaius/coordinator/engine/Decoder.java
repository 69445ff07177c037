package io.dromaius.coordinator.engine;

import java.util.List;

/**
 * What a request reads from its sequences and what becomes of them: one implementation a way of decoding. It keeps all
 * that the answer needs, so that KV lost to preemption is only computed again, with no head read twice.
 */
interface Decoder {
    /** How the sequences of the request depend on each other. */
    enum Pace {
        /** There is one sequence. */
        ALONE,
        /** All sequences are read in the same step. */
        TOGETHER,
        /** No sequence needs what another was read to go on, nor what itself was; so readings are not waited for. */
        APART
    }

    Pace pace();

    /** The heads to read at a position once it is fed; none while the answer does not hang on it. */
    List<HeadRequest> heads(Sequence sequence, int position);

    /**
     * Takes the readings of one step, in the order of their heads, and changes the group's sequences accordingly.
     *
     * @return whether the answer is complete, and told
     */
    boolean accept(SequenceGroup group, List<Reading> readings);
}
