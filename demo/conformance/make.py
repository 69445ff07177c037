"""Random checkpoints of the released layout, of other sizes than any release: `emu-tiny/` and `emu-tiny-instruct/`."""

import shutil
from pathlib import Path

import torch
from torch import Tensor

from .files import write_json, write_tensors

VISION = {"image_size": 112, "layers": 3, "width": 48, "head_width": 16, "mlp_ratio": 3.0, "patch_size": 16}
QUERIES = 24
FORMER = {
    "model_type": "t5", "d_model": 40, "d_kv": 12, "d_ff": 72, "num_layers": 2, "num_decoder_layers": 2, "num_heads": 5,
    "relative_attention_num_buckets": 16, "relative_attention_max_distance": 20, "layer_norm_epsilon": 1e-6,
    "feed_forward_proj": "relu",
}
LLAMA = {
    "model_type": "llama", "hidden_act": "silu", "hidden_size": 96, "intermediate_size": 160, "num_attention_heads": 6,
    "num_hidden_layers": 5, "max_position_embeddings": 768, "rms_norm_eps": 1e-5, "tie_word_embeddings": False,
    "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0,
}
UNET = {
    "_class_name": "UNet2DConditionModel", "act_fn": "silu", "attention_head_dim": [4, 2, 8], "block_out_channels": [32, 40, 64],
    "cross_attention_dim": 96, "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D", "CrossAttnUpBlock2D"], "downsample_padding": 1,
    "flip_sin_to_cos": True, "freq_shift": 0, "in_channels": 4, "out_channels": 4, "layers_per_block": 1, "norm_eps": 1e-5,
    "norm_num_groups": 8, "sample_size": 12, "use_linear_projection": False,
}
VAE = {
    "_class_name": "AutoencoderKL", "act_fn": "silu", "block_out_channels": [16, 24, 32], "in_channels": 3, "out_channels": 3,
    "latent_channels": 4, "layers_per_block": 1, "norm_num_groups": 8, "sample_size": 48, "scaling_factor": 0.31,
}
SCHEDULER = {
    "_class_name": "PNDMScheduler", "beta_start": 0.0009, "beta_end": 0.011, "beta_schedule": "scaled_linear",
    "num_train_timesteps": 800, "prediction_type": "epsilon", "set_alpha_to_one": False, "skip_prk_steps": True,
    "steps_offset": 1,
}
SAFETY = {
    "model_type": "clip", "projection_dim": 20,
    "vision_config": {"hidden_size": 24, "intermediate_size": 56, "num_attention_heads": 3, "num_hidden_layers": 3,
                      "image_size": 64, "patch_size": 16, "hidden_act": "quick_gelu", "projection_dim": 20},
}
# Sizes as plain integers, as files of 2022 have them.
EXTRACTOR = {
    "feature_extractor_type": "CLIPFeatureExtractor", "size": 64, "crop_size": 64, "do_center_crop": True,
    "do_convert_rgb": True, "do_normalize": True, "do_resize": True, "resample": 3,
    "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711],
}
RANK = 8
CONCEPTS, SPECIAL = 17, 3


class Drawn:
    """A state dict of normal numbers that keep the scale of what goes through them."""

    def __init__(self, seed: int):
        self.generator = torch.Generator().manual_seed(seed)
        self.state: dict[str, Tensor] = {}

    def normal(self, name: str, deviation: float, *shape: int, mean: float = 0.0) -> None:
        self.state[name] = mean + deviation * torch.randn(*shape, generator=self.generator)

    def linear(self, name: str, out: int, into: int, bias: bool = True, gain: float = 1.0) -> None:
        self.normal(name + ".weight", gain / into**0.5, out, into)
        if bias:
            self.normal(name + ".bias", 0.02, out)

    def conv(self, name: str, out: int, into: int, kernel: int) -> None:
        self.normal(name + ".weight", (into * kernel * kernel) ** -0.5, out, into, kernel, kernel)
        self.normal(name + ".bias", 0.02, out)

    def norm(self, name: str, width: int, bias: bool = True) -> None:
        self.normal(name + ".weight", 0.05, width, mean=1.0)
        if bias:
            self.normal(name + ".bias", 0.02, width)


