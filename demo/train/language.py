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
from .emu import Emu, EmuSizes
from .vocabulary import Vocabulary

# Noise on the embeddings of pictures to be predicted, in units of their deviation: what the model feeds itself when
# it draws is not what the encoder says, and it has to lean on the words.
SLOT_NOISE = 0.7


# Silhouettes are learnt at half the picture's resolution.
TRACE = 7
# Of a picture's embeddings the first tell ground and style, and each cell has some of its own.
SCENE_SLOTS, CELL_SLOTS = 5, 3
# Classes of a cell's shape, colour and size (0 is nothing), and of a scene's ground and style.
CELL_CLASSES = (len(SHAPES) + 1, len(COLOURS) + 1, len(SIZES) + 1)
SCENE_CLASSES = (len(BACKGROUNDS), len(STYLES))
# Shapes are far harder to see than colours and sizes.
CELL_WEIGHTS = (3.0, 1.0, 1.0)
CODE_LENGTH = 4.0
# The logit of a class whose code an embedding holds.
SURE = 8.0


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
        trace = np.asarray(silhouette.reduce(2 * OVERSAMPLE), dtype=np.float32) / 255
        count = side // 2 // TRACE
        return picture, torch.from_numpy(trace.reshape(count, TRACE, count, TRACE).swapaxes(1, 2).reshape(count**2, TRACE**2).copy())


class Codes(nn.Module):
    """What a picture's embeddings should be: sums of the codes of what it shows. Learns nothing, and is not served.

    The first embeddings tell ground and style; each cell has embeddings of its own, and each of these tells its shape, colour and size.
    All codes stand at right angles and are equally loud, so what a picture shows can be looked up by its shape as well as by its place.
    """

    def __init__(self, sizes: EmuSizes):
        super().__init__()
        assert SCENE_SLOTS + CELL_SLOTS * len(PLACES) == sizes.causal
        counts = (sum(CELL_CLASSES), sum(SCENE_CLASSES), 1 + len(PLACES))
        codes = CODE_LENGTH * torch.linalg.qr(torch.randn(sizes.hidden, sum(counts)))[0].T
        for name, part in zip(("cell", "whole", "place"), codes.split(counts)):
            self.register_buffer(name, part.clone())

    @torch.no_grad()
    def lend(self, emu: Emu, vocabulary: Vocabulary) -> None:
        """The words for shapes, colours, sizes, grounds and styles begin as their codes, and all others as loud."""
        rows = emu.decoder.lm.model.embed_tokens.weight
        rows *= CODE_LENGTH / rows.norm(dim=-1).mean()
        cells = ((None, *names) for names in (SHAPES, COLOURS, SIZES))
        codes = (*self.cell.split(CELL_CLASSES), *self.whole.split(SCENE_CLASSES))
        for names, part in zip((*cells, BACKGROUNDS, STYLES), codes):
            for name, code in zip(names, part):
                pieces = vocabulary.encode(name) if name else []
                # A word in pieces has no embedding of its own to begin with.
                if len(pieces) == 1:
                    rows[pieces[0]] = code

    def target(self, labels: Tensor, whole: Tensor) -> Tensor:
        """What embeddings should say of labels [n, 9, 3] and [n, 2]: [n, causal, d]."""
        cells = sum(part[labels[..., i]] for i, part in enumerate(self.cell.split(CELL_CLASSES))) + self.place[1:]  # [n, 9, d]
        scenes = sum(part[whole[:, i]] for i, part in enumerate(self.whole.split(SCENE_CLASSES))) + self.place[0]  # [n, d]
        return torch.cat((scenes[:, None].expand(-1, SCENE_SLOTS, -1), cells.repeat_interleave(CELL_SLOTS, 1)), 1)

    @staticmethod
    def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
        parts = logits.float().split(CELL_CLASSES, -1)
        return sum(
            weight * F.cross_entropy(part.flatten(0, 1), labels[..., i].flatten())
            for i, (part, weight) in enumerate(zip(parts, CELL_WEIGHTS))
        )

    @staticmethod
    def logits(embeddings: Tensor, codes: Tensor) -> Tensor:
        return SURE * embeddings @ codes.T / CODE_LENGTH**2

    def missed(self, embeddings: Tensor, labels: Tensor, whole: Tensor) -> tuple[Tensor, dict[str, float]]:
        """Of embeddings [n, causal, d] what cannot be read, and how far they lie from what they should be."""
        logits = self.logits(embeddings[:, SCENE_SLOTS:], self.cell)  # [n, 27, classes]
        cells = self.cross_entropy(logits, labels.repeat_interleave(CELL_SLOTS, 1))
        scenes = self.logits(embeddings[:, :SCENE_SLOTS], self.whole).float().split(SCENE_CLASSES, -1)
        scene = sum(F.cross_entropy(part.flatten(0, 1), whole[:, i].repeat_interleave(SCENE_SLOTS)) for i, part in enumerate(scenes))
        beside = (embeddings - self.target(labels, whole)).square().sum(-1).mean() / CODE_LENGTH**2
        parts = logits.unflatten(1, (len(PLACES), CELL_SLOTS)).mean(2).split(CELL_CLASSES, -1)
        right = torch.stack([part.argmax(-1) == labels[..., i] for i, part in enumerate(parts)]).all(0).all(-1)
        there = labels[..., 0] > 0
        shape = (parts[0].argmax(-1) == labels[..., 0])[there].float().mean()
        shown = {"cells": cells, "scene": scene, "beside": beside, "shape": shape, "right": right.float().mean()}
        return cells + scene + beside, {name: value.item() for name, value in shown.items()}


