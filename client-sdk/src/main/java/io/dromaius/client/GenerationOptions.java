package io.dromaius.client;

import com.google.protobuf.ByteString;
import io.dromaius.proto.v1.Choice;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.ImageOptions;
import io.dromaius.proto.v1.OutputMode;
import io.dromaius.proto.v1.TextOptions;
import io.dromaius.proto.v1.TokenIds;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How an answer is made. Whatever is not set is the cluster's default; unset is not zero. The cluster checks values and
 * combinations, and answers with an {@link InvalidRequestException} that names the field. Immutable.
 */
public final class GenerationOptions {
    private final GenerateRequest message;
    private final @Nullable Duration deadline;

    private GenerationOptions(GenerateRequest message, @Nullable Duration deadline) {
        this.message = message;
        this.deadline = deadline;
    }

    /** Greedy text, as long as the cluster lets it be. */
    public static GenerationOptions defaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** One picture, drawn right after the prompt. */
    public static Builder image() {
        return builder().outputImage();
    }

    GenerateRequest.Builder request() {
        return message.toBuilder();
    }

    Optional<Duration> deadline() {
        return Optional.ofNullable(deadline);
    }

    /** Not thread-safe. */
    public static final class Builder {
        private final GenerateRequest.Builder request = GenerateRequest.newBuilder();
        private final TextOptions.Builder text = TextOptions.newBuilder();
        private final ImageOptions.Builder image = ImageOptions.newBuilder();
        private @Nullable Duration deadline;

        private Builder() {}

        /** Name under which the call appears in the cluster's logs; the cluster chooses one otherwise. */
        public Builder requestId(String id) {
            request.setRequestId(id);
            return this;
        }

        /** Time the whole call may take, retries included; the client's own default otherwise. */
        public Builder deadline(Duration value) {
            deadline = value;
            return this;
        }

        /** Text may come out. The default; name it to allow text beside pictures. */
        public Builder outputText() {
            request.addOutputModes(OutputMode.OUTPUT_MODE_TEXT);
            return this;
        }

        /** A picture comes out; with {@link #outputText()}, wherever the model wants one. */
        public Builder outputImage() {
            request.addOutputModes(OutputMode.OUTPUT_MODE_IMAGE);
            return this;
        }

        /** Above 0 samples; 0 is greedy. */
        public Builder temperature(double value) {
            text.setTemperature((float) value);
            return this;
        }

        /** Samples from the {@code value} most likely tokens alone. */
        public Builder topK(int value) {
            text.setTopK(notNegative("topK", value));
            return this;
        }

        /** Samples from the smallest set of tokens whose probabilities reach {@code value}. */
        public Builder topP(double value) {
            text.setTopP((float) value);
            return this;
        }

        /**
         * Same seed, same tokens, whatever else the cluster does at the time. A large model in bf16 needs a batch invariant
         * cluster for that, and on a GPU fp32: sums may round otherwise in company, which may tip a draw.
         */
        public Builder seed(long value) {
            text.setSeed(value);
            return this;
        }

        /** Above 1 makes tokens that were already generated less likely; the prompt does not count. */
        public Builder repetitionPenalty(double value) {
            text.setRepetitionPenalty((float) value);
            return this;
        }

        /** No run of {@code size} generated tokens occurs twice. */
        public Builder noRepeatNgramSize(int size) {
            text.setNoRepeatNgramSize(notNegative("noRepeatNgramSize", size));
            return this;
        }

        /** Width of the beam search; 1 is greedy. */
        public Builder beams(int width) {
            text.setNumBeams(notNegative("beams", width));
            return this;
        }

        /** Exponent of a hypothesis' length in its score: above 0 favours long ones, below 0 short ones. */
        public Builder lengthPenalty(double exponent) {
            text.setLengthPenalty((float) exponent);
            return this;
        }

        /** Answers to return: samples when sampling, best hypotheses with beams. */
        public Builder candidates(int count) {
            text.setN(notNegative("candidates", count));
            return this;
        }

        /** The answer does not end before this many tokens. */
        public Builder minTokens(int count) {
            text.setMinTokens(notNegative("minTokens", count));
            return this;
        }

        public Builder maxTokens(int count) {
            text.setMaxTokens(notNegative("maxTokens", count));
            return this;
        }

        /** Adds strings before which the text ends. */
        public Builder stop(String... strings) {
            text.addAllStop(List.of(strings));
            return this;
        }

        /** The answer is one of these. */
        public Builder choices(String... answers) {
            for (String answer : answers) {
                text.addChoices(Choice.newBuilder().setText(answer));
            }
            return this;
        }

        /** The answer is one of the choices, of which this is one: exactly these ids, end of sequence included. */
        public Builder choice(List<Integer> ids) {
            text.addChoices(Choice.newBuilder().setIds(TokenIds.newBuilder().addAllIds(ids)));
            return this;
        }

        /** Reports the log-probability of each token and of this many alternatives. */
        public Builder logprobs(int alternatives) {
            text.setLogprobs(notNegative("logprobs", alternatives));
            return this;
        }

        /** Classifier-free guidance: how closely a picture follows the prompt; 1 or less turns it off. */
        public Builder guidanceScale(double value) {
            image.setGuidanceScale((float) value);
            return this;
        }

        /** Denoise steps. */
        public Builder steps(int count) {
            image.setSteps(notNegative("steps", count));
            return this;
        }

        /** Pixels, multiples of 8. */
        public Builder size(int height, int width) {
            image.setHeight(notNegative("height", height)).setWidth(notNegative("width", width));
            return this;
        }

        /** Same seed, same initial noise. */
        public Builder imageSeed(long value) {
            image.setSeed(value);
            return this;
        }

        /** Sends the unfinished picture every this many steps. */
        public Builder previewEvery(int steps) {
            image.setPreviewEvery(notNegative("previewEvery", steps));
            return this;
        }

        /** Returns the visual embeddings with the picture. */
        public Builder returnEmbeddings() {
            image.setReturnEmbeddings(true);
            return this;
        }

        /** Returns the visual embeddings and draws no picture. */
        public Builder embeddingsOnly() {
            image.setEmbeddingsOnly(true).setReturnEmbeddings(true);
            return this;
        }

        /** Starts the diffusion from these latents, row-major [4, height/8, width/8], in place of seeded noise. */
        public Builder initialLatents(float[] latents) {
            ByteBuffer bytes = ByteBuffer.allocate(latents.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(latents);
            image.setInitialLatents(ByteString.copyFrom(bytes));
            return this;
        }

        public GenerationOptions build() {
            GenerateRequest.Builder message = request.clone();
            if (!text.build().equals(TextOptions.getDefaultInstance())) {
                message.setText(text);
            }
            if (!image.build().equals(ImageOptions.getDefaultInstance())) {
                message.setImage(image);
            }
            return new GenerationOptions(message.build(), deadline);
        }

        private static int notNegative(String name, int value) {
            if (value < 0) {
                throw new IllegalArgumentException(name + " must not be negative, but is " + value);
            }
            return value;
        }
    }
}
