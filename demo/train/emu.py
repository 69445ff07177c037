"""Emu, small: EVA ViT, causal transformer, LLaMA and the two heads, under the reference's state-dict names."""

from dataclasses import dataclass
from math import log

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .blocks import attend


@dataclass(frozen=True)
class EmuSizes:
    image: int = 112
    patch: int = 14
    vit_width: int = 128
    vit_layers: int = 4
    vit_head: int = 32
    vit_mlp: float = 4.0
    causal: int = 32
    former_width: int = 128
    former_head: int = 32
    former_heads: int = 4
    former_ff: int = 512
    former_layers: int = 2
    hidden: int = 192
    layers: int = 6
    heads: int = 6
    ffn: int = 512
    context: int = 1024


def causal_bias(length: int) -> Tensor:
    return torch.full((length, length), float("-inf")).triu(1)


class VitAttention(nn.Module):
    def __init__(self, width: int, head: int):
        super().__init__()
        self.heads = width // head
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.q_bias = nn.Parameter(torch.zeros(width))
        self.v_bias = nn.Parameter(torch.zeros(width))
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        b, t, d = x.shape
        bias = torch.cat((self.q_bias, torch.zeros_like(self.v_bias), self.v_bias))
        q, k, v = F.linear(x, self.qkv.weight, bias).view(b, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        return self.proj(attend(q, k, v, q.shape[-1] ** -0.5).transpose(1, 2).reshape(b, t, d))


class VitMlp(nn.Module):
    def __init__(self, width: int, inner: int):
        super().__init__()
        self.fc1 = nn.Linear(width, inner)
        self.fc2 = nn.Linear(inner, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))


class VitBlock(nn.Module):
    def __init__(self, s: EmuSizes):
        super().__init__()
        self.norm1 = nn.LayerNorm(s.vit_width, eps=1e-6)
        self.attn = VitAttention(s.vit_width, s.vit_head)
        self.norm2 = nn.LayerNorm(s.vit_width, eps=1e-6)
        self.mlp = VitMlp(s.vit_width, int(s.vit_width * s.vit_mlp))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchEmbed(nn.Module):
    def __init__(self, s: EmuSizes):
        super().__init__()
        self.proj = nn.Conv2d(3, s.vit_width, s.patch, s.patch)

    def forward(self, pixels: Tensor) -> Tensor:
        return self.proj(pixels).flatten(2).transpose(1, 2)


