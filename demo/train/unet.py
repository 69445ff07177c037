"""UNet2DConditionModel in Stable Diffusion's shape: two levels, cross-attention on the 32 embeddings everywhere."""

from math import log

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from . import layout
from .blocks import Resample, Resnet, SpatialTransformer

CHANNELS, LAYERS, HEADS, GROUPS = (64, 88), 1, 4, 8
LATENT, SAMPLE = layout.CHANNELS, layout.SIDE
TIME = 4 * CHANNELS[0]


def config(cross: int) -> dict:
    return {
        "_class_name": "UNet2DConditionModel", "act_fn": "silu", "attention_head_dim": HEADS,
        "block_out_channels": list(CHANNELS), "center_input_sample": False, "cross_attention_dim": cross,
        "down_block_types": ["CrossAttnDownBlock2D"] * 2, "downsample_padding": 1, "flip_sin_to_cos": True, "freq_shift": 0,
        "in_channels": LATENT, "layers_per_block": LAYERS, "mid_block_scale_factor": 1, "norm_eps": 1e-05,
        "norm_num_groups": GROUPS, "out_channels": LATENT, "sample_size": SAMPLE,
        "mid_block_type": "UNetMidBlock2DCrossAttn", "up_block_types": ["CrossAttnUpBlock2D"] * 2,
        "use_linear_projection": False,
    }


class TimeEmbedding(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear_1 = nn.Linear(CHANNELS[0], TIME)
        self.linear_2 = nn.Linear(TIME, TIME)

    def forward(self, steps: Tensor) -> Tensor:
        half = CHANNELS[0] // 2
        angle = steps.float()[:, None] * torch.exp(-log(10000) * torch.arange(half) / half)
        return self.linear_2(F.silu(self.linear_1(torch.cat((angle.cos(), angle.sin()), -1))))


class Level(nn.Module):
    def __init__(self, widths: list[int], outer: int, cross: int, resampler: str | None):
        super().__init__()
        self.resnets = nn.ModuleList(Resnet(width, outer, GROUPS, TIME) for width in widths)
        self.attentions = nn.ModuleList(SpatialTransformer(outer, cross, HEADS, GROUPS) for _ in widths)
        if resampler:
            setattr(self, resampler, nn.ModuleList([Resample(outer, resampler == "upsamplers")]))


class Mid(nn.Module):
    def __init__(self, width: int, cross: int):
        super().__init__()
        self.attentions = nn.ModuleList([SpatialTransformer(width, cross, HEADS, GROUPS)])
        self.resnets = nn.ModuleList([Resnet(width, width, GROUPS, TIME), Resnet(width, width, GROUPS, TIME)])


class UNet(nn.Module):
    def __init__(self, cross: int):
        super().__init__()
        low, high = CHANNELS
        self.conv_in = nn.Conv2d(LATENT, low, 3, padding=1)
        self.time_embedding = TimeEmbedding()
        self.down_blocks = nn.ModuleList([Level([low], low, cross, "downsamplers"), Level([low], high, cross, None)])
        self.mid_block = Mid(high, cross)
        self.up_blocks = nn.ModuleList([
            Level([high + high, high + low], high, cross, "upsamplers"),
            Level([high + low, low + low], low, cross, None),
        ])
        self.conv_norm_out = nn.GroupNorm(GROUPS, low, 1e-5)
        self.conv_out = nn.Conv2d(low, LATENT, 3, padding=1)

    def forward(self, x: Tensor, steps: Tensor, condition: Tensor) -> Tensor:
        """Noisy latents [b, LATENT, h, w], timesteps [b], embeddings [b, 32, d] to the noise."""
        time = self.time_embedding(steps).to(x.dtype)
        x = self.conv_in(x)
        skips = [x]
        for level in self.down_blocks:
            for resnet, attention in zip(level.resnets, level.attentions):
                x = attention(resnet(x, time), condition)
                skips.append(x)
            if hasattr(level, "downsamplers"):
                x = level.downsamplers[0](x)
                skips.append(x)
        x = self.mid_block.resnets[0](x, time)
        x = self.mid_block.resnets[1](self.mid_block.attentions[0](x, condition), time)
        for level in self.up_blocks:
            for resnet, attention in zip(level.resnets, level.attentions):
                x = attention(resnet(torch.cat((x, skips.pop()), 1), time), condition)
            if hasattr(level, "upsamplers"):
                x = level.upsamplers[0](x)
        return self.conv_out(F.silu(self.conv_norm_out(x)))
