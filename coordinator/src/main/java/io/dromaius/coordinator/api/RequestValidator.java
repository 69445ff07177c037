package io.dromaius.coordinator.api;

import com.google.protobuf.ByteString;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.v1.Chat;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.OutputMode;
import io.dromaius.proto.v1.Part;
import io.dromaius.proto.v1.Prompt;
import io.dromaius.proto.v1.RankRequest;
import io.dromaius.proto.v1.Turn;
import io.dromaius.proto.v1.Video;
import java.util.List;

/**
 * Checks a request before anything is spent on it. Every refusal is an INVALID_ARGUMENT that names the field and, where
 * there is one, the limit; another model is NOT_FOUND. Stateless.
 */
final class RequestValidator {
    private final String model;
    private final RequestLimits limits;
    private final OptionsValidator options;

    RequestValidator(String model, RequestLimits limits) {
        this.model = model;
        this.limits = limits;
        this.options = new OptionsValidator(limits);
    }

    void check(GenerateRequest request) {
        checkId(request.getRequestId());
        checkModel(request.getModel());
        switch (request.getInputCase()) {
            case PROMPT -> checkPrompt(request.getPrompt());
            case CHAT -> checkChat(request.getChat());
            case INPUT_NOT_SET -> throw Failures.badField("prompt", "is missing: send a prompt or a chat");
        }
        for (int i = 0; i < request.getOutputModesCount(); i++) {
            OutputMode mode = request.getOutputModes(i);
            if (mode != OutputMode.OUTPUT_MODE_TEXT && mode != OutputMode.OUTPUT_MODE_IMAGE) {
                throw Failures.badField("output_modes[" + i + "]", "must be text or image");
            }
        }
        OutputModes modes = OutputModes.of(request);
        options.checkText(request.getText(), modes);
        if (modes.image()) {
            options.checkImage(request.getImage());
        } else if (request.hasImage()) {
            throw Failures.badField("image", "needs the output mode image");
        }
    }

    void check(RankRequest request) {
        checkId(request.getRequestId());
        checkModel(request.getModel());
        switch (request.getInputCase()) {
            case PROMPT -> checkPrompt(request.getPrompt());
            case CHAT -> checkChat(request.getChat());
            case INPUT_NOT_SET -> throw Failures.badField("prompt", "is missing: send a prompt or a chat");
        }
        if (request.getCandidatesCount() == 0) {
            throw Failures.badField("candidates", "is empty");
        }
        checkAtMost("candidates", request.getCandidatesCount(), limits.candidates());
        for (int i = 0; i < request.getCandidatesCount(); i++) {
            if (request.getCandidates(i).isEmpty()) {
                throw Failures.badField("candidates[" + i + "]", "is empty");
            }
        }
        if (request.hasNSegments()
                && Integer.compareUnsigned(request.getNSegments() - 1, request.getCandidatesCount()) >= 0) {
            throw Failures.badField("n_segments", "must be within 1 and the number of candidates");
        }
    }

    /** It goes into logs, which it must neither fill nor break. */
    private static void checkId(String id) {
        if (id.length() > RequestLimits.REQUEST_ID_CHARACTERS || id.chars().anyMatch(Character::isISOControl)) {
            throw Failures.badField(
                    "request_id",
                    "must have at most " + RequestLimits.REQUEST_ID_CHARACTERS + " characters, none of them a control");
        }
    }

    private void checkModel(String asked) {
        if (!asked.isEmpty() && !asked.equals(model)) {
            // What was asked for is not repeated: it may be longer than a status can be.
            throw Failures.of(FailureCode.UNKNOWN_MODEL, "no such model here; this cluster serves " + model)
                    .info("model", model)
                    .build();
        }
    }

    private void checkPrompt(Prompt prompt) {
        checkAtMost("prompt.parts", prompt.getPartsCount(), limits.parts());
        checkParts("prompt.parts", prompt.getPartsList());
        if (prompt.getPartsList().stream().allMatch(RequestValidator::isEmptyText)) {
            throw Failures.badField("prompt.parts", "is empty");
        }
    }

    private void checkChat(Chat chat) {
        if (chat.getTurnsCount() == 0) {
            throw Failures.badField("chat.turns", "is empty");
        }
        int parts = 0;
        for (int i = 0; i < chat.getTurnsCount(); i++) {
            Turn turn = chat.getTurns(i);
            String field = "chat.turns[" + i + "]";
            if (turn.getRole() != Turn.Role.ROLE_USER && turn.getRole() != Turn.Role.ROLE_ASSISTANT) {
                throw Failures.badField(field + ".role", "must be user or assistant");
            }
            parts += turn.getPartsCount();
            checkAtMost("chat.turns", parts, limits.parts());
            checkParts(field + ".parts", turn.getPartsList());
            if (turn.getPartsList().stream().allMatch(RequestValidator::isEmptyText)) {
                throw Failures.badField(field + ".parts", "is empty");
            }
        }
    }

    private void checkParts(String field, List<Part> parts) {
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            String name = field + "[" + i + "]";
            switch (part.getPartCase()) {
                case TEXT -> {}
                case IMAGE -> checkMedia(name + ".image.data", part.getImage().getData());
                case VIDEO -> checkVideo(name + ".video", part.getVideo());
                case PART_NOT_SET -> throw Failures.badField(name, "must be text, an image or a video");
            }
        }
    }

    private void checkVideo(String field, Video video) {
        checkMedia(field + ".data", video.getData());
        if (video.hasFrames() && Integer.compareUnsigned(video.getFrames() - 1, RequestLimits.FRAMES) >= 0) {
            throw Failures.badField(field + ".frames", "must be within 1 and " + RequestLimits.FRAMES);
        }
    }

    private void checkMedia(String field, ByteString data) {
        if (data.isEmpty()) {
            throw Failures.badField(field, "is empty");
        }
        if (data.size() > limits.mediaBytes()) {
            throw overLimit(field, data.size() + " bytes", limits.mediaBytes());
        }
    }

    private static boolean isEmptyText(Part part) {
        return part.getPartCase() == Part.PartCase.TEXT && part.getText().isEmpty();
    }

    private static void checkAtMost(String field, int count, int limit) {
        if (count > limit) {
            throw overLimit(field, Integer.toString(count), limit);
        }
    }

    /** The refusal of something that is too much, with the limit in words and in the ErrorInfo. */
    static RuntimeException overLimit(String field, String found, long limit) {
        String description = "is " + found + ", over the limit of " + limit;
        return Failures.of(FailureCode.LIMIT_EXCEEDED, field + " " + description)
                .field(field, description)
                .info("limit", Long.toString(limit))
                .build();
    }
}
