from typing import Dict, List
import torch
from torch import Tensor
from dromaius.ops import layer_norm, linear, rms_norm
from dromaius.eva import embed, patches
from dromaius.causal_former import position_bias
from dromaius.resnet import conv, group_norm, resnet, upsample
from dromaius.unet import transformer_block
from dromaius.vae import attend


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


# What the blocks of the UNet put out.
class UNetTrace(Module):
    groups : int
    eps : float

    def forward(self, w: Dict[str, Tensor], heads: List[int], sample: Tensor, time: Tensor, context: Tensor) -> List[Tensor]:
        """The first convolution, each block on the way down, the middle, each block on the way up."""
        x = conv(w, "conv_in", sample)
        kept = [x]
        stages = [x]
        for i in range(len(heads)):
            p = "down_blocks." + str(i)
            j = 0
            while p + ".resnets." + str(j) + ".conv1.weight" in w:
                x = resnet(w, p + ".resnets." + str(j), x, time, self.groups, self.eps)
                x = __torch__.dromaius.unet.attend(w, p + ".attentions." + str(j), x, context, heads[i], self.groups)
                kept.append(x)
                j = j + 1
            if p + ".downsamplers.0.conv.weight" in w:
                x = conv(w, p + ".downsamplers.0.conv", x, 2)
                kept.append(x)
            stages.append(x)
        x = resnet(w, "mid_block.resnets.0", x, time, self.groups, self.eps)
        x = __torch__.dromaius.unet.attend(w, "mid_block.attentions.0", x, context, heads[-1], self.groups)
        x = resnet(w, "mid_block.resnets.1", x, time, self.groups, self.eps)
        stages.append(x)
        for i in range(len(heads)):
            p = "up_blocks." + str(i)
            width = heads[len(heads) - 1 - i]
            j = 0
            while p + ".resnets." + str(j) + ".conv1.weight" in w:
                x = torch.cat([x, kept.pop()], 1)
                x = resnet(w, p + ".resnets." + str(j), x, time, self.groups, self.eps)
                x = __torch__.dromaius.unet.attend(w, p + ".attentions." + str(j), x, context, width, self.groups)
                j = j + 1
            if p + ".upsamplers.0.conv.weight" in w:
                x = upsample(w, p + ".upsamplers.0.conv", x, kept[-1].shape[2], kept[-1].shape[3])
            stages.append(x)
        return stages


# What the first parts of the VAE's decoder put out.
class VaeTrace(Module):
    groups : int
    scaling : float

    def forward(self, w: Dict[str, Tensor], latents: Tensor) -> List[Tensor]:
        """The first convolution and the middle block."""
        first = conv(w, "post_quant_conv", latents / self.scaling)
        x = conv(w, "decoder.conv_in", first)
        x = resnet(w, "decoder.mid_block.resnets.0", x, None, self.groups, 1e-6)
        x = __torch__.dromaius.vae.attend(w, "decoder.mid_block.attentions.0", x, self.groups)
        x = resnet(w, "decoder.mid_block.resnets.1", x, None, self.groups, 1e-6)
        return [first, x]
