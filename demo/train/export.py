"""Writes the released layout: `emu-demo/` (pretrain and visual decoder) and `emu-demo-instruct/`. Weights in float16."""

import json
import shutil
from pathlib import Path

import torch
from torch import Tensor

from . import safety
from . import unet as unet_module
from . import vae as vae_module
from .emu import Emu
from .lora import RANK
from .vocabulary import Vocabulary

SCHEDULER = {
    "_class_name": "PNDMScheduler", "beta_end": 0.012, "beta_schedule": "scaled_linear", "beta_start": 0.00085,
    "num_train_timesteps": 1000, "prediction_type": "epsilon", "set_alpha_to_one": False, "skip_prk_steps": True,
    "steps_offset": 1, "trained_betas": None,
}
EXTRACTOR = {
    "crop_size": {"height": 224, "width": 224}, "do_center_crop": True, "do_convert_rgb": True, "do_normalize": True,
    "do_rescale": True, "do_resize": True, "feature_extractor_type": "CLIPFeatureExtractor",
    "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_processor_type": "CLIPImageProcessor",
    "image_std": [0.26862954, 0.26130258, 0.27577711], "resample": 3, "rescale_factor": 1 / 255, "size": {"shortest_edge": 224},
}


def _half(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().half().cpu().contiguous().clone() for name, tensor in state.items()}


def _safetensors(state: dict[str, Tensor], file: Path) -> None:
    """Length of a JSON header, the header, the tensors: smaller by a tenth of a megabyte than torch's archives of small tensors."""
    header, begin = {}, 0
    for name, tensor in state.items():
        end = begin + tensor.numel() * tensor.element_size()
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [begin, end]}
        begin = end
    described = json.dumps(header, separators=(",", ":")).encode()
    described += b" " * (-len(described) % 8)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(len(described).to_bytes(8, "little") + described + b"".join(t.numpy().tobytes() for t in state.values()))


def _json(path: Path, content: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n")


def multimodal(emu: Emu, vocabulary: Vocabulary, specials: int) -> dict[str, Tensor]:
    """The state dict with the first `specials` special rows (4: pretrain, 6: instruct)."""
    rows = vocabulary.pad + specials
    state = dict(emu.state_dict())
    for name in ("decoder.lm.model.embed_tokens.weight", "decoder.lm.lm_head.weight"):
        state[name] = state[name][:rows]
    return _half(state)


def peft(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Names as PEFT saves them."""
    named = {}
    for name, tensor in state.items():
        for part in ("lora_A", "lora_B"):
            if name.endswith("." + part):
                name = name[: -len(part)] + part + ".default.weight"
        name = name.replace("_proj.base.weight", "_proj.weight")
        named[name.replace("decoder.lm.", "decoder.lm.base_model.model.", 1)] = tensor
    return named


def configs(folder: Path, emu: Emu, vocabulary: Vocabulary, pieces: Path) -> None:
    s = emu.sizes
    _json(folder / "Emu-demo.json", {
        "embed_dim": s.hidden,
        "vision_cfg": {"image_size": s.image, "layers": s.vit_layers, "width": s.vit_width, "head_width": s.vit_head,
                       "mlp_ratio": s.vit_mlp, "patch_size": s.patch, "eva_model_name": "eva-clip-demo",
                       "drop_path_rate": 0, "xattn": False, "freeze": False},
        "multimodal_cfg": {"name": "llama-demo", "xattn": True, "n_causal": s.causal, "freeze": False},
        "vladapter_cfg": {"name": "cformer", "n_causal": s.causal},
    })
    _json(folder / "llama_config" / "config.json", {
        "architectures": ["LlamaForCausalLM"], "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu",
        "hidden_size": s.hidden, "intermediate_size": s.ffn, "max_position_embeddings": s.context, "model_type": "llama",
        "num_attention_heads": s.heads, "num_hidden_layers": s.layers, "pad_token_id": 0, "rms_norm_eps": 1e-06,
        "tie_word_embeddings": False, "vocab_size": vocabulary.pad,
    })
    shutil.copy(pieces, folder / "llama_config" / "tokenizer.model")
    _json(folder / "t5_config.json", {
        "model_type": "t5", "d_model": s.former_width, "d_kv": s.former_head, "d_ff": s.former_ff,
        "num_layers": s.former_layers, "num_decoder_layers": s.former_layers, "num_heads": s.former_heads,
        "relative_attention_num_buckets": 32, "relative_attention_max_distance": 128, "layer_norm_epsilon": 1e-06,
        "feed_forward_proj": "relu", "is_decoder": False, "vocab_size": 1,
    })


def pretrain(folder: Path, emu: Emu, vocabulary: Vocabulary, pieces: Path) -> None:
    configs(folder, emu, vocabulary, pieces)
    (folder / "multimodal_encoder").mkdir(parents=True, exist_ok=True)
    torch.save({"module": multimodal(emu, vocabulary, 4)}, folder / "multimodal_encoder" / "pytorch_model.bin")


def visual_decoder(folder: Path, unet, vae, scale: float, hidden: int) -> None:
    _json(folder / "unet" / "config.json", unet_module.config(hidden))
    _safetensors(_half(unet.state_dict()), folder / "unet" / "diffusion_pytorch_model.safetensors")
    _json(folder / "vae" / "config.json", {**vae_module.CONFIG, "scaling_factor": scale})
    _safetensors(_half(vae.state_dict()), folder / "vae" / "diffusion_pytorch_model.safetensors")
    _json(folder / "scheduler" / "scheduler_config.json", SCHEDULER)
    _json(folder / "feature_extractor" / "preprocessor_config.json", EXTRACTOR)


def safety_checker(folder: Path, seed: int) -> None:
    _json(folder / "safety_checker" / "config.json", safety.CONFIG)
    _safetensors(_half(safety.checker(seed).state_dict()), folder / "safety_checker" / "model.safetensors")


def instruct(folder: Path, emu: Emu, vocabulary: Vocabulary) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(peft(multimodal(emu, vocabulary, 6)), folder / "Emu-instruct.pt")
    assert RANK == 16, "the loader takes alpha = rank = 16"
