"""Documents: pictures and words in the order in which a model reads them, each with the truth it can be graded by.

A document is a list of parts; a part is a str or a picture (PIL, RGB). `learn` is the index of the first part the
model is to produce: what stands before is the prompt.
"""

from dataclasses import dataclass, replace
from random import Random

from PIL import Image

from . import language
from .render import render
from .scene import COLOURS, PLACES, SIZES, STYLES, Scene, Thing, draw_scene, draw_thing, held_out

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


def caption(random: Random, held_outs: bool = False, most: int = 3) -> Document:
    scene = draw_scene(random, most, held_outs)
    text = language.caption(scene, random)
    return Document("caption", (render(scene, random), text), 1, text, scene)


def inventory(random: Random, whole: bool = False) -> Document:
    """A crowded picture, and cell by cell what stands there: plain lessons in looking something up.

    With `whole`, its style and ground come first: who learns these at the same time never comes to the cells.
    """
    scene = draw_scene(random, most=9)
    standing = {thing.cell: language.name(thing) for thing in scene.things}
    parts: list[str | Image.Image] = [render(scene, random)]
    if whole:
        parts += ["style:", f"{scene.style}.", "background:", f"{scene.background}."]
    for cell in random.sample(sorted(PLACES), len(PLACES)):
        parts += [f"{PLACES[cell]}:", f"{standing.get(cell, 'nothing')}."]
    return Document("cells", tuple(parts), len(parts) - 1, parts[-1], scene, tuple(range(2, len(parts), 2)))


def full_inventory(random: Random) -> Document:
    return inventory(random, whole=True)


def answer(random: Random) -> Document:
    scene = draw_scene(random)
    kind, question, truth = language.question(scene, random)
    return Document(f"vqa.{kind}", (render(scene, random), f"question: {question} answer:", truth), 2, truth, scene)


def quiz(random: Random) -> Document:
    """Six questions that take two looks, about one picture of two or three objects."""
    scene = draw_scene(random, count=random.choice((2, 3)))
    picture = render(scene, random)
    return _questioned("quiz", scene, picture, [language.question(scene, random, language.TWO_LOOKS)[1:] for _ in range(6)])


def inquiry(random: Random) -> Document:
    """Six different questions about one picture of up to five objects: of two, one guesses half of them rightly."""
    scene = draw_scene(random, count=random.choice((2, 3, 4, 5)))
    asked: dict[str, str] = {}
    for _ in range(40):
        if len(asked) == 6:
            break
        _, question, truth = language.question(scene, random, (*language.TWO_LOOKS, "count", "count"))
        asked[question] = truth
    return _questioned("inquiry", scene, render(scene, random), list(asked.items()))


def _questioned(task: str, scene: Scene, picture: Image.Image, asked: list[tuple[str, str]]) -> Document:
    """Every answer is learnt, the first ones too."""
    parts: list[str | Image.Image] = [picture]
    for question, truth in asked:
        parts += [f"question: {question} answer:", truth]
    return Document(task, tuple(parts), len(parts) - 1, parts[-1], scene, tuple(range(2, len(parts) - 1, 2)))


def draw(random: Random, held_outs: bool = False, most: int = 3) -> Document:
    scene = draw_scene(random, most, held_outs)
    return Document("draw", (language.caption(scene, random), render(scene, random)), 1, None, scene)


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


RULES = {"colour": "colour", "shape": "shape", "place": "place", "size": "size"}


def few_shot(random: Random, shots: int | None = None) -> Document:
    """A series whose rule (which attribute is named) must be read off its shots."""
    shots = random.choice(SHOTS) if shots is None else shots
    rule = random.choice(tuple(RULES))
    parts: list[str | Image.Image] = []
    for _ in range(shots + 1):
        scene = draw_scene(random, count=1)
        truth = getattr(scene.things[0], RULES[rule])
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


# Share of each in training.
MIXTURE = {caption: 26, answer: 24, draw: 26, video: 5, few_shot: 6, in_style: 8, blend: 5}


def sample(random: Random) -> Document:
    return random.choices(tuple(MIXTURE), weights=tuple(MIXTURE.values()))[0](random)
