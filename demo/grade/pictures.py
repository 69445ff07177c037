"""Which objects, colours, places, background and style a picture shows.

Analysis by synthesis: the ground is the commonest colour of the rim; what differs from it falls into the nine cells;
each object's colour is the palette's nearest; its coverage is compared with drawn templates of every shape, size and
style at a few turns and scales, shifted by a few pixels.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from world.render import RADIUS, mask_of
from world.scene import BACKGROUNDS, COLOURS, PLACES, SHAPES, SIZES, STYLES, Scene, Thing

SIDE = 64
CELL = SIDE / 3
# A template's window, in pixels, and how far it is shifted either way.
WINDOW, SHIFT = 27, 3
# Least distance from the ground (of 441) at which a pixel belongs to an object, and least such pixels in a cell.
APART, LEAST = 42, 9
# Where an object's middle falls in the pattern's period, in pixels: (x, y).
PHASES = {
    "flat": ((0, 0),),
    "outlined": ((0, 0),),
    "striped": tuple((0, y) for y in range(4)),
    "dotted": tuple((x, y) for x in range(4) for y in range(4)),
}


@dataclass(frozen=True)
class Seen:
    scene: Scene
    # Mean correlation of the objects with their best templates, 0 to 1: how sure one may be.
    likeness: float


@dataclass(frozen=True)
class Templates:
    labels: list[tuple[str, str, str]]
    images: np.ndarray  # [n, WINDOW * WINDOW], coverage, centred and of unit length

    def of_style(self, shape: str, style: str) -> list[int]:
        return [i for i, label in enumerate(self.labels) if label[0] == shape and label[2] == style]


@lru_cache(maxsize=1)
def templates() -> Templates:
    labels, images = [], []
    scale = 4
    for shape in SHAPES:
        for size in SIZES:
            for style in STYLES:
                for factor in (0.95, 1.05):
                    for turn in (-0.08, 0.08):
                        for phase in PHASES[style]:
                            mask = _template(shape, style, RADIUS[size] * CELL * factor, turn, phase, scale)
                            labels.append((shape, size, style))
                            images.append(mask.ravel())
    stacked = np.stack(images)
    stacked -= stacked.mean(1, keepdims=True)
    return Templates(labels, stacked / np.linalg.norm(stacked, axis=1, keepdims=True))


def _template(shape: str, style: str, radius: float, turn: float, phase: tuple[int, int], scale: int) -> np.ndarray:
    side = SIDE * scale
    x, y = (side // 2 + offset * scale for offset in phase)
    mask = mask_of(shape, style, side, x, y, radius * scale, turn)
    half = WINDOW * scale // 2
    box = (x - half, y - half, x - half + WINDOW * scale, y - half + WINDOW * scale)
    return np.asarray(mask.crop(box).resize((WINDOW, WINDOW), Image.Resampling.BOX), dtype=np.float32) / 255


def ground_of(pixels: np.ndarray) -> tuple[str, np.ndarray]:
    """Name and colour of the background: the median of the pixels nearest to the likeliest of the four."""
    rim = np.concatenate((pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1], pixels[21], pixels[42], pixels[:, 21], pixels[:, 42]))
    palette = np.array(list(BACKGROUNDS.values()), dtype=np.float32)
    nearest = np.linalg.norm(rim[:, None] - palette[None], axis=-1).argmin(1)
    index = np.bincount(nearest, minlength=len(palette)).argmax()
    return tuple(BACKGROUNDS)[index], np.median(rim[nearest == index], axis=0)


def colour_of(pixels: np.ndarray, distance: np.ndarray) -> tuple[str, np.ndarray]:
    """The palette's nearest to the pixels farthest from the ground."""
    strong = pixels[distance >= np.quantile(distance, 0.85)]
    mean = np.median(strong, axis=0)
    palette = np.array(list(COLOURS.values()), dtype=np.float32)
    return tuple(COLOURS)[np.linalg.norm(palette - mean, axis=1).argmin()], mean


def _windows(coverage: np.ndarray, row: float, column: float) -> np.ndarray:
    """Shifted windows of the padded coverage around a centre: [shifts, WINDOW * WINDOW], unit length."""
    pad = WINDOW
    padded = np.pad(coverage, pad)
    top, left = round(row) - WINDOW // 2 + pad, round(column) - WINDOW // 2 + pad
    views = [
        padded[top + i : top + i + WINDOW, left + j : left + j + WINDOW].ravel()
        for i in range(-SHIFT, SHIFT + 1) for j in range(-SHIFT, SHIFT + 1)
    ]
    stacked = np.stack(views)
    stacked = stacked - stacked.mean(1, keepdims=True)
    return stacked / np.maximum(np.linalg.norm(stacked, axis=1, keepdims=True), 1e-6)


def look(picture: Image.Image) -> Seen:
    """What the picture shows, as far as it can be told."""
    if picture.size != (SIDE, SIDE):
        picture = picture.resize((SIDE, SIDE), Image.Resampling.BOX)
    pixels = np.asarray(picture.convert("RGB"), dtype=np.float32)
    background, ground = ground_of(pixels)
    distance = np.linalg.norm(pixels - ground, axis=-1)
    things, likenesses, style_votes = [], [], np.zeros(len(STYLES))
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    for cell in PLACES:
        inside = (rows // CELL == cell[0]) & (columns // CELL == cell[1]) & (distance > APART)
        if inside.sum() < LEAST:
            continue
        colour, tone = colour_of(pixels[inside], distance[inside])
        axis = tone - ground
        coverage = np.clip((pixels - ground) @ axis / (axis @ axis), 0, 1) * ((rows // CELL == cell[0]) & (columns // CELL == cell[1]))
        row, column = (values[inside].mean() for values in (rows, columns))
        likeness = templates().images @ _windows(coverage.astype(np.float32), row, column).T
        best = likeness.max(1)
        shape, size, _ = templates().labels[int(best.argmax())]
        style_votes += [best[templates().of_style(shape, style)].max() for style in STYLES]
        things.append(Thing(shape, colour, size, cell))
        likenesses.append(float(best.max()))
    style = STYLES[int(style_votes.argmax())] if things else STYLES[0]
    return Seen(Scene(tuple(things), background, style), float(np.mean(likenesses)) if likenesses else 0.0)


def objects_right(seen: Scene, truth: Scene) -> bool:
    """Every object, and no other, with its shape, colour and place."""

    def told(scene: Scene) -> list:
        return sorted((thing.cell, thing.shape, thing.colour) for thing in scene.things)

    return told(seen) == told(truth)
