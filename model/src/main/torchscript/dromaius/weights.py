from typing import List
import torch
from torch import Tensor


class Weights(Module):
    def strided(self, x: Tensor, shape: List[int], strides: List[int], start: int) -> Tensor:
        return torch.as_strided(x, shape, strides, start)

    def merge_lora(self, w: Tensor, a: Tensor, b: Tensor, scale: float, dtype: int) -> Tensor:
        """W + (alpha / r) B A, in fp32."""
        merged = w.to(torch.float32) + scale * torch.mm(b.to(torch.float32), a.to(torch.float32))
        return merged.to(dtype)
