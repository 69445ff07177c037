"""What Frechet distances are measured in: 64 features of a small classifier of this world's pictures.

It is not Inception: distances are comparable with each other, not with published ones. Trained by
`python -m grade.train_features` (needs torch); used with numpy alone.
"""

from pathlib import Path

import numpy as np
from PIL import Image

WEIGHTS = Path(__file__).with_name("features.npz")
SIDE = 64
# Kernel, stride and channels of the convolutions, each followed by a ReLU; then means over 4 x 4 regions.
CONVOLUTIONS = ((5, 2, 16), (3, 2, 32), (3, 2, 48))
REGIONS, WIDTH = 4, 64


def samples(pictures: list[Image.Image]) -> np.ndarray:
    """Pictures at 64 x 64 in -1..1: [n, 3, 64, 64]."""
    sized = [p if p.size == (SIDE, SIDE) else p.resize((SIDE, SIDE), Image.Resampling.BOX) for p in pictures]
    return np.stack([np.asarray(p.convert("RGB"), dtype=np.float32).transpose(2, 0, 1) for p in sized]) / 127.5 - 1


def _convolve(x: np.ndarray, weight: np.ndarray, bias: np.ndarray, stride: int) -> np.ndarray:
    kernel = weight.shape[-1]
    padded = np.pad(x, ((0, 0), (0, 0), (kernel // 2,) * 2, (kernel // 2,) * 2))
    views = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), axis=(2, 3))[:, :, ::stride, ::stride]
    return np.maximum(np.einsum("nchwij,ocij->nohw", views, weight, optimize=True) + bias[:, None, None], 0)


def of(pictures: list[Image.Image]) -> np.ndarray:
    """[n, 64]."""
    kept = np.load(WEIGHTS)
    found = []
    for begin in range(0, len(pictures), 64):
        x = samples(pictures[begin : begin + 64])
        for index, (_, stride, _) in enumerate(CONVOLUTIONS):
            weight, bias = (kept[f"{index}.{part}"].astype(np.float32) for part in ("weight", "bias"))
            x = _convolve(x, weight, bias, stride)
        n, c, side, _ = x.shape
        x = x.reshape(n, c, REGIONS, side // REGIONS, REGIONS, side // REGIONS).mean((3, 5)).reshape(n, -1)
        found.append(np.maximum(x @ kept["dense.weight"].astype(np.float32).T + kept["dense.bias"].astype(np.float32), 0))
    return np.concatenate(found)
