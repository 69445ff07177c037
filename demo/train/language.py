"""Vision and language: a warm start of the eyes, then the paper's one objective over interleaved documents."""

from random import Random
from typing import Callable

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import IterableDataset

from world.render import OVERSAMPLE, render
from world.scene import BACKGROUNDS, COLOURS, PLACES, SHAPES, SIZES, STYLES, Scene, draw_scene

from .data import Batch, pixels
from .emu import Emu

# Noise on the embeddings of pictures to be predicted, in units of their deviation: what the model feeds itself when
# it draws is not what the encoder says, and it has to lean on the words.
SLOT_NOISE = 0.7


# Silhouettes are learnt at half the picture's resolution.
TRACE = 7


def stated(scenes: list[Scene]) -> tuple[Tensor, Tensor]:
    """Labels: shape, colour and size of what stands in each cell, 0 for nothing [n, 9, 3]; ground and style [n, 2]."""
    cells = sorted(PLACES)
    with torch.device("cpu"):
        labels, whole = torch.zeros(len(scenes), 9, 3, dtype=torch.long), torch.zeros(len(scenes), 2, dtype=torch.long)
        for row, scene in enumerate(scenes):
            whole[row, 0], whole[row, 1] = tuple(BACKGROUNDS).index(scene.background), STYLES.index(scene.style)
            for thing in scene.things:
                labels[row, cells.index(thing.cell)] = torch.tensor(
                    (SHAPES.index(thing.shape) + 1, tuple(COLOURS).index(thing.colour) + 1, SIZES.index(thing.size) + 1)
                )
    return labels, whole


def crowd(random: Random) -> Scene:
    """Each object is a lesson, and a picture costs the same."""
    return draw_scene(random, 9)


def speck(random: Random) -> Scene:
    """One small object: on no other picture are styles so hard to see."""
    return draw_scene(random, count=1).with_thing(0, size=SIZES[0])


