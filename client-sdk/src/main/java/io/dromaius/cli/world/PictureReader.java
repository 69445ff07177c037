package io.dromaius.cli.world;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Which objects, colours, places, background and style a picture shows. By synthesis, with no model: the ground is the
 * commonest colour where objects hardly reach; what differs from it falls into the nine cells; each object's colour is
 * the palette's likeliest, and its shape and size are those of the drawn template that it is likest to. Thread-safe.
 */
public final class PictureReader {
    private static final int SIDE = Templates.SIDE;
    /** Least distance from the ground, of 441, at which a pixel belongs to an object. */
    private static final float APART = 42;
    /** Fewer such pixels in a cell are noise. */
    private static final int LEAST = 9;
    /** Share of an object's pixels, nearest to the ground, that say little about its colour. */
    private static final double FAINT = 0.85;

    /** How much less it counts that a colour is thinned than that it is another. */
    private static final double THINNING = 0.3;

    private final Templates templates = new Templates();

    /** Looks at a picture of any size. */
    public Seen look(BufferedImage picture) {
        int[] rgb = BoxFilter.resize(picture, SIDE, SIDE).getRGB(0, 0, SIDE, SIDE, null, 0, SIDE);
        List<Tone> pixels = Arrays.stream(rgb).mapToObj(Tone::of).toList();
        List<Tone> rim = rim(pixels);
        Background background = background(rim);
        Tone ground = Tone.median(rim.stream()
                .filter(tone -> nearestBackground(tone) == background)
                .toList());
        List<Thing> things = new ArrayList<>();
        double likeness = 0;
        Map<Style, Double> styles = new EnumMap<>(Style.class);
        for (Place place : Place.values()) {
            int[] inside = objectIn(place, pixels, ground);
            if (inside.length >= LEAST) {
                Tone tone = strongest(inside, pixels, ground);
                Templates.Match match = match(inside, place, pixels, ground, tone);
                things.add(new Thing(match.shape(), colour(tone, ground), match.size(), place));
                likeness += match.likeness();
                match.styles().forEach((style, vote) -> styles.merge(style, vote, Double::sum));
            }
        }
        Style style = styles.isEmpty() ? Style.FLAT : highest(styles);
        return new Seen(new Scene(things, background, style), things.isEmpty() ? 0 : likeness / things.size());
    }

    /** Pixels of the edge and of the borders between cells. */
    private static List<Tone> rim(List<Tone> pixels) {
        int[] lines = {0, (int) Templates.CELL, (int) (2 * Templates.CELL), SIDE - 1};
        List<Tone> rim = new ArrayList<>();
        for (int line : lines) {
            for (int i = 0; i < SIDE; i++) {
                rim.add(pixels.get(line * SIDE + i));
                rim.add(pixels.get(i * SIDE + line));
            }
        }
        return rim;
    }

    private static Background background(List<Tone> rim) {
        Map<Background, Double> counts = new EnumMap<>(Background.class);
        rim.forEach(tone -> counts.merge(nearestBackground(tone), 1.0, Double::sum));
        return highest(counts);
    }

    /** Indices of the pixels of a cell that are not ground. */
    private static int[] objectIn(Place place, List<Tone> pixels, Tone ground) {
        return IntStream.range(0, SIDE * SIDE)
                .filter(i -> isIn(place, i) && pixels.get(i).distance(ground) > APART)
                .toArray();
    }

    private static boolean isIn(Place place, int pixel) {
        return cell(pixel / SIDE) == place.row() && cell(pixel % SIDE) == place.column();
    }

    private static int cell(int line) {
        return (int) (line / Templates.CELL);
    }

    /** The colour of the pixels farthest from the ground: the others are mixed with it. */
    private static Tone strongest(int[] inside, List<Tone> pixels, Tone ground) {
        List<Tone> faintFirst = Arrays.stream(inside)
                .mapToObj(pixels::get)
                .sorted(Comparator.comparingDouble(tone -> tone.distance(ground)))
                .toList();
        int first = (int) Math.ceil(FAINT * (faintFirst.size() - 1));
        return Tone.median(faintFirst.subList(first, faintFirst.size()));
    }

    private Templates.Match match(int[] inside, Place place, List<Tone> pixels, Tone ground, Tone tone) {
        Tone axis = tone.minus(ground);
        float[] coverage = new float[SIDE * SIDE];
        for (int i = 0; i < coverage.length; i++) {
            if (isIn(place, i)) {
                float share = pixels.get(i).minus(ground).dot(axis) / axis.dot(axis);
                coverage[i] = Math.max(0, Math.min(1, share));
            }
        }
        double row = Arrays.stream(inside).map(i -> i / SIDE).average().orElseThrow();
        double column = Arrays.stream(inside).map(i -> i % SIDE).average().orElseThrow();
        return templates.match(coverage, row, column);
    }

    private static Background nearestBackground(Tone tone) {
        return Arrays.stream(Background.values())
                .min(Comparator.comparingDouble(background -> background.tone().distance(tone)))
                .orElseThrow();
    }

    /** The one that explains {@code tone} best as itself thinned by the ground, and the less thinned the better. */
    private static Colour colour(Tone tone, Tone ground) {
        return Arrays.stream(Colour.values())
                .min(Comparator.comparingDouble(
                        colour -> misfit(tone.minus(ground), colour.tone().minus(ground))))
                .orElseThrow();
    }

    private static double misfit(Tone seen, Tone full) {
        float share = Math.max(0, Math.min(1, seen.dot(full) / full.dot(full)));
        return seen.distance(full.times(share))
                + THINNING * full.times(1 - share).length();
    }

    private static <T> T highest(Map<T, Double> votes) {
        return Collections.max(votes.entrySet(), Map.Entry.comparingByValue()).getKey();
    }
}
