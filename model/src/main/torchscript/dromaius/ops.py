from typing import List, Optional
import torch
from torch import Tensor


def linear(x: Tensor, w: Tensor, b: Optional[Tensor]=None) -> Tensor:
    """y = x w^T + b over the last dimension of x."""
    # At one row the product is a stream over w, and oneDNN's kernel reads plain weights nearly twice as fast as the
    # one behind torch.linear. It exists on the CPU only.
    if x.device.type == "cpu" and x.numel() == x.shape[-1] and x.shape[-1] > 1:
        y = torch.ops.mkldnn._linear_pointwise(x, w, b, "none", [], "")
    else:
        y = torch.linear(x, w, b)
    return y


def rms_norm(x: Tensor, w: Tensor, eps: float) -> Tensor:
    """x / sqrt(mean(x^2) + eps) * w, the mean in fp32."""
    h = x.to(torch.float32)
    h = h * torch.rsqrt(torch.mean(h * h, [-1], True) + eps)
    return h.to(x.dtype) * w


def layer_norm(x: Tensor, w: Tensor, b: Tensor, eps: float) -> Tensor:
    """(x - mean) / sqrt(var + eps) * w + b over the last dimension."""
    return torch.layer_norm(x, [x.shape[-1]], w, b, eps)
