package io.dromaius.coordinator.api;

import com.google.common.primitives.ImmutableIntArray;
import io.dromaius.coordinator.engine.TextOptions;
import io.dromaius.coordinator.vision.Media;
import io.dromaius.model.text.AnswerStart;
import io.dromaius.model.text.AssembledPrompt;
import io.dromaius.model.text.ChatTurn;
import io.dromaius.model.text.EmuTokenizer;
import io.dromaius.model.text.PromptAssembler;
import io.dromaius.model.text.PromptException;
import io.dromaius.model.text.PromptPart;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.v1.Chat;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.Part;
import io.dromaius.proto.v1.Prompt;
import io.dromaius.proto.v1.RankRequest;
import io.dromaius.proto.v1.Turn;
import java.util.ArrayList;
import java.util.List;

/** Turns validated requests into what the engine takes. Thread-safe. */
final class RequestAssembler {
    private final EmuTokenizer tokenizer;
    private final PromptAssembler prompts;
    private final RequestLimits limits;

    RequestAssembler(EmuTokenizer tokenizer, PromptAssembler prompts, RequestLimits limits) {
        this.tokenizer = tokenizer;
        this.prompts = prompts;
        this.limits = limits;
    }

    PromptInput prompt(GenerateRequest request) {
        OutputModes modes = OutputModes.of(request);
        PromptInput input = request.hasChat()
                ? chat(request.getChat(), modes.imageAlone())
                : raw(request.getPrompt(), modes.imageAlone());
        int answer = modes.imageAlone() ? limits.picturePositions() : 1;
        checkRoom(request.hasChat() ? "chat" : "prompt", input.tokens(), answer);
        return input;
    }

    PromptInput prompt(RankRequest request) {
        PromptInput input = request.hasChat() ? chat(request.getChat(), false) : raw(request.getPrompt(), false);
        checkRoom(request.hasChat() ? "chat" : "prompt", input.tokens(), 1);
        return input;
    }

    /** The candidates' ids, each without BOS. */
    List<ImmutableIntArray> candidates(RankRequest request, int promptTokens) {
        List<ImmutableIntArray> candidates = new ArrayList<>();
        for (int i = 0; i < request.getCandidatesCount(); i++) {
            ImmutableIntArray ids = ImmutableIntArray.copyOf(encode("candidates[" + i + "]", request.getCandidates(i)));
            if (ids.isEmpty()) {
                throw Failures.badField("candidates[" + i + "]", "has no token");
            }
            checkRoom("candidates[" + i + "]", promptTokens, ids.length());
            candidates.add(ids);
        }
        return candidates;
    }

    /** The text options with every default filled in; {@code drawnSeed} counts where the client gave none. */
    TextOptions options(io.dromaius.proto.v1.TextOptions text, long drawnSeed) {
        TextOptions.Builder options = TextOptions.builder(
                        text.hasMaxTokens() ? text.getMaxTokens() : limits.defaultMaxTokens())
                .repetition(text.hasRepetitionPenalty() ? text.getRepetitionPenalty() : 1, text.getNoRepeatNgramSize())
                .beams(text.hasNumBeams() ? text.getNumBeams() : 1, text.getLengthPenalty())
                .n(text.hasN() ? text.getN() : 1)
                .minTokens(text.getMinTokens())
                .stop(text.getStopList())
                .choices(LongEnoughChoices.of(
                        new ChoiceIds(this::encode, limits).of(text.getChoicesList()), text.getMinTokens()))
                .logprobs(text.hasLogprobs() ? text.getLogprobs() : -1);
        if (text.getTemperature() > 0) {
            options.sample(
                    text.getTemperature(),
                    text.getTopK(),
                    text.hasTopP() ? text.getTopP() : 1,
                    text.hasSeed() ? text.getSeed() : drawnSeed);
        }
        return options.build();
    }

    private PromptInput raw(Prompt prompt, boolean picture) {
        List<PromptInput.Part> media = new ArrayList<>();
        checkLength("prompt", characters(prompt.getPartsList()));
        List<PromptPart> parts = parts("prompt.parts", prompt.getPartsList(), media);
        try {
            return input(prompts.assemble(parts, start(picture)), media);
        } catch (PromptException e) {
            throw Failures.badField(e.field(), String.valueOf(e.getMessage()));
        }
    }

    private PromptInput chat(Chat chat, boolean picture) {
        List<PromptInput.Part> media = new ArrayList<>();
        List<ChatTurn> turns = new ArrayList<>();
        checkLength(
                "chat",
                chat.getSystem().length()
                        + chat.getTurnsList().stream()
                                .mapToLong(turn -> characters(turn.getPartsList()))
                                .sum());
        for (int i = 0; i < chat.getTurnsCount(); i++) {
            Turn turn = chat.getTurns(i);
            ChatTurn.Role role = turn.getRole() == Turn.Role.ROLE_USER ? ChatTurn.Role.USER : ChatTurn.Role.ASSISTANT;
            turns.add(new ChatTurn(role, parts("chat.turns[" + i + "].parts", turn.getPartsList(), media)));
        }
        try {
            return input(prompts.assembleChat(chat.getSystem(), turns, start(picture)), media);
        } catch (PromptException e) {
            throw Failures.badField(e.field(), String.valueOf(e.getMessage()));
        }
    }

    private static AnswerStart start(boolean picture) {
        return picture ? AnswerStart.PICTURE : AnswerStart.TEXT;
    }

    private static PromptInput input(AssembledPrompt prompt, List<PromptInput.Part> media) {
        return new PromptInput(
                ImmutableIntArray.copyOf(prompt.ids()), ImmutableIntArray.copyOf(prompt.pictureSlots()), media);
    }

    private static List<PromptPart> parts(String field, List<Part> parts, List<PromptInput.Part> media) {
        List<PromptPart> read = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            String name = field + "[" + i + "]";
            if (part.hasText()) {
                read.add(new PromptPart.Text(part.getText()));
            } else if (part.hasImage()) {
                read.add(new PromptPart.Pictures(1));
                media.add(new PromptInput.Part(
                        name + ".image.data", Media.image(part.getImage().getData())));
            } else {
                int frames = part.getVideo().hasFrames() ? part.getVideo().getFrames() : RequestLimits.DEFAULT_FRAMES;
                read.add(new PromptPart.Pictures(frames));
                media.add(new PromptInput.Part(
                        name + ".video.data", Media.video(part.getVideo().getData(), frames)));
            }
        }
        return read;
    }

    private static long characters(List<Part> parts) {
        return parts.stream().mapToLong(part -> part.getText().length()).sum();
    }

    private int[] encode(String field, String text) {
        checkLength(field, text.length());
        return tokenizer.encodeWithoutBos(text);
    }

    /** Refuses text that cannot fit whatever it says, before the tokenizer spends seconds on it. */
    private void checkLength(String field, long characters) {
        long most = (long) limits.context() * tokenizer.longestPiece();
        if (characters > most) {
            throw RequestValidator.overLimit(field, characters + " characters", most);
        }
    }

    private void checkRoom(String field, int tokens, int answer) {
        if (tokens + answer > limits.context()) {
            throw RequestValidator.overLimit(field, tokens + " tokens, with " + answer + " to come", limits.context());
        }
    }
}
