"""One training stage: warm-up and cosine learning rate, clipping, progress, checkpoints to resume from."""

import json
import math
import pickle
import sys
import time
import zipfile
import zlib
from pathlib import Path
from typing import Callable, NoReturn

import torch
from torch import nn

# A GPU where there is one. Data are made beside it, and carried there batch by batch.
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
# Matrix work in bfloat16 where a GPU has it, and a processor whose wide kernels were asked for; weights stay float32.
NARROW = (torch.cuda.is_bf16_supported(including_emulation=False) if DEVICE.type == "cuda" else
          torch.backends.cpu.get_cpu_capability() == "AVX512" and torch.cpu._is_avx512_bf16_supported())


def refuse(file: Path, why: str, remedy: str = "remove it: its stage begins anew") -> NoReturn:
    """Ends the program over a file, or a folder, that cannot be used."""
    sys.exit(f"train: {file} is {why}\n  -> {remedy}")


def load(file: Path) -> dict:
    """What torch.save left in a file of ours; the program ends with the file's name if it is damaged, be it in one bit."""
    try:
        # PyTorch writes checksums and does not look at them.
        with zipfile.ZipFile(file) as parts:
            broken = parts.testzip()
        if not broken:
            return torch.load(file, map_location=DEVICE, weights_only=True)
    except (RuntimeError, EOFError, OSError, pickle.UnpicklingError, zipfile.BadZipFile) as e:
        broken = type(e).__name__
    refuse(file, f"damaged ({broken})")


def prepare(threads: int, seed: int) -> None:
    """Where and with what a program computes, before it makes its first tensor."""
    torch.set_num_threads(threads)
    if DEVICE.type != "cpu":
        torch.set_default_device(DEVICE)
    torch.manual_seed(seed)


def restore(file: Path, modules: dict[str, nn.Module], optimizer: torch.optim.Optimizer | None = None) -> dict:
    """What a stage left, its modules and its optimizer filled with it; the program ends with the file's name if they do not fit."""
    kept = load(file)
    try:
        for key, module in modules.items():
            module.load_state_dict(kept["state"][key])
        if optimizer:
            optimizer.load_state_dict(kept["optimizer"])
    except (KeyError, TypeError, RuntimeError, ValueError) as e:
        refuse(file, f"of another chain ({str(e).splitlines()[0]})", "name an empty folder")
    return kept


class Stage:
    """Runs `loss()` for a number of steps, its products in bfloat16 where NARROW; state and curve live in `folder`.

    AdamW's fused kernel is the faster one; it rounds otherwise than the plain one.
    """

    def __init__(self, folder: Path, name: str, parameters, rate: float, steps: int, state: dict[str, nn.Module],
                 decay: float = 0.01, fused: bool = True):
        self.folder, self.name, self.rate, self.steps, self.state = folder, name, rate, steps, state
        matrices = [p for p in parameters if p.ndim > 1]
        vectors = [p for p in parameters if p.ndim <= 1]
        groups = [{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), fused=fused)
        self.parameters = matrices + vectors
        self.step, self.seconds, self.curve = 0, 0.0, []
        self.file = folder / f"{name}.state.pt"

    def resume(self) -> None:
        if not self.file.exists():
            return
        kept = restore(self.file, self.state, self.optimizer)
        self.step, self.seconds = kept["step"], kept["seconds"]
        curve = self.folder / f"{self.name}.curve.json"
        try:
            self.curve = json.loads(curve.read_text())
        except (OSError, ValueError) as e:
            refuse(curve, f"damaged ({type(e).__name__})", f"remove {self.file}: its stage begins anew")

    def save(self) -> None:
        state = {key: module.state_dict() for key, module in self.state.items()}
        partial = self.file.with_suffix(".partial")
        torch.save({"state": state, "optimizer": self.optimizer.state_dict(), "step": self.step, "seconds": self.seconds}, partial)
        (self.folder / f"{self.name}.curve.json").write_text(json.dumps(self.curve))
        partial.rename(self.file)

    def run(self, loss: Callable[[], tuple[torch.Tensor, dict[str, float]]], every: int = 25) -> None:
        self.resume()
        if self.step >= self.steps:
            if self.step:
                print(f"{self.name} {self.step}/{self.steps}: done before", flush=True)
            return
        # Noise of its own: the same after stages that were run as after stages that were loaded.
        torch.manual_seed(zlib.crc32(self.name.encode()) + self.step)
        sums, summed = {}, 0
        begun, before = time.monotonic(), self.seconds
        while self.step < self.steps:
            warm = min(1.0, (self.step + 1) / 100)
            scale = warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * self.step / self.steps)))
            for group in self.optimizer.param_groups:
                group["lr"] = self.rate * scale
            with torch.autocast(DEVICE.type, torch.bfloat16, enabled=NARROW):
                value, shown = loss()
            self.optimizer.zero_grad(set_to_none=True)
            value.backward()
            nn.utils.clip_grad_norm_(self.parameters, 1.0)
            self.optimizer.step()
            self.step += 1
            self.seconds = before + time.monotonic() - begun
            summed += 1
            for key, number in shown.items():
                sums[key] = sums.get(key, 0.0) + number
            if self.step % every == 0 or self.step == self.steps:
                means = {key: round(total / summed, 4) for key, total in sums.items()}
                sums, summed = {}, 0
                self.curve.append({"step": self.step, "seconds": round(self.seconds), **means})
                print(f"{self.name} {self.step}/{self.steps} {self.seconds:.0f}s {means}", flush=True)
            if self.step % (every * 4) == 0:
                self.save()
        self.save()