class Labelled(IterableDataset):
    """Pictures with what stands in each cell (class 0 is "nothing") and their silhouettes, patch by patch."""

    def __init__(self, seed: int, size: int, *scenes: Callable[[Random], Scene]):
        self.seed, self.size, self.scenes = seed, size, scenes

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        random = Random(f"labels.{self.seed}.{worker.id if worker else 0}")
        while True:
            scenes = [self.scenes[row % len(self.scenes)](random) for row in range(self.size)]
            labels, whole = stated(scenes)
            shown, traces = zip(*(self.draw(scene, random) for scene in scenes))
            yield pixels(list(shown)), labels, whole, torch.stack(traces)

    @staticmethod
    def draw(scene: Scene, random: Random) -> tuple[Image.Image, Tensor]:
        """The picture, and of each patch the share of the objects in 7 x 7 places: [64, 49]."""
        side = 112
        silhouette = Image.new("L", (side * OVERSAMPLE,) * 2)
        picture = render(scene, random, side, silhouette=silhouette)
        trace = np.asarray(silhouette.resize((side // 2,) * 2, Image.Resampling.BOX), dtype=np.float32) / 255
        count = side // 2 // TRACE
        return picture, torch.from_numpy(trace.reshape(count, TRACE, count, TRACE).swapaxes(1, 2).reshape(count**2, TRACE**2).copy())


class Reader(nn.Module):
    """Reads labels off a picture's embeddings; is not served."""

    # Shapes are far harder to see than colours and sizes.
    WEIGHTS = (3.0, 1.0, 1.0)
    SPLIT = (len(SHAPES) + 1, len(COLOURS) + 1, len(SIZES) + 1)

    def __init__(self, width: int):
        super().__init__()
        self.asks = nn.Parameter(torch.randn(1, 10, width))
        self.attention = nn.MultiheadAttention(width, 4, batch_first=True)
        self.norm = nn.LayerNorm(width)
        self.cell = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, sum(self.SPLIT)))
        self.whole = nn.Linear(width, len(BACKGROUNDS) + len(STYLES))

    @torch.no_grad()
    def follow(self, back: Tensor, mean: Tensor) -> None:
        """Reads the same off embeddings that were evened out."""
        width = len(mean)
        weight, bias = self.attention.in_proj_weight[width:], self.attention.in_proj_bias[width:]
        bias += weight @ mean
        weight.copy_(weight @ back)

    def cross_entropy(self, logits: Tensor, labels: Tensor) -> Tensor:
        parts = logits.float().split(self.SPLIT, -1)
        return sum(
            weight * F.cross_entropy(part.flatten(0, 1), labels[..., i].flatten())
            for i, (part, weight) in enumerate(zip(parts, self.WEIGHTS))
        )

    def reading(self, embeddings: Tensor, labels: Tensor, whole: Tensor) -> tuple[Tensor, dict[str, float]]:
        """Embeddings [n, causal, d] against what was stated of their scenes."""
        read = self.norm(self.attention(self.asks.expand(len(embeddings), -1, -1), embeddings, embeddings)[0])
        logits = self.cell(read[:, :9])
        cells = self.cross_entropy(logits, labels)
        wholes = self.whole(read[:, 9]).float().split((len(BACKGROUNDS), len(STYLES)), -1)
        scene = sum(F.cross_entropy(part, whole[:, i]) for i, part in enumerate(wholes))
        parts = logits.split(self.SPLIT, -1)
        right = torch.stack([part.argmax(-1) == labels[..., i] for i, part in enumerate(parts)]).all(0).all(-1)
        there = labels[..., 0] > 0
        shape = (parts[0].argmax(-1) == labels[..., 0])[there].float().mean()
        shown = {"cells": cells.item(), "scene": scene.item(), "shape": shape.item(), "right": right.float().mean().item()}
        return cells + scene, shown


class Probe(Reader):
    """Reads labels off the patches too, with silhouettes: for the eyes' warm start."""

    def __init__(self, emu: Emu):
        super().__init__(emu.sizes.hidden)
        side = emu.sizes.image // emu.sizes.patch
        self.patch = nn.Linear(emu.sizes.vit_width, sum(self.SPLIT))
        self.trace = nn.Linear(emu.sizes.vit_width, TRACE**2)
        third = (torch.arange(side) + 0.5).mul(3 / side).long()
        self.register_buffer("cell_of_patch", (3 * third[:, None] + third[None, :]).flatten(), persistent=False)

    def loss(self, emu: Emu, pixels: Tensor, labels: Tensor, whole: Tensor, traces: Tensor) -> tuple[Tensor, dict[str, float]]:
        vision = emu.ln_visual(emu.visual(pixels))
        patches = self.cross_entropy(self.patch(vision[:, 1:]), labels[:, self.cell_of_patch])
        trace = F.binary_cross_entropy_with_logits(self.trace(vision[:, 1:]).float(), traces)
        read, shown = self.reading(emu.cformer(vision), labels, whole)
        return 4 * trace + patches + read, {"trace": trace.item(), "patches": patches.item(), **shown}


def embed(emu: Emu, batch: Batch, noise: bool) -> tuple[Tensor, Tensor]:
    """What the language model is fed [b, t, d], and the pictures' own embeddings in slot order [slots, d]."""
    seen = emu.see(batch.pixels).flatten(0, 1)
    predicted = batch.is_slot & (batch.weights > 0)
    # Where a picture is drawn no gradient reaches the eyes: they would learn to be easy to predict, all 32 the same.
    draws = predicted.any(1, keepdim=True).expand_as(batch.is_slot)[batch.is_slot][:, None]
    fed = torch.where(draws, seen.detach(), seen)
    if noise:
        level = SLOT_NOISE * torch.rand(len(batch.pixels), 1, 1).expand(-1, emu.sizes.causal, 1).flatten(0, 1)
        fed = fed + predicted[batch.is_slot][:, None] * level * seen.detach().std() * torch.randn_like(seen)
    words = emu.words(batch.ids)
    return words.masked_scatter(batch.is_slot[..., None], fed.to(words.dtype)), seen


def losses(emu: Emu, batch: Batch, noise: bool = True) -> tuple[Tensor, Tensor]:
    """Next token by cross-entropy and next visual embedding by l2, in one sequence (paper, section 2.2).

    The l2 is relative to the variance of each of the 32 embeddings over the pictures: what all pictures share is
    easily said, and would drown what they show. Its target is not moved by it.
    """
    x, seen = embed(emu, batch, noise)
    hidden = emu.read(x[:, :-1])
    lm = emu.decoder.lm
    weights, is_slot = batch.weights[:, 1:], batch.is_slot[:, 1:]
    word = (weights > 0) & ~is_slot
    words = F.cross_entropy(lm.lm_head(hidden[word]), batch.ids[:, 1:][word])
    share = weights[is_slot]
    return words, (share * miss(lm.stu_regress_head(hidden[is_slot]), seen.detach(), emu.sizes.causal)).sum() / share.sum().clamp(min=1)


def miss(said: Tensor, target: Tensor, causal: int) -> Tensor:
    """Square error of each embedding [slots], relative to how much pictures differ in them."""
    return (said - target).square().mean(-1) / target.view(-1, causal, target.shape[-1]).var(0).mean()
