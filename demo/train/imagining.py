"""Pictures imagined, as they are when they are served: each embedding follows those that the model made itself."""

from random import Random

import torch
from torch import Tensor
from torch.utils.data import IterableDataset

from world import tasks

from .data import Batch, collate
from .emu import Emu
from .language import Codes, miss, stated
from .vocabulary import Vocabulary

# Drawing from words, in a picture's style, and from two pictures.
DRAWN = {tasks.draw: 7, tasks.in_style: 3, tasks.blend: 1}
EARLY = {tasks.early_draw: 7, tasks.in_style: 3, tasks.blend: 1}


class Drawings(IterableDataset):
    """Batches of documents of one task that end in a picture to be drawn, with what stands in it."""

    def __init__(self, vocabulary: Vocabulary, seed: int, size: int, mixture: dict):
        self.vocabulary, self.seed, self.size, self.mixture = vocabulary, seed, size, mixture

    def __iter__(self):
        random = Random(f"drawings.{self.seed}")
        while True:
            task = random.choices(tuple(self.mixture), weights=tuple(self.mixture.values()))[0]
            documents = [task(random) for _ in range(self.size)]
            yield collate(documents, self.vocabulary), *stated([document.scene for document in documents])


def losses(emu: Emu, codes: Codes, batch: Batch, labels: Tensor, whole: Tensor) -> tuple[Tensor, Tensor, dict[str, float]]:
    """The l2 of what is imagined, and what cannot be read in it.

    Fed with the true embeddings, however noisy, the model copies what they show and does not learn to read it in the words:
    of the shapes that it then imagined by itself 44 % were right. So half of the documents feed noise that says nothing,
    and half what was imagined from such noise.
    """
    seen = emu.see(batch.pixels).flatten(0, 1)
    drawn = batch.is_slot & (batch.weights > 0)
    words = emu.words(batch.ids)
    x = words.masked_scatter(batch.is_slot[..., None], seen.to(words.dtype))
    x = torch.where(drawn[..., None], seen.std() * torch.randn_like(x), x)
    head = emu.decoder.lm.stu_regress_head

    def imagined(x: Tensor) -> Tensor:
        return head(emu.read(x[:, :-1])[drawn[:, 1:]])

    own = torch.rand(len(x), 1, 1) < 0.5
    with torch.no_grad():
        x = torch.where(own, x.masked_scatter(drawn[..., None], imagined(x).to(x.dtype)), x)
    said = imagined(x)
    missed, shown = codes.missed(said.view(-1, emu.sizes.causal, said.shape[-1]), labels, whole)
    return miss(said, seen[drawn[batch.is_slot]], emu.sizes.causal).mean(), missed, shown
