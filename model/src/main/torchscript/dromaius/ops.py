from typing import List, Optional, Tuple
import torch
from torch import Tensor


def linear(x: Tensor, w: Tensor, b: Optional[Tensor]=None, filled: int=0) -> Tensor:
    """y = x w^T + b over the last dimension of x.

    filled: on the CPU, rows are filled up so that each is summed in the same order in any number of them. In bf16 the order
    decides how sums are rounded; and as it costs little where w is in the cache, it is kept there anyway. 0: only there. 2: to
    two rows at least, among which oneDNN's bf16 sums one alike. 16: to 16 or a multiple of 48, which leave its fp32 no
    remainder to take otherwise. 64: in parts of 64, always. See Invariance.
    """
    if x.device.type != "cpu" or x.shape[-1] < 2:
        return torch.linear(x, w, b)
    rows = x.numel() // x.shape[-1]
    if filled == 0 and w.dtype == torch.bfloat16 and cached(w):
        filled = 2 if known(w.dtype) else 16
    if filled > 2:
        y = filled_up(x.reshape([rows, x.shape[-1]]), w, b, filled)
    elif filled == 2 and rows == 1:
        one = x.reshape([1, x.shape[-1]])
        y = product(torch.cat([one, one]), w, b).narrow(0, 0, 1)
    else:
        y = product(x, w, b)
    return y.view(x.shape[:-1] + [w.shape[0]])


def cached(w: Tensor) -> bool:
    """Whether w stays in a processor's cache."""
    return w.numel() < 4194304


def filled_up(rows: Tensor, w: Tensor, b: Optional[Tensor], filled: int) -> Tensor:
    parts: List[Tensor] = []
    for part in rows.split(64 if filled == 64 else max(1, rows.shape[0])):
        count = part.shape[0]
        whole = max(filled, count)
        if filled == 16 and count > 16:
            whole = (count + 47) // 48 * 48
        if count < whole:
            part = torch.cat([part, torch.zeros([whole - count, part.shape[1]], dtype=part.dtype)])
        if known(w.dtype):
            y = torch.ops.mkldnn._linear_pointwise(part, w, b, "none", [], "")
        else:
            y = widened(part, w, b)
        parts.append(y.narrow(0, 0, count))
    return parts[0] if len(parts) == 1 else torch.cat(parts)


def product(x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
    """linear() by the fastest kernel for so many rows."""
    rows = x.numel() // x.shape[-1]
    if rows == 1 and known(w.dtype):
        # The product is a stream over w, and oneDNN's kernel reads plain weights nearly twice as fast as the one behind
        # torch.linear.
        y = torch.ops.mkldnn._linear_pointwise(x, w, b, "none", [], "")
    elif rows >= 16 and not known(w.dtype):
        y = widened(x, w, b)
    elif b is None and x.dim() == 2 and streams(rows, w):
        y = torch.mm(w, x.t()).t().contiguous()
    else:
        y = torch.linear(x, w, b)
    return y


def known(dtype: int) -> bool:
    """Whether oneDNN computes in this type on this CPU: bf16 only from AVX-512 on. torch.linear asks by itself."""
    return dtype != torch.bfloat16 or torch.ops.mkldnn._is_mkldnn_bf16_supported()


def widened(x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
    """The product in fp32, by as many rows of w as stay in the cache. In a type that oneDNN does not know, the library goes
    row by row of x.
    """
    h = x.to(torch.float32)
    y = torch.cat([torch.ops.mkldnn._linear_pointwise(h, some.to(torch.float32), None, "none", [], "")
                   for some in w.split(256)], -1)
    if b is not None:
        y = y + b.to(torch.float32)
    return y.to(w.dtype)


def streams(rows: int, w: Tensor) -> bool:
    """Whether w is better read as the left factor, on the CPU: torch.linear copies it into another order first.

    That copy is cheap in bf16 at a handful of rows, and pays at many.
    docs/benchmarks.md has the measurements.
    """
    few = 8 if w.dtype == torch.bfloat16 else 2
    return not cached(w) and rows >= few and rows * 32 <= w.shape[0]


def rms_norm(x: Tensor, w: Tensor, eps: float) -> Tensor:
    """x / sqrt(mean(x^2) + eps) * w, the mean in fp32."""
    h = x.to(torch.float32)
    h = h * torch.rsqrt(torch.mean(h * h, [-1], True) + eps)
    return h.to(x.dtype) * w


def layer_norm(x: Tensor, w: Tensor, b: Tensor, eps: float) -> Tensor:
    """(x - mean) / sqrt(var + eps) * w + b over the last dimension."""
    return torch.layer_norm(x, [x.shape[-1]], w, b, eps)


def attend(q: Tensor, k: Tensor, v: Tensor, causal: bool) -> Tuple[Tensor, Tensor]:
    """softmax(q k^T / sqrt(w)) v with the logarithm of its denominator, by which partial results can be merged.

    q: [heads, m, w]; k, v: [heads, t, w]; causal: row i sees keys 0..i, m = t. Gives [heads, m, w] and [heads, m].
    """
    scale = 1.0 / torch.sqrt(q.shape[2])
    if q.device.type == "cpu":
        o, lse = torch._scaled_dot_product_flash_attention_for_cpu(
            q.unsqueeze(0), k.unsqueeze(0), v.unsqueeze(0), 0.0, causal, attn_mask=None, scale=scale)
        o, lse = o[0], lse[0]
    else:
        s = torch.matmul(q, k.transpose(1, 2)).to(torch.float32) * scale  # [heads, m, t]
        if causal:
            later = torch.triu(torch.ones([q.shape[1], k.shape[1]], dtype=torch.bool, device=q.device), 1)
            s = s.masked_fill(later, -inf)
        lse = torch.logsumexp(s, [2])  # [heads, m]
        o = torch.matmul(torch.exp(s - lse.unsqueeze(2)).to(v.dtype), v)
    return o, lse
