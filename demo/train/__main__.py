"""python -m train OUT: every stage in turn, each resumable; then the checkpoint in the released layout."""

import argparse
import sys
from pathlib import Path
from random import Random

try:
    import torch
    from torch import Tensor

    from world.render import render
    from world.scene import draw_scene

    from . import curves, data, diffusion, export, language, lora
    from .emu import Emu, EmuSizes
    from .run import Stage
    from .unet import UNet
    from .vae import SIDE, Vae
    from .vocabulary import Vocabulary, train_pieces
except ModuleNotFoundError as e:
    sys.exit(f"train: the Python package {e.name} is not here\n  -> python -m pip install -r demo/requirements.txt")


def eyes(folder: Path, emu: Emu, seed: int, steps: int) -> language.Probe:
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
    return probe


def speak(folder: Path, name: str, emu: Emu, documents, parameters, rate: float, steps: int, decay: float = 0.01) -> None:
    """Words and pictures over documents, until the steps are done."""
    batches = data.endless(documents)

    def loss():
        with torch.autocast("cpu", torch.bfloat16, enabled=BF16):
            words, pictures = language.losses(emu, next(batches))
        return words + pictures, {"words": words.item(), "pictures": pictures.item()}

    Stage(folder, name, parameters, rate, steps, {"emu": emu}, decay).run(loss)


def polish(folder: Path, emu: Emu, probe: language.Probe, vocabulary: Vocabulary, seed: int, steps: int) -> None:
    """With what it has learnt to say, the eyes once more learn what is asked of them; labels keep in them what words forgot."""
    documents = data.endless(data.Mixed(vocabulary, seed, 24, data.CLOSER))
    labelled = data.endless(language.Labelled(seed, 32))

    def loss():
        with torch.autocast("cpu", torch.bfloat16, enabled=BF16):
            words, pictures = language.losses(emu, next(documents))
            labels, shown = probe.loss(emu, *next(labelled))
        shown = {"words": words.item(), "pictures": pictures.item(), "scene": shown["scene"], "right": shown["right"]}
        return words + pictures + 0.3 * labels, shown

    parameters = [*emu.parameters(), *probe.parameters()]
    Stage(folder, "polish", parameters, 8e-4, steps, {"emu": emu, "probe": probe}).run(loss)


# Matrix work in bfloat16 where the processor has it; weights stay float32.
BF16 = True


def paintings(random: Random, most: int) -> Tensor:
    return diffusion.pictures([render(draw_scene(random, most), random, SIDE) for _ in range(16)])


def painting(folder: Path, seed: int, steps: int) -> tuple[Vae, float]:
    """The VAE, and the factor that gives its latents unit deviation."""
    vae, random = Vae(), Random(f"vae.{seed}")

    def loss():
        with torch.autocast("cpu", torch.bfloat16, enabled=BF16):
            return vae.loss(paintings(random, 9))

    Stage(folder, "vae", list(vae.parameters()), 2e-3, steps, {"vae": vae}).run(loss)
    with torch.no_grad():
        return vae, 1 / torch.cat([vae.encode(paintings(random, 3))[0] for _ in range(16)]).std().item()


def sharpen(folder: Path, vae: Vae, seed: int, steps: int) -> None:
    """The decoder once more, while latents stay what the UNet has learnt."""
    random = Random(f"decoder.{seed}")

    def loss():
        with torch.autocast("cpu", torch.bfloat16, enabled=BF16):
            return vae.sharper(paintings(random, random.choice((3, 9))), 0.1)

    parameters = [*vae.post_quant_conv.parameters(), *vae.decoder.parameters()]
    Stage(folder, "decoder", parameters, 1e-3, steps, {"vae": vae}).run(loss)