def place_waves(side: int, width: int) -> Tensor:
    """Sines and cosines of a patch's row and column, as a start for learnt positions: [side * side, width], rms 0.5."""
    waves = torch.pi * 2.0 ** -torch.linspace(0, 4, width // 4)
    steps = torch.arange(side).float()[:, None] * waves
    one = torch.cat((steps.sin(), steps.cos()), -1)
    rows, columns = one[:, None].expand(-1, side, -1), one[None].expand(side, -1, -1)
    return torch.cat((rows, columns), -1).flatten(0, 1) * 0.5**0.5


class EvaVit(nn.Module):
    def __init__(self, s: EmuSizes):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, s.vit_width))
        self.pos_embed = nn.Parameter(0.02 * torch.randn(1, (s.image // s.patch) ** 2 + 1, s.vit_width))
        self.pos_embed.data[0, 1:] += place_waves(s.image // s.patch, s.vit_width)
        self.patch_embed = PatchEmbed(s)
        self.blocks = nn.ModuleList(VitBlock(s) for _ in range(s.vit_layers))

    def forward(self, pixels: Tensor) -> Tensor:
        x = self.patch_embed(pixels)
        x = torch.cat((self.cls_token.expand(len(x), -1, -1), x), 1) + self.pos_embed
        for block in self.blocks:
            x = block(x)
        return x


class RmsNorm(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, self.weight.shape, self.weight, 1e-6)


class T5Attention(nn.Module):
    """Without 1/sqrt(d), as T5 has it."""

    def __init__(self, width: int, source: int, heads: int, head: int, biased: bool):
        super().__init__()
        self.heads = heads
        self.q = nn.Linear(width, heads * head, bias=False)
        self.k = nn.Linear(source, heads * head, bias=False)
        self.v = nn.Linear(source, heads * head, bias=False)
        self.o = nn.Linear(heads * head, width, bias=False)
        if biased:
            self.relative_attention_bias = nn.Embedding(32, heads)

    def forward(self, x: Tensor, source: Tensor, bias: Tensor | None) -> Tensor:
        b, t, _ = x.shape
        q, k, v = (y.view(b, y.shape[1], self.heads, -1).transpose(1, 2) for y in (self.q(x), self.k(source), self.v(source)))
        y = attend(q, k, v, 1.0, bias)
        return self.o(y.transpose(1, 2).reshape(b, t, -1))


class T5SelfLayer(nn.Module):
    def __init__(self, s: EmuSizes, biased: bool):
        super().__init__()
        self.SelfAttention = T5Attention(s.former_width, s.former_width, s.former_heads, s.former_head, biased)
        self.layer_norm = RmsNorm(s.former_width)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        y = self.layer_norm(x)
        return x + self.SelfAttention(y, y, bias)


class T5CrossLayer(nn.Module):
    def __init__(self, s: EmuSizes):
        super().__init__()
        self.EncDecAttention = T5Attention(s.former_width, s.vit_width, s.former_heads, s.former_head, False)
        self.layer_norm = RmsNorm(s.former_width)

    def forward(self, x: Tensor, source: Tensor) -> Tensor:
        return x + self.EncDecAttention(self.layer_norm(x), source, None)


class T5Dense(nn.Module):
    def __init__(self, s: EmuSizes):
        super().__init__()
        self.wi = nn.Linear(s.former_width, s.former_ff, bias=False)
        self.wo = nn.Linear(s.former_ff, s.former_width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.wo(F.relu(self.wi(x)))


class T5FeedForward(nn.Module):
    def __init__(self, s: EmuSizes):
        super().__init__()
        self.DenseReluDense = T5Dense(s)
        self.layer_norm = RmsNorm(s.former_width)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.DenseReluDense(self.layer_norm(x))


class T5Block(nn.Module):
    def __init__(self, s: EmuSizes, first: bool):
        super().__init__()
        self.layer = nn.ModuleList((T5SelfLayer(s, first), T5CrossLayer(s), T5FeedForward(s)))

    def forward(self, x: Tensor, source: Tensor, bias: Tensor) -> Tensor:
        return self.layer[2](self.layer[1](self.layer[0](x, bias), source))


def relative_buckets(length: int, buckets: int = 32, most: int = 128) -> Tensor:
    """T5's unidirectional buckets: exact below 16, logarithmic above; [length, length]."""
    distance = (torch.arange(length)[:, None] - torch.arange(length)[None, :]).clamp(min=0)
    exact = buckets // 2
    far = exact + (torch.log(distance.clamp(min=1) / exact) / log(most / exact) * (buckets - exact)).long()
    return torch.where(distance < exact, distance, far.clamp(max=buckets - 1))


class T5Stack(nn.Module):
    def __init__(self, s: EmuSizes):
        super().__init__()
        self.block = nn.ModuleList(T5Block(s, index == 0) for index in range(s.former_layers))
        self.final_layer_norm = RmsNorm(s.former_width)
        self.register_buffer("buckets", relative_buckets(s.causal), persistent=False)
        self.register_buffer("causal", causal_bias(s.causal), persistent=False)

    def forward(self, x: Tensor, source: Tensor) -> Tensor:
        table = self.block[0].layer[0].SelfAttention.relative_attention_bias
        bias = table(self.buckets).permute(2, 0, 1)[None] + self.causal
        for block in self.block:
            x = block(x, source, bias)
        return self.final_layer_norm(x)


class CausalFormer(nn.Module):
    def __init__(self, s: EmuSizes):
        super().__init__()
        self.causal_tokens = nn.Parameter(torch.randn(1, s.causal, s.former_width))
        self.cformer = T5Stack(s)
        self.projection = nn.Linear(s.former_width, s.hidden)

    def forward(self, vision: Tensor) -> Tensor:
        return self.projection(self.cformer(self.causal_tokens.expand(len(vision), -1, -1), vision))


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    low, high = x.chunk(2, -1)
    return x * cos + torch.cat((-high, low), -1) * sin


# Positions from which on the fused kernel is the faster one.
FUSED_FROM = 200


class LlamaAttention(nn.Module):
    def __init__(self, s: EmuSizes):
        super().__init__()
        self.heads = s.heads
        for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
            setattr(self, name, nn.Linear(s.hidden, s.hidden, bias=False))

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, cache: list | None) -> Tensor:
        b, t, d = x.shape
        q, k, v = (y.view(b, t, self.heads, -1).transpose(1, 2) for y in (self.q_proj(x), self.k_proj(x), self.v_proj(x)))
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if cache is not None:
            if cache:
                k, v = torch.cat((cache[0], k), 2), torch.cat((cache[1], v), 2)
            cache[:] = [k, v]
        if t > FUSED_FROM:
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            y = attend(q, k, v, q.shape[-1] ** -0.5, causal_bias(t) if t > 1 else None)
        return self.o_proj(y.transpose(1, 2).reshape(b, t, d))


class LlamaMlp(nn.Module):
    def __init__(self, s: EmuSizes):
        super().__init__()
        self.gate_proj = nn.Linear(s.hidden, s.ffn, bias=False)
        self.up_proj = nn.Linear(s.hidden, s.ffn, bias=False)
        self.down_proj = nn.Linear(s.ffn, s.hidden, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class LlamaLayer(nn.Module):
    def __init__(self, s: EmuSizes):
        super().__init__()
        self.input_layernorm = RmsNorm(s.hidden)
        self.self_attn = LlamaAttention(s)
        self.post_attention_layernorm = RmsNorm(s.hidden)
        self.mlp = LlamaMlp(s)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, cache: list | None) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, cache)
        return x + self.mlp(self.post_attention_layernorm(x))


class LlamaModel(nn.Module):
    def __init__(self, s: EmuSizes, vocabulary: int):
        super().__init__()
        self.embed_tokens = nn.Embedding(vocabulary, s.hidden)
        self.layers = nn.ModuleList(LlamaLayer(s) for _ in range(s.layers))
        self.norm = RmsNorm(s.hidden)
        head = s.hidden // s.heads
        angle = torch.outer(torch.arange(s.context).float(), 10000.0 ** (-torch.arange(0, head, 2).float() / head))
        self.register_buffer("cos", torch.cat((angle, angle), -1).cos(), persistent=False)
        self.register_buffer("sin", torch.cat((angle, angle), -1).sin(), persistent=False)

    def forward(self, x: Tensor, start: int = 0, caches: list[list] | None = None) -> Tensor:
        """Embeddings [b, t, d] to final-norm hidden states; positions from `start`."""
        cos, sin = (table[start : start + x.shape[1]] for table in (self.cos, self.sin))
        for index, layer in enumerate(self.layers):
            x = layer(x, cos, sin, None if caches is None else caches[index])
        return self.norm(x)


class LanguageModel(nn.Module):
    def __init__(self, s: EmuSizes, vocabulary: int):
        super().__init__()
        self.model = LlamaModel(s, vocabulary)
        self.lm_head = nn.Linear(s.hidden, vocabulary, bias=False)
        self.stu_regress_head = nn.Linear(s.hidden, s.hidden, bias=False)


class Decoder(nn.Module):
    def __init__(self, s: EmuSizes, vocabulary: int):
        super().__init__()
        self.lm = LanguageModel(s, vocabulary)


def initial_deviation(name: str, module: nn.Module, s: EmuSizes) -> float:
    """Unit variance forward; less where many layers write into one residual, and where T5 leaves out 1/sqrt(d)."""
    if isinstance(module, nn.Embedding):
        return 0.02
    deviation = module.weight.shape[1] ** -0.5
    part = name.rsplit(".", 1)[-1]
    if part == "q":
        return deviation * s.former_head**-0.5
    layers = {"visual": s.vit_layers, "cformer": 1.5 * s.former_layers, "decoder": s.layers}[name.split(".")[0]]
    return deviation * (2 * layers) ** -0.5 if part in ("proj", "fc2", "o", "wo", "o_proj", "down_proj") else deviation


class Emu(nn.Module):
    def __init__(self, sizes: EmuSizes, vocabulary: int):
        super().__init__()
        self.sizes = sizes
        self.visual = EvaVit(sizes)
        self.ln_visual = nn.LayerNorm(sizes.vit_width, eps=1e-6)
        self.cformer = CausalFormer(sizes)
        self.decoder = Decoder(sizes, vocabulary)
        for name, module in self.named_modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=initial_deviation(name, module, sizes))

    def whiten(self, pixels: Tensor) -> None:
        """Starts the patch embedding at the pictures' principal components, evened out.

        Edges carry the shapes and a hundredth of the energy of plain colour; from random filters they take most of the
        training to be heard.
        """
        s, proj = self.sizes, self.visual.patch_embed.proj
        patches = F.unfold(pixels, s.patch, stride=s.patch).transpose(1, 2).flatten(0, 1)
        mean = patches.mean(0)
        values, vectors = torch.linalg.eigh(torch.cov((patches - mean).T))
        values, vectors = values[-s.vit_width :], vectors[:, -s.vit_width :]
        filters = (vectors / (values + 0.02 * values.mean()).sqrt()).T
        proj.weight.data.copy_(filters.view_as(proj.weight))
        proj.bias.data.copy_(-filters @ mean)

    def fuse(self) -> None:
        """Compiles the layers: steps take three quarters of the time. Needs a C++ compiler."""
        # Anew for each stage that trains other parts, and for long and short, fed and imagined.
        torch._dynamo.config.recompile_limit = 64
        for layers in (self.visual.blocks, self.cformer.cformer.block, self.decoder.lm.model.layers):
            for layer in layers:
                layer.compile(dynamic=True)

    def see(self, pixels: Tensor) -> Tensor:
        """Normalised pixels [n, 3, image, image] to embeddings [n, causal, hidden]."""
        return self.cformer(self.ln_visual(self.visual(pixels)))

    def words(self, ids: Tensor) -> Tensor:
        return self.decoder.lm.model.embed_tokens(ids)

    def read(self, x: Tensor, start: int = 0, caches: list[list] | None = None) -> Tensor:
        return self.decoder.lm.model(x, start, caches)

    def caches(self) -> list[list]:
        return [[] for _ in self.decoder.lm.model.layers]
