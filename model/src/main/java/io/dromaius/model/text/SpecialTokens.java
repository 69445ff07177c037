package io.dromaius.model.text;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Ids of the tokens that text is split on before SentencePiece sees it. The first three come with the SentencePiece model; the others
 * are numbered from its vocabulary size on, in the order in which Emu adds them.
 */
public final class SpecialTokens {

    public static final int UNKNOWN = 0;
    public static final int BEGIN_OF_SEQUENCE = 1;
    public static final int END_OF_SEQUENCE = 2;

    static final String IMAGE_START_TEXT = "[IMG]";
    static final String IMAGE_END_TEXT = "[/IMG]";
    static final String IMAGE_TEXT = "<image>";
    static final String USER_TEXT = "[USER]";
    static final String ASSISTANT_TEXT = "[ASSISTANT]";

    private final int vocabularySize;
    private final boolean instruct;
    private final Map<String, Integer> ids;

    /** Special tokens over a SentencePiece vocabulary of {@code vocabularySize} pieces; {@code instruct} adds the two roles. */
    public SpecialTokens(int vocabularySize, boolean instruct) {
        if (vocabularySize <= END_OF_SEQUENCE) {
            throw new IllegalArgumentException("vocabularySize is " + vocabularySize);
        }
        this.vocabularySize = vocabularySize;
        this.instruct = instruct;
        Map<String, Integer> all = new LinkedHashMap<>();
        all.put("<unk>", UNKNOWN);
        all.put("<s>", BEGIN_OF_SEQUENCE);
        all.put("</s>", END_OF_SEQUENCE);
        all.put("[PAD]", pad());
        all.put(IMAGE_START_TEXT, imageStart());
        all.put(IMAGE_END_TEXT, imageEnd());
        all.put(IMAGE_TEXT, image());
        if (instruct) {
            all.put(USER_TEXT, vocabularySize + 4);
            all.put(ASSISTANT_TEXT, vocabularySize + 5);
        }
        this.ids = Map.copyOf(all);
    }

    public int pad() {
        return vocabularySize;
    }

    /** {@code [IMG]}: a picture begins. */
    public int imageStart() {
        return vocabularySize + 1;
    }

    /** {@code [/IMG]}: a picture ended. */
    public int imageEnd() {
        return vocabularySize + 2;
    }

    /** {@code <image>}: a slot whose embedding is one visual vector. */
    public int image() {
        return vocabularySize + 3;
    }

    /** Whether the instruct model's {@code [USER]} and {@code [ASSISTANT]} are among them. */
    public boolean instruct() {
        return instruct;
    }

    /** Ids in use: SentencePiece's own and those added. This is the height of the model's embedding table. */
    public int size() {
        return vocabularySize + (instruct ? 6 : 4);
    }

    public boolean isSpecial(int id) {
        return id <= END_OF_SEQUENCE || id >= vocabularySize;
    }

    /** The id written {@code text}, for example {@code "[USER]"}. */
    public Optional<Integer> id(String text) {
        return Optional.ofNullable(ids.get(text));
    }

    Map<String, Integer> ids() {
        return ids;
    }
}
