from typing import Dict
import torch
from torch import Tensor
from dromaius.ops import linear
from dromaius.resnet import conv, group_norm, resnet, upsample


# The decoder of Stable Diffusion's autoencoder (arXiv 2112.10752). How many blocks there are and which double the
# resolution is read off the names of the weights.
class VaeDecoder(Module):
    groups : int
    scaling : float

    def pixels(self, picture: Tensor) -> Tensor:
        """A picture [n, 3, h, w] between -1 and 1, clipped, to samples [n, h, w, 3], u8, rounded half to even."""
        x = picture.to(torch.float32)
        return torch.round(torch.clamp(x / 2 + 0.5, 0, 1) * 255).permute(0, 2, 3, 1).to(torch.uint8).contiguous()

    def forward(self, w: Dict[str, Tensor], latents: Tensor) -> Tensor:
        """latents [n, c, h, w] to a picture [n, 3, f h, f w] between -1 and 1, not clipped."""
        x = conv(w, "post_quant_conv", latents.to(w["post_quant_conv.weight"].dtype) / self.scaling)
        x = conv(w, "decoder.conv_in", x)
        x = resnet(w, "decoder.mid_block.resnets.0", x, None, self.groups, 1e-6)
        x = attend(w, "decoder.mid_block.attentions.0", x, self.groups)
        x = resnet(w, "decoder.mid_block.resnets.1", x, None, self.groups, 1e-6)
        i = 0
        while "decoder.up_blocks." + str(i) + ".resnets.0.conv1.weight" in w:
            p = "decoder.up_blocks." + str(i)
            j = 0
            while p + ".resnets." + str(j) + ".conv1.weight" in w:
                x = resnet(w, p + ".resnets." + str(j), x, None, self.groups, 1e-6)
                j = j + 1
            if p + ".upsamplers.0.conv.weight" in w:
                x = upsample(w, p + ".upsamplers.0.conv", x, 2 * x.shape[2], 2 * x.shape[3])
            i = i + 1
        x = torch.silu(group_norm(w, "decoder.conv_norm_out", x, self.groups, 1e-6))
        return conv(w, "decoder.conv_out", x)


def attend(w: Dict[str, Tensor], p: str, x: Tensor, groups: int) -> Tensor:
    """x [n, c, h, w] + one head of attention among its pixels."""
    h = group_norm(w, p + ".group_norm", x, groups, 1e-6).flatten(2).transpose(1, 2)  # [n, h w, c]
    q = linear(h, w[p + ".to_q.weight"], w[p + ".to_q.bias"])
    k = linear(h, w[p + ".to_k.weight"], w[p + ".to_k.bias"])
    v = linear(h, w[p + ".to_v.weight"], w[p + ".to_v.bias"])
    y = torch.scaled_dot_product_attention(q[:, None], k[:, None], v[:, None])[:, 0]
    y = linear(y, w[p + ".to_out.0.weight"], w[p + ".to_out.0.bias"])
    return x + y.transpose(1, 2).reshape(x.shape)
