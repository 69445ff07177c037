"""Convolutional parts under diffusers' state-dict names: residual blocks, spatial transformers, resampling."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Resnet(nn.Module):
    def __init__(self, inner: int, outer: int, groups: int, time: int = 0, eps: float = 1e-5):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, inner, eps)
        self.conv1 = nn.Conv2d(inner, outer, 3, padding=1)
        if time:
            self.time_emb_proj = nn.Linear(time, outer)
        self.norm2 = nn.GroupNorm(groups, outer, eps)
        self.conv2 = nn.Conv2d(outer, outer, 3, padding=1)
        if inner != outer:
            self.conv_shortcut = nn.Conv2d(inner, outer, 1)
        self.changes = inner != outer

    def forward(self, x: Tensor, time: Tensor | None = None) -> Tensor:
        y = self.conv1(F.silu(self.norm1(x)))
        if time is not None:
            y = y + self.time_emb_proj(F.silu(time))[:, :, None, None]
        y = self.conv2(F.silu(self.norm2(y)))
        return y + (self.conv_shortcut(x) if self.changes else x)


class Resample(nn.Module):
    """`conv` alone is learnt; nearest up-sampling before it, or stride 2 in it."""

    def __init__(self, channels: int, up: bool):
        super().__init__()
        self.up = up
        self.conv = nn.Conv2d(channels, channels, 3, stride=1 if up else 2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        if self.up:
            return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))
        return self.conv(x)


def attend(q: Tensor, k: Tensor, v: Tensor, scale: float, bias: Tensor | None = None) -> Tensor:
    """Attention over [b, heads, t, d], written out.

    The fused kernel for CPUs takes two to six times as long backwards where sequences are short or heads small.
    """
    scores = scale * q @ k.transpose(-2, -1)
    return (scores if bias is None else scores + bias).softmax(-1) @ v


class Attention(nn.Module):
    def __init__(self, width: int, source: int, heads: int):
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(width, width, bias=False)
        self.to_k = nn.Linear(source, width, bias=False)
        self.to_v = nn.Linear(source, width, bias=False)
        self.to_out = nn.ModuleList([nn.Linear(width, width)])

    def forward(self, x: Tensor, source: Tensor) -> Tensor:
        b, t, d = x.shape
        q, k, v = (y.view(b, y.shape[1], self.heads, -1).transpose(1, 2) for y in (self.to_q(x), self.to_k(source), self.to_v(source)))
        return self.to_out[0](attend(q, k, v, q.shape[-1] ** -0.5).transpose(1, 2).reshape(b, t, d))


class Geglu(nn.Module):
    def __init__(self, width: int, inner: int):
        super().__init__()
        self.proj = nn.Linear(width, 2 * inner)

    def forward(self, x: Tensor) -> Tensor:
        value, gate = self.proj(x).chunk(2, -1)
        return value * F.gelu(gate)


class FeedForward(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.net = nn.ModuleList([Geglu(width, 4 * width), nn.Identity(), nn.Linear(4 * width, width)])

    def forward(self, x: Tensor) -> Tensor:
        return self.net[2](self.net[0](x))


class TransformerBlock(nn.Module):
    def __init__(self, width: int, cross: int, heads: int):
        super().__init__()
        self.norm1, self.attn1 = nn.LayerNorm(width), Attention(width, width, heads)
        self.norm2, self.attn2 = nn.LayerNorm(width), Attention(width, cross, heads)
        self.norm3, self.ff = nn.LayerNorm(width), FeedForward(width)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        y = self.norm1(x)
        x = x + self.attn1(y, y)
        x = x + self.attn2(self.norm2(x), condition)
        return x + self.ff(self.norm3(x))


class SpatialTransformer(nn.Module):
    def __init__(self, width: int, cross: int, heads: int, groups: int):
        super().__init__()
        self.norm = nn.GroupNorm(groups, width, 1e-6)
        self.proj_in = nn.Conv2d(width, width, 1)
        self.transformer_blocks = nn.ModuleList([TransformerBlock(width, cross, heads)])
        self.proj_out = nn.Conv2d(width, width, 1)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        b, c, h, w = x.shape
        y = self.proj_in(self.norm(x)).flatten(2).transpose(1, 2)
        y = self.transformer_blocks[0](y, condition)
        return x + self.proj_out(y.transpose(1, 2).reshape(b, c, h, w))


class VaeAttention(nn.Module):
    """One head, with biases; saved under the names of SD-1.5's VAE."""

    def __init__(self, width: int, groups: int):
        super().__init__()
        self.group_norm = nn.GroupNorm(groups, width, 1e-6)
        for name in ("query", "key", "value", "proj_attn"):
            setattr(self, name, nn.Linear(width, width))

    def forward(self, x: Tensor) -> Tensor:
        b, c, h, w = x.shape
        y = self.group_norm(x).flatten(2).transpose(1, 2)
        y = F.scaled_dot_product_attention(self.query(y)[:, None], self.key(y)[:, None], self.value(y)[:, None])[:, 0]
        return x + self.proj_attn(y).transpose(1, 2).reshape(b, c, h, w)


class VaeMid(nn.Module):
    def __init__(self, width: int, groups: int):
        super().__init__()
        self.attentions = nn.ModuleList([VaeAttention(width, groups)])
        self.resnets = nn.ModuleList([Resnet(width, width, groups, eps=1e-6), Resnet(width, width, groups, eps=1e-6)])

    def forward(self, x: Tensor) -> Tensor:
        return self.resnets[1](self.attentions[0](self.resnets[0](x)))
