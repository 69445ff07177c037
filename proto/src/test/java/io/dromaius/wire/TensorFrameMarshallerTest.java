package io.dromaius.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.WireFormat;
import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.Member;
import io.grpc.HasByteBuffer;
import io.grpc.KnownLength;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TensorFrameMarshallerTest {
    private final TensorBuffers buffers = new TensorBuffers(64 << 20);
    private final TensorFrameMarshaller<ExecuteRequest> marshaller =
            new TensorFrameMarshaller<>(ExecuteRequest.getDefaultInstance(), buffers);

    @AfterEach
    void everyBufferIsGivenBack() {
        assertThat(buffers.leased()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void writesWhatTheGeneratedParserReads(long seed) throws IOException {
        RandomFrames random = new RandomFrames(seed);
        for (int i = 0; i < 300; i++) {
            ExecuteRequest message = random.message();
            byte[] drained = drain(RandomFrames.frame(message, buffers));
            assertThat(ExecuteRequest.parseFrom(drained)).isEqualTo(message);
            try (InputStream stream = marshaller.stream(RandomFrames.frame(message, buffers))) {
                assertThat(stream.available()).isEqualTo(drained.length);
                assertThat(stream.readAllBytes()).isEqualTo(drained);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void readsWhatTheGeneratedMessageWritesInPiecesOfAnySize(long seed) throws IOException {
        RandomFrames messages = new RandomFrames(seed);
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            ExecuteRequest message = messages.message();
            byte[] bytes = message.toByteArray();
            InputStream stream = random.nextInt(4) == 0
                    ? new ByteArrayInputStream(bytes)
                    : new Pieces(bytes, 1 + random.nextInt(1 << random.nextInt(15)));
            try (TensorFrame<ExecuteRequest> frame = marshaller.parse(stream)) {
                assertThat(RandomFrames.message(frame)).isEqualTo(message);
            }
        }
    }

    @Test
    void fieldsMayComeInAnyOrderAndUnknownOnesArePassedOver() throws IOException {
        UnknownFieldSet.Field.Builder field = UnknownFieldSet.Field.newBuilder()
                .addVarint(-1)
                .addFixed32(7)
                .addFixed64(8)
                .addLengthDelimited(ByteString.copyFromUtf8("later version"))
                // A field 15 inside a group is not the payload.
                .addGroup(UnknownFieldSet.newBuilder()
                        .addField(
                                15,
                                UnknownFieldSet.Field.newBuilder()
                                        .addLengthDelimited(ByteString.copyFromUtf8("no"))
                                        .build())
                        .build());
        UnknownFieldSet unknown =
                UnknownFieldSet.newBuilder().addField(99, field.build()).build();
        ByteString bytes = ExecuteRequest.newBuilder()
                .setPayload(ByteString.copyFromUtf8("old"))
                .build()
                .toByteString()
                .concat(unknown.toByteString())
                .concat(ExecuteRequest.newBuilder()
                        .setPayload(ByteString.copyFromUtf8("payload"))
                        .build()
                        .toByteString())
                .concat(ExecuteRequest.newBuilder().setStep(5).build().toByteString());
        try (TensorFrame<ExecuteRequest> frame = marshaller.parse(new Pieces(bytes.toByteArray(), 3))) {
            assertThat(RandomFrames.message(frame)).isEqualTo(ExecuteRequest.parseFrom(bytes));
            assertThat(frame.payloadBytes()).isEqualTo("payload".length());
            assertThat(frame.header().getStep()).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, Integer.MAX_VALUE, 1L << 32, 1L << 40, 6})
    void aLengthThatTheMessageCannotHoldIsRefusedBeforeAnyMemoryIsTaken(long length) throws IOException {
        for (int fieldNumber : new int[] {1, 15, 99}) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            out.writeTag(fieldNumber, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt64NoTag(length);
            out.writeRawBytes(new byte[5]);
            out.flush();
            refused(new Pieces(bytes.toByteArray(), 4));
            refused(new ByteArrayInputStream(bytes.toByteArray()));
        }
        assertThat(buffers.pooledBytes()).isLessThan(1 << 20);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void damagedBytesAreReadAsTheGeneratedParserReadsThemOrRefused(long seed) throws IOException {
        Random random = new Random(seed);
        RandomFrames messages = new RandomFrames(seed);
        int accepted = 0;
        for (int i = 0; i < 2_000; i++) {
            byte[] bytes = messages.message().toByteArray();
            if (bytes.length > 0) {
                for (int flips = random.nextInt(3); flips >= 0; flips--) {
                    bytes[random.nextInt(Math.min(bytes.length, 100))] = (byte) random.nextInt();
                }
            }
            try (TensorFrame<ExecuteRequest> frame = marshaller.parse(new Pieces(bytes, 64))) {
                assertThat(RandomFrames.message(frame)).isEqualTo(ExecuteRequest.parseFrom(bytes));
                accepted++;
            } catch (StatusRuntimeException e) {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            }
        }
        assertThat(accepted).isBetween(100, 1_900);
    }

    @Test
    void aTruncatedMessageIsRefused() {
        byte[] whole = ExecuteRequest.newBuilder()
                .setPipeline("p")
                .setPayload(ByteString.copyFrom(new byte[300]))
                .build()
                .toByteArray();
        for (int length = 1; length < whole.length; length++) {
            // After the first field the message is whole, only shorter.
            if (length != 3) {
                refused(new Pieces(Arrays.copyOf(whole, length), 50));
            }
        }
    }

    @Test
    void aPayloadInsideTheHeaderIsRefusedAndItsFrameClosed() {
        TensorFrame<ExecuteRequest> frame = TensorFrame.of(
                ExecuteRequest.newBuilder()
                        .setPayload(ByteString.copyFromUtf8("x"))
                        .build(),
                buffers.lend(3));
        assertThatIllegalArgumentException().isThrownBy(() -> marshaller.stream(frame));
        assertThat(frame.isClosed()).isTrue();
    }

    @Test
    void aMessageWithoutPayloadHasNoMarshaller() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TensorFrameMarshaller<>(Member.getDefaultInstance(), buffers))
                .withMessageContaining("emu.internal.v1.Member");
    }

    private byte[] drain(TensorFrame<ExecuteRequest> frame) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        FrameOutput output = (FrameOutput) marshaller.stream(frame);
        int length = output.drainTo(bytes);
        assertThat(length).isEqualTo(bytes.size());
        assertThat(frame.isClosed()).isTrue();
        return bytes.toByteArray();
    }

    private void refused(InputStream stream) {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> marshaller.parse(stream))
                .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
    }

    /** What a transport hands over: slices of at most so many bytes. */
    private static final class Pieces extends InputStream implements HasByteBuffer, KnownLength {
        private final ByteBuffer bytes;
        private final int longest;

        Pieces(byte[] bytes, int longest) {
            this.bytes = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
            this.longest = longest;
        }

        @Override
        public int read() {
            return bytes.hasRemaining() ? bytes.get() & 0xff : -1;
        }

        @Override
        public int available() {
            return bytes.remaining();
        }

        @Override
        public boolean byteBufferSupported() {
            return true;
        }

        @Override
        public @Nullable ByteBuffer getByteBuffer() {
            return bytes.slice(bytes.position(), Math.min(longest, bytes.remaining()))
                    .asReadOnlyBuffer();
        }
    }
}
