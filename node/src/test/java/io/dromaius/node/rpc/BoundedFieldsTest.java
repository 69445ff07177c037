package io.dromaius.node.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import com.google.rpc.BadRequest;
import io.dromaius.proto.v1.Choice;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.Image;
import io.dromaius.proto.v1.OutputMode;
import io.dromaius.proto.v1.Part;
import io.dromaius.proto.v1.Prompt;
import io.dromaius.proto.v1.TextOptions;
import io.dromaius.proto.v1.TokenIds;
import io.dromaius.proto.v1.Turn;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class BoundedFieldsTest {
    private static final byte PROMPT = 0x1a;

    private final Random random = new Random(3);

    @Test
    void asManyFieldsAsTheParsedMessageHasAreCounted() throws Exception {
        for (int i = 0; i < 500; i++) {
            GenerateRequest request = randomRequest();
            byte[] bytes = request.toByteArray();
            int fields = (weight(request) + BoundedFields.PACKED_BYTES - 1) / BoundedFields.PACKED_BYTES;

            assertThat(parse(bytes, fields).toByteArray()).isEqualTo(bytes);
            assertRefused(bytes, fields - 1);
        }
    }

    @Test
    void emptyPartsCountThoughTheyHaveHardlyAnyBytes() throws Exception {
        byte[] bytes = {PROMPT, 6, 0x0a, 0, 0x0a, 0, 0x0a, 0};

        assertThat(parse(bytes, 4).getPrompt().getPartsCount()).isEqualTo(3);
        assertRefused(bytes, 3);
    }

    @Test
    void theBytesOfAPictureAreNoFields() throws Exception {
        ByteString data = ByteString.copyFrom(new byte[1 << 20]);
        GenerateRequest request = GenerateRequest.newBuilder()
                .setPrompt(Prompt.newBuilder()
                        .addParts(Part.newBuilder().setImage(Image.newBuilder().setData(data))))
                .build();

        assertThat(parse(request.toByteArray(), 4)).isEqualTo(request);
    }

    @Test
    void numbersCountOneByOneUnlessTheyArePacked() throws Exception {
        byte[] packed = {
            0x0a, 32, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1
        };
        byte[] each = {8, 1, 8, 1, 8, 1, 8, 1};

        assertThat(ids(packed, 3).getIdsCount()).isEqualTo(32);
        assertThatThrownBy(() -> ids(packed, 2)).satisfies(BoundedFieldsTest::isRefusal);
        assertThat(ids(each, 4).getIdsCount()).isEqualTo(4);
        assertThatThrownBy(() -> ids(each, 3)).satisfies(BoundedFieldsTest::isRefusal);
    }

    /** Who sends a list without an end is told before it has come. */
    @Test
    @Timeout(60)
    void noMoreIsReadThanTheBoundNeeds() {
        InputStream endless = new InputStream() {
            private long count;

            @Override
            public int read() {
                return count++ % 2 == 0 ? 0x0a : 0;
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                for (int i = offset; i < offset + length; i++) {
                    target[i] = (byte) read();
                }
                return length;
            }
        };
        InputStream bounded = new BoundedFields(endless, Prompt.getDescriptor(), 100_000);

        assertThatThrownBy(() -> bounded.transferTo(new ByteArrayOutputStream()))
                .satisfies(BoundedFieldsTest::isRefusal);
    }

    @Test
    void whatIsNoMessageIsLeftToTheParser() {
        byte[][] broken = {
            {PROMPT, 0x7f, 1},
            {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
            {PROMPT, -1, -1, -1, -1, 0x0f},
            {0x0c}, // ends a group that never began
            {PROMPT, 2, 0x0b, 0x0c, 0x0c},
            {0x06, 0x07},
        };
        for (byte[] bytes : broken) {
            assertThatThrownBy(() -> parse(bytes, 1000)).isInstanceOf(InvalidProtocolBufferException.class);
        }
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            assertSameEnd(bytes);
        }
    }

    /** With the bound out of reach, the stream is as good as the bytes. */
    private void assertSameEnd(byte[] bytes) {
        Throwable plain = catchThrowable(() -> GenerateRequest.parseFrom(bytes));
        Throwable bounded = catchThrowable(() -> parse(bytes, 1 << 20));

        if (plain == null) {
            assertThat(bounded).isNull();
        } else {
            assertThat(bounded).isInstanceOf(InvalidProtocolBufferException.class);
        }
    }

    private void assertRefused(byte[] bytes, int most) {
        assertThatThrownBy(() -> parse(bytes, most)).satisfies(BoundedFieldsTest::isRefusal);
    }

    private static void isRefusal(Throwable refused) {
        assertThat(Failures.codeOf(refused)).contains(FailureCode.LIMIT_EXCEEDED);
        assertThat(Failures.infoOf(refused, "limit")).isPresent();
        assertThat(Failures.detail(refused, BadRequest.class))
                .hasValueSatisfying(
                        bad -> assertThat(bad.getFieldViolations(0).getField()).isEqualTo("request"));
    }

    private GenerateRequest parse(byte[] bytes, int most) throws IOException {
        return GenerateRequest.parseFrom(new BoundedFields(inPieces(bytes), GenerateRequest.getDescriptor(), most));
    }

    private TokenIds ids(byte[] bytes, int most) throws IOException {
        return TokenIds.parseFrom(new BoundedFields(inPieces(bytes), TokenIds.getDescriptor(), most));
    }

    /** As bytes come from the network. */
    private InputStream inPieces(byte[] bytes) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, 1 + random.nextInt(9)));
            }
        };
    }

    private GenerateRequest randomRequest() {
        GenerateRequest.Builder request = GenerateRequest.newBuilder().setRequestId("r".repeat(random.nextInt(200)));
        if (random.nextBoolean()) {
            request.getPromptBuilder();
            for (int i = random.nextInt(20); i > 0; i--) {
                request.getPromptBuilder().addParts(randomPart());
            }
        } else {
            for (int i = random.nextInt(5); i > 0; i--) {
                Turn.Builder turn = request.getChatBuilder().addTurnsBuilder().setRole(Turn.Role.ROLE_USER);
                for (int part = random.nextInt(5); part > 0; part--) {
                    turn.addParts(randomPart());
                }
            }
        }
        for (int i = random.nextInt(40); i > 0; i--) {
            request.addOutputModes(OutputMode.OUTPUT_MODE_TEXT);
        }
        if (random.nextBoolean()) {
            request.setText(randomOptions());
        }
        return request.setUnknownFields(unknown(2)).build();
    }

    private Part randomPart() {
        return switch (random.nextInt(4)) {
            case 0 -> Part.getDefaultInstance();
            case 1 -> Part.newBuilder().setText("a\nb").build();
            case 2 ->
                Part.newBuilder()
                        .setImage(Image.newBuilder().setData(ByteString.copyFrom(new byte[random.nextInt(300)])))
                        .build();
            default -> Part.newBuilder().setUnknownFields(unknown(1)).build();
        };
    }

    private TextOptions randomOptions() {
        TextOptions.Builder options = TextOptions.newBuilder().setTemperature(1).setSeed(random.nextLong());
        for (int i = random.nextInt(5); i > 0; i--) {
            options.addStop("stop").addChoices(Choice.newBuilder().setText("yes"));
        }
        for (int i = random.nextInt(5); i > 0; i--) {
            TokenIds.Builder ids = TokenIds.newBuilder();
            random.ints(1 + random.nextInt(60)).forEach(ids::addIds);
            options.addChoices(Choice.newBuilder().setIds(ids));
        }
        return options.build();
    }

    private UnknownFieldSet unknown(int depth) {
        UnknownFieldSet.Field.Builder field = UnknownFieldSet.Field.newBuilder();
        for (int i = random.nextInt(3); i > 0; i--) {
            field.addVarint(random.nextLong())
                    .addFixed32(random.nextInt())
                    .addFixed64(random.nextLong())
                    .addLengthDelimited(ByteString.copyFrom(new byte[random.nextInt(50)]));
            if (depth > 0) {
                field.addGroup(unknown(depth - 1));
            }
        }
        return UnknownFieldSet.newBuilder().addField(1000, field.build()).build();
    }

    /** Sixteen for each field, one for each byte of packed numbers, a hundred times as much for what is not known. */
    private static int weight(Message message) {
        int weight = BoundedFields.UNKNOWN * BoundedFields.PACKED_BYTES * fields(message.getUnknownFields());
        for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
            FieldDescriptor kind = field.getKey();
            List<?> values = kind.isRepeated() ? (List<?>) field.getValue() : List.of(field.getValue());
            weight += kind.isPacked()
                    ? BoundedFields.PACKED_BYTES + packedBytes(kind, values)
                    : BoundedFields.PACKED_BYTES * values.size();
            if (kind.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                weight += values.stream()
                        .mapToInt(value -> weight((Message) value))
                        .sum();
            }
        }
        return weight;
    }

    private static int fields(UnknownFieldSet unknown) {
        return unknown.asMap().values().stream()
                .mapToInt(field -> field.getVarintList().size()
                        + field.getFixed32List().size()
                        + field.getFixed64List().size()
                        + field.getLengthDelimitedList().size()
                        + field.getGroupList().size()
                        + field.getGroupList().stream()
                                .mapToInt(BoundedFieldsTest::fields)
                                .sum())
                .sum();
    }

    private static int packedBytes(FieldDescriptor kind, Collection<?> values) {
        return kind.getJavaType() == FieldDescriptor.JavaType.ENUM
                ? values.size()
                : values.stream()
                        .mapToInt(id -> CodedOutputStream.computeUInt32SizeNoTag((Integer) id))
                        .sum();
    }
}
