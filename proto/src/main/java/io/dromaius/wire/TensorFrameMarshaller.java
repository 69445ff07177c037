package io.dromaius.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads and writes frames; the bytes are those of the whole message in protobuf's encoding.
 *
 * <p>Incoming bytes that are no such message, or a payload length beyond the message's end, end the call with
 * INVALID_ARGUMENT; no memory is taken on the word of a length alone.
 *
 * @param <M> the message's type
 */
public final class TensorFrameMarshaller<M extends Message> implements Marshaller<TensorFrame<M>> {
    /** The payload's field number in every message that has one; its tag is one byte. */
    static final int PAYLOAD_FIELD = 15;

    private final M prototype;
    private final FieldDescriptor payloadField;
    private final TensorBuffers buffers;

    /**
     * For messages of the prototype's type.
     *
     * @throws IllegalArgumentException if their last field is not a {@code bytes} number 15
     */
    public TensorFrameMarshaller(M prototype, TensorBuffers buffers) {
        this.prototype = prototype;
        this.buffers = buffers;
        this.payloadField = prototype.getDescriptorForType().findFieldByNumber(PAYLOAD_FIELD);
        boolean last = prototype.getDescriptorForType().getFields().stream()
                .allMatch(field -> field.getNumber() <= PAYLOAD_FIELD);
        if (payloadField == null || payloadField.getType() != FieldDescriptor.Type.BYTES || !last) {
            throw new IllegalArgumentException(
                    prototype.getDescriptorForType().getFullName() + " has no payload as its last field");
        }
    }

    /** The frame is closed when the stream is drained or closed, whichever comes first. */
    @Override
    public InputStream stream(TensorFrame<M> frame) {
        if (!((ByteString) frame.header().getField(payloadField)).isEmpty()) {
            frame.close();
            throw new IllegalArgumentException("the payload is inside the header of a frame");
        }
        return new FrameOutput(frame);
    }

    @Override
    public TensorFrame<M> parse(InputStream stream) {
        try (FrameInput input = new FrameInput(stream, buffers)) {
            input.readAll();
            @SuppressWarnings("unchecked") // a message's parser makes messages of its own type
            M header = (M) prototype.getParserForType().parseFrom(input.header());
            return input.takePayload()
                    .map(payload -> TensorFrame.of(header, payload))
                    .orElseGet(() -> TensorFrame.of(header));
        } catch (InvalidProtocolBufferException | EOFException e) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("not a " + prototype.getDescriptorForType().getFullName() + ": " + e.getMessage())
                    .withCause(e)
                    .asRuntimeException();
        } catch (IOException e) {
            throw Status.INTERNAL
                    .withDescription("a message could not be read")
                    .withCause(e)
                    .asRuntimeException();
        }
    }
}
