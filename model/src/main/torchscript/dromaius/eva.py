from typing import Dict
import torch
from torch import Tensor
from dromaius.ops import linear, layer_norm


# EVA-CLIP's vision transformer (arXiv 2211.07636): pre-norm, learned positions, no key bias.
class EvaVit(Module):
    layers : int
    heads : int
    patch : int
    eps : float

    def forward(self, w: Dict[str, Tensor], pixels: Tensor) -> Tensor:
        """pixels [n, 3, side, side] to features of class token and patches, normalised for the causal transformer."""
        x = embed(w, pixels, self.patch)                                          # [n, t, d], t = 1 + patches
        for i in range(self.layers):
            x = block(w, "visual.blocks." + str(i), x, self.heads, self.eps)      # [n, t, d]
        return layer_norm(x, w["ln_visual.weight"], w["ln_visual.bias"], self.eps)


def embed(w: Dict[str, Tensor], pixels: Tensor, patch: int) -> Tensor:
    x = patches(w, pixels, patch)
    token = w["visual.cls_token"].expand(x.shape[0], -1, -1)                      # [n, 1, d]
    return torch.cat([token, x], 1) + w["visual.pos_embed"]                       # [n, 1 + patches, d]


def patches(w: Dict[str, Tensor], pixels: Tensor, patch: int) -> Tensor:
    kernel = w["visual.patch_embed.proj.weight"]                                  # [d, 3, patch, patch]
    x = torch.conv2d(pixels.to(kernel.dtype), kernel, w["visual.patch_embed.proj.bias"], [patch, patch])
    return x.flatten(2).transpose(1, 2)                                           # [n, patches, d]


def block(w: Dict[str, Tensor], p: str, x: Tensor, heads: int, eps: float) -> Tensor:
    x = x + attention(w, p + ".attn", layer_norm(x, w[p + ".norm1.weight"], w[p + ".norm1.bias"], eps), heads)
    return x + mlp(w, p + ".mlp", layer_norm(x, w[p + ".norm2.weight"], w[p + ".norm2.bias"], eps))


def attention(w: Dict[str, Tensor], p: str, x: Tensor, heads: int) -> Tensor:
    n, t, d = x.shape
    v_bias = w[p + ".v_bias"]
    bias = torch.cat([w[p + ".q_bias"], torch.zeros_like(v_bias), v_bias])
    qkv = linear(x, w[p + ".qkv.weight"], bias).view(n, t, 3, heads, -1).permute(2, 0, 3, 1, 4)
    y = torch.scaled_dot_product_attention(qkv[0], qkv[1], qkv[2])                # [n, heads, t, d / heads]
    return linear(y.transpose(1, 2).reshape(n, t, d), w[p + ".proj.weight"], w[p + ".proj.bias"])


def mlp(w: Dict[str, Tensor], p: str, x: Tensor) -> Tensor:
    h = torch.gelu(linear(x, w[p + ".fc1.weight"], w[p + ".fc1.bias"]))
    return linear(h, w[p + ".fc2.weight"], w[p + ".fc2.bias"])
