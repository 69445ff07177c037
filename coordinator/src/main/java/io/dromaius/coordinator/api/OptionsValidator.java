package io.dromaius.coordinator.api;

import com.google.protobuf.ByteString;
import io.dromaius.model.spec.PictureSpec;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.v1.Choice;
import io.dromaius.proto.v1.ImageOptions;
import io.dromaius.proto.v1.TextOptions;
import io.dromaius.proto.v1.TokenIds;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** Checks the options of a Generate, each for itself and against each other. Stateless. */
final class OptionsValidator {
    private static final String TOO_LARGE = "must be at most " + Integer.MAX_VALUE;

    private final RequestLimits limits;

    OptionsValidator(RequestLimits limits) {
        this.limits = limits;
    }

    void checkText(TextOptions text, OutputModes modes) {
        checkNumbers(text);
        checkStop(text);
        checkChoices(text);
        checkSequences(text, modes);
    }

    private void checkNumbers(TextOptions text) {
        require(
                finite(text.getTemperature()) && text.getTemperature() >= 0,
                "text.temperature",
                "must be a number of at least 0");
        require(
                !text.hasTopP() || (text.getTopP() > 0 && text.getTopP() <= 1),
                "text.top_p",
                "must be above 0 and at most 1");
        require(text.getTopK() >= 0, "text.top_k", TOO_LARGE);
        require(
                !text.hasRepetitionPenalty()
                        || (text.getRepetitionPenalty() >= 1f / RequestLimits.REPETITION_PENALTY
                                && text.getRepetitionPenalty() <= RequestLimits.REPETITION_PENALTY),
                "text.repetition_penalty",
                "must be within 1/" + RequestLimits.REPETITION_PENALTY + " and " + RequestLimits.REPETITION_PENALTY);
        require(text.getNoRepeatNgramSize() >= 0, "text.no_repeat_ngram_size", TOO_LARGE);
        require(
                Math.abs(text.getLengthPenalty()) <= RequestLimits.LENGTH_PENALTY,
                "text.length_penalty",
                "must be within -" + RequestLimits.LENGTH_PENALTY + " and " + RequestLimits.LENGTH_PENALTY);
        require(
                !text.hasMaxTokens() || (text.getMaxTokens() > 0 && text.getMaxTokens() <= limits.context()),
                "text.max_tokens",
                "must be within 1 and " + limits.context());
        int most = text.hasMaxTokens() ? text.getMaxTokens() : limits.defaultMaxTokens();
        require(
                text.getMinTokens() >= 0 && text.getMinTokens() <= most,
                "text.min_tokens",
                "must be within 0 and max_tokens, which is " + most);
        require(
                text.getLogprobs() >= 0 && text.getLogprobs() <= RequestLimits.LOGPROBS,
                "text.logprobs",
                "must be within 0 and " + RequestLimits.LOGPROBS);
        boolean samples = text.getTemperature() > 0;
        require(samples || text.getTopK() == 0, "text.top_k", "needs a temperature above 0");
        require(samples || !text.hasTopP() || text.getTopP() == 1, "text.top_p", "needs a temperature above 0");
    }

    private static void checkStop(TextOptions text) {
        require(
                text.getStopCount() <= RequestLimits.STOP_STRINGS,
                "text.stop",
                "has more than " + RequestLimits.STOP_STRINGS + " strings");
        for (int i = 0; i < text.getStopCount(); i++) {
            int length = text.getStop(i).length();
            require(
                    length > 0 && length <= RequestLimits.STOP_CHARACTERS,
                    "text.stop[" + i + "]",
                    "must have 1 to " + RequestLimits.STOP_CHARACTERS + " characters");
        }
    }

    private void checkChoices(TextOptions text) {
        require(
                text.getChoicesCount() <= RequestLimits.CHOICES,
                "text.choices",
                "are more than " + RequestLimits.CHOICES);
        for (int i = 0; i < text.getChoicesCount(); i++) {
            Choice choice = text.getChoices(i);
            String field = "text.choices[" + i + "]";
            switch (choice.getChoiceCase()) {
                case TEXT -> require(!choice.getText().isEmpty(), field + ".text", "is empty");
                case IDS -> checkIds(field + ".ids", choice.getIds());
                case CHOICE_NOT_SET -> throw Failures.badField(field, "must be a text or ids");
            }
        }
    }

