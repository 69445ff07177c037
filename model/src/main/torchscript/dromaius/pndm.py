from typing import List
import torch
from torch import Tensor


# What the PNDM scheduler's numbers do to tensors.
class Pndm(Module):
    def step(self, sample: Tensor, noise: List[Tensor], weights: List[float], sample_factor: float,
             noise_factor: float) -> Tensor:
        """sample_factor * sample + noise_factor * sum(weights * noise), all [1, c, h, w]."""
        combined = noise[0] * weights[0]
        for i in range(1, len(weights)):
            combined = combined + noise[i] * weights[i]
        return sample_factor * sample + noise_factor * combined

    def predict(self, sample: Tensor, noise: Tensor, alpha: float) -> Tensor:
        """Where the sample would end if this noise were all there is: (x - sqrt(1 - alpha) e) / sqrt(alpha)."""
        return (sample - (1. - alpha) ** 0.5 * noise) / alpha ** 0.5
