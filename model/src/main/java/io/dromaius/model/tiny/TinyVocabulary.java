package io.dromaius.model.tiny;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A SentencePiece model of LLaMA's kind: unknown, BOS and EOS, the 256 byte pieces, pieces merged by byte-pair encoding, and the
 * printable ASCII characters. Everything else falls back to bytes. Immutable.
 */
final class TinyVocabulary {

    private static final int TYPE_NORMAL = 1;
    private static final int TYPE_UNKNOWN = 2;
    private static final int TYPE_CONTROL = 3;
    private static final int TYPE_BYTE = 6;
    private static final int MODEL_TYPE_BPE = 2;
    private static final int MERGES = 160;

    private record Piece(String text, float score, int type) {}

    private final List<Piece> pieces = new ArrayList<>();

    TinyVocabulary() {
        pieces.add(new Piece("<unk>", 0, TYPE_UNKNOWN));
        pieces.add(new Piece("<s>", 0, TYPE_CONTROL));
        pieces.add(new Piece("</s>", 0, TYPE_CONTROL));
        for (int value = 0; value < 256; value++) {
            pieces.add(new Piece("<0x%02X>".formatted(value), 0, TYPE_BYTE));
        }
        // A merge's score is its age: older merges are done first.
        int age = 0;
        for (String merged : BytePairs.learn(TinyCorpus.TEXT, MERGES)) {
            pieces.add(new Piece(merged, -age++, TYPE_NORMAL));
        }
        pieces.add(new Piece("\u2581", -age++, TYPE_NORMAL));
        for (char c = '!'; c <= '~'; c++) {
            pieces.add(new Piece(String.valueOf(c), -age++, TYPE_NORMAL));
        }
    }

    int size() {
        return pieces.size();
    }

    /** The bytes of {@code tokenizer.model}. Field numbers are those of sentencepiece_model.proto. */
    byte[] modelProto() {
        return message(model -> {
            for (Piece piece : pieces) {
                model.writeBytes(1, ByteString.copyFrom(message(out -> {
                    out.writeString(1, piece.text());
                    out.writeFloat(2, piece.score());
                    out.writeEnum(3, piece.type());
                })));
            }
            model.writeBytes(2, ByteString.copyFrom(trainerSpec()));
            model.writeBytes(3, ByteString.copyFrom(normalizerSpec()));
        });
    }

    private byte[] trainerSpec() {
        return message(out -> {
            out.writeEnum(3, MODEL_TYPE_BPE);
            out.writeInt32(4, pieces.size());
            out.writeBool(26, true); // allow_whitespace_only_pieces
            out.writeBool(35, true); // byte_fallback
            out.writeInt32(40, 0); // unk_id
            out.writeInt32(41, 1); // bos_id
            out.writeInt32(42, 2); // eos_id
            out.writeInt32(43, -1); // pad_id: none
        });
    }

    private static byte[] normalizerSpec() {
        return message(out -> {
            out.writeString(1, "identity");
            out.writeBool(3, true); // add_dummy_prefix
            out.writeBool(4, false); // remove_extra_whitespaces
            out.writeBool(5, true); // escape_whitespaces
        });
    }

    private interface Fields {
        void writeTo(CodedOutputStream out) throws IOException;
    }

    private static byte[] message(Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            fields.writeTo(out);
            out.flush();
        } catch (IOException e) {
            throw new AssertionError("writing to memory cannot fail", e);
        }
        return bytes.toByteArray();
    }
}
