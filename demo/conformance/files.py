"""Reads and writes what a set is made of: safetensors by hand, state dicts, JSON."""

import json
import struct
from pathlib import Path

import torch
from torch import Tensor

_NAMES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64", torch.int32: "I32", torch.uint8: "U8"}


def write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def write_tensors(path: Path, tensors: dict[str, Tensor]) -> None:
    header, blobs, end = {}, [], 0
    for name, tensor in sorted(tensors.items()):
        blob = tensor.detach().contiguous().flatten().view(torch.uint8).numpy().tobytes()
        header[name] = {"dtype": _NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [end, end + len(blob)]}
        blobs.append(blob)
        end += len(blob)
    text = json.dumps(header).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def read_tensors(path: Path) -> dict[str, Tensor]:
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    types = {name: dtype for dtype, name in _NAMES.items()}
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + size]).items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            blob = bytearray(data[8 + size + start : 8 + size + end])
            tensors[name] = torch.frombuffer(blob, dtype=types[entry["dtype"]]).view(entry["shape"])
    return tensors


def read_weights(folder: Path) -> dict[str, Tensor]:
    """The only state dict of a folder, or a file of one, in float32; wrapper, PEFT's names and adapters undone."""
    files = [folder] if folder.is_file() else [f for f in sorted(folder.iterdir()) if f.suffix in (".bin", ".pt", ".safetensors")]
    (file,) = files
    stored = read_tensors(file) if file.suffix == ".safetensors" else torch.load(file, map_location="cpu")
    stored = stored.get("module", stored)
    bare = {name.replace(".base_model.model.", ".", 1): tensor.float() for name, tensor in stored.items()}
    weights = {name: tensor for name, tensor in bare.items() if ".lora_" not in name}
    for name, up in bare.items():
        if name.endswith(".lora_B.default.weight"):
            down = bare[name.replace("lora_B", "lora_A")]
            base = name.replace(".lora_B.default", "")
            weights[base] = weights[base] + 16 / len(down) * (up @ down)
    return weights
