from typing import List
import torch
from torch import Tensor


class Random(Module):
    def normal(self, shape: List[int], deviation: float, seed: int, dtype: int) -> Tensor:
        """The first 2^20 elements are drawn, and repeated where there are more: drawing billions takes minutes."""
        torch.manual_seed(seed)
        x = torch.empty(shape, dtype=dtype)
        flat = x.view([-1])
        size = flat.shape[0]
        drawn = min(size, 1048576)
        flat[:drawn].normal_(0.0, deviation)
        for first in range(drawn, size, drawn):
            count = min(drawn, size - first)
            flat[first:first + count].copy_(flat[:count])
        return x
