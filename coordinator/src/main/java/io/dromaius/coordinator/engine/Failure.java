package io.dromaius.coordinator.engine;

import java.util.OptionalInt;

/**
 * Why a request ended without an answer.
 *
 * @param limit the most that would fit of what is too much, where the message says one: positions of the prompt, tokens, answers
 */
public record Failure(Reason reason, String message, OptionalInt limit) {
    /** One that is of no limit. */
    public Failure(Reason reason, String message) {
        this(reason, message, OptionalInt.empty());
    }

    public enum Reason {
        /** The prompt (and, for a picture, its own positions) leaves no room in the context window. */
        CONTEXT_EXCEEDED,
        /** Even alone, the prompt needs more KV blocks than the pipeline has, with whatever answer. */
        PROMPT_EXCEEDS_KV,
        /** Even alone, an answer (a candidate that is scored) as long as it may become needs more than the pipeline has. */
        ANSWER_EXCEEDS_KV,
        /** Even alone, so many answers or beams at once need more than the pipeline has. */
        ANSWERS_EXCEED_KV,
        /** Its deadline passed. */
        DEADLINE_EXCEEDED,
        /** Cancelled by its owner. */
        CANCELLED,
        /** The pipeline was lost before the listener heard any output: safe to retry. */
        LOST_BEFORE_OUTPUT,
        /** The pipeline was lost after output had gone out. */
        LOST_AFTER_OUTPUT,
        /** What the model computed, scores or embeddings, was not finite: an overflow on this prompt, or damaged weights. */
        NOT_FINITE,
        /** A defect of ours: a listener threw, or a result did not match its step. */
        INTERNAL
    }
}
