package io.dromaius.node.rpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Builds the status that tells a caller of a failure, and reads one.
 *
 * <pre>{@code
 * throw Failures.badField("text.top_p", "must be above 0 and at most 1");
 * throw Failures.of(FailureCode.STALE_EPOCH, "epoch 3 is over").info("expected_epoch", "4").build();
 * }</pre>
 */
public final class Failures {
    /** The domain of every {@code ErrorInfo} of this cluster. */
    public static final String DOMAIN = "dromaius.io";

    private static final Duration DEFAULT_RETRY = Duration.ofSeconds(1);

    private final FailureCode code;
    private final String message;
    private final ErrorInfo.Builder info;
    private final BadRequest.Builder badRequest = BadRequest.newBuilder();
    private @Nullable Duration retryAfter;
    private @Nullable Throwable cause;

    private Failures(FailureCode code, String message) {
        this.code = code;
        this.message = message;
        this.info = ErrorInfo.newBuilder().setReason(code.name()).setDomain(DOMAIN);
        this.retryAfter = code.retryable() ? DEFAULT_RETRY : null;
    }

    public static Failures of(FailureCode code, String message) {
        return new Failures(code, message);
    }

    /** INVALID_ARGUMENT that names one field by its path in the request ({@code text.top_p}). */
    public static StatusRuntimeException badField(String field, String description) {
        return of(FailureCode.BAD_REQUEST, field + " " + description)
                .field(field, description)
                .build();
    }

    /** NOT_FINITE, with what to do about it; {@code what} says what is not finite. */
    public static StatusRuntimeException notFinite(String what) {
        return of(FailureCode.NOT_FINITE, what + ": try it in fp32; if others fail too, check the weights")
                .build();
    }

    /** Adds a violated field. */
    public Failures field(String field, String description) {
        badRequest.addFieldViolationsBuilder().setField(field).setDescription(description);
        return this;
    }

    /** Adds to the metadata of the {@code ErrorInfo}; keys are lower_snake. */
    public Failures info(String key, String value) {
        info.putMetadata(key, value);
        return this;
    }

    /** When to try again; only for retryable codes, which say a second unless told. */
    public Failures retryAfter(Duration delay) {
        if (!code.retryable()) {
            throw new IllegalArgumentException(code + " is not retryable");
        }
        retryAfter = delay;
        return this;
    }

    /** Kept on this side of the wire. */
    public Failures cause(Throwable reason) {
        cause = reason;
        return this;
    }

    public StatusRuntimeException build() {
        com.google.rpc.Status.Builder status = com.google.rpc.Status.newBuilder()
                .setCode(code.grpcCode().value())
                .setMessage(message)
                .addDetails(Any.pack(info.build()));
        if (badRequest.getFieldViolationsCount() > 0) {
            status.addDetails(Any.pack(badRequest.build()));
        }
        if (retryAfter != null) {
            status.addDetails(Any.pack(RetryInfo.newBuilder()
                    .setRetryDelay(com.google.protobuf.Duration.newBuilder()
                            .setSeconds(retryAfter.getSeconds())
                            .setNanos(retryAfter.getNano()))
                    .build()));
        }
        StatusRuntimeException failure = StatusProto.toStatusRuntimeException(status.build());
        return cause == null ? failure : failure.getStatus().withCause(cause).asRuntimeException(failure.getTrailers());
    }

    /** The code of a failure that this cluster built, here or across the wire; empty for any other throwable. */
    public static Optional<FailureCode> codeOf(Throwable failure) {
        return errorInfo(failure).flatMap(found -> {
            for (FailureCode code : FailureCode.values()) {
                if (code.name().equals(found.getReason())) {
                    return Optional.of(code);
                }
            }
            return Optional.empty();
        });
    }

    /** A value of the {@code ErrorInfo}'s metadata, for instance {@code member}. */
    public static Optional<String> infoOf(Throwable failure, String key) {
        return errorInfo(failure).map(found -> found.getMetadataMap().get(key));
    }

    /** The {@code ErrorInfo} of this cluster's domain in a status' details. */
    public static Optional<ErrorInfo> errorInfo(Throwable failure) {
        return detail(failure, ErrorInfo.class)
                .filter(found -> found.getDomain().equals(DOMAIN));
    }

    /** The first detail of a type in a status' details. */
    public static <T extends Message> Optional<T> detail(Throwable failure, Class<T> type) {
        com.google.rpc.Status status = StatusProto.fromThrowable(failure);
        if (status == null) {
            return Optional.empty();
        }
        for (Any packed : status.getDetailsList()) {
            if (packed.is(type)) {
                try {
                    return Optional.of(packed.unpack(type));
                } catch (InvalidProtocolBufferException e) {
                    throw new IllegalArgumentException("a peer sent a damaged " + type.getSimpleName(), e);
                }
            }
        }
        return Optional.empty();
    }
}
