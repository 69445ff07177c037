"""Documents: pictures and words in the order in which a model reads them, each with the truth it can be graded by.

A document is a list of parts; a part is a str or a picture (PIL, RGB). `learn` is the index of the first part the
model is to produce: what stands before is the prompt.
"""

from dataclasses import dataclass, replace
from random import Random
from typing import Callable

from PIL import Image

from . import language
from .render import render
from .scene import COLOURS, PLACES, SIZES, Scene, Thing, draw_scene, draw_thing, held_out

SHOTS = (0, 2, 4, 8)


@dataclass(frozen=True)
class Document:
    task: str
    parts: tuple[str | Image.Image, ...]
    learn: int
    # Words: the right answer. Pictures: the scene to be drawn.
    answer: str | None = None
    scene: Scene | None = None
    # Parts before `learn` that are learnt too, but for the words that they begin with.
    rehearsed: tuple[int, ...] = ()
    stem: str = ""


def caption(random: Random, held_outs: bool = False, most: int = 3, say=language.caption) -> Document:
    scene = draw_scene(random, most, held_outs)
    text = say(scene, random)
    return Document("caption", (render(scene, random), text), 1, text, scene)


def description(random: Random) -> Document:
    """A caption as the last stages read it: `language.description`."""
    return caption(random, say=language.description)


def long_description(random: Random) -> Document:
    return caption(random, most=5, say=language.description)


def early_caption(random: Random) -> Document:
    """A caption as the first stages read it, and the tokenizer."""
    return caption(random, say=language.early_caption)


def early_long_caption(random: Random) -> Document:
    return caption(random, most=5, say=language.early_caption)


def inventory(random: Random, whole: bool = False) -> Document:
    """A crowded picture, and cell by cell what stands there: plain lessons in looking something up.

    With `whole`, its style and ground come first.
    """
    scene = draw_scene(random, most=9)
    standing = {thing.cell: language.name(thing) for thing in scene.things}
    parts: list[str | Image.Image] = [render(scene, random)]
    if whole:
        parts += ["style:", f"{scene.style}.", "background:", f"{scene.background}."]
    for cell in random.sample(sorted(PLACES), len(PLACES)):
        parts += [f"{PLACES[cell]}:", f"{standing.get(cell, 'nothing')}."]
    return _rehearsal("cells", scene, parts)


def full_inventory(random: Random) -> Document:
    return inventory(random, whole=True)


def answer(random: Random) -> Document:
    scene = draw_scene(random)
    kind, question, truth = language.question(scene, random)
    return Document(f"vqa.{kind}", (render(scene, random), f"question: {question} answer:", truth), 2, truth, scene)


def inquiry(random: Random) -> Document:
    """Six different questions about one picture of up to five objects: of two, one guesses half of them rightly."""
    return _questioned("inquiry", random, draw_scene(random, count=random.choice((2, 3, 4, 5))), (*language.TWO_LOOKS, "count", "count"))


def pair(random: Random) -> Document:
    """Six different questions about two objects of different shapes and sizes: which is bigger is asked of no other picture."""
    scene = draw_scene(random, count=2)
    while not language.QUESTIONS["comparison"](scene, random):
        scene = draw_scene(random, count=2)
    return _questioned("pair", random, scene, ("comparison", "comparison", *language.TWO_LOOKS))


def distinct(random: Random) -> Scene:
    """Two to five objects of which each attribute but the size picks out one."""
    things: list[Thing] = []
    for cell in random.sample(sorted(PLACES), random.choice((2, 3, 4, 5))):
        thing = draw_thing(random, cell, False)
        while any(thing.shape == other.shape or thing.colour == other.colour for other in things):
            thing = draw_thing(random, cell, False)
        things.append(thing)
    return replace(draw_scene(random), things=tuple(sorted(things, key=lambda thing: thing.cell)))


def catalogue(random: Random) -> Document:
    """Each object by one of its attributes, and then the others: plain lessons in looking up by any of them."""
    scene = distinct(random)
    parts: list[str | Image.Image] = [render(scene, random)]
    for thing in random.sample(scene.things, len(scene.things)):
        told = {"colour": thing.colour, "shape": thing.shape, "place": thing.place, "size": thing.size}
        key = random.choice(("shape", "shape", "colour", "place"))
        parts += [f"{told.pop(key)}:", f"{', '.join(told.values())}."]
    return _rehearsal("catalogue", scene, parts)


def index(random: Random) -> Document:
    """Each object asked for once by its shape or by its colour."""
    scene = distinct(random)
    parts: list[str | Image.Image] = [render(scene, random)]
    for thing in random.sample(scene.things, len(scene.things)):
        colour, place, shape, size = (language.LOOKS[kind][1](thing) for kind in ("colour", "place", "shape", "size"))
        asks = (colour, place, (f"how big is the {thing.shape}?", thing.size), shape, size)
        parts += random.choices(asks, weights=(3, 3, 1, 1, 1))[0]
    return _rehearsal("index", scene, parts)


def _questioned(task: str, random: Random, scene: Scene, kinds: tuple[str, ...]) -> Document:
    asked: dict[str, str] = {}
    for _ in range(40):
        if len(asked) == 6:
            break
        _, question, truth = language.question(scene, random, kinds)
        asked[question] = truth
    parts: list[str | Image.Image] = [render(scene, random)]
    for question, truth in asked.items():
        parts += [f"question: {question} answer:", truth]
    return _rehearsal(task, scene, parts)


