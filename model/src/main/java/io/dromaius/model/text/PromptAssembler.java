package io.dromaius.model.text;

import java.util.List;

/**
 * Puts the parts of a request together as the reference does: one string, in which each picture is {@code [IMG]}, {@code causalTokens}
 * times {@code <image>} and {@code [/IMG]}, tokenized once.
 *
 * <p>Immutable and safe for use by any number of threads.
 */
public final class PromptAssembler {

    private final EmuTokenizer tokenizer;
    private final int causalTokens;
    private final ChatTemplate template;
    private final String picture;

    /**
     * An assembler that borrows {@code tokenizer}.
     *
     * @param causalTokens embeddings of one picture ({@code n_causal} of the model's spec)
     */
    public PromptAssembler(EmuTokenizer tokenizer, int causalTokens, ChatTemplate template) {
        if (causalTokens < 1) {
            throw new IllegalArgumentException("causalTokens is " + causalTokens);
        }
        this.tokenizer = tokenizer;
        this.causalTokens = causalTokens;
        this.template = template;
        this.picture = SpecialTokens.IMAGE_START_TEXT
                + SpecialTokens.IMAGE_TEXT.repeat(causalTokens)
                + SpecialTokens.IMAGE_END_TEXT;
    }

    /**
     * A raw prompt: the parts concatenated without separators.
     *
     * @throws PromptException when a part's text holds {@code <image>}
     */
    public AssembledPrompt assemble(List<PromptPart> parts, AnswerStart start) throws PromptException {
        PromptText text = new PromptText(picture);
        text.append("prompt", parts);
        text.refuseTypedSlots();
        return tokenize(text, text.toString(), start);
    }

    /**
     * A chat, stripped at both ends. When the last turn is the user's, the assistant's role follows it; when it is the assistant's, the
     * model goes on from there.
     *
     * @throws PromptException when a text holds {@code <image>}, or when this is not an instruct model
     */
    public AssembledPrompt assembleChat(String system, List<ChatTurn> turns, AnswerStart start) throws PromptException {
        if (!tokenizer.specials().instruct()) {
            throw new PromptException("chat", "needs an instruct model, which this one is not: send a prompt");
        }
        if (turns.isEmpty()) {
            throw new PromptException("chat.turns", "is empty");
        }
        PromptText text = new PromptText(picture);
        text.append("chat.system", system);
        for (int i = 0; i < turns.size(); i++) {
            ChatTurn turn = turns.get(i);
            text.append(template.separator() + role(turn.role()) + template.separator());
            text.append("chat.turns[" + i + "]", turn.parts());
        }
        if (turns.get(turns.size() - 1).role() == ChatTurn.Role.USER) {
            text.append(template.separator() + template.assistant());
        }
        text.refuseTypedSlots();
        return tokenize(text, Whitespace.strip(text.toString()), start);
    }

    private String role(ChatTurn.Role role) {
        return switch (role) {
            case USER -> template.user();
            case ASSISTANT -> template.assistant();
        };
    }

    private AssembledPrompt tokenize(PromptText assembled, String text, AnswerStart start) {
        String whole = start == AnswerStart.PICTURE ? text + SpecialTokens.IMAGE_START_TEXT : text;
        int[] ids = tokenizer.encode(whole);
        return new AssembledPrompt(whole, ids, pictureSlots(ids, assembled.pictures()));
    }

    /** Pictures are found by {@code <image>} alone: a text may quote [IMG] and [/IMG] without a picture between them. */
    private int[] pictureSlots(int[] ids, int pictures) {
        int[] slots = new int[pictures];
        int found = 0;
        int at = 0;
        while (at < ids.length) {
            if (ids[at] == tokenizer.specials().image()) {
                slots[found++] = at;
                at += causalTokens;
            } else {
                at++;
            }
        }
        if (found != pictures) {
            throw new IllegalStateException(pictures + " pictures, but slots for " + found);
        }
        return slots;
    }
}
