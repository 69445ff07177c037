package io.dromaius.cli.world;

import static io.dromaius.cli.world.Captions.article;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether what was seen or said is what was asked for.
 *
 * @param wrongs what is not, in words; empty when all is right
 */
public record Verdict(List<String> wrongs) {
    public Verdict {
        wrongs = List.copyOf(wrongs);
    }

    /** A drawn picture: every object, and no other, with its shape, colour and place. */
    public static Verdict ofPicture(Scene asked, Scene seen) {
        return new Verdict(objects(asked, seen));
    }

    /** A caption: objects, sizes, background and style; {@code said} is empty when it could not be made out. */
    public static Verdict ofCaption(Scene truth, Optional<Scene> said) {
        return said.map(scene -> new Verdict(everything(truth, scene)))
                .orElseGet(() -> new Verdict(List.of("it leaves something out, says more, or contradicts itself")));
    }

    public boolean right() {
        return wrongs.isEmpty();
    }

    /** "right", or "wrong: ...". */
    @Override
    public String toString() {
        return right() ? "right" : "wrong: " + String.join("; ", wrongs);
    }

    private static List<String> objects(Scene asked, Scene seen) {
        List<String> wrongs = new ArrayList<>();
        for (Place place : Place.values()) {
            Optional<String> wanted = asked.at(place).map(Thing::kind);
            Optional<String> there = seen.at(place).map(Thing::kind);
            if (!wanted.equals(there)) {
                wrongs.add(there.map(Captions::article).orElse("nothing") + " " + place.phrase()
                        + wanted.map(kind -> ", not " + article(kind)).orElse(", where nothing was to be"));
            }
        }
        return wrongs;
    }

    private static List<String> everything(Scene truth, Scene said) {
        List<String> wrongs = objects(truth, said);
        for (Thing thing : truth.things()) {
            said.at(thing.place())
                    .filter(other -> other.kind().equals(thing.kind()) && other.size() != thing.size())
                    .ifPresent(other -> wrongs.add("the " + thing.kind() + " "
                            + other.size().word() + ", not " + thing.size().word()));
        }
        if (said.background() != truth.background()) {
            wrongs.add(said.background().word() + " background, not "
                    + truth.background().word());
        }
        if (said.style() != truth.style()) {
            wrongs.add(said.style().word() + ", not " + truth.style().word());
        }
        return wrongs;
    }
}
