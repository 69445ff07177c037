"""Emu's networks as plain functions of a state dict and a configuration, in float32, written for comparison and not for speed."""

from math import log

import torch
from torch import Tensor
from torch.nn import functional as F

Weights = dict[str, Tensor]


def linear(w: Weights, name: str, x: Tensor) -> Tensor:
    return F.linear(x, w[name + ".weight"], w.get(name + ".bias"))


def layer_norm(w: Weights, name: str, x: Tensor, eps: float) -> Tensor:
    return F.layer_norm(x, x.shape[-1:], w[name + ".weight"], w[name + ".bias"], eps)


def rms_norm(w: Weights, name: str, x: Tensor, eps: float) -> Tensor:
    return w[name + ".weight"] * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps))


def attend(q: Tensor, k: Tensor, v: Tensor, heads: int, scale: float, bias: Tensor | float = 0.0) -> Tensor:
    """q [n, r, h w], k and v [n, t, h w] -> [n, r, h w]."""
    q, k, v = (x.view(*x.shape[:2], heads, -1).transpose(1, 2) for x in (q, k, v))
    share = (q @ k.transpose(2, 3) * scale + bias).softmax(-1)
    return (share @ v).transpose(1, 2).flatten(2)


# ---- pictures in


def vit(w: Weights, config: dict, pixels: Tensor) -> list[Tensor]:
    """Patches, every block's output, and the last one behind `ln_visual`."""
    heads = config["width"] // config["head_width"]
    stride = config["patch_size"]
    patches = F.conv2d(pixels, w["visual.patch_embed.proj.weight"], w["visual.patch_embed.proj.bias"], stride)
    patches = patches.flatten(2).transpose(1, 2)
    x = torch.cat((w["visual.cls_token"].expand(len(pixels), -1, -1), patches), 1) + w["visual.pos_embed"]
    outputs = [patches]
    for i in range(config["layers"]):
        p = f"visual.blocks.{i}."
        h = layer_norm(w, p + "norm1", x, 1e-6)
        qkv = F.linear(h, w[p + "attn.qkv.weight"])
        q, k, v = qkv.chunk(3, -1)
        q, v = q + w[p + "attn.q_bias"], v + w[p + "attn.v_bias"]
        x = x + linear(w, p + "attn.proj", attend(q, k, v, heads, config["head_width"] ** -0.5))
        h = layer_norm(w, p + "norm2", x, 1e-6)
        x = x + linear(w, p + "mlp.fc2", F.gelu(linear(w, p + "mlp.fc1", h)))
        outputs.append(x)
    return [*outputs, layer_norm(w, "ln_visual", x, 1e-6)]


def position_bias(w: Weights, config: dict, queries: int) -> Tensor:
    """[heads, queries, queries], masked where the key comes later. T5's buckets of distances, in one direction."""
    buckets, furthest = config["relative_attention_num_buckets"], config["relative_attention_max_distance"]
    table = w["cformer.cformer.block.0.layer.0.SelfAttention.relative_attention_bias.weight"]
    bias = torch.full((table.shape[1], queries, queries), -1e30)
    exact = buckets // 2
    for query in range(queries):
        for key in range(query + 1):
            bucket = query - key
            if bucket >= exact:
                far = torch.log(torch.tensor(bucket / exact)) / log(furthest / exact) * (buckets - exact)
                bucket = min(exact + int(far), buckets - 1)
            bias[:, query, key] = table[bucket]
    return bias


def causal_former(w: Weights, config: dict, features: Tensor) -> tuple[list[Tensor], Tensor]:
    """Every block's output and the final norm; and the embeddings."""
    heads, eps = config["num_heads"], config["layer_norm_epsilon"]
    x = w["cformer.causal_tokens"].expand(len(features), -1, -1)
    bias = position_bias(w, config, x.shape[1])
    outputs = []
    for i in range(config["num_layers"]):
        p = f"cformer.cformer.block.{i}.layer."
        for sort, name in enumerate(("SelfAttention", "EncDecAttention")):
            h = rms_norm(w, f"{p}{sort}.layer_norm", x, eps)
            memory = h if sort == 0 else features
            a = f"{p}{sort}.{name}."
            q, k, v = linear(w, a + "q", h), linear(w, a + "k", memory), linear(w, a + "v", memory)
            x = x + linear(w, a + "o", attend(q, k, v, heads, 1.0, bias if sort == 0 else 0.0))
        h = rms_norm(w, p + "2.layer_norm", x, eps)
        x = x + linear(w, p + "2.DenseReluDense.wo", F.relu(linear(w, p + "2.DenseReluDense.wi", h)))
        outputs.append(x)
    outputs.append(rms_norm(w, "cformer.cformer.final_layer_norm", x, eps))
    return outputs, linear(w, "cformer.projection", outputs[-1])


# ---- language


