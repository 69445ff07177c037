from typing import List
import torch
from torch import Tensor


class Random(Module):
    def normal(self, shape: List[int], deviation: float, seed: int, dtype: int) -> Tensor:
        torch.manual_seed(seed)
        return torch.empty(shape, dtype=dtype).normal_(0.0, deviation)