def _rehearsal(task: str, scene: Scene, parts: list[str | Image.Image]) -> Document:
    """A picture, and what is asked of it before each answer: all answers are learnt."""
    return Document(task, tuple(parts), len(parts) - 1, parts[-1], scene, tuple(range(2, len(parts) - 1, 2)))


def draw(random: Random, held_outs: bool = False, say=language.caption) -> Document:
    scene = draw_scene(random, held_outs=held_outs)
    return Document("draw", (say(scene, random), render(scene, random)), 1, None, scene)


def early_draw(random: Random) -> Document:
    return draw(random, say=language.early_caption)


def _film(scene: Scene, random: Random, change: str) -> tuple[list[Image.Image], Scene]:
    """Eight frames in which object 0 changes; also the last scene."""
    thing, seed = scene.things[0], random.random()
    if change in MOVES:
        step_row, step_column = MOVES[change]
        frames = [
            render(scene, Random(seed), places=[(1 + step_row * (i / 3.5 - 1), 1 + step_column * (i / 3.5 - 1))])
            for i in range(8)
        ]
        return frames, scene
    if change in ("grows", "shrinks"):
        first, last = SIZES if change == "grows" else SIZES[::-1]
    else:
        first, last = thing.colour, change
    name = "size" if change in ("grows", "shrinks") else "colour"
    scenes = [scene.with_thing(0, **{name: first if i < 4 else last}) for i in range(8)]
    return [render(one, Random(seed)) for one in scenes], scenes[-1]


MOVES = {"moves right": (0, 1), "moves left": (0, -1), "moves down": (1, 0), "moves up": (-1, 0)}


def video(random: Random) -> Document:
    """One object over eight frames: a caption, or a question on what happens."""
    scene = draw_scene(random, count=1)
    change = random.choice(tuple(MOVES) + ("grows", "shrinks", "colour"))
    thing = scene.things[0]
    if change == "colour":
        while held_out(replace(thing, colour=(target := random.choice(tuple(COLOURS))))) or target == thing.colour:
            pass
        frames, _ = _film(scene, random, target)
        happens = f"turns {target}"
    else:
        frames, _ = _film(scene, random, change)
        happens = change
    if random.random() < 0.5:
        return Document("video.vqa", (*frames, "question: what happens? answer:", f"it {happens}"), 9, f"it {happens}")
    subject = f"the {thing.shape}" if change == "colour" else f"the {thing.colour} {thing.shape}"
    text = f"{subject} {happens}."
    return Document("video.caption", (*frames, text), 8, text)


# What a series may name of an object.
NAMED = ("colour", "shape", "place", "size")


def few_shot(random: Random, shots: int | None = None) -> Document:
    """A series whose rule (which attribute is named) must be read off its shots.

    A shot shows nothing, and so tells nothing of the rule, as often as not: the more shots, the likelier one tells it.
    """
    # Most often eight: answers after fewer are learnt on the way.
    shots = random.choices(SHOTS, weights=(1, 1, 2, 4))[0] if shots is None else shots
    return _series(random, shots, empty=lambda: random.random() < 0.5)


def early_few_shot(random: Random) -> Document:
    """A series as the first stages read it, and the tokenizer: every shot shows something."""
    return _series(random, random.choice(SHOTS), empty=lambda: False)


def _series(random: Random, shots: int, empty: Callable[[], bool]) -> Document:
    """One object to a picture, or none in shots that are to be empty."""
    rule = random.choice(NAMED)
    parts: list[str | Image.Image] = []
    for shot in range(shots + 1):
        scene = draw_scene(random, count=1)
        truth = getattr(scene.things[0], rule)
        if shot < shots and empty():
            scene, truth = replace(scene, things=()), "nothing"
        parts += [render(scene, random), f"it is {truth}."]
    # "It is" is given each time: a picture alone asks for a caption.
    rehearsed = tuple(range(1, 2 * shots + 1, 2))
    return Document(f"shots.{shots}", (*parts[:-1], "it is", truth + "."), 2 * shots + 2, truth, None, rehearsed, "it is")


def in_style(random: Random, held_outs: bool = False) -> Document:
    """"Draw this content in the style of that picture": style and background come from the picture."""
    model = draw_scene(random, count=1)
    content = draw_scene(random, 2, held_outs)
    scene = replace(content, style=model.style, background=model.background)
    text = f"in the same style: {language.listing(scene)}."
    return Document("style", (render(model, random), text, render(scene, random)), 2, None, scene)


def blend(random: Random) -> Document:
    """Two pictures to one: the first one's colour and place, the second one's shape, size, style and background."""
    while True:
        one, other = draw_scene(random, count=1), draw_scene(random, count=1)
        thing = replace(other.things[0], colour=one.things[0].colour, cell=one.things[0].cell)
        if not held_out(thing):
            break
    scene = replace(other, things=(thing,))
    return Document("blend", (render(one, random), render(other, random), render(scene, random)), 2, None, scene)


# Share of each in the tokenizer's corpus.
CORPUS = {early_caption: 26, answer: 24, early_draw: 26, video: 5, early_few_shot: 6, in_style: 8, blend: 5}


def sample(random: Random) -> Document:
    return random.choices(tuple(CORPUS), weights=tuple(CORPUS.values()))[0](random)
