"""PNDM without its Runge-Kutta start (PLMS), as Stable Diffusion runs it."""

import torch
from torch import Tensor


class Pndm:
    def __init__(self, config: dict):
        start, end, count = config["beta_start"], config["beta_end"], config["num_train_timesteps"]
        betas = torch.linspace(start**0.5, end**0.5, count, dtype=torch.float32) ** 2
        self.products = torch.cumprod(1 - betas, 0)
        self.count, self.offset = count, config["steps_offset"]

    def timesteps(self, steps: int) -> list[int]:
        plain = [i * (self.count // steps) + self.offset for i in range(steps)]
        return (plain[:-1] + plain[-2:-1] + plain[-1:])[::-1]

    def walk(self, steps: int, sample: Tensor, noise) -> list[Tensor]:
        """Samples after each call; `noise(sample, timestep)` is the network."""
        stride, past, samples = self.count // steps, [], []
        first = sample
        for call, at in enumerate(self.timesteps(steps)):
            predicted = noise(sample, at)
            if call == 1:
                at, to, base = at + stride, at, first
                combined = (predicted + past[-1]) / 2
            else:
                past = [*past[-3:], predicted]
                to, base, first = at - stride, sample, sample if call == 0 else first
                weights = {1: [1], 2: [-1, 3], 3: [5, -16, 23], 4: [-9, 37, -59, 55]}[len(past)]
                combined = sum(one * past[i] for i, one in enumerate(weights)) / sum(weights)
            sample = self._step(base, at, to, combined)
            samples.append(sample)
        return samples

    def _step(self, sample: Tensor, at: int, to: int, noise: Tensor) -> Tensor:
        now, then = self.products[at], self.products[to] if to >= 0 else self.products[0]
        divisor = now * (1 - then) ** 0.5 + (now * (1 - now) * then) ** 0.5
        return (then / now) ** 0.5 * sample - (then - now) * noise / divisor
