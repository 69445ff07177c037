package io.dromaius.model.text;

import io.dromaius.model.text.PieceTable.Piece;

/**
 * Turns the ids of one sequence into text as they come. The concatenation of everything returned is exactly
 * {@link EmuTokenizer#decode} of all the ids, however they arrive: bytes that may still become a UTF-8 character are held back.
 *
 * <p>Plain state (four bytes at most) without native calls or locks; one thread at a time.
 *
 * <p>Source: {@code LlamaTokenizer.convert_tokens_to_string} followed by SentencePiece's own decoding.
 */
public final class IncrementalDetokenizer {

    /** SentencePiece writes a space as U+2581. */
    static final char SPACE = '\u2581';

    private static final char REPLACEMENT = '\uFFFD';

    private final PieceTable pieces;
    private final SpecialTokens specials;
    private final Utf8Assembler bytes = new Utf8Assembler();

    // The reference removes one space from the first piece; SentencePiece then removes one from the first piece that
    // has text.
    private boolean firstPiece = true;
    private boolean prefixExpected = true;

    IncrementalDetokenizer(PieceTable pieces, SpecialTokens specials) {
        this.pieces = pieces;
        this.specials = specials;
    }

    /**
     * The text that {@code id} settles; empty for special ids and for bytes that are not yet a character.
     *
     * @throws IllegalArgumentException when {@code id} is not in the vocabulary
     */
    public String append(int id) {
        if (id < 0 || id >= specials.size()) {
            throw new IllegalArgumentException("id " + id + " is outside the vocabulary of " + specials.size());
        }
        if (specials.isSpecial(id)) {
            return "";
        }
        Piece piece = pieces.piece(id);
        boolean first = firstPiece;
        firstPiece = false;
        if (piece.kind() == PieceTable.Kind.BYTE) {
            return noteText(bytes.append(piece.value()));
        }
        String held = noteText(bytes.finish());
        String text = piece.kind() == PieceTable.Kind.CONTROL ? "" : piece.text();
        if (first && startsWithSpace(text)) {
            text = text.substring(1);
        }
        if (prefixExpected && startsWithSpace(text)) {
            text = text.substring(1);
            prefixExpected = false;
        }
        return held + noteText(text.replace(SPACE, ' '));
    }

    /** The text still held back: U+FFFD for each byte of an unfinished character. Nothing may be appended afterwards. */
    public String finish() {
        return bytes.finish();
    }

    private String noteText(String text) {
        if (!text.isEmpty()) {
            prefixExpected = false;
        }
        return text;
    }

    private static boolean startsWithSpace(String text) {
        return !text.isEmpty() && text.charAt(0) == SPACE;
    }

    /** Assembles UTF-8 from single bytes. As in SentencePiece each byte that begins no character is one U+FFFD. */
    private static final class Utf8Assembler {

        private static final int[] SMALLEST_OF_LENGTH = {0, 0, 0x80, 0x800, 0x10000};

        private final int[] held = new int[4];
        private int count;

        String append(byte value) {
            held[count++] = value & 0xFF;
            StringBuilder text = new StringBuilder(2);
            while (count > 0 && settle(text)) {}
            return text.toString();
        }

        String finish() {
            String text = String.valueOf(REPLACEMENT).repeat(count);
            count = 0;
            return text;
        }

        /** Settles the first held byte or character if more bytes cannot change it. */
        private boolean settle(StringBuilder text) {
            int length = length(held[0]);
            for (int i = 1; i < Math.min(length, count); i++) {
                if ((held[i] & 0xC0) != 0x80) {
                    return settleInvalid(text);
                }
            }
            if (length == 0) {
                return settleInvalid(text);
            }
            if (count < length) {
                return false;
            }
            int codePoint = codePoint(length);
            if (codePoint < SMALLEST_OF_LENGTH[length] || !isScalar(codePoint)) {
                return settleInvalid(text);
            }
            text.appendCodePoint(codePoint);
            remove(length);
            return true;
        }

        private boolean settleInvalid(StringBuilder text) {
            text.append(REPLACEMENT);
            remove(1);
            return true;
        }

        private void remove(int length) {
            count -= length;
            System.arraycopy(held, length, held, 0, count);
        }

        private int codePoint(int length) {
            if (length == 1) {
                return held[0];
            }
            int codePoint = held[0] & (0xFF >> (length + 1));
            for (int i = 1; i < length; i++) {
                codePoint = codePoint << 6 | (held[i] & 0x3F);
            }
            return codePoint;
        }

        private static boolean isScalar(int codePoint) {
            return codePoint <= Character.MAX_CODE_POINT && (codePoint < 0xD800 || codePoint > 0xDFFF);
        }

        /** Bytes of the character that {@code lead} begins; 0 when it begins none. */
        private static int length(int lead) {
            if (lead < 0x80) {
                return 1;
            }
            if (lead < 0xC0) {
                return 0;
            }
            return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF8 ? 4 : 0;
        }
    }
}
