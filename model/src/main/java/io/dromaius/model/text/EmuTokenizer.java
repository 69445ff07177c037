package io.dromaius.model.text;

import ai.djl.sentencepiece.SpTokenizer;
import io.dromaius.model.spec.IoReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The tokenizer of Emu: text is split on the special tokens, and each piece between them goes to SentencePiece on its own. Encoding
 * always begins with BOS and never ends with EOS.
 *
 * <p>Safe for use by any number of threads (the native model is only read); close it once nobody uses it any more.
 *
 * <p>Source: the slow {@code LlamaTokenizer} of transformers, mid-2023, which the reference uses; the fast one differs.
 */
public final class EmuTokenizer implements AutoCloseable {

    private final SpTokenizer sentencePiece;
    private final PieceTable pieces;
    private final SpecialTokens specials;
    private final SpecialTokenSplitter splitter;
    private final int longestPiece;

    private EmuTokenizer(byte[] modelProto, PieceTable pieces, boolean instruct) {
        this.sentencePiece = new SpTokenizer(modelProto);
        this.pieces = pieces;
        this.specials = new SpecialTokens(pieces.size(), instruct);
        this.splitter = new SpecialTokenSplitter(specials);
        this.longestPiece = Stream.concat(
                        IntStream.range(0, pieces.size())
                                .mapToObj(id -> pieces.piece(id).text()),
                        specials.ids().keySet().stream())
                .mapToInt(String::length)
                .max()
                .orElseThrow();
    }

    /**
     * Opens a SentencePiece model file ({@code tokenizer.model}).
     *
     * @param instruct whether {@code [USER]} and {@code [ASSISTANT]} are special; in the pretrain tokenizer they are ordinary text
     * @throws IOException when the file cannot be read or is no LLaMA-like SentencePiece model; the message names it
     */
    public static EmuTokenizer open(Path model, boolean instruct) throws IOException {
        byte[] modelProto;
        PieceTable pieces;
        try {
            modelProto = Files.readAllBytes(model);
            pieces = PieceTable.parse(modelProto);
        } catch (IOException e) {
            throw new IOException(model + ": cannot be read as a SentencePiece model: " + IoReason.of(e), e);
        }
        return new EmuTokenizer(modelProto, pieces, instruct);
    }

    public SpecialTokens specials() {
        return specials;
    }

    /** The most UTF-16 units of text that one id can stand for, whitespace beside special tokens aside. */
    public int longestPiece() {
        return longestPiece;
    }

    /** Ids of {@code text}, BOS first. */
    public int[] encode(String text) {
        return encode(text, IntStream.of(SpecialTokens.BEGIN_OF_SEQUENCE));
    }

    /** Ids of {@code text} alone, as candidates and choices are tokenized. */
    public int[] encodeWithoutBos(String text) {
        return encode(text, IntStream.empty());
    }

    private int[] encode(String text, IntStream start) {
        IntStream body = splitter.split(text).stream()
                .flatMapToInt(segment -> segment.id() >= 0
                        ? IntStream.of(segment.id())
                        : IntStream.of(sentencePiece.getProcessor().encode(segment.text())));
        return IntStream.concat(start, body).toArray();
    }

    /**
     * The text of {@code ids}, special ids dropped. Bytes that are no UTF-8 become U+FFFD.
     *
     * @throws IllegalArgumentException when an id is not in the vocabulary
     */
    public String decode(int... ids) {
        IncrementalDetokenizer detokenizer = detokenizer();
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(detokenizer.append(id));
        }
        return text.append(detokenizer.finish()).toString();
    }

    /** A new detokenizer at the beginning of a text. */
    public IncrementalDetokenizer detokenizer() {
        return new IncrementalDetokenizer(pieces, specials);
    }

    @Override
    public void close() {
        sentencePiece.close();
    }
}