def multimodal(seed: int, vocabulary: int) -> dict[str, Tensor]:
    d = Drawn(seed)
    width, inner = VISION["width"], int(VISION["width"] * VISION["mlp_ratio"])
    places = (VISION["image_size"] // VISION["patch_size"]) ** 2 + 1
    d.normal("visual.cls_token", 0.5, 1, 1, width)
    d.normal("visual.pos_embed", 0.5, 1, places, width)
    d.conv("visual.patch_embed.proj", width, 3, VISION["patch_size"])
    for i in range(VISION["layers"]):
        p = f"visual.blocks.{i}."
        d.norm(p + "norm1", width)
        d.normal(p + "attn.q_bias", 0.1, width)
        d.normal(p + "attn.v_bias", 0.1, width)
        d.linear(p + "attn.qkv", 3 * width, width, bias=False)
        d.linear(p + "attn.proj", width, width)
        d.norm(p + "norm2", width)
        d.linear(p + "mlp.fc1", inner, width)
        d.linear(p + "mlp.fc2", width, inner)
    d.norm("visual.norm", width)
    d.linear("visual.head", 30, width)
    d.norm("ln_visual", width)
    _former(d, width)
    _llama(d, vocabulary)
    # As the reference's module has them when it is made.
    return {n: t.bfloat16() if n.startswith(("decoder.lm.", "cformer.cformer.")) else t for n, t in d.state.items()}


def _former(d: Drawn, vision: int) -> None:
    size, inner = FORMER["d_model"], FORMER["num_heads"] * FORMER["d_kv"]
    d.normal("cformer.causal_tokens", 1.0, 1, QUERIES, size)
    d.normal("cformer.cformer.embed_tokens.weight", 1.0, 10, size)
    for i in range(FORMER["num_layers"]):
        p = f"cformer.cformer.block.{i}.layer."
        for sort, (name, memory) in enumerate((("SelfAttention", size), ("EncDecAttention", vision))):
            d.norm(f"{p}{sort}.layer_norm", size, bias=False)
            d.linear(f"{p}{sort}.{name}.q", inner, size, bias=False, gain=0.4)
            d.linear(f"{p}{sort}.{name}.k", inner, memory, bias=False)
            d.linear(f"{p}{sort}.{name}.v", inner, memory, bias=False)
            d.linear(f"{p}{sort}.{name}.o", size, inner, bias=False)
        if i == 0:
            buckets = FORMER["relative_attention_num_buckets"]
            d.normal(p + "0.SelfAttention.relative_attention_bias.weight", 0.5, buckets, FORMER["num_heads"])
        d.norm(p + "2.layer_norm", size, bias=False)
        d.linear(p + "2.DenseReluDense.wi", FORMER["d_ff"], size, bias=False)
        d.linear(p + "2.DenseReluDense.wo", size, FORMER["d_ff"], bias=False)
    d.norm("cformer.cformer.final_layer_norm", size, bias=False)
    d.linear("cformer.projection", LLAMA["hidden_size"], size)


def _llama(d: Drawn, vocabulary: int) -> None:
    hidden, inner = LLAMA["hidden_size"], LLAMA["intermediate_size"]
    d.normal("decoder.lm.model.embed_tokens.weight", 1.0, vocabulary, hidden)
    for i in range(LLAMA["num_hidden_layers"]):
        p = f"decoder.lm.model.layers.{i}."
        for name in "qkvo":
            d.linear(f"{p}self_attn.{name}_proj", hidden, hidden, bias=False)
        d.linear(p + "mlp.gate_proj", inner, hidden, bias=False)
        d.linear(p + "mlp.up_proj", inner, hidden, bias=False)
        d.linear(p + "mlp.down_proj", hidden, inner, bias=False)
        d.norm(p + "input_layernorm", hidden, bias=False)
        d.norm(p + "post_attention_layernorm", hidden, bias=False)
    d.norm("decoder.lm.model.norm", hidden, bias=False)
    d.linear("decoder.lm.lm_head", vocabulary, hidden, bias=False, gain=3.0)
    d.state["decoder.lm.lm_head.weight"][2] *= 1.4  # so that answers end
    d.linear("decoder.lm.stu_regress_head", hidden, hidden, bias=False)


def adapted(seed: int, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """With PEFT's names and adapters on q, k, v and o."""
    d, named = Drawn(seed), {}
    for name, tensor in state.items():
        given = name.replace("decoder.lm.", "decoder.lm.base_model.model.", 1)
        named[given] = tensor
        if "self_attn." in name:
            prefix = given.removesuffix(".weight")
            d.linear(prefix + ".lora_A.default", RANK, tensor.shape[1], bias=False)
            d.linear(prefix + ".lora_B.default", tensor.shape[0], RANK, bias=False, gain=0.2)
    return named | d.state


def unet(seed: int) -> dict[str, Tensor]:
    d, widths, layers = Drawn(seed), UNET["block_out_channels"], UNET["layers_per_block"]
    time, levels = 4 * widths[0], len(widths)
    d.conv("conv_in", widths[0], UNET["in_channels"], 3)
    d.linear("time_embedding.linear_1", time, widths[0])
    d.linear("time_embedding.linear_2", time, time)

    def block(name: str, j: int, into: int, out: int, attends: bool) -> None:
        _resnet(d, f"{name}.resnets.{j}", into, out, time)
        if attends:
            _transformer(d, f"{name}.attentions.{j}", out)

    into = kept = widths[0]
    skips = [kept]
    for i, out in enumerate(widths):
        for j in range(layers):
            block(f"down_blocks.{i}", j, into, out, "CrossAttn" in UNET["down_block_types"][i])
            into = out
            skips.append(out)
        if i + 1 < levels:
            d.conv(f"down_blocks.{i}.downsamplers.0.conv", out, out, 3)
            skips.append(out)
    _resnet(d, "mid_block.resnets.0", into, into, time)
    _transformer(d, "mid_block.attentions.0", into)
    _resnet(d, "mid_block.resnets.1", into, into, time)
    for i, out in enumerate(reversed(widths)):
        for j in range(layers + 1):
            block(f"up_blocks.{i}", j, into + skips.pop(), out, "CrossAttn" in UNET["up_block_types"][i])
            into = out
        if i + 1 < levels:
            d.conv(f"up_blocks.{i}.upsamplers.0.conv", out, out, 3)
    d.norm("conv_norm_out", widths[0])
    d.conv("conv_out", UNET["out_channels"], widths[0], 3)
    return d.state


def _resnet(d: Drawn, name: str, into: int, out: int, time: int = 0) -> None:
    d.norm(name + ".norm1", into)
    d.conv(name + ".conv1", out, into, 3)
    if time:
        d.linear(name + ".time_emb_proj", out, time)
    d.norm(name + ".norm2", out)
    d.conv(name + ".conv2", out, out, 3)
    if into != out:
        d.conv(name + ".conv_shortcut", out, into, 1)


def _transformer(d: Drawn, name: str, width: int) -> None:
    b = name + ".transformer_blocks.0."
    d.norm(name + ".norm", width)
    d.conv(name + ".proj_in", width, width, 1)
    for i, memory in ((1, width), (2, UNET["cross_attention_dim"])):
        d.norm(f"{b}norm{i}", width)
        d.linear(f"{b}attn{i}.to_q", width, width, bias=False)
        d.linear(f"{b}attn{i}.to_k", width, memory, bias=False)
        d.linear(f"{b}attn{i}.to_v", width, memory, bias=False)
        d.linear(f"{b}attn{i}.to_out.0", width, width)
    d.norm(b + "norm3", width)
    d.linear(b + "ff.net.0.proj", 8 * width, width)
    d.linear(b + "ff.net.2", width, 4 * width)
    d.conv(name + ".proj_out", width, width, 1)


def vae(seed: int) -> dict[str, Tensor]:
    d, widths, channels = Drawn(seed), VAE["block_out_channels"], VAE["latent_channels"]
    into = widths[-1]
    d.conv("post_quant_conv", channels, channels, 1)
    d.conv("decoder.conv_in", into, channels, 3)
    _resnet(d, "decoder.mid_block.resnets.0", into, into)
    d.norm("decoder.mid_block.attentions.0.group_norm", into)
    for name in ("to_q", "to_k", "to_v", "to_out.0"):
        d.linear("decoder.mid_block.attentions.0." + name, into, into)
    _resnet(d, "decoder.mid_block.resnets.1", into, into)
    for i, out in enumerate(reversed(widths)):
        for j in range(VAE["layers_per_block"] + 1):
            _resnet(d, f"decoder.up_blocks.{i}.resnets.{j}", into, out)
            into = out
        if i + 1 < len(widths):
            d.conv(f"decoder.up_blocks.{i}.upsamplers.0.conv", out, out, 3)
    d.norm("decoder.conv_norm_out", into)
    d.conv("decoder.conv_out", 3, into, 3)
    return d.state


def safety(seed: int) -> dict[str, Tensor]:
    d, v, p = Drawn(seed), SAFETY["vision_config"], "vision_model.vision_model."
    width, patch = v["hidden_size"], v["patch_size"]
    d.normal("concept_embeds", 1.0, CONCEPTS, SAFETY["projection_dim"])
    d.normal("special_care_embeds", 1.0, SPECIAL, SAFETY["projection_dim"])
    d.normal(p + "embeddings.class_embedding", 0.5, width)
    d.normal(p + "embeddings.patch_embedding.weight", 1 / (3 * patch * patch) ** 0.5, width, 3, patch, patch)
    d.normal(p + "embeddings.position_embedding.weight", 0.5, (v["image_size"] // patch) ** 2 + 1, width)
    d.norm(p + "pre_layrnorm", width)
    for i in range(v["num_hidden_layers"]):
        b = f"{p}encoder.layers.{i}."
        for name in "qkv":
            d.linear(f"{b}self_attn.{name}_proj", width, width)
        d.linear(b + "self_attn.out_proj", width, width)
        d.norm(b + "layer_norm1", width)
        d.linear(b + "mlp.fc1", v["intermediate_size"], width)
        d.linear(b + "mlp.fc2", width, v["intermediate_size"])
        d.norm(b + "layer_norm2", width)
    d.norm(p + "post_layernorm", width)
    d.linear("visual_projection", SAFETY["projection_dim"], width, bias=False)
    # Set once it is known what pictures are like.
    d.state["concept_embeds_weights"] = torch.ones(CONCEPTS)
    d.state["special_care_embeds_weights"] = torch.ones(SPECIAL)
    return d.state


def checkpoints(root: Path, pieces: Path, seed: int) -> None:
    """Both checkpoints; how each file is stored differs, as it may."""
    from sentencepiece import SentencePieceProcessor

    tiny, vocabulary = root / "emu-tiny", SentencePieceProcessor(model_file=str(pieces)).vocab_size()
    write_json(tiny / "Emu-tiny.json", {
        "embed_dim": LLAMA["hidden_size"], "vision_cfg": VISION,
        "multimodal_cfg": {"name": "llama", "n_causal": QUERIES}, "vladapter_cfg": {"name": "cformer", "n_causal": QUERIES},
    })
    for name, config in {
        "t5_config.json": FORMER, "llama_config/config.json": {**LLAMA, "vocab_size": vocabulary}, "unet/config.json": UNET,
        "vae/config.json": VAE, "scheduler/scheduler_config.json": SCHEDULER, "safety_checker/config.json": SAFETY,
        "feature_extractor/preprocessor_config.json": EXTRACTOR,
    }.items():
        write_json(tiny / name, config)
    shutil.copy(pieces, tiny / "llama_config" / "tokenizer.model")
    for folder in ("multimodal_encoder", "../emu-tiny-instruct"):
        (tiny / folder).mkdir(parents=True, exist_ok=True)
    torch.save(multimodal(seed, vocabulary + 4), tiny / "multimodal_encoder" / "pytorch_model.bin")
    instruct = adapted(seed + 2, multimodal(seed + 1, vocabulary + 6))
    torch.save({"module": instruct}, root / "emu-tiny-instruct" / "Emu-instruct.pt")
    half = {name: tensor.half() for name, tensor in unet(seed + 3).items()}
    write_tensors(tiny / "unet" / "diffusion_pytorch_model.safetensors", half)
    write_tensors(tiny / "vae" / "diffusion_pytorch_model.safetensors", vae(seed + 4))
    torch.save(safety(seed + 5), tiny / "safety_checker" / "pytorch_model.bin")
