"""The instruct variant: rank 16 on q, k, v and o, and the rows of [USER] and [ASSISTANT]."""

import torch
from torch import Tensor, nn

from .emu import Emu

RANK = 16
TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj")


class LoraLinear(nn.Module):
    """W x + B A x (alpha equals the rank)."""

    def __init__(self, base: nn.Linear):
        super().__init__()
        self.base = base
        self.lora_A = nn.Parameter(torch.randn(RANK, base.in_features) / base.in_features**0.5)
        self.lora_B = nn.Parameter(torch.zeros(base.out_features, RANK))

    def forward(self, x: Tensor) -> Tensor:
        return self.base(x) + x @ self.lora_A.T @ self.lora_B.T


def adapt(emu: Emu, first_new: int) -> list[nn.Parameter]:
    """Wraps the projections; returns what is to be trained. Everything else is frozen."""
    emu.requires_grad_(False)
    trained = []
    for layer in emu.decoder.lm.model.layers:
        for name in TARGETS:
            adapted = LoraLinear(getattr(layer.self_attn, name))
            setattr(layer.self_attn, name, adapted)
            trained += [adapted.lora_A, adapted.lora_B]
    rows = emu.decoder.lm.model.embed_tokens.weight
    rows.requires_grad_(True)
    keep = torch.zeros(len(rows), 1)
    keep[first_new:] = 1
    rows.register_hook(lambda gradient: gradient * keep)
    return trained + [rows]