def drawing(folder: Path, emu: Emu, taught: diffusion.Lessons, none: Tensor, vae: Vae, scale: float, steps: int) -> UNet:
    unet, latents = UNet(emu.sizes.hidden), taught.latents(vae, scale)

    def loss():
        with torch.autocast("cpu", torch.bfloat16, enabled=BF16):
            value = diffusion.loss(unet, taught.embeddings, latents, none, 32)
        return value, {"noise": value.item()}

    Stage(folder, "unet", list(unet.parameters()), 1e-3, steps, {"unet": unet}).run(loss)
    return unet


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("out", type=Path, help="folder for states, curves and the checkpoint")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--eyes", type=int, default=1300, help="steps of the vision warm start")
    arguments.add_argument("--reading", type=int, default=600, help="steps of reading and drawing crowded pictures")
    arguments.add_argument("--whole", type=int, default=400, help="steps of reading style and background too")
    arguments.add_argument("--language", type=int, default=1700, help="steps of vision and language")
    arguments.add_argument("--polish", type=int, default=750, help="last steps of vision and language together")
    arguments.add_argument("--answers", type=int, default=600, help="last steps of language, eyes at rest")
    arguments.add_argument("--vae", type=int, default=3200, help="steps of the VAE")
    arguments.add_argument("--decoder", type=int, default=1450, help="further steps of the VAE's decoder")
    arguments.add_argument("--unet", type=int, default=5500, help="steps of the UNet")
    arguments.add_argument("--imagined", type=int, default=8192, help="prompts whose embeddings the UNet learns from")
    arguments.add_argument("--lora", type=int, default=350, help="steps of the instruct variant")
    arguments.add_argument("--only", choices=("vae", "language", "unet", "lora"),
                           help="this alone: the VAE waits for nothing, LoRA for the language, the UNet for both")
    given = arguments.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    given.out.mkdir(parents=True, exist_ok=True)
    if given.only == "vae":
        sharpen(given.out, painting(given.out, given.seed, given.vae)[0], given.seed, given.decoder)
        return
    pieces = given.out / "tokenizer.model"
    if not pieces.exists():
        train_pieces(pieces, given.seed)
    vocabulary = Vocabulary(pieces)
    emu = Emu(EmuSizes(), len(vocabulary))
    print(f"{sum(p.numel() for p in emu.parameters()) / 1e6:.2f} M parameters, vocabulary {len(vocabulary)}", flush=True)
    probe = eyes(given.out, emu, given.seed, given.eyes)
    crowds = data.Mixed(vocabulary, given.seed, 32, data.CROWDED)
    speak(given.out, "reading", emu, crowds, list(emu.parameters()), 1.5e-3, given.reading)
    wholes = data.Mixed(vocabulary, given.seed + 500, 36, data.WHOLE)
    speak(given.out, "whole", emu, wholes, list(emu.parameters()), 1.2e-3, given.whole)
    # From here on the eyes see well enough, and what is to be drawn should stay where it is.
    emu.rest_eyes()
    documents = data.Documents(vocabulary, given.seed, 48)
    speak(given.out, "language", emu, documents, list(emu.decoder.parameters()), 1.5e-3, given.language)
    emu.requires_grad_(True)
    polish(given.out, emu, probe, vocabulary, given.seed + 1000, given.polish)
    emu.rest_eyes()
    answers = data.Documents(vocabulary, given.seed + 2000, 48, long_share=0.12, short=data.ANSWERS)
    speak(given.out, "answers", emu, answers, list(emu.decoder.parameters()), 8e-4, given.answers)
    emu.requires_grad_(False).eval()
    export.pretrain(given.out / "emu-demo", emu, vocabulary, pieces)
    if given.only == "language":
        return
    if given.only != "lora":
        taught = diffusion.lessons(given.out / "lessons.pt", emu, vocabulary, given.seed, given.imagined)
        none = diffusion.unconditional(emu, vocabulary)
        vae, scale = painting(given.out, given.seed, given.vae)
        unet = drawing(given.out, emu, taught, none, vae, scale, given.unet)
        sharpen(given.out, vae, given.seed, given.decoder)
        export.visual_decoder(given.out / "emu-demo", unet, vae, scale, emu.sizes.hidden)
        export.safety_checker(given.out / "emu-demo", given.seed)
    if given.only == "unet":
        return
    turns = data.Documents(vocabulary, given.seed, 48, instruct=True)
    speak(given.out, "lora", emu, turns, lora.adapt(emu, vocabulary.user), 2e-3, given.lora, decay=0.0)
    export.instruct(given.out / "emu-demo-instruct", emu, vocabulary)
    curves.draw(given.out, given.out / "curves.png")


if __name__ == "__main__":
    main()
