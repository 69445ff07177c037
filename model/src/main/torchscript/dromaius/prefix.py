from typing import Tuple
import torch
from torch import Tensor

# Keys and values that several sequences share, as the weights of a convolution with one group a head and one pixel a row.
# With a handful of rows every other product of the library either waits for memory or computes; oneDNN's convolution over
# weights in its own order does both at once. docs/benchmarks.md has the measurements. CPU only.


def pack_keys(pages: Tensor, slots: Tensor, rows: int, room: Tensor) -> Tensor:
    """A copy of these slots that product() multiplies rows with. pages: [heads, slots, w]; slots: [n]; room: [heads * n * w],
    written. New memory would cost more than all the rest.
    """
    heads, w = pages.shape[0], pages.shape[2]
    torch.index_select(pages, 1, slots, out=room.view([heads, -1, w]))
    return pack(room.view([-1, w, 1, 1]), heads, rows)


def pack_values(pages: Tensor, slots: Tensor, rows: int, room: Tensor) -> Tensor:
    """A copy of these slots, turned, by which product() sums up; otherwise as pack_keys()."""
    heads, w = pages.shape[0], pages.shape[2]
    turned = room.view([heads, w, -1])
    for i in range(heads):
        turned[i].copy_(pages[i].index_select(0, slots).t())
    return pack(room.view([heads * w, -1, 1, 1]), heads, rows)


def pack(w: Tensor, heads: int, rows: int) -> Tensor:
    """The order depends on the number of rows: multiplied with another number it may be put into another order first."""
    return torch.ops.mkldnn._reorder_convolution_weight(w, [0, 0], [1, 1], [1, 1], heads,
                                                        [1, w.shape[1] * heads, 1, rows])


def product(x: Tensor, packed: Tensor) -> Tensor:
    """x: [rows, heads, a], contiguous; packed: of [heads * b, a, 1, 1]. Gives [rows, heads, b]."""
    pixels = x.view([1, 1, x.shape[0], -1]).permute([0, 3, 1, 2])  # [1, heads * a, 1, rows], channels last
    y = torch.ops.mkldnn._convolution_pointwise(pixels, packed, None, [0, 0], [1, 1], [1, 1], x.shape[1], "none", [], "")
    return y.permute([0, 2, 3, 1]).view([x.shape[0], x.shape[1], -1])


def attend_packed(q: Tensor, keys: Tensor, values: Tensor, rows: int) -> Tuple[Tensor, Tensor]:
    """softmax(q k^T) v with the logarithm of its denominator, as attend() gives them.

    q: [heads, m, w], m <= rows, for which keys and values were packed. Gives [heads, m, w] and [heads, m].
    """
    m = q.shape[1]
    x = torch.constant_pad_nd(q.transpose(0, 1), [0, 0, 0, 0, 0, rows - m]).contiguous()  # [rows, heads, w]
    s = product(x, keys)  # [rows, heads, n]
    p = torch.softmax(s, -1)
    return product(p, values)[:m].transpose(0, 1), log_denominator(s, p)[:m].t()


def log_denominator(s: Tensor, p: Tensor) -> Tensor:
    """The logarithm of the sum of exp(s) over the last dimension, where p = softmax(s): s_j - log p_j for any j.

    The greatest of a few is sought, as looking at all takes as long as the softmax. Only where these few weigh nothing
    beside the rest must it be the greatest of all.
    """
    few, weights = s[:, :, :16], torch.amax(p[:, :, :16], [-1])
    if float(torch.amin(weights)) < 1e-30:
        few, weights = s, torch.amax(p, [-1])
    return torch.amax(few, [-1]) - torch.log(weights)
