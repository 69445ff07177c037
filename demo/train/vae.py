"""The decoding half of an AutoencoderKL with factor 8, in diffusers' shape and names.

What it decodes are layouts, which are written and not encoded.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from . import layout
from .blocks import Resample, Resnet, VaeMid

# Narrow where pixels are many: the shapes are made at 8 x 8 and 16 x 16.
CHANNELS = (16, 32, 48, 88)
LAYERS, GROUPS, LATENT, SIDE = 1, 4, layout.CHANNELS, 64

CONFIG = {
    "_class_name": "AutoencoderKL", "act_fn": "silu", "block_out_channels": list(CHANNELS),
    "down_block_types": ["DownEncoderBlock2D"] * 4, "in_channels": 3, "latent_channels": LATENT,
    "layers_per_block": LAYERS, "norm_num_groups": GROUPS, "out_channels": 3, "sample_size": SIDE,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
}


class Level(nn.Module):
    def __init__(self, inner: int, outer: int, layers: int, enlarges: bool):
        super().__init__()
        self.resnets = nn.ModuleList(Resnet(inner if i == 0 else outer, outer, GROUPS, eps=1e-6) for i in range(layers))
        self.upsamplers = nn.ModuleList([Resample(outer, up=True)] * enlarges)

    def forward(self, x: Tensor) -> Tensor:
        for resnet in self.resnets:
            x = resnet(x)
        for upsampler in self.upsamplers:
            x = upsampler(x)
        return x


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        channels = CHANNELS[::-1]
        self.conv_in = nn.Conv2d(LATENT, channels[0], 3, padding=1)
        self.mid_block = VaeMid(channels[0], GROUPS)
        inner = (channels[0],) + channels[:-1]
        self.up_blocks = nn.ModuleList(Level(i, o, LAYERS + 1, n < 3) for n, (i, o) in enumerate(zip(inner, channels)))
        self.conv_norm_out = nn.GroupNorm(GROUPS, channels[-1], 1e-6)
        self.conv_out = nn.Conv2d(channels[-1], 3, 3, padding=1)

    def sketch(self, x: Tensor) -> Tensor:
        """Latents to features at a quarter of the picture's side: [b, CHANNELS[-1], SIDE / 4, SIDE / 4]."""
        return self.up_blocks[0](self.mid_block(self.conv_in(x)))

    def forward(self, x: Tensor) -> Tensor:
        x = self.sketch(x)
        for level in self.up_blocks[1:]:
            x = level(x)
        return self.conv_out(F.silu(self.conv_norm_out(x)))


class Vae(nn.Module):
    def __init__(self):
        super().__init__()
        self.decoder = Decoder()
        self.post_quant_conv = nn.Conv2d(LATENT, LATENT, 1)

    def decode(self, latents: Tensor) -> Tensor:
        return self.decoder(self.post_quant_conv(latents))


class Sketch(nn.Module):
    """A whole picture off the decoder's features at 16 x 16, each a patch of 4 x 4 pixels; thrown away.

    Shapes are learnt there, at a third of what the whole decoder costs.
    """

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(CHANNELS[-1], 3 * 4 * 4, 1)

    def forward(self, features: Tensor) -> Tensor:
        return F.pixel_shuffle(self.patches(features), 4)


def missed(layouts: Tensor) -> Tensor:
    """Layouts as a UNet leaves them: each picture's a little off, some more than others."""
    return layouts + 0.35 * torch.rand(len(layouts), 1, 1, 1) * torch.randn_like(layouts)


def misfit(again: Tensor, pictures: Tensor) -> tuple[Tensor, dict[str, float]]:
    """Squares first of all: the best answer to a small object by absolute error is its background."""
    # What stands out from the ground is a tenth of the picture and all that it says: it weighs more, with its surroundings.
    ground = pictures.flatten(2).median(2).values[..., None, None]
    apart = ((pictures - ground).abs().amax(1, keepdim=True) > 0.15).float()
    weight = 1 + 4 * F.max_pool2d(apart, 7, 1, 3)
    square = (weight * (again - pictures).square()).mean()
    edges = sum(F.mse_loss(again.diff(dim=d), pictures.diff(dim=d)) for d in (2, 3))
    sharp = (weight * (again - pictures).abs()).mean()
    return 10 * (square + edges) + sharp, {"square": square.item(), "edges": edges.item()}
