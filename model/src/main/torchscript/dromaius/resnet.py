from typing import Dict, Optional
import torch
from torch import Tensor
from dromaius.ops import linear


def resnet(w: Dict[str, Tensor], p: str, x: Tensor, time: Optional[Tensor], groups: int, eps: float) -> Tensor:
    """x [n, c, h, w] + two convolutions of it, the time embedding [n, d] added between them to every pixel."""
    h = conv(w, p + ".conv1", torch.silu(group_norm(w, p + ".norm1", x, groups, eps)))
    if time is not None:
        shift = linear(torch.silu(time), w[p + ".time_emb_proj.weight"], w[p + ".time_emb_proj.bias"])
        h = h + shift[:, :, None, None]
    h = conv(w, p + ".conv2", torch.silu(group_norm(w, p + ".norm2", h, groups, eps)))
    if p + ".conv_shortcut.weight" in w:
        x = conv(w, p + ".conv_shortcut", x)                                      # [n, out channels, h, w]
    return x + h


def conv(w: Dict[str, Tensor], p: str, x: Tensor, stride: int=1) -> Tensor:
    """A convolution that pads by half its kernel."""
    kernel = w[p + ".weight"]                                                     # [out, in, k, k]
    half = kernel.shape[2] // 2
    return torch.conv2d(x, kernel, w[p + ".bias"], [stride, stride], [half, half])


def upsample(w: Dict[str, Tensor], p: str, x: Tensor, height: int, width: int) -> Tensor:
    return conv(w, p, torch.upsample_nearest2d(x, [height, width]))


def group_norm(w: Dict[str, Tensor], p: str, x: Tensor, groups: int, eps: float) -> Tensor:
    return torch.group_norm(x, groups, w[p + ".weight"], w[p + ".bias"], eps)
