from typing import Dict
import math
import torch
from torch import Tensor
from dromaius.ops import linear, rms_norm


# Emu's causal transformer: a T5 decoder stack (arXiv 1910.10683) whose inputs are learned queries.
#
# T5 does not scale its attention by 1 / sqrt(width): the initialisation absorbs it.
class CausalFormer(Module):
    layers : int
    heads : int
    buckets : int
    max_distance : int
    eps : float

    def forward(self, w: Dict[str, Tensor], features: Tensor) -> Tensor:
        """features [n, t, vision width] to visual embeddings [n, queries, hidden]."""
        x = w["cformer.causal_tokens"].expand(features.shape[0], -1, -1)          # [n, q, d]
        bias = position_bias(w, x.shape[1], self.buckets, self.max_distance)      # [heads, q, q]
        for i in range(self.layers):
            x = block(w, "cformer.cformer.block." + str(i), x, features, bias, self.heads, self.eps)
        x = rms_norm(x, w["cformer.cformer.final_layer_norm.weight"], self.eps)
        return linear(x, w["cformer.projection.weight"], w["cformer.projection.bias"])


def block(w: Dict[str, Tensor], p: str, x: Tensor, features: Tensor, bias: Tensor, heads: int, eps: float) -> Tensor:
    h = rms_norm(x, w[p + ".layer.0.layer_norm.weight"], eps)
    x = x + attention(w, p + ".layer.0.SelfAttention", h, h, bias, heads)
    h = rms_norm(x, w[p + ".layer.1.layer_norm.weight"], eps)
    no_bias = torch.zeros([1], dtype=x.dtype, device=x.device)
    x = x + attention(w, p + ".layer.1.EncDecAttention", h, features, no_bias, heads)
    h = rms_norm(x, w[p + ".layer.2.layer_norm.weight"], eps)
    h = torch.relu(linear(h, w[p + ".layer.2.DenseReluDense.wi.weight"]))
    return x + linear(h, w[p + ".layer.2.DenseReluDense.wo.weight"])


def attention(w: Dict[str, Tensor], p: str, x: Tensor, memory: Tensor, bias: Tensor, heads: int) -> Tensor:
    """softmax(q k^T + bias) v, queries from x [n, q, d], keys and values from memory [n, t, width of memory]."""
    n, q, d = x.shape
    query = split(linear(x, w[p + ".q.weight"]), heads)
    key = split(linear(memory, w[p + ".k.weight"]), heads)
    value = split(linear(memory, w[p + ".v.weight"]), heads)
    scores = torch.matmul(query, key.transpose(2, 3)) + bias                      # [n, heads, q, t]
    y = torch.matmul(torch.softmax(scores, -1, torch.float32).to(x.dtype), value)
    return linear(y.transpose(1, 2).reshape(n, q, -1), w[p + ".o.weight"])


def split(x: Tensor, heads: int) -> Tensor:
    return x.view(x.shape[0], x.shape[1], heads, -1).transpose(1, 2)              # [n, heads, rows, head width]


def position_bias(w: Dict[str, Tensor], queries: int, buckets: int, max_distance: int) -> Tensor:
    """A learned number for each head and distance backwards, minus infinity forwards.

    Half of the buckets hold one distance each; the others grow with its logarithm up to max_distance.
    """
    table = w["cformer.cformer.block.0.layer.0.SelfAttention.relative_attention_bias.weight"]  # [buckets, heads]
    position = torch.arange(queries, device=table.device)
    distance = position[:, None] - position[None, :]                              # [query, key]
    behind = torch.clamp(distance, min=0)
    exact = buckets // 2
    growth = torch.log(behind.to(torch.float32) / exact) / math.log(max_distance / exact)
    far = torch.clamp(exact + (growth * (buckets - exact)).to(torch.int64), max=buckets - 1)
    bias = table[torch.where(behind < exact, behind, far)].permute(2, 0, 1)       # [heads, query, key]
    return bias.masked_fill(distance < 0, -math.inf)
