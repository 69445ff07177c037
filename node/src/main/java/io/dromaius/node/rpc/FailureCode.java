package io.dromaius.node.rpc;

import io.grpc.Status;

/**
 * The one table of what can go wrong and how a caller is told.
 *
 * <p>The name is the reason of the {@code ErrorInfo} that goes with the status; names are part of the API. Retryable
 * means that the very same call may succeed later and that no part of an answer was given; such failures carry
 * {@code RetryInfo}.
 */
public enum FailureCode {
    /** A field's value, or a combination of fields, is wrong; {@code BadRequest} names it. */
    BAD_REQUEST(Status.Code.INVALID_ARGUMENT, false),
    /** A prompt, a picture or a count is over a limit; {@code BadRequest} names the field. */
    LIMIT_EXCEEDED(Status.Code.INVALID_ARGUMENT, false),
    /** The cluster serves another model. */
    UNKNOWN_MODEL(Status.Code.NOT_FOUND, false),
    /** The admission queue is full, or there is no room for the request's message. */
    QUEUE_FULL(Status.Code.RESOURCE_EXHAUSTED, true),
    /** No complete pipeline, or no worker of the kind needed, is there. */
    NO_CAPACITY(Status.Code.UNAVAILABLE, true),
    /** The process is being stopped. */
    DRAINING(Status.Code.UNAVAILABLE, true),
    /** The pipeline or worker was lost before the first event of the answer. */
    PIPELINE_LOST(Status.Code.UNAVAILABLE, true),
    /** The pipeline or worker was lost after the first event of the answer. */
    ANSWER_LOST(Status.Code.ABORTED, false),
    /** A peer process is gone; {@code member} names it. */
    PEER_LOST(Status.Code.UNAVAILABLE, false),
    /** The client does not read its answer. */
    CLIENT_STALLED(Status.Code.ABORTED, false),
    /** The call, or a step of it, took longer than it may. */
    DEADLINE(Status.Code.DEADLINE_EXCEEDED, false),
    /** The caller does not want the answer any more. */
    CANCELLED(Status.Code.CANCELLED, false),
    /** The sender acts on a placement that is over; {@code expected_epoch} says what is in force. */
    STALE_EPOCH(Status.Code.FAILED_PRECONDITION, false),
    /** A peer broke the protocol between processes: a gap in the steps, an unknown sequence, a wrong shape. */
    PROTOCOL(Status.Code.FAILED_PRECONDITION, false),
    /** A checkpoint is damaged, incomplete or of another model. */
    BAD_CHECKPOINT(Status.Code.FAILED_PRECONDITION, false),
    /** The device cannot compute as the settings ask. */
    UNSUPPORTED(Status.Code.FAILED_PRECONDITION, false),
    /** The device cannot hold what is asked of it. */
    OUT_OF_MEMORY(Status.Code.RESOURCE_EXHAUSTED, false),
    /** What the model computed for this request, scores, embeddings or a picture, is not finite: an overflow, or damaged weights. */
    NOT_FINITE(Status.Code.INTERNAL, false),
    /** A bug. The log has it under the call's request id. */
    INTERNAL(Status.Code.INTERNAL, false);

    private final Status.Code grpcCode;
    private final boolean retryable;

    FailureCode(Status.Code grpcCode, boolean retryable) {
        this.grpcCode = grpcCode;
        this.retryable = retryable;
    }

    public Status.Code grpcCode() {
        return grpcCode;
    }

    public boolean retryable() {
        return retryable;
    }
}
