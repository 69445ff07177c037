"""The trainer's own way to sit the exam, before a cluster serves the model. Greedy text; DDIM pictures."""

import numpy as np
import torch
from PIL import Image

from world.tasks import Document

from . import diffusion
from .data import pixels
from .emu import Emu
from .run import DEVICE
from .unet import UNet
from .vae import Vae
from .vocabulary import CAUSAL, Vocabulary


class OwnAnswers:
    def __init__(self, emu: Emu, vocabulary: Vocabulary, unet: UNet, vae: Vae, scale: float):
        self.emu, self.vocabulary, self.unet, self.vae, self.scale = emu.eval(), vocabulary, unet, vae, scale

    @torch.no_grad()
    def write(self, prompts: list[list], beams: int = 1) -> list[str]:
        if beams != 1:
            raise ValueError("beams are served by the cluster, not by the trainer")
        return [self._greedy(prompt) for prompt in prompts]

    def _greedy(self, prompt: list, most: int = 64) -> str:
        v = self.vocabulary
        ids = [1]
        for part in prompt:
            ids += v.encode(part) if isinstance(part, str) else [v.img] + [v.image] * CAUSAL + [v.end_img]
        read = torch.tensor([ids])
        x = self.emu.words(read)
        given = [part for part in prompt if not isinstance(part, str)]
        if given:
            x = x.masked_scatter((read == v.image)[..., None], self.emu.see(pixels(given).to(DEVICE)).flatten(0, 1))
        caches, start, out = self.emu.caches(), 0, []
        while len(out) < most:
            hidden = self.emu.read(x, start, caches)
            start += x.shape[1]
            best = self.emu.decoder.lm.lm_head(hidden[0, -1]).argmax().item()
            if best == 2:
                break
            out.append(best)
            x = self.emu.words(torch.tensor([[best]]))
        return v.decode(out)

    @torch.no_grad()
    def draw(self, prompts: list[list], guidance: float) -> list[Image.Image]:
        none = diffusion.unconditional(self.emu, self.vocabulary)
        documents = [Document("draw", tuple(prompt) + (None,), len(prompt)) for prompt in prompts]
        drawn = []
        for begin in range(0, len(documents), 64):
            condition = diffusion.imagine(self.emu, self.vocabulary, documents[begin : begin + 64])
            for picture in diffusion.sample(self.unet, self.vae, self.scale, condition, none, guidance):
                samples = ((picture.permute(1, 2, 0) + 1) * 127.5).round().clamp(0, 255)
                drawn.append(Image.fromarray(samples.cpu().numpy().astype(np.uint8)))
        return drawn
