from typing import List
import torch
from torch import Tensor
from dromaius.llama import attention, bag_rows
from dromaius.ops import linear


class Bench(Module):
    # Parts of a stage's work alone, and readers of the same bytes.

    def total(self, parts: List[Tensor]) -> Tensor:
        """Reads every byte once. Whatever the parts hold is added up as fp32, the fastest sum."""
        total = torch.zeros([1])
        for x in parts:
            # With its size given, set_ cannot grow the storage.
            words = x.numel() * x.element_size() // 4
            total = total + torch.sum(torch.empty([0], dtype=torch.float32, device=x.device).set_(x, 0, [words], [1]))
        return total

    def fill(self, parts: List[Tensor]) -> None:
        # Memory that was never written is one page of zeros, read from the cache.
        for x in parts:
            x.fill_(0.01)

    def gemm(self, layers: List[List[Tensor]], x: Tensor, h: Tensor) -> Tensor:
        """The seven products of each layer; x: [rows, d], h: [rows, intermediate]."""
        y = x
        for w in layers:
            for i in [1, 2, 3, 4]:
                y = linear(x, w[i])
            for i in [6, 7]:
                linear(x, w[i])
            y = linear(h, w[8])
        return y

    def attend(self, q: Tensor, keys: List[Tensor], values: List[Tensor], reads: List[int]) -> Tensor:
        o = q
        none: List[int] = []
        bags = bag_rows(reads, q.shape[0], keys[0])
        for k, v in zip(keys, values):
            o = attention(q, q, q, k, v, bags, reads, none, none)
        return o
