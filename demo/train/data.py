"""Endless batches, made from seeds: the same seed gives the same batches."""

import os
from random import Random
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from world import tasks

from .run import DEVICE
from .vocabulary import CAUSAL, SYSTEM, Vocabulary

MEAN = torch.tensor((0.48145466, 0.4578275, 0.40821073), device="cpu")[:, None, None]
STD = torch.tensor((0.26862954, 0.26130258, 0.27577711), device="cpu")[:, None, None]


def pixels(pictures: list[Image.Image]) -> Tensor:
    """Normalised as the reference's process_img: [n, 3, h, w]."""
    stacked = torch.from_numpy(np.stack([np.asarray(picture) for picture in pictures])).permute(0, 3, 1, 2)
    return stacked.float().div_(255).sub_(MEAN).div_(STD).contiguous()


class Batch(NamedTuple):
    """b documents, right-padded to t positions."""

    ids: Tensor  # [b, t]
    weights: Tensor  # [b, t], of predicting this position
    is_slot: Tensor  # [b, t]: a picture's embedding is fed here
    pixels: Tensor  # [n, 3, h, w], in the order of the slots


def collate(documents: list[tasks.Document], vocabulary: Vocabulary, system: str | None = None) -> Batch:
    read = [vocabulary.document(document, system) for document in documents]
    length = max(len(one.ids) for one in read)
    with torch.device("cpu"):
        ids = torch.full((len(read), length), vocabulary.pad)
        weights, is_slot = torch.zeros(len(read), length), torch.zeros(len(read), length, dtype=torch.bool)
        for row, one in enumerate(read):
            ids[row, : len(one.ids)] = torch.tensor(one.ids)
            weights[row, : len(one.weights)] = torch.tensor(one.weights)
            for slot in one.slots:
                is_slot[row, slot : slot + CAUSAL] = True
    pictures = [part for document in documents for part in document.parts if not isinstance(part, str)]
    return Batch(ids, weights, is_slot, pixels(pictures))


# Everything is looked up: by its place, its shape, its colour.
LOOKUPS = {tasks.catalogue: 5, tasks.inventory: 2, tasks.index: 1}
# Words about pictures. More objects than are asked for, and cells one by one, so that no object's attribute is said of another.
WORDS = {tasks.early_caption: 5, tasks.early_long_caption: 2, tasks.inquiry: 5, tasks.answer: 3, tasks.full_inventory: 1, tasks.catalogue: 1}
LONG = {tasks.video: 2, tasks.early_few_shot: 1}
# What was rare: videos, series, and two objects compared.
FINISH = {tasks.early_caption: 4, tasks.early_long_caption: 1, tasks.inquiry: 4, tasks.pair: 3, tasks.answer: 3, tasks.full_inventory: 1,
          tasks.catalogue: 1}
FINISH_LONG = {tasks.video: 1, tasks.few_shot: 1}
# What asks for every object of a picture.
POLISH = {tasks.description: 6, tasks.long_description: 3, tasks.full_inventory: 3, tasks.catalogue: 1, tasks.inquiry: 2,
          tasks.pair: 1, tasks.answer: 2}
POLISH_LONG = {tasks.video: 3, tasks.few_shot: 1}
# What is asked and answered once.
TURNS = {tasks.description: 26, tasks.answer: 24, tasks.draw: 26, tasks.in_style: 8, tasks.blend: 5}


class Documents(IterableDataset):
    """Batches of like lengths: short documents, or a few long ones (videos, few-shot series)."""

    def __init__(self, vocabulary: Vocabulary, seed: int, size: int, instruct: bool = False, long_share: float = 0.2,
                 short: dict = WORDS, long: dict = LONG):
        self.vocabulary, self.seed, self.size, self.instruct, self.long_share = vocabulary, seed, size, instruct, long_share
        self.short, self.long = short, long

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        random = Random(f"{self.seed}.{worker.id if worker else 0}")
        while True:
            long = not self.instruct and random.random() < self.long_share
            mixture = self.long if long else self.short
            tasks_drawn = random.choices(tuple(mixture), weights=tuple(mixture.values()), k=self.size // 4 if long else self.size)
            system = random.choice((SYSTEM, "")) if self.instruct else None
            yield collate([task(random) for task in tasks_drawn], self.vocabulary, system)


class Mixed(IterableDataset):
    """Batches of documents of any length, drawn from a mixture of tasks."""

    def __init__(self, vocabulary: Vocabulary, seed: int, size: int, mixture: dict):
        self.vocabulary, self.seed, self.size, self.mixture = vocabulary, seed, size, mixture

    def __iter__(self):
        random = Random(f"mixed.{self.seed}")
        while True:
            drawn = random.choices(tuple(self.mixture), weights=tuple(self.mixture.values()), k=self.size)
            yield collate([task(random) for task in drawn], self.vocabulary)


def carried(made: Tensor | Batch | tuple):
    """What was made, where the training runs."""
    if isinstance(made, Tensor):
        return made.to(DEVICE)
    parts = map(carried, made)
    return Batch(*parts) if isinstance(made, Batch) else tuple(parts)


def endless(dataset: IterableDataset):
    """Made beside the training where a core is left for it; a team of threads that loses one waits for it with all."""
    spare = (os.cpu_count() or 1) > torch.get_num_threads()
    return map(carried, DataLoader(dataset, batch_size=None, num_workers=int(spare), prefetch_factor=4 if spare else None))
