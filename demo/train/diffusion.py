"""The visual decoder's training: noise prediction from the 32 embeddings, with condition dropout for guidance."""

from random import Random

import torch
from torch import Tensor
from torch.nn import functional as F

from world import tasks
from world.render import render

from .data import pixels
from .emu import Emu
from .unet import LATENT, SAMPLE, UNet
from .vae import SIDE, Vae
from .vocabulary import CAUSAL, Vocabulary

# Stable Diffusion 1.5's schedule.
ALPHAS = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2, 0)
DROPPED = 0.12


def pictures(batch: list) -> Tensor:
    """PIL pictures to -1..1: [n, 3, SIDE, SIDE]."""
    import numpy as np

    return torch.stack([torch.from_numpy(np.array(one)).permute(2, 0, 1) for one in batch]).float() / 127.5 - 1


@torch.no_grad()
def imagine(emu: Emu, vocabulary: Vocabulary, documents: list[tasks.Document]) -> Tensor:
    """What the model itself draws for each prompt: 32 embeddings fed back one by one, [n, 32, d].

    Prompts of one length at a time, so that no padding is read.
    """
    answers: list[Tensor | None] = [None] * len(documents)
    groups: dict[tuple, list[int]] = {}
    prompts = []
    for index, document in enumerate(documents):
        ids = [1]
        for part in document.parts[: document.learn]:
            ids += vocabulary.encode(part) if isinstance(part, str) else (
                [vocabulary.img] + [vocabulary.image] * CAUSAL + [vocabulary.end_img])
        prompts.append(ids + [vocabulary.img])
        groups.setdefault((len(ids), sum(not isinstance(p, str) for p in document.parts[: document.learn])), []).append(index)
    for members in groups.values():
        ids = torch.tensor([prompts[index] for index in members])
        x = emu.words(ids)
        given = [part for index in members for part in documents[index].parts[: documents[index].learn] if not isinstance(part, str)]
        if given:
            x = x.masked_scatter((ids == vocabulary.image)[..., None], emu.see(pixels(given)).flatten(0, 1))
        caches, start, out = emu.caches(), 0, []
        for _ in range(CAUSAL):
            hidden = emu.read(x, start, caches)
            start += x.shape[1]
            x = emu.decoder.lm.stu_regress_head(hidden[:, -1:])
            out.append(x)
        for index, embeddings in zip(members, torch.cat(out, 1)):
            answers[index] = embeddings
    return torch.stack(answers)


def unconditional(emu: Emu, vocabulary: Vocabulary) -> Tensor:
    """The empty prompt's embeddings [1, 32, d]: guidance's other branch, and what dropout puts in."""
    return imagine(emu, vocabulary, [tasks.Document("draw", ("", None), 1)])


class Imagined:
    """Prompts with what the model imagined for them; their pictures are rendered afresh at every use."""

    def __init__(self, emu: Emu, vocabulary: Vocabulary, seed: int, count: int):
        random = Random(f"imagined.{seed}")
        mixture = {tasks.draw: 7, tasks.in_style: 2, tasks.blend: 1}
        self.scenes, chunks = [], []
        for _ in range(0, count, 512):
            drawn = [task(random) for task in random.choices(tuple(mixture), weights=tuple(mixture.values()), k=512)]
            self.scenes += [document.scene for document in drawn]
            chunks.append(imagine(emu, vocabulary, drawn))
            print(f"imagined {len(self.scenes)}/{count}", flush=True)
        self.embeddings = torch.cat(chunks)


@torch.no_grad()
def sample(unet: UNet, vae: Vae, scale: float, condition: Tensor, none: Tensor, guidance: float = 3.0, steps: int = 30) -> Tensor:
    """Pictures in -1..1 by DDIM, for looking at progress; serving uses PNDM."""
    n = len(condition)
    x = torch.randn(n, LATENT, SAMPLE, SAMPLE)
    both = torch.cat((condition, none.expand(n, -1, -1)))
    times = torch.linspace(981, 1, steps).long()
    for index, t in enumerate(times):
        cond, uncond = unet(torch.cat((x, x)), t.expand(2 * n), both).chunk(2)
        noise = uncond + guidance * (cond - uncond)
        now = ALPHAS[t]
        then = ALPHAS[times[index + 1]] if index + 1 < steps else ALPHAS[0]
        clean = (x - (1 - now).sqrt() * noise) / now.sqrt()
        x = then.sqrt() * clean + (1 - then).sqrt() * noise
    return vae.decode(x / scale).clamp(-1, 1)


def batches(seed: int, imagined: Imagined, size: int):
    """(indices, the scenes' fresh pictures at 64 and at 112 pixels)."""
    random = Random(f"diffusion.{seed}")
    while True:
        chosen = [random.randrange(len(imagined.scenes)) for _ in range(size)]
        yield chosen, [render(imagined.scenes[index], random, SIDE) for index in chosen]


def loss(unet: UNet, vae: Vae, scale: float, imagined: Imagined, none: Tensor, chosen: list[int], shown: list) -> Tensor:
    condition = imagined.embeddings[chosen]
    condition = torch.where(torch.rand(len(chosen), 1, 1) < DROPPED, none, condition)
    with torch.no_grad():
        mean, logvar = vae.encode(pictures(shown))
        clean = scale * (mean + torch.randn_like(mean) * (0.5 * logvar).exp())
    steps = torch.randint(0, 1000, (len(chosen),))
    noise = torch.randn_like(clean)
    alpha = ALPHAS[steps][:, None, None, None]
    return F.mse_loss(unet(alpha.sqrt() * clean + (1 - alpha).sqrt() * noise, steps, condition).float(), noise)
