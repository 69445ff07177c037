package io.dromaius.model.text;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The vocabulary of a SentencePiece model, read from its ModelProto. It is read here rather than asked of the native library because
 * strings that cross DJL's JNI lose supplementary-plane characters. Immutable.
 */
final class PieceTable {

    enum Kind {
        TEXT,
        /** Decodes to nothing. */
        CONTROL,
        UNKNOWN,
        /** One byte of UTF-8, written {@code <0xHH>}. */
        BYTE
    }

    record Piece(Kind kind, String text, byte value) {}

    // Field numbers of sentencepiece_model.proto.
    private static final int MODEL_PIECES = 1;
    private static final int MODEL_NORMALIZER = 3;
    private static final int PIECE_TEXT = 1;
    private static final int PIECE_TYPE = 3;
    private static final int NORMALIZER_ADD_DUMMY_PREFIX = 3;
    private static final int NORMALIZER_REMOVE_EXTRA_WHITESPACES = 4;

    private final List<Piece> pieces;

    private PieceTable(List<Piece> pieces) {
        this.pieces = List.copyOf(pieces);
    }

    /**
     * Reads a serialized ModelProto.
     *
     * @throws IOException when the bytes are no ModelProto, or when its normalizer is not LLaMA's (a dummy prefix, no whitespace
     *     removed), for which decoding would be another
     */
    static PieceTable parse(byte[] modelProto) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(modelProto);
        List<Piece> pieces = new ArrayList<>();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case MODEL_PIECES -> pieces.add(parsePiece(in.readBytes().newCodedInput(), pieces.size()));
                case MODEL_NORMALIZER -> checkNormalizer(in.readBytes().newCodedInput());
                default -> in.skipField(tag);
            }
        }
        if (pieces.isEmpty()) {
            throw new IOException("not a SentencePiece model: it has no pieces");
        }
        return new PieceTable(pieces);
    }

    private static Piece parsePiece(CodedInputStream in, int id) throws IOException {
        String text = "";
        int type = 1;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case PIECE_TEXT -> text = in.readStringRequireUtf8();
                case PIECE_TYPE -> type = in.readEnum();
                default -> in.skipField(tag);
            }
        }
        return switch (type) {
            case 2 -> new Piece(Kind.UNKNOWN, text, (byte) 0);
            case 3 -> new Piece(Kind.CONTROL, text, (byte) 0);
            case 6 -> new Piece(Kind.BYTE, text, byteValue(text, id));
            default -> new Piece(Kind.TEXT, text, (byte) 0);
        };
    }

    private static byte byteValue(String text, int id) throws IOException {
        if (!text.matches("<0x[0-9A-F]{2}>")) {
            throw new IOException("piece " + id + " is a byte piece but is written \"" + text + "\"");
        }
        return (byte) Integer.parseInt(text.substring(3, 5), 16);
    }

    private static void checkNormalizer(CodedInputStream in) throws IOException {
        boolean addDummyPrefix = true;
        boolean removeExtraWhitespaces = true;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case NORMALIZER_ADD_DUMMY_PREFIX -> addDummyPrefix = in.readBool();
                case NORMALIZER_REMOVE_EXTRA_WHITESPACES -> removeExtraWhitespaces = in.readBool();
                default -> in.skipField(tag);
            }
        }
        if (!addDummyPrefix || removeExtraWhitespaces) {
            throw new IOException("not a LLaMA tokenizer: add_dummy_prefix=" + addDummyPrefix
                    + " remove_extra_whitespaces=" + removeExtraWhitespaces);
        }
    }

    int size() {
        return pieces.size();
    }

    Piece piece(int id) {
        return pieces.get(id);
    }
}
