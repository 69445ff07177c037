package io.dromaius.cli;

import io.dromaius.client.GenerationOptions;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a picture is drawn. What is not given is the cluster's default. */
final class ImageMixin {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,5})x(\\d{1,5})");

    @Option(names = "--steps", paramLabel = "N", converter = AtLeastOne.class, description = "Denoise steps.")
    private @Nullable Integer steps;

    @Option(
            names = "--guidance",
            paramLabel = "X",
            description = "How closely the picture follows the prompt; 1 turns guidance off.")
    private @Nullable Double guidance;

    @Option(
            names = "--size",
            paramLabel = "WxH",
            description = "Width and height in pixels, multiples of what the VAE shrinks by (8), such as 512x384.")
    private @Nullable String size;

    @Option(names = "--image-seed", paramLabel = "N", converter = Seed.class, description = "Same seed, same picture.")
    private @Nullable Long seed;

    void apply(GenerationOptions.Builder options) {
        if (steps != null) {
            options.steps(steps);
        }
        if (guidance != null) {
            options.guidanceScale(guidance);
        }
        if (seed != null) {
            options.imageSeed(seed);
        }
        if (size != null) {
            Matcher matcher = SIZE.matcher(size);
            if (!matcher.matches()) {
                throw new CommandFailure("'" + size + "' is no size", "write it as --size 512x384");
            }
            options.size(Integer.parseInt(matcher.group(2)), Integer.parseInt(matcher.group(1)));
        }
    }
}
