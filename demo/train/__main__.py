"""python -m train OUT: every stage in turn, each resumable; then the checkpoint in the released layout."""

import argparse
from pathlib import Path
from random import Random

import torch

from world.render import render
from world.scene import draw_scene

from . import curves, data, diffusion, export, language, lora
from .emu import Emu, EmuSizes
from .run import Stage
from .unet import UNet
from .vae import SIDE, Vae
from .vocabulary import Vocabulary, train_pieces


def eyes(folder: Path, emu: Emu, seed: int, steps: int) -> None:
    probe = language.Probe(emu)
    batches = data.endless(language.Labelled(seed, 64))
    emu.whiten(torch.cat([next(batches)[0] for _ in range(16)]))
    modules = (emu.visual, emu.ln_visual, emu.cformer, probe)
    parameters = [p for module in modules for p in module.parameters()]

    def loss():
        lesson = next(batches)
        with torch.autocast("cpu", torch.bfloat16, enabled=BF16):
            return probe.loss(emu, *lesson)

    Stage(folder, "eyes", parameters, 1.5e-3, steps, {"emu": emu, "probe": probe}).run(loss)


def speak(folder: Path, name: str, emu: Emu, documents, parameters, rate: float, steps: int, decay: float = 0.01) -> None:
    """Words and pictures over documents, until the steps are done."""
    batches = data.endless(documents)

    def loss():
        with torch.autocast("cpu", torch.bfloat16, enabled=BF16):
            words, pictures = language.losses(emu, next(batches))
        return words + pictures, {"words": words.item(), "pictures": pictures.item()}

    Stage(folder, name, parameters, rate, steps, {"emu": emu}, decay).run(loss)


# Matrix work in bfloat16 where the processor has it; weights stay float32.
BF16 = True


def painting(folder: Path, seed: int, steps: int) -> tuple[Vae, float]:
    """The VAE, and the factor that gives its latents unit deviation."""
    vae, random = Vae(), Random(f"vae.{seed}")

    def loss():
        shown = diffusion.pictures([render(draw_scene(random, most=9), random, SIDE) for _ in range(16)])
        with torch.autocast("cpu", torch.bfloat16, enabled=BF16):
            return vae.loss(shown)

    Stage(folder, "vae", list(vae.parameters()), 2e-3, steps, {"vae": vae}).run(loss)
    with torch.no_grad():
        shown = diffusion.pictures([render(draw_scene(random), random, SIDE) for _ in range(256)])
        return vae, 1 / vae.encode(shown)[0].std().item()


def imagining(folder: Path, emu: Emu, vocabulary: Vocabulary, vae: Vae, scale: float, seed: int, steps: int, count: int) -> UNet:
    unet = UNet(emu.sizes.hidden)
    imagined = diffusion.Imagined(emu, vocabulary, seed, count)
    none = diffusion.unconditional(emu, vocabulary)
    source = diffusion.batches(seed, imagined, 96)

    def loss():
        chosen, shown = next(source)
        with torch.autocast("cpu", torch.bfloat16, enabled=BF16):
            value = diffusion.loss(unet, vae, scale, imagined, none, chosen, shown)
        return value, {"noise": value.item()}

    Stage(folder, "unet", list(unet.parameters()), 1e-3, steps, {"unet": unet}).run(loss)
    return unet


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("out", type=Path, help="folder for states, curves and the checkpoint")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--eyes", type=int, default=1300, help="steps of the vision warm start")
    arguments.add_argument("--reading", type=int, default=800, help="steps of reading and drawing crowded pictures")
    arguments.add_argument("--language", type=int, default=2000, help="steps of vision and language")
    arguments.add_argument("--polish", type=int, default=600, help="last steps of vision and language together")
    arguments.add_argument("--vae", type=int, default=6000, help="steps of the VAE")
    arguments.add_argument("--unet", type=int, default=3000, help="steps of the UNet")
    arguments.add_argument("--imagined", type=int, default=16384, help="prompts whose embeddings the UNet learns from")
    arguments.add_argument("--lora", type=int, default=600, help="steps of the instruct variant")
    arguments.add_argument("--only", choices=("vae", "lora"),
                           help="of the last stages, this one alone: the VAE waits for nothing, LoRA only for the language")
    given = arguments.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    given.out.mkdir(parents=True, exist_ok=True)
    if given.only == "vae":
        painting(given.out, given.seed, given.vae)
        return
    pieces = given.out / "tokenizer.model"
    if not pieces.exists():
        train_pieces(pieces, given.seed)
    vocabulary = Vocabulary(pieces)
    emu = Emu(EmuSizes(), len(vocabulary))
    print(f"{sum(p.numel() for p in emu.parameters()) / 1e6:.2f} M parameters, vocabulary {len(vocabulary)}", flush=True)
    eyes(given.out, emu, given.seed, given.eyes)
    crowds = data.Mixed(vocabulary, given.seed, 32, data.CROWDED)
    speak(given.out, "reading", emu, crowds, list(emu.parameters()), 1.5e-3, given.reading)
    # From here on the eyes see well enough, and what is to be drawn should stay where it is.
    for seeing in (emu.visual, emu.ln_visual, emu.cformer):
        seeing.requires_grad_(False)
    documents = data.Documents(vocabulary, given.seed, 48)
    speak(given.out, "language", emu, documents, list(emu.decoder.parameters()), 1.5e-3, given.language)
    # With what it has learnt to say, the eyes once more learn what is asked of them.
    emu.requires_grad_(True)
    closer = data.Mixed(vocabulary, given.seed + 1000, 36, data.CLOSER)
    speak(given.out, "polish", emu, closer, list(emu.parameters()), 1.2e-3, given.polish)
    emu.requires_grad_(False).eval()
    if given.only != "lora":
        export.pretrain(given.out / "emu-demo", emu, vocabulary, pieces)
        vae, scale = painting(given.out, given.seed, given.vae)
        unet = imagining(given.out, emu, vocabulary, vae, scale, given.seed, given.unet, given.imagined)
        export.visual_decoder(given.out / "emu-demo", unet, vae, scale, emu.sizes.hidden)
        export.safety_checker(given.out / "emu-demo", given.seed)
    turns = data.Documents(vocabulary, given.seed, 48, instruct=True)
    speak(given.out, "lora", emu, turns, lora.adapt(emu, vocabulary.user), 2e-3, given.lora, decay=0.0)
    export.instruct(given.out / "emu-demo-instruct", emu, vocabulary)
    curves.draw(given.out, given.out / "curves.png")


if __name__ == "__main__":
    main()
