package io.dromaius.coordinator.api;

import com.google.rpc.BadRequest;
import io.dromaius.coordinator.engine.Failure;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.RankRequest;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Optional;

/** What a client is told when something behind the API fails. Pure functions. */
final class CallFailures {
    private CallFailures() {}

    /** Where a request says what it is about: its prompt, how long an answer is, and how many there are. */
    record Fields(String prompt, String answer, String answers) {
        static Fields of(GenerateRequest request) {
            return new Fields(
                    request.hasChat() ? "chat" : "prompt",
                    "text.max_tokens",
                    request.getText().getNumBeams() > 1 ? "text.num_beams" : "text.n");
        }

        static Fields of(RankRequest request) {
            return new Fields(request.hasChat() ? "chat" : "prompt", "candidates", "candidates");
        }
    }

    /**
     * The status for the engine's failure.
     *
     * @param fields of the request
     * @param begun whether the client was told any event
     */
    static StatusRuntimeException of(Failure failure, Fields fields, boolean begun) {
        return switch (failure.reason()) {
            case CONTEXT_EXCEEDED, PROMPT_EXCEEDS_KV -> tooMuch(fields.prompt(), failure);
            case ANSWER_EXCEEDS_KV -> tooMuch(fields.answer(), failure);
            case ANSWERS_EXCEED_KV -> tooMuch(fields.answers(), failure);
            case DEADLINE_EXCEEDED ->
                Failures.of(FailureCode.DEADLINE, failure.message()).build();
            case CANCELLED ->
                Failures.of(FailureCode.CANCELLED, failure.message()).build();
            case LOST_BEFORE_OUTPUT, LOST_AFTER_OUTPUT -> lost(failure.message(), begun);
            case NOT_FINITE -> Failures.notFinite(failure.message());
            case INTERNAL ->
                Failures.of(FailureCode.INTERNAL, failure.message()).build();
        };
    }

    private static StatusRuntimeException tooMuch(String field, Failure failure) {
        Failures told =
                Failures.of(FailureCode.LIMIT_EXCEEDED, failure.message()).field(field, failure.message());
        failure.limit().ifPresent(limit -> told.info("limit", Integer.toString(limit)));
        return told.build();
    }

    /** The status for the end of a call's context. */
    static StatusRuntimeException ended(Context context) {
        boolean late = context.getDeadline() != null && context.getDeadline().isExpired();
        return late
                ? Failures.of(FailureCode.DEADLINE, "the deadline passed").build()
                : Failures.of(FailureCode.CANCELLED, "the client cancelled").build();
    }

    /** A pipeline or worker is gone: safe to call again only as long as the client heard nothing. */
    static StatusRuntimeException lost(String message, boolean begun) {
        return Failures.of(begun ? FailureCode.ANSWER_LOST : FailureCode.PIPELINE_LOST, message)
                .build();
    }

    /** The status for a failed encode of the medium at {@code field}; the worker's own field is unknown to clients. */
    static StatusRuntimeException encode(Throwable cause, String field) {
        if (Failures.codeOf(cause).isPresent()
                && Status.fromThrowable(cause).getCode() == Status.Code.INVALID_ARGUMENT) {
            String description = Failures.detail(cause, BadRequest.class)
                    .filter(bad -> bad.getFieldViolationsCount() > 0)
                    .map(bad -> bad.getFieldViolations(0).getDescription())
                    .orElse("cannot be read");
            return Failures.badField(field, description);
        }
        return worker(cause, "encoding " + field, false);
    }

    /** The status for a failed draw; the decoder's fields are named as those of the request's image options. */
    static StatusRuntimeException draw(Throwable cause, boolean begun) {
        Optional<BadRequest> bad =
                Failures.detail(cause, BadRequest.class).filter(found -> found.getFieldViolationsCount() > 0);
        if (bad.isPresent()) {
            BadRequest.FieldViolation violation = bad.get().getFieldViolations(0);
            return Failures.badField("image." + violation.getField(), violation.getDescription());
        }
        return worker(cause, "drawing", begun);
    }

    private static StatusRuntimeException worker(Throwable cause, String what, boolean begun) {
        Status status = Status.fromThrowable(cause);
        String message = what + " failed: " + status.getDescription();
        return switch (status.getCode()) {
            case UNAVAILABLE ->
                begun
                        ? lost(message, true)
                        : Failures.of(
                                        Failures.codeOf(cause)
                                                .filter(FailureCode::retryable)
                                                .orElse(FailureCode.PIPELINE_LOST),
                                        message)
                                .build();
            case DEADLINE_EXCEEDED -> Failures.of(FailureCode.DEADLINE, message).build();
            case CANCELLED -> Failures.of(FailureCode.CANCELLED, message).build();
            case RESOURCE_EXHAUSTED ->
                Failures.of(begun ? FailureCode.ANSWER_LOST : FailureCode.QUEUE_FULL, message)
                        .build();
            default ->
                Failures.of(
                                Failures.codeOf(cause)
                                        .filter(FailureCode.NOT_FINITE::equals)
                                        .orElse(FailureCode.INTERNAL),
                                message)
                        .cause(cause)
                        .build();
        };
    }
}
