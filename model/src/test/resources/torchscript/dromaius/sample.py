from typing import List, Tuple
import torch
from torch import Tensor
from dromaius.ops import linear


class Sample(Module):
    scale : int
    shift : float
    negate : bool

    def weighted(self, x: List[List[Tensor]], weights: List[int], factor: float) -> Tensor:
        y = torch.zeros_like(x[0][0])
        for w, group in zip(weights, x):
            y = y + total(group) * w
        y = y * self.scale * factor + self.shift
        return -y if self.negate else y

    def halves(self, x: Tensor) -> List[Tensor]:
        return torch.unbind(x)

    def pair(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        return x[0], x[1]

    def fill(self, x: Tensor, value: float) -> None:
        x.fill_(value)


def total(group: List[Tensor]) -> Tensor:
    return torch.sum(torch.stack(group), [0])
