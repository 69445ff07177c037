from typing import Dict, List
import torch
from torch import Tensor
from dromaius.ops import layer_norm, linear, rms_norm
from dromaius.eva import embed, patches
from dromaius.causal_former import position_bias


# What lies between the layers of the visual encoder, for comparison with the reference.
class VisionTrace(Module):
    layers : int
    heads : int
    patch : int
    eps : float
    former_layers : int
    former_heads : int
    buckets : int
    max_distance : int
    former_eps : float

    def vit(self, w: Dict[str, Tensor], pixels: Tensor) -> List[Tensor]:
        """Patches, the output of every block, the normalised features."""
        x = embed(w, pixels, self.patch)
        stages = [patches(w, pixels, self.patch)]
        for i in range(self.layers):
            x = __torch__.dromaius.eva.block(w, "visual.blocks." + str(i), x, self.heads, self.eps)
            stages.append(x)
        stages.append(layer_norm(x, w["ln_visual.weight"], w["ln_visual.bias"], self.eps))
        return stages

    def former(self, w: Dict[str, Tensor], features: Tensor) -> List[Tensor]:
        """Self-attention's bias, the output of every block, the final norm."""
        x = w["cformer.causal_tokens"].expand(features.shape[0], -1, -1)
        bias = position_bias(w, x.shape[1], self.buckets, self.max_distance)
        stages = [bias]
        for i in range(self.former_layers):
            p = "cformer.cformer.block." + str(i)
            x = __torch__.dromaius.causal_former.block(w, p, x, features, bias, self.former_heads, self.former_eps)
            stages.append(x)
        stages.append(rms_norm(x, w["cformer.cformer.final_layer_norm.weight"], self.former_eps))
        return stages


# LLaMA's final norm, which the heads take before they are read.
class FinalNorm(Module):
    eps : float

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        return rms_norm(x, w, self.eps)
