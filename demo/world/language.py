"""What is said of a scene: captions in a dozen patterns, and questions with their answers."""

from random import Random

from .scene import COLOURS, SHAPES, Scene, Thing

NUMBERS = ("zero", "one", "two", "three")


def article(words: str) -> str:
    return ("an " if words[0] in "aeiou" else "a ") + words


def name(thing: Thing) -> str:
    return f"{thing.size} {thing.colour} {thing.shape}"


def at(thing: Thing) -> str:
    return f"in the {thing.place}" if thing.place == "center" else f"at the {thing.place}"


def listing(scene: Scene) -> str:
    return " and ".join(f"{article(name(thing))} {at(thing)}" for thing in scene.things)


def tour(scene: Scene) -> str:
    """Each place before what is there: who says it has it to look with."""
    return " and ".join(f"{at(thing)} {article(name(thing))}" for thing in scene.things)


# Every pattern states style, background, and each object's size, colour, shape and place.
TOURS = (
    lambda s: f"{article(s.style)} picture, {tour(s)}, on {article(s.background)} background.",
    lambda s: f"on {article(s.background)} background, {tour(s)}, drawn {s.style}.",
    lambda s: f"a drawing in {s.style} style: {tour(s)} on {s.background}.",
    lambda s: f"{tour(s)}, {s.style}, {s.background} background.",
    lambda s: f"{s.style} on {s.background}: {tour(s)}.",
    lambda s: f"{article(s.background)} background with {tour(s)}, in {s.style} style.",
    lambda s: f"here is {article(s.style)} scene on {s.background}, {tour(s)}.",
    lambda s: f"look, {tour(s)}! the style is {s.style}, the background {s.background}.",
)
LISTINGS = (
    lambda s: f"this is {listing(s)} on {article(s.background)} background, {s.style}.",
    lambda s: f"this {s.style} picture shows {listing(s)}. the background is {s.background}.",
    lambda s: f"there is {listing(s)}. it is {s.style} on {s.background}.",
    lambda s: f"we see {listing(s)} in {s.style} style on {article(s.background)} background.",
    lambda s: f"the background is {s.background} and the style is {s.style}. there is {listing(s)}.",
)
PATTERNS = TOURS + LISTINGS
# The order is part of the seed: drawn in another, a chain of the same seed reads other sentences, and is another chain.
EARLY = tuple(PATTERNS[i] for i in (0, 8, 1, 9, 10, 2, 3, 11, 4, 12, 5, 6, 7))


def caption(scene: Scene, random: Random) -> str:
    return random.choice(PATTERNS)(scene)


def early_caption(scene: Scene, random: Random) -> str:
    """All patterns alike, as `caption`, in the order of the first stages."""
    return random.choice(EARLY)(scene)


def description(scene: Scene, random: Random) -> str:
    """What is said when a picture is seen: tours twice as often, so that the likeliest answer begins as one."""
    return random.choice(2 * TOURS + LISTINGS)(scene)


def paraphrases(scene: Scene) -> list[str]:
    return [pattern(scene) for pattern in PATTERNS]


def unique(scene: Scene, attribute: str) -> list[Thing]:
    """Objects that this attribute alone picks out."""
    values = [getattr(thing, attribute) for thing in scene.things]
    return [thing for thing in scene.things if values.count(getattr(thing, attribute)) == 1]


# What is asked of an object by another of its attributes, and the answer: what it is asked by, and the two.
LOOKS = {
    "colour": ("shape", lambda t: (f"what color is the {t.shape}?", t.colour)),
    "shape": ("colour", lambda t: (f"what shape is {t.colour}?", t.shape)),
    "place": ("shape", lambda t: (f"where is the {t.shape}?", t.place)),
    "size": ("colour", lambda t: (f"how big is the {t.colour} object?", t.size)),
}


def _look(kind: str):
    by, ask = LOOKS[kind]

    def asked(scene: Scene, random: Random):
        things = unique(scene, by)
        if things:
            return ask(random.choice(things))

    return asked


def _at(scene: Scene, random: Random):
    thing = random.choice(scene.things)
    return f"what is {at(thing)}?", f"{article(thing.colour)} {thing.shape}"


def _count(scene: Scene, random: Random):
    if len(scene.things) < len(NUMBERS):
        return "how many objects are there?", NUMBERS[len(scene.things)]


def _style(scene: Scene, random: Random):
    return "what style is it?", scene.style


def _background(scene: Scene, random: Random):
    return "what color is the background?", scene.background


def _exists(scene: Scene, random: Random):
    if random.random() < 0.5:
        thing = random.choice(scene.things)
        return f"is there {article(thing.colour)} {thing.shape}?", "yes"
    colour, shape = random.choice(tuple(COLOURS)), random.choice(SHAPES)
    there = any(thing.colour == colour and thing.shape == shape for thing in scene.things)
    return f"is there {article(colour)} {shape}?", "yes" if there else "no"


def _compare(scene: Scene, random: Random):
    if len(scene.things) == 2 and len(unique(scene, "shape")) == 2 and len(unique(scene, "size")) == 2:
        one, other = random.sample(scene.things, 2)
        return f"is the {one.shape} bigger than the {other.shape}?", "yes" if one.size == "large" else "no"


QUESTIONS = {
    **{kind: _look(kind) for kind in LOOKS}, "what": _at, "count": _count,
    "style": _style, "background": _background, "yesno": _exists, "comparison": _compare,
}


# What an object is asked for by another of its attributes: most often by its shape, which is hardest.
TWO_LOOKS = ("colour", "colour", "place", "place", "shape", "size", "what", "yesno", "comparison")


def question(scene: Scene, random: Random, kinds: tuple[str, ...] = tuple(QUESTIONS)) -> tuple[str, str, str]:
    """(kind, question, answer), of a kind that the scene admits."""
    while True:
        kind = random.choice(kinds)
        asked = QUESTIONS[kind](scene, random)
        if asked:
            return kind, *asked