    /** Their number first: there may be millions of them. */
    private void checkIds(String field, TokenIds ids) {
        int count = ids.getIdsCount();
        require(count > 0, field, "is empty");
        if (count > limits.context()) {
            throw RequestValidator.overLimit(field, count + " ids", limits.context());
        }
        require(
                ids.getIdsList().stream().allMatch(id -> id >= 0 && id < limits.vocabulary()),
                field,
                "must be below the vocabulary's size, " + limits.vocabulary());
    }

    private void checkSequences(TextOptions text, OutputModes modes) {
        require(!text.hasNumBeams() || text.getNumBeams() != 0, "text.num_beams", "must be at least 1");
        require(!text.hasN() || text.getN() != 0, "text.n", "must be at least 1");
        int beams = text.hasNumBeams() ? text.getNumBeams() : 1;
        int n = text.hasN() ? text.getN() : 1;
        checkWithin("text.num_beams", beams);
        checkWithin("text.n", n);
        if (beams > 1) {
            require(text.getTemperature() == 0, "text.temperature", "cannot be combined with num_beams");
            require(text.getStopCount() == 0, "text.stop", "cannot be combined with num_beams");
            require(!text.hasLogprobs(), "text.logprobs", "cannot be combined with num_beams");
            require(n <= beams, "text.n", "cannot be more than num_beams, which is " + beams);
        } else {
            require(n == 1 || text.getTemperature() > 0, "text.n", "needs a temperature above 0 or num_beams");
            require(text.getLengthPenalty() == 0, "text.length_penalty", "needs num_beams");
        }
        if (modes.image()) {
            require(beams == 1, "text.num_beams", "cannot be combined with the output mode image");
            require(n == 1, "text.n", "cannot be combined with the output mode image");
            require(text.getChoicesCount() == 0, "text.choices", "cannot be combined with the output mode image");
        }
        if (modes.imageAlone()) {
            require(text.getStopCount() == 0, "text.stop", "needs the output mode text");
        }
    }

    private void checkWithin(String field, int count) {
        if (Integer.compareUnsigned(count, limits.sequences()) > 0) {
            throw RequestValidator.overLimit(field, Integer.toUnsignedString(count), limits.sequences());
        }
    }

    void checkImage(ImageOptions image) {
        require(
                !image.hasGuidanceScale()
                        || (image.getGuidanceScale() >= 0 && image.getGuidanceScale() <= RequestLimits.GUIDANCE),
                "image.guidance_scale",
                "must be within 0 and " + RequestLimits.GUIDANCE);
        require(
                !image.hasSteps() || (image.getSteps() > 0 && image.getSteps() <= RequestLimits.DENOISE_STEPS),
                "image.steps",
                "must be within 1 and " + RequestLimits.DENOISE_STEPS);
        if (image.hasHeight()) {
            checkSide("image.height", image.getHeight());
        }
        if (image.hasWidth()) {
            checkSide("image.width", image.getWidth());
        }
        require(image.getPreviewEvery() >= 0, "image.preview_every", TOO_LARGE);
        checkLatents(image);
        require(
                !image.getEmbeddingsOnly() || image.getInitialLatents().isEmpty(),
                "image.initial_latents",
                "cannot be combined with embeddings_only");
    }

    private void checkLatents(ImageOptions image) {
        ByteString latents = image.getInitialLatents();
        String field = "image.initial_latents";
        require(latents.size() % Float.BYTES == 0, field, "must be float32: 4 bytes a number");
        PictureSpec usual = limits.picture();
        int height = image.hasHeight() ? image.getHeight() : usual.height();
        int width = image.hasWidth() ? image.getWidth() : usual.width();
        int bytes = Float.BYTES * usual.channels() * (height / usual.factor()) * (width / usual.factor());
        require(
                latents.isEmpty() || latents.size() == bytes,
                field,
                "must have " + bytes + " bytes, not " + latents.size());
        FloatBuffer values =
                latents.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        while (values.hasRemaining()) {
            require(
                    Math.abs(values.get()) <= RequestLimits.LATENT,
                    field,
                    "must be numbers within +-" + RequestLimits.LATENT);
        }
    }

    private void checkSide(String field, int pixels) {
        int factor = limits.picture().factor();
        require(
                pixels > 0 && pixels <= RequestLimits.PICTURE_SIDE && pixels % factor == 0,
                field,
                "must be a multiple of " + factor + " up to " + RequestLimits.PICTURE_SIDE);
    }

    private static boolean finite(float number) {
        return Float.isFinite(number);
    }

    private static void require(boolean holds, String field, String otherwise) {
        if (!holds) {
            throw Failures.badField(field, otherwise);
        }
    }
}
