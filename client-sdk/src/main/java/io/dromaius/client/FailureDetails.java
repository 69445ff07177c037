package io.dromaius.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a gRPC status and its google.rpc details say. Details that cannot be read are left out. */
record FailureDetails(
        Status.Code code,
        String message,
        List<FieldViolation> violations,
        @Nullable String reason,
        @Nullable Duration retryAfter,
        Map<String, String> metadata) {

    private static final String GRPC_CONNECTION = "io exception";
    private static final String GRPC_DEADLINE = " deadline exceeded after ";

    FailureDetails {
        violations = List.copyOf(violations);
        metadata = Map.copyOf(metadata);
    }

    static FailureDetails of(Status.Code code, String message) {
        return new FailureDetails(code, message, List.of(), null, null, Map.of());
    }

    /** Reads the status that ended a call. */
    static EmuException exception(Status status, @Nullable Metadata trailers) {
        return read(status, trailers).toException(status.getCause());
    }

    EmuException toException(@Nullable Throwable cause) {
        return switch (code) {
            case INVALID_ARGUMENT, OUT_OF_RANGE -> new InvalidRequestException(this, cause);
            case NOT_FOUND -> new ModelNotFoundException(this, cause);
            case RESOURCE_EXHAUSTED -> new OverloadedException(this, cause);
            case UNAVAILABLE -> new UnavailableException(this, cause);
            case ABORTED -> new GenerationAbortedException(this, cause);
            case DEADLINE_EXCEEDED -> new DeadlineException(this, cause);
            case CANCELLED -> new GenerationCancelledException(this, cause);
            case OK,
                    UNKNOWN,
                    ALREADY_EXISTS,
                    FAILED_PRECONDITION,
                    PERMISSION_DENIED,
                    UNIMPLEMENTED,
                    INTERNAL,
                    DATA_LOSS,
                    UNAUTHENTICATED -> new ServerException(this, cause);
        };
    }

    Optional<String> limit() {
        return Optional.ofNullable(metadata.get("limit"));
    }

    /** What happened, for people, where gRPC itself ended the call: its words are for those who know its insides. */
    private static String message(Status status) {
        String description = status.getDescription();
        if (description == null) {
            return status.getCode().name();
        }
        if (status.getCode() == Status.Code.UNAVAILABLE && description.equals(GRPC_CONNECTION)) {
            Throwable cause = status.getCause();
            while (cause != null && !(cause instanceof IOException)) {
                cause = cause.getCause();
            }
            return "the connection to the cluster failed"
                    + (cause == null || cause.getMessage() == null ? "" : ": " + cause.getMessage());
        }
        if (status.getCode() == Status.Code.DEADLINE_EXCEEDED && description.contains(GRPC_DEADLINE)) {
            return "the call's deadline passed";
        }
        return description;
    }

    private static FailureDetails read(Status status, @Nullable Metadata trailers) {
        String message = message(status);
        com.google.rpc.Status rich = StatusProto.fromStatusAndTrailers(status, trailers);
        List<FieldViolation> violations = new ArrayList<>();
        Map<String, String> metadata = new java.util.LinkedHashMap<>();
        String reason = null;
        Duration retryAfter = null;
        for (Any detail : rich.getDetailsList()) {
            try {
                if (detail.is(BadRequest.class)) {
                    detail.unpack(BadRequest.class)
                            .getFieldViolationsList()
                            .forEach(violation -> violations.add(
                                    new FieldViolation(violation.getField(), violation.getDescription())));
                } else if (detail.is(RetryInfo.class)) {
                    com.google.protobuf.Duration delay =
                            detail.unpack(RetryInfo.class).getRetryDelay();
                    retryAfter = Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
                } else if (detail.is(ErrorInfo.class)) {
                    ErrorInfo info = detail.unpack(ErrorInfo.class);
                    reason = info.getReason();
                    metadata.putAll(info.getMetadataMap());
                } else if (detail.is(QuotaFailure.class)) {
                    detail.unpack(QuotaFailure.class)
                            .getViolationsList()
                            .forEach(violation -> metadata.putIfAbsent("limit", violation.getDescription()));
                }
            } catch (InvalidProtocolBufferException e) {
                metadata.put("unreadable_detail", detail.getTypeUrl());
            }
        }
        return new FailureDetails(status.getCode(), message, violations, reason, retryAfter, metadata);
    }
}
