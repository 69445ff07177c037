"""The visual decoder's training: noise prediction from the 32 embeddings, with condition dropout for guidance."""

from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import Tensor

from world import tasks
from world.render import render
from world.scene import draw_scene

from .data import pixels
from .emu import Emu
from .layout import layout
from .run import DEVICE, load
from .unet import LATENT, SAMPLE, UNet
from .vae import Vae
from .vocabulary import CAUSAL, Vocabulary

# Stable Diffusion 1.5's schedule.
ALPHAS = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000, device=DEVICE) ** 2, 0)
DROPPED = 0.12


def pictures(batch: list) -> Tensor:
    """PIL pictures to -1..1: [n, 3, SIDE, SIDE]."""
    return signed(torch.stack([torch.from_numpy(np.array(one)) for one in batch]))


def signed(samples: Tensor) -> Tensor:
    """Bytes [n, h, w, 3] to -1..1: [n, 3, h, w]."""
    return samples.permute(0, 3, 1, 2).float() / 127.5 - 1


@torch.no_grad()
@torch.compiler.set_stance("force_eager")
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
            x = x.masked_scatter((ids == vocabulary.image)[..., None], emu.see(pixels(given).to(DEVICE)).flatten(0, 1))
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


@dataclass(frozen=True)
class Lessons:
    """What the UNet learns from: of each picture what the eyes see in it, and the layout of its scene."""

    embeddings: Tensor  # [n, 32, d], half
    layouts: Tensor  # [n, LATENT, SAMPLE, SAMPLE], half


@torch.no_grad()
@torch.compiler.set_stance("force_eager")
def lessons(file: Path, emu: Emu, seed: int, count: int) -> Lessons:
    """Made once and kept: they take a minute or two."""
    if not file.exists():
        random = Random(f"lessons.{seed}")
        embeddings, layouts = [], []
        for _ in range(0, count, 64):
            scenes = [draw_scene(random, random.choice((3, 5))) for _ in range(64)]
            embeddings.append(emu.see(pixels([render(scene, random) for scene in scenes]).to(DEVICE)).half().cpu())
            layouts += [layout(scene).half() for scene in scenes]
        partial = file.with_suffix(".partial")
        torch.save({"embeddings": torch.cat(embeddings), "layouts": torch.stack(layouts)}, partial)
        partial.rename(file)
    return Lessons(**load(file))


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


def loss(unet: UNet, embeddings: Tensor, latents: Tensor, none: Tensor) -> Tensor:
    """Square error of the noise, weighted by noise over signal: what stands where is decided while noise prevails.

    For the same reason late steps, those of much noise, are drawn more often than early ones.
    """
    size = len(latents)
    condition = torch.where(torch.rand(size, 1, 1) < DROPPED, none, embeddings)
    steps = (1000 * torch.rand(size).sqrt()).long().clamp(max=999)
    noise, alpha = torch.randn_like(latents), ALPHAS[steps][:, None, None, None]
    said = unet(alpha.sqrt() * latents + (1 - alpha).sqrt() * noise, steps, condition).float()
    return (((1 - alpha) / alpha).clamp(0.1, 20) * (said - noise).square()).mean()
