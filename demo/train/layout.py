"""What latents say: of each place which ground, style and object are there. Written by labels, before an encoder reads it off pixels."""

from random import Random

import numpy as np
import torch
from torch import Tensor

from world.scene import BACKGROUNDS, COLOURS, SHAPES, SIZES, STYLES, Scene

# Latents on a side, cells on a side, and places within a cell: as many as make both grids meet.
SIDE, CELLS = 8, 3
# An object fills its cell but for a rim of one place, so that no latent speaks of two cells.
FILLED = np.array([0, 1, 1, 1, 1, 1, 1, 0], dtype=np.float32)
# Objects fill little of a picture, so they speak up.
LOUD = 3.0
# Ground, style; colour, shape and size of what stands there.
CHANNELS = 3 + len(STYLES) + 3 + len(SHAPES) + len(SIZES)


class Steady(Random):
    """Draws the middle of every range: the renderer's picture of a scene without jitter, patterns at rest."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2

    def randint(self, a: int, b: int) -> int:
        return (a + b) // 2

    def random(self) -> float:
        return 0.0


def _colour(samples: tuple[int, ...]) -> list[float]:
    return [sample / 127.5 - 1 for sample in samples]


def _one(name: str, of: tuple[str, ...]) -> list[float]:
    return [float(name == other) for other in of]


def layout(scene: Scene) -> Tensor:
    """[CHANNELS, SIDE, SIDE]: ground and style everywhere; colour, shape and size where an object is."""
    fine = SIDE * CELLS
    code = np.zeros((CHANNELS, fine, fine), dtype=np.float32)
    everywhere = _colour(BACKGROUNDS[scene.background]) + [2 * one - 1 for one in _one(scene.style, STYLES)]
    code[: len(everywhere)] = np.array(everywhere)[:, None, None]
    for thing in scene.things:
        here = _colour(COLOURS[thing.colour]) + _one(thing.shape, SHAPES) + _one(thing.size, SIZES)
        row, column = (SIDE * one for one in thing.cell)
        filled = LOUD * np.outer(FILLED, FILLED)
        code[len(everywhere) :, row : row + SIDE, column : column + SIDE] = np.array(here)[:, None, None] * filled
    return torch.from_numpy(code.reshape(CHANNELS, SIDE, CELLS, SIDE, CELLS).mean((2, 4)))
