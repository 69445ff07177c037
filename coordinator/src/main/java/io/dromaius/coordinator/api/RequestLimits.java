package io.dromaius.coordinator.api;

import static com.google.common.base.Preconditions.checkArgument;

import io.dromaius.model.spec.PictureSpec;

/**
 * The most that one request may ask for, and what it gets where it does not say.
 *
 * @param context positions of the model
 * @param vocabulary ids of the model
 * @param visualTokens embeddings of a picture
 * @param picture the pictures that the model draws
 * @param mediaBytes bytes of one picture or video
 * @param parts parts of a prompt, or of all turns of a chat
 * @param sequences beams, or samples, that run at once for one request
 * @param candidates candidates of a Rank
 * @param defaultMaxTokens tokens generated where the request does not say
 */
public record RequestLimits(
        int context,
        int vocabulary,
        int visualTokens,
        PictureSpec picture,
        int mediaBytes,
        int parts,
        int sequences,
        int candidates,
        int defaultMaxTokens) {
    public static final int MEDIA_BYTES = 32 << 20;
    public static final int STOP_STRINGS = 16;
    public static final int STOP_CHARACTERS = 256;
    public static final int CHOICES = 4096;
    /** Contexts that all choices of a request have together: with 2,048 positions 16 ids for each of so many. */
    public static final int CHOICE_CONTEXTS = 32;

    public static final int LOGPROBS = 20;
    /** Beyond it a score is no longer finite for answers of any length. */
    public static final int LENGTH_PENALTY = 16;

    /** Logits are divided by the penalty or multiplied by it; beyond this, and below its inverse, they could overflow. */
    public static final int REPETITION_PENALTY = 1000;

    public static final int REQUEST_ID_CHARACTERS = 128;
    public static final int FRAMES = 64;
    public static final int DEFAULT_FRAMES = 8;
    public static final int DENOISE_STEPS = 500;
    public static final int DEFAULT_DENOISE_STEPS = 50;
    public static final float DEFAULT_GUIDANCE = 7.5f;
    /** Far above what draws anything; without an end the denoiser's numbers overflow. */
    public static final int GUIDANCE = 1000;

    /** The same for each initial latent; noise is within 6. */
    public static final int LATENT = 1000;

    public static final int PICTURE_SIDE = 2048;

    public RequestLimits {
        checkArgument(context > 0 && vocabulary > 0, "context %s, vocabulary %s", context, vocabulary);
        checkArgument(visualTokens > 0, "visualTokens %s", visualTokens);
        checkArgument(mediaBytes > 0 && parts > 0 && sequences > 0 && candidates > 0, "a limit below 1");
        checkArgument(defaultMaxTokens > 0, "defaultMaxTokens %s", defaultMaxTokens);
    }

    /** Ids of all choices together. */
    long choiceIds() {
        return (long) CHOICE_CONTEXTS * context;
    }

    /** Positions that a picture needs behind its prompt, which ends with [IMG]: all embeddings but the last are fed back. */
    int picturePositions() {
        return visualTokens - 1;
    }
}
