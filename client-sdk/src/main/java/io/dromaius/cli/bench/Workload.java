package io.dromaius.cli.bench;

import io.dromaius.client.GenerationOptions;
import io.dromaius.client.Prompt;
import java.util.Random;

/**
 * The requests of a load: prompts of random words, so that none is like another, and answers of a fixed length.
 *
 * @param promptWords words of each prompt
 * @param maxTokens tokens of each answer, and also the least, so that answers are alike
 * @param pictureShare share of the requests that draw a picture instead, 0 to 1
 * @param steps denoise steps of a picture
 */
public record Workload(int promptWords, int maxTokens, double pictureShare, int steps) {
    private static final String[] WORDS = {
        "one", "small", "dog", "runs", "over", "the", "green", "hill", "and", "sees", "a", "red", "boat", "far", "out"
    };

    public Workload {
        if (promptWords < 1 || maxTokens < 1 || steps < 1) {
            throw new IllegalArgumentException("a workload has at least one word, one token and one step");
        }
        if (pictureShare < 0 || pictureShare > 1) {
            throw new IllegalArgumentException("the share of pictures is within 0 and 1, but is " + pictureShare);
        }
    }

    @Override
    public String toString() {
        return "prompts of " + promptWords + " words, answers of " + maxTokens + " tokens"
                + (pictureShare == 0 ? "" : ", a share of " + pictureShare + " pictures of " + steps + " steps");
    }

    /** One request. */
    public record Request(Prompt prompt, GenerationOptions options) {}

    /** The next request that {@code random} leads to. */
    public Request next(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < promptWords; i++) {
            text.append(i == 0 ? "" : " ").append(WORDS[random.nextInt(WORDS.length)]);
        }
        GenerationOptions options = random.nextDouble() < pictureShare
                ? GenerationOptions.image()
                        .steps(steps)
                        .imageSeed(random.nextLong())
                        .build()
                : GenerationOptions.builder()
                        .maxTokens(maxTokens)
                        .minTokens(maxTokens)
                        .temperature(1)
                        .seed(random.nextLong())
                        .build();
        return new Request(Prompt.of(text.toString()), options);
    }
}
