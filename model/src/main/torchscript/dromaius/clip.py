from typing import Dict, Tuple
import torch
from torch import Tensor
from dromaius.ops import linear, layer_norm


# CLIP's vision transformer (arXiv 2103.00020) and the concepts that Stable Diffusion's safety checker compares with.
class SafetyChecker(Module):
    heads : int
    eps : float

    def cosines(self, w: Dict[str, Tensor], pixels: Tensor) -> Tuple[Tensor, Tensor]:
        """pixels [n, 3, side, side] to cosines with the concepts [n, concepts] and the special ones [n, special]."""
        x = self.embed(w, pixels)
        return cosine(x, w["concept_embeds"]), cosine(x, w["special_care_embeds"])

    def embed(self, w: Dict[str, Tensor], pixels: Tensor) -> Tensor:
        """pixels [n, 3, side, side] to a point [n, e] of the space that pictures share with texts."""
        p = "vision_model.vision_model"
        kernel = w[p + ".embeddings.patch_embedding.weight"]                      # [d, 3, patch, patch]
        x = torch.conv2d(pixels.to(kernel.dtype), kernel, None, [kernel.shape[2], kernel.shape[3]])
        x = x.flatten(2).transpose(1, 2)                                          # [n, patches, d]
        token = w[p + ".embeddings.class_embedding"].expand(x.shape[0], 1, -1)
        x = torch.cat([token, x], 1) + w[p + ".embeddings.position_embedding.weight"]
        x = norm(w, p + ".pre_layrnorm", x, self.eps)
        i = 0
        while p + ".encoder.layers." + str(i) + ".layer_norm1.weight" in w:
            x = block(w, p + ".encoder.layers." + str(i), x, self.heads, self.eps)
            i = i + 1
        return linear(norm(w, p + ".post_layernorm", x[:, 0], self.eps), w["visual_projection.weight"])


def block(w: Dict[str, Tensor], p: str, x: Tensor, heads: int, eps: float) -> Tensor:
    x = x + attention(w, p + ".self_attn", norm(w, p + ".layer_norm1", x, eps), heads)
    h = affine(w, p + ".mlp.fc1", norm(w, p + ".layer_norm2", x, eps))
    return x + affine(w, p + ".mlp.fc2", h * torch.sigmoid(1.702 * h))            # "quick" GELU


def attention(w: Dict[str, Tensor], p: str, x: Tensor, heads: int) -> Tensor:
    n, t, d = x.shape
    q = affine(w, p + ".q_proj", x).view(n, t, heads, -1).transpose(1, 2)         # [n, heads, t, d / heads]
    k = affine(w, p + ".k_proj", x).view(n, t, heads, -1).transpose(1, 2)
    v = affine(w, p + ".v_proj", x).view(n, t, heads, -1).transpose(1, 2)
    y = torch.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, t, d)
    return affine(w, p + ".out_proj", y)


def affine(w: Dict[str, Tensor], p: str, x: Tensor) -> Tensor:
    return linear(x, w[p + ".weight"], w[p + ".bias"])


def norm(w: Dict[str, Tensor], p: str, x: Tensor, eps: float) -> Tensor:
    return layer_norm(x, w[p + ".weight"], w[p + ".bias"], eps)


def cosine(x: Tensor, y: Tensor) -> Tensor:
    x = x / torch.norm(x, 2, [-1], True)
    y = y / torch.norm(y, 2, [-1], True)
    return torch.matmul(x, y.transpose(0, 1))                                     # [n, rows of y]
