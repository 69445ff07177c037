package io.dromaius.cli;

import io.dromaius.client.GenerationOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How text is generated. What is not given is the cluster's default. */
final class TextMixin {
    @Option(
            names = {"-n", "--max-tokens"},
            paramLabel = "N",
            converter = AtLeastOne.class,
            description = "Most tokens to generate (default: the cluster's defaultMaxTokens, 256).")
    private @Nullable Integer maxTokens;

    @Option(
            names = "--min-tokens",
            paramLabel = "N",
            converter = NotNegative.class,
            description = "The answer does not end before N tokens.")
    private @Nullable Integer minTokens;

    @Option(
            names = {"-t", "--temperature"},
            paramLabel = "T",
            description = "Sample; higher is more varied. Greedy without.")
    private @Nullable Double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            converter = NotNegative.class,
            description = "Sample from the K most likely tokens.")
    private @Nullable Integer topK;

    @Option(names = "--top-p", paramLabel = "P", description = "Sample from the most likely tokens that make up P.")
    private @Nullable Double topP;

    @Option(
            names = "--seed",
            paramLabel = "N",
            converter = Seed.class,
            description = "Same seed, same answer; of a large model in bf16 see 'emu up --batch-invariant'.")
    private @Nullable Long seed;

    @Option(
            names = {"-b", "--beams"},
            paramLabel = "N",
            converter = AtLeastOne.class,
            description = "Width of a beam search (the reference uses 5).")
    private @Nullable Integer beams;

    @Option(
            names = "--length-penalty",
            paramLabel = "X",
            description = "With beams: above 0 favours long answers, below 0 short ones.")
    private @Nullable Double lengthPenalty;

    @Option(names = "--candidates", paramLabel = "N", converter = AtLeastOne.class, description = "Answers to return.")
    private @Nullable Integer candidates;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "X",
            description = "Above 1 makes tokens that came before less likely.")
    private @Nullable Double repetitionPenalty;

    @Option(
            names = "--no-repeat-ngram",
            paramLabel = "N",
            converter = NotNegative.class,
            description = "No run of N tokens comes twice.")
    private @Nullable Integer noRepeatNgram;

    @Option(names = "--stop", paramLabel = "TEXT", description = "The answer ends before TEXT; may be repeated.")
    private List<String> stop = new ArrayList<>();

    @Option(names = "--choice", paramLabel = "TEXT", description = "The answer is one of these; may be repeated.")
    private List<String> choices = new ArrayList<>();

    void apply(GenerationOptions.Builder options) {
        set(maxTokens, options::maxTokens);
        set(minTokens, options::minTokens);
        set(temperature, options::temperature);
        set(topK, options::topK);
        set(topP, options::topP);
        set(seed, options::seed);
        set(beams, options::beams);
        set(lengthPenalty, options::lengthPenalty);
        set(candidates, options::candidates);
        set(repetitionPenalty, options::repetitionPenalty);
        set(noRepeatNgram, options::noRepeatNgramSize);
        options.stop(stop.toArray(String[]::new));
        options.choices(choices.toArray(String[]::new));
    }

    private static <T> void set(@Nullable T value, Consumer<T> setter) {
        if (value != null) {
            setter.accept(value);
        }
    }
}