def llama(w: Weights, config: dict, x: Tensor) -> list[Tensor]:
    """Embeddings [rows, d] of one sequence -> every layer's output, and the last one behind the final norm."""
    heads, eps = config["num_attention_heads"], config["rms_norm_eps"]
    rows, width = x.shape[0], x.shape[1] // heads
    turn = torch.arange(rows).float()[:, None] / 10000.0 ** (torch.arange(0, width, 2).float() / width)
    cos, sin = (torch.cat((wave, wave), -1)[:, None] for wave in (turn.cos(), turn.sin()))
    later = torch.full((rows, rows), float("-inf")).triu(1)

    def rotated(rows_of_heads: Tensor) -> Tensor:
        y = rows_of_heads.view(rows, heads, width)
        half = torch.cat((-y[..., width // 2:], y[..., : width // 2]), -1)
        return (y * cos + half * sin).flatten(1)

    outputs = []
    for i in range(config["num_hidden_layers"]):
        p = f"decoder.lm.model.layers.{i}."
        h = rms_norm(w, p + "input_layernorm", x, eps)
        q, k, v = (linear(w, f"{p}self_attn.{one}_proj", h) for one in "qkv")
        q, k = rotated(q), rotated(k)
        x = x + linear(w, p + "self_attn.o_proj", attend(q[None], k[None], v[None], heads, width**-0.5, later)[0])
        h = rms_norm(w, p + "post_attention_layernorm", x, eps)
        h = F.silu(linear(w, p + "mlp.gate_proj", h)) * linear(w, p + "mlp.up_proj", h)
        x = x + linear(w, p + "mlp.down_proj", h)
        outputs.append(x)
    return [*outputs, rms_norm(w, "decoder.lm.model.norm", x, eps)]


# ---- pictures out


def _conv(w: Weights, name: str, x: Tensor, stride: int = 1) -> Tensor:
    kernel = w[name + ".weight"]
    return F.conv2d(x, kernel, w[name + ".bias"], stride, kernel.shape[-1] // 2)


def _group(w: Weights, name: str, x: Tensor, groups: int, eps: float) -> Tensor:
    return F.group_norm(x, groups, w[name + ".weight"], w[name + ".bias"], eps)


def _resnet(w: Weights, p: str, x: Tensor, time: Tensor | None, groups: int, eps: float) -> Tensor:
    h = _conv(w, p + ".conv1", F.silu(_group(w, p + ".norm1", x, groups, eps)))
    if time is not None:
        h = h + linear(w, p + ".time_emb_proj", F.silu(time))[:, :, None, None]
    h = _conv(w, p + ".conv2", F.silu(_group(w, p + ".norm2", h, groups, eps)))
    return h + (_conv(w, p + ".conv_shortcut", x) if p + ".conv_shortcut.weight" in w else x)


def _transformer(w: Weights, p: str, x: Tensor, context: Tensor, heads: int, groups: int) -> Tensor:
    height, width = x.shape[2:]
    y = _conv(w, p + ".proj_in", _group(w, p + ".norm", x, groups, 1e-6)).flatten(2).transpose(1, 2)
    b = p + ".transformer_blocks.0."
    for i in (1, 2):
        h = layer_norm(w, f"{b}norm{i}", y, 1e-5)
        memory = h if i == 1 else context
        q, k, v = linear(w, f"{b}attn{i}.to_q", h), linear(w, f"{b}attn{i}.to_k", memory), linear(w, f"{b}attn{i}.to_v", memory)
        y = y + linear(w, f"{b}attn{i}.to_out.0", attend(q, k, v, heads, (q.shape[-1] // heads) ** -0.5))
    value, gate = linear(w, b + "ff.net.0.proj", layer_norm(w, b + "norm3", y, 1e-5)).chunk(2, -1)
    y = y + linear(w, b + "ff.net.2", value * F.gelu(gate))
    return x + _conv(w, p + ".proj_out", y.transpose(1, 2).unflatten(2, (height, width)))


def unet(w: Weights, config: dict, sample: Tensor, timestep: int, context: Tensor) -> dict[str, Tensor]:
    """The noise under `out`, and what the parts put out, as the golden files name it."""
    widths, groups, eps = config["block_out_channels"], config["norm_num_groups"], config["norm_eps"]
    heads = config["attention_head_dim"]
    heads = heads if isinstance(heads, list) else [heads] * len(widths)
    half = widths[0] // 2
    angle = timestep * torch.exp(-log(10000) * torch.arange(half).float() / half)
    time = torch.cat((angle.cos(), angle.sin()))[None].expand(len(sample), -1)
    time = linear(w, "time_embedding.linear_2", F.silu(linear(w, "time_embedding.linear_1", time)))
    seen = {"in": sample, "time_embedding": time}
    x = seen["conv_in"] = _conv(w, "conv_in", sample)
    kept = [x]
    for i, sort in enumerate(config["down_block_types"]):
        for j in range(config["layers_per_block"]):
            x = _resnet(w, f"down_blocks.{i}.resnets.{j}", x, time, groups, eps)
            if "CrossAttn" in sort:
                x = _transformer(w, f"down_blocks.{i}.attentions.{j}", x, context, heads[i], groups)
            kept.append(x)
        if i + 1 < len(widths):
            x = _conv(w, f"down_blocks.{i}.downsamplers.0.conv", x, 2)
            kept.append(x)
        seen[f"down_{i}"] = x
    x = _resnet(w, "mid_block.resnets.0", x, time, groups, eps)
    x = _transformer(w, "mid_block.attentions.0", x, context, heads[-1], groups)
    x = seen["mid"] = _resnet(w, "mid_block.resnets.1", x, time, groups, eps)
    for i, sort in enumerate(config["up_block_types"]):
        for j in range(config["layers_per_block"] + 1):
            x = _resnet(w, f"up_blocks.{i}.resnets.{j}", torch.cat((x, kept.pop()), 1), time, groups, eps)
            if "CrossAttn" in sort:
                x = _transformer(w, f"up_blocks.{i}.attentions.{j}", x, context, heads[-1 - i], groups)
        if i + 1 < len(widths):
            x = F.interpolate(x, size=kept[-1].shape[2:], mode="nearest")
            x = _conv(w, f"up_blocks.{i}.upsamplers.0.conv", x)
        seen[f"up_{i}"] = x
    seen["out"] = _conv(w, "conv_out", F.silu(_group(w, "conv_norm_out", x, groups, eps)))
    return seen


def vae(w: Weights, config: dict, latents: Tensor) -> dict[str, Tensor]:
    """The picture under `decoded`, between -1 and 1 and beyond."""
    groups = config["norm_num_groups"]
    x = post = _conv(w, "post_quant_conv", latents / config["scaling_factor"])
    x = _resnet(w, "decoder.mid_block.resnets.0", _conv(w, "decoder.conv_in", x), None, groups, 1e-6)
    a = "decoder.mid_block.attentions.0."
    h = _group(w, a + "group_norm", x, groups, 1e-6).flatten(2).transpose(1, 2)
    names = ("query", "key", "value", "proj_attn") if a + "query.weight" in w else ("to_q", "to_k", "to_v", "to_out.0")
    q, k, v = (linear(w, a + name, h) for name in names[:3])
    h = linear(w, a + names[3], attend(q, k, v, 1, q.shape[-1] ** -0.5))
    x = x + h.transpose(1, 2).view_as(x)
    x = mid = _resnet(w, "decoder.mid_block.resnets.1", x, None, groups, 1e-6)
    levels = len(config["block_out_channels"])
    for i in range(levels):
        for j in range(config["layers_per_block"] + 1):
            x = _resnet(w, f"decoder.up_blocks.{i}.resnets.{j}", x, None, groups, 1e-6)
        if i + 1 < levels:
            x = _conv(w, f"decoder.up_blocks.{i}.upsamplers.0.conv", F.interpolate(x, scale_factor=2.0, mode="nearest"))
    x = _conv(w, "decoder.conv_out", F.silu(_group(w, "decoder.conv_norm_out", x, groups, 1e-6)))
    return {"post_quant": post, "mid": mid, "decoded": x}


def clip(w: Weights, config: dict, pixels: Tensor) -> Tensor:
    """Pictures in the space that the safety checker compares in."""
    v = {"image_size": 224, "patch_size": 32, "layer_norm_eps": 1e-5, **config["vision_config"]}
    p, eps = "vision_model.vision_model.", v["layer_norm_eps"]
    x = F.conv2d(pixels, w[p + "embeddings.patch_embedding.weight"], None, v["patch_size"]).flatten(2).transpose(1, 2)
    x = torch.cat((w[p + "embeddings.class_embedding"].expand(len(x), 1, -1), x), 1)
    x = layer_norm(w, p + "pre_layrnorm", x + w[p + "embeddings.position_embedding.weight"], eps)
    heads = v["num_attention_heads"]
    for i in range(v["num_hidden_layers"]):
        b = f"{p}encoder.layers.{i}."
        h = layer_norm(w, b + "layer_norm1", x, eps)
        q, k, values = (linear(w, f"{b}self_attn.{one}_proj", h) for one in "qkv")
        x = x + linear(w, b + "self_attn.out_proj", attend(q, k, values, heads, (q.shape[-1] // heads) ** -0.5))
        h = linear(w, b + "mlp.fc1", layer_norm(w, b + "layer_norm2", x, eps))
        x = x + linear(w, b + "mlp.fc2", h * torch.sigmoid(1.702 * h))
    return linear(w, "visual_projection", layer_norm(w, p + "post_layernorm", x[:, 0], eps))
