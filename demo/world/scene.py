"""What a picture shows: one to three objects on a 3 x 3 grid, a background and a drawing style."""

from dataclasses import dataclass, replace
from random import Random

SHAPES = ("circle", "square", "triangle", "star", "cross", "diamond")
COLOURS = {
    "red": (222, 32, 40),
    "green": (36, 166, 62),
    "blue": (44, 84, 228),
    "yellow": (248, 220, 36),
    "orange": (246, 136, 18),
    "purple": (142, 46, 178),
    "cyan": (36, 206, 222),
    "pink": (250, 128, 190),
}
SIZES = ("small", "large")
STYLES = ("flat", "outlined", "striped", "dotted")
BACKGROUNDS = {"white": (246, 246, 246), "gray": (128, 128, 128), "black": (18, 18, 18), "brown": (104, 70, 38)}
# Row by row; (row, column) with the origin at the top left.
PLACES = {
    (0, 0): "top left", (0, 1): "top", (0, 2): "top right",
    (1, 0): "left", (1, 1): "center", (1, 2): "right",
    (2, 0): "bottom left", (2, 1): "bottom", (2, 2): "bottom right",
}


@dataclass(frozen=True)
class Thing:
    shape: str
    colour: str
    size: str
    cell: tuple[int, int]

    @property
    def place(self) -> str:
        return PLACES[self.cell]


@dataclass(frozen=True)
class Scene:
    """Objects in reading order (top left first)."""

    things: tuple[Thing, ...]
    background: str
    style: str

    def with_thing(self, index: int, **changes) -> "Scene":
        things = list(self.things)
        things[index] = replace(things[index], **changes)
        return replace(self, things=tuple(things))


def held_out(thing: Thing) -> bool:
    """Combinations that no training picture shows."""
    return (thing.colour, thing.shape) in {("green", "star"), ("blue", "cross")} or (
        thing.shape == "triangle" and thing.cell == (2, 0)
    )


def draw_thing(random: Random, cell: tuple[int, int], held_outs: bool) -> Thing:
    """A random object; a held-out combination if and only if `held_outs`."""
    while True:
        thing = Thing(random.choice(SHAPES), random.choice(tuple(COLOURS)), random.choice(SIZES), cell)
        if held_out(thing) == held_outs:
            return thing


def draw_scene(random: Random, most: int = 3, held_outs: bool = False, count: int | None = None) -> Scene:
    """A random scene. With `held_outs` its first object in the list of cells drawn is a held-out combination."""
    count = count or random.choices(range(1, most + 1), weights=(5, 4, 2)[:most] if most <= 3 else None)[0]
    cells = random.sample(sorted(PLACES), count)
    things = [draw_thing(random, cell, held_outs and index == 0) for index, cell in enumerate(cells)]
    things.sort(key=lambda thing: thing.cell)
    return Scene(tuple(things), random.choice(tuple(BACKGROUNDS)), random.choice(STYLES))
