"""python -m grade.train_features: trains the classifier whose features `features.py` measures in. Needs torch."""

import sys
from random import Random

import numpy as np

try:
    import torch
except ModuleNotFoundError:
    sys.exit("grade.train_features: PyTorch is not here\n  -> python -m pip install -r demo/requirements.txt")
from torch import Tensor, nn
from torch.nn import functional as F

from world.render import render
from world.scene import BACKGROUNDS, COLOURS, PLACES, SHAPES, STYLES, draw_scene

from . import features

CELLS = sorted(PLACES)
# Of each cell its shape and colour (0: nothing), of the whole its background and style.
CLASSES = [len(SHAPES) + 1, len(COLOURS) + 1] * len(CELLS) + [len(BACKGROUNDS), len(STYLES)]


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        layers, channels = [], 3
        for kernel, stride, out in features.CONVOLUTIONS:
            layers.append(nn.Conv2d(channels, out, kernel, stride, kernel // 2))
            channels = out
        self.convolutions = nn.ModuleList(layers)
        self.dense = nn.Linear(channels * features.REGIONS**2, features.WIDTH)
        self.heads = nn.Linear(features.WIDTH, sum(CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.convolutions:
            x = F.relu(layer(x))
        x = F.adaptive_avg_pool2d(x, features.REGIONS).flatten(1)
        return self.heads(F.relu(self.dense(x)))

    def loss(self, x: Tensor, labels: Tensor) -> Tensor:
        parts = self(x).split(CLASSES, -1)
        return sum(F.cross_entropy(part, labels[:, i]) for i, part in enumerate(parts)) / len(parts)


def batch(random: Random, size: int) -> tuple[Tensor, Tensor]:
    labels = torch.zeros(size, len(CLASSES), dtype=torch.long)
    pictures = []
    for row in range(size):
        scene = draw_scene(random, most=6)
        pictures.append(render(scene, random, features.SIDE))
        for thing in scene.things:
            cell = 2 * CELLS.index(thing.cell)
            labels[row, cell], labels[row, cell + 1] = SHAPES.index(thing.shape) + 1, tuple(COLOURS).index(thing.colour) + 1
        labels[row, -2], labels[row, -1] = tuple(BACKGROUNDS).index(scene.background), STYLES.index(scene.style)
    return torch.from_numpy(features.samples(pictures)), labels


def main(steps: int = 1000, size: int = 64) -> None:
    torch.manual_seed(1)
    random, classifier = Random("features.1"), Classifier()
    optimizer = torch.optim.AdamW(classifier.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, steps)
    for step in range(1, steps + 1):
        loss = classifier.loss(*batch(random, size))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 100 == 0:
            print(f"features {step}/{steps} {loss.item():.4f}", flush=True)
    kept = {}
    for index, layer in enumerate(classifier.convolutions):
        kept[f"{index}.weight"], kept[f"{index}.bias"] = layer.weight, layer.bias
    kept["dense.weight"], kept["dense.bias"] = classifier.dense.weight, classifier.dense.bias
    np.savez_compressed(features.WEIGHTS, **{name: p.detach().numpy().astype(np.float16) for name, p in kept.items()})


if __name__ == "__main__":
    main()
