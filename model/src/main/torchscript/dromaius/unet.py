from typing import Dict, List
import math
import torch
from torch import Tensor
from dromaius.ops import linear, layer_norm
from dromaius.resnet import conv, group_norm, resnet, upsample


# Stable Diffusion's UNet (arXiv 2112.10752): resnets with cross-attention to a context on the way down, in the middle
# and, with what the way down has kept, on the way up. Which blocks attend and which change the resolution is read off
# the names of the weights.
class UNet(Module):
    groups : int
    eps : float
    cos_first : bool
    freq_shift : int

    def denoise(self, w: Dict[str, Tensor], heads: List[int], latents: List[Tensor], contexts: List[Tensor],
                timesteps: List[int], guidance: List[float]) -> List[Tensor]:
        """The noise in each picture's latents [1, c, h, w], fp32, in one pass over the network.

        A context [2, t, d] is a conditional and an unconditional one: noise = u + guidance * (c - u). A context
        [1, t, d] is not guided.
        """
        rows : List[Tensor] = []
        times : List[int] = []
        for x, context, timestep in zip(latents, contexts, timesteps):
            for i in range(context.shape[0]):
                rows.append(x)
                times.append(timestep)
        noise = self.forward(w, heads, torch.cat(rows), times, torch.cat(contexts)).to(torch.float32)
        result : List[Tensor] = []
        row = 0
        for context, scale in zip(contexts, guidance):
            y = noise[row:row + 1]
            if context.shape[0] == 2:
                uncond = noise[row + 1:row + 2]
                y = uncond + scale * (y - uncond)
            result.append(y)
            row = row + context.shape[0]
        return result

    def forward(self, w: Dict[str, Tensor], heads: List[int], sample: Tensor, timesteps: List[int],
                context: Tensor) -> Tensor:
        """sample [n, c, h, w], timesteps [n], context [n, t, d] to noise [n, c, h, w]; heads for each resolution."""
        x = conv(w, "conv_in", sample.to(w["conv_in.weight"].dtype))
        time = self.time_embedding(w, timesteps)
        kept = [x]
        for i in range(len(heads)):
            p = "down_blocks." + str(i)
            j = 0
            while p + ".resnets." + str(j) + ".conv1.weight" in w:
                x = resnet(w, p + ".resnets." + str(j), x, time, self.groups, self.eps)
                x = attend(w, p + ".attentions." + str(j), x, context, heads[i], self.groups)
                kept.append(x)
                j = j + 1
            if p + ".downsamplers.0.conv.weight" in w:
                x = conv(w, p + ".downsamplers.0.conv", x, 2)                     # [n, c, ceil(h / 2), ceil(w / 2)]
                kept.append(x)
        x = resnet(w, "mid_block.resnets.0", x, time, self.groups, self.eps)
        x = attend(w, "mid_block.attentions.0", x, context, heads[-1], self.groups)
        x = resnet(w, "mid_block.resnets.1", x, time, self.groups, self.eps)
        for i in range(len(heads)):
            p = "up_blocks." + str(i)
            j = 0
            while p + ".resnets." + str(j) + ".conv1.weight" in w:
                x = torch.cat([x, kept.pop()], 1)
                x = resnet(w, p + ".resnets." + str(j), x, time, self.groups, self.eps)
                x = attend(w, p + ".attentions." + str(j), x, context, heads[len(heads) - 1 - i], self.groups)
                j = j + 1
            if p + ".upsamplers.0.conv.weight" in w:
                # To the size kept on the way down, which is one less than twice this one where that was odd.
                x = upsample(w, p + ".upsamplers.0.conv", x, kept[-1].shape[2], kept[-1].shape[3])
        return conv(w, "conv_out", torch.silu(group_norm(w, "conv_norm_out", x, self.groups, self.eps)))

    def time_embedding(self, w: Dict[str, Tensor], timesteps: List[int]) -> Tensor:
        """Sinusoids of the timesteps through two layers: [n, 4 c]."""
        first = w["time_embedding.linear_1.weight"]                               # [4 c, c]
        half = first.shape[1] // 2
        frequency = torch.exp(torch.arange(half, dtype=torch.float32, device=first.device)
                              * (-math.log(10000.) / (half - self.freq_shift)))
        time = torch.tensor(timesteps, dtype=torch.float32, device=first.device)
        angle = time[:, None] * frequency                                         # [n, c / 2]
        parts = [torch.cos(angle), torch.sin(angle)] if self.cos_first else [torch.sin(angle), torch.cos(angle)]
        x = linear(torch.cat(parts, 1).to(first.dtype), first, w["time_embedding.linear_1.bias"])
        return linear(torch.silu(x), w["time_embedding.linear_2.weight"], w["time_embedding.linear_2.bias"])


def attend(w: Dict[str, Tensor], p: str, x: Tensor, context: Tensor, heads: int, groups: int) -> Tensor:
    """Transformer blocks over the pixels of x [n, c, h, w]; x itself where the block has none."""
    if not (p + ".norm.weight" in w):
        return x
    y = group_norm(w, p + ".norm", x, groups, 1e-6).flatten(2).transpose(1, 2)    # [n, h w, c]
    # A 1 x 1 convolution over pixels is a linear layer over rows; some checkpoints store it as one.
    y = linear(y, w[p + ".proj_in.weight"].flatten(1), w[p + ".proj_in.bias"])
    k = 0
    while p + ".transformer_blocks." + str(k) + ".norm1.weight" in w:
        y = transformer_block(w, p + ".transformer_blocks." + str(k), y, context, heads)
        k = k + 1
    y = linear(y, w[p + ".proj_out.weight"].flatten(1), w[p + ".proj_out.bias"])
    return x + y.transpose(1, 2).reshape(x.shape)


def transformer_block(w: Dict[str, Tensor], p: str, x: Tensor, context: Tensor, heads: int) -> Tensor:
    """Self-attention, cross-attention, gated feed-forward over rows x [n, r, c], each pre-normalised."""
    h = layer_norm(x, w[p + ".norm1.weight"], w[p + ".norm1.bias"], 1e-5)
    x = x + attention(w, p + ".attn1", h, h, heads)
    h = layer_norm(x, w[p + ".norm2.weight"], w[p + ".norm2.bias"], 1e-5)
    x = x + attention(w, p + ".attn2", h, context, heads)
    h = layer_norm(x, w[p + ".norm3.weight"], w[p + ".norm3.bias"], 1e-5)
    value, gate = torch.chunk(linear(h, w[p + ".ff.net.0.proj.weight"], w[p + ".ff.net.0.proj.bias"]), 2, -1)
    return x + linear(value * torch.gelu(gate), w[p + ".ff.net.2.weight"], w[p + ".ff.net.2.bias"])


def attention(w: Dict[str, Tensor], p: str, x: Tensor, memory: Tensor, heads: int) -> Tensor:
    """Queries from x [n, r, c], keys and values from memory [n, t, its width]."""
    n, r, c = x.shape
    q = linear(x, w[p + ".to_q.weight"]).view(n, r, heads, -1).transpose(1, 2)    # [n, heads, r, c / heads]
    k = linear(memory, w[p + ".to_k.weight"]).view(n, memory.shape[1], heads, -1).transpose(1, 2)
    v = linear(memory, w[p + ".to_v.weight"]).view(n, memory.shape[1], heads, -1).transpose(1, 2)
    y = torch.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, r, c)
    return linear(y, w[p + ".to_out.0.weight"], w[p + ".to_out.0.bias"])
