package io.dromaius.cli.eval;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.dromaius.client.GenerationOptions;
import io.dromaius.client.Prompt;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One case of an exam, as a line of {@code questions.jsonl}.
 *
 * @param id paper and number; names the answer's picture too
 * @param output "text" or "image"
 * @param beams width of the search for words; 1 is greedy
 * @param guidance scale, for a picture
 * @param seed of the picture's noise
 * @param parts what the model reads, in order
 */
record Question(String id, String output, int beams, double guidance, long seed, List<Part> parts) {
    /** The longest right answer has some fifty tokens. */
    private static final int MOST_TOKENS = 96;

    /** Words, or the name of a picture beside the questions: exactly one of them. */
    record Part(@Nullable String text, @Nullable String image) {
        @JsonCreator
        Part(@JsonProperty("text") @Nullable String text, @JsonProperty("image") @Nullable String image) {
            if ((text == null) == (image == null)) {
                throw new IllegalArgumentException("a part is either text or an image");
            }
            this.text = text;
            this.image = image;
        }
    }

    @JsonCreator
    Question(
            @JsonProperty(value = "id", required = true) String id,
            @JsonProperty(value = "output", required = true) String output,
            @JsonProperty(value = "beams", required = true) int beams,
            @JsonProperty(value = "guidance", required = true) double guidance,
            @JsonProperty(value = "seed", required = true) long seed,
            @JsonProperty(value = "parts", required = true) List<Part> parts) {
        if (!output.equals("text") && !output.equals("image")) {
            throw new IllegalArgumentException(id + ": output is text or image, not " + output);
        }
        this.id = id;
        this.output = output;
        this.beams = beams;
        this.guidance = guidance;
        this.seed = seed;
        this.parts = List.copyOf(parts);
    }

    boolean draws() {
        return output.equals("image");
    }

    /** @throws java.io.UncheckedIOException if a picture cannot be read */
    Prompt prompt(Path folder) {
        Prompt.Builder prompt = Prompt.builder();
        for (Part part : parts) {
            if (part.image() != null) {
                prompt.image(folder.resolve(part.image()));
            } else if (part.text() != null) {
                prompt.text(part.text());
            }
        }
        return prompt.build();
    }

    GenerationOptions options(int steps) {
        if (draws()) {
            return GenerationOptions.image()
                    .guidanceScale(guidance)
                    .steps(steps)
                    .imageSeed(seed)
                    .build();
        }
        GenerationOptions.Builder words = GenerationOptions.builder().maxTokens(MOST_TOKENS);
        return (beams > 1 ? words.beams(beams) : words).build();
    }
}