class Probe(Codes):
    """Reads labels off the patches too, with silhouettes: what the eyes learn by."""

    def __init__(self, emu: Emu):
        super().__init__(emu.sizes)
        side = emu.sizes.image // emu.sizes.patch
        self.patch = nn.Linear(emu.sizes.vit_width, sum(CELL_CLASSES))
        self.trace = nn.Linear(emu.sizes.vit_width, TRACE**2)
        third = (torch.arange(side) + 0.5).mul(3 / side).long()
        self.register_buffer("cell_of_patch", (3 * third[:, None] + third[None, :]).flatten(), persistent=False)

    def loss(self, emu: Emu, pixels: Tensor, labels: Tensor, whole: Tensor, traces: Tensor) -> tuple[Tensor, dict[str, float]]:
        vision = emu.ln_visual(emu.visual(pixels))
        patches = self.cross_entropy(self.patch(vision[:, 1:]), labels[:, self.cell_of_patch])
        trace = F.binary_cross_entropy_with_logits(self.trace(vision[:, 1:]).float(), traces)
        read, shown = self.missed(emu.cformer(vision), labels, whole)
        return 4 * trace + patches + read, {"trace": trace.item(), "patches": patches.item(), **shown}


def embed(emu: Emu, batch: Batch) -> tuple[Tensor, Tensor]:
    """What the language model is fed [b, t, d], and the pictures' own embeddings in slot order [slots, d]."""
    seen = emu.see(batch.pixels).flatten(0, 1)
    predicted = batch.is_slot & (batch.weights > 0)
    level = SLOT_NOISE * torch.rand(len(batch.pixels), 1, 1).expand(-1, emu.sizes.causal, 1).flatten(0, 1)
    fed = seen + predicted[batch.is_slot][:, None] * level * seen.std() * torch.randn_like(seen)
    words = emu.words(batch.ids)
    return words.masked_scatter(batch.is_slot[..., None], fed.to(words.dtype)), seen


def losses(emu: Emu, batch: Batch) -> tuple[Tensor, Tensor]:
    """Next token by cross-entropy and next visual embedding by l2, in one sequence (paper, section 2.2).

    The l2 is relative to the variance of embeddings over the pictures: what all pictures share is easily said, and
    would drown what they show.
    """
    x, seen = embed(emu, batch)
    hidden = emu.read(x[:, :-1])
    lm = emu.decoder.lm
    weights, is_slot = batch.weights[:, 1:], batch.is_slot[:, 1:]
    word = (weights > 0) & ~is_slot
    words = F.cross_entropy(lm.lm_head(hidden[word]), batch.ids[:, 1:][word])
    share = weights[is_slot]
    return words, (share * miss(lm.stu_regress_head(hidden[is_slot]), seen, emu.sizes.causal)).sum() / share.sum().clamp(min=1)


def miss(said: Tensor, target: Tensor, causal: int) -> Tensor:
    """Square error of each embedding [slots], relative to how much pictures differ in all of them."""
    return (said - target).square().mean(-1) / target.view(-1, causal, target.shape[-1]).var(0).mean()
