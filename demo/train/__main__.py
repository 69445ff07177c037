"""python -m train OUT: every stage in turn, each resumable; then the checkpoint in the released layout."""

import argparse
import shutil
import sys
from pathlib import Path
from random import Random

try:
    import torch
    from torch import Tensor

    from world.render import render
    from world.scene import SIZES, draw_scene

    from . import curves, data, diffusion, export, imagining, language, lora
    from .emu import Emu, EmuSizes
    from .layout import Steady, layout
    from .run import DEVICE, Stage, prepare, refuse
    from .unet import UNet
    from .vae import SIDE, Sketch, Vae, misfit, missed
    from .vocabulary import Vocabulary, train_pieces
except ModuleNotFoundError as e:
    sys.exit(f"train: the Python package {e.name} is not here\n  -> python -m pip install -r demo/requirements.txt")


# Channels innermost: convolutions take a sixth less time so.
LAID_OUT = torch.channels_last


def look(folder: Path, name: str, emu: Emu, probe: language.Probe, batches, rate: float, steps: int, fused: bool = True) -> None:
    """The eyes alone learn to say what a picture shows. Outside of this they rest.

    Codes stay what they are: who reads them need not learn anew.
    """
    seeing = (emu.visual, emu.ln_visual, emu.cformer, probe)
    for module in seeing:
        module.requires_grad_(True)
    parameters = [p for module in seeing for p in module.parameters()]
    stage = Stage(folder, name, parameters, rate, steps, {"emu": emu, "probe": probe}, fused=fused)
    stage.run(lambda: probe.loss(emu, *next(batches)))
    for module in seeing:
        module.requires_grad_(False)


def speak(folder: Path, name: str, emu: Emu, documents, parameters, rate: float, steps: int, decay: float = 0.01, fused: bool = True) -> None:
    """Words and pictures over documents, until the steps are done."""
    batches = data.endless(documents)

    def loss():
        words, pictures = language.losses(emu, next(batches))
        return words + pictures, {"words": words.item(), "pictures": pictures.item()}

    Stage(folder, name, parameters, rate, steps, {"emu": emu}, decay, fused).run(loss)


def talk(folder: Path, name: str, emu: Emu, codes: language.Codes, documents: data.Documents, drawn: dict, rate: float,
         steps: int, fused: bool = True) -> None:
    """All tasks: words about pictures, and pictures that the model imagines by itself."""
    batches = data.endless(documents)
    drawings = data.endless(imagining.Drawings(documents.vocabulary, documents.seed, 8, drawn))

    def loss():
        pictures, unread, shown = imagining.losses(emu, codes, *next(drawings))
        words, _ = language.losses(emu, next(batches))
        return words + pictures + 0.3 * unread, {"words": words.item(), "pictures": pictures.item(), **shown}

    Stage(folder, name, list(emu.decoder.parameters()), rate, steps, {"emu": emu}, fused=fused).run(loss)


def paintings(random: Random, most: int, jitter: Random) -> tuple[Tensor, Tensor]:
    """Layouts and pictures of 16 scenes."""
    scenes = [draw_scene(random, most) for _ in range(16)]
    shown = diffusion.pictures([render(scene, jitter, SIDE) for scene in scenes])
    return torch.stack([layout(scene) for scene in scenes]).to(DEVICE), shown.to(DEVICE)


def painting(folder: Path, seed: int, sketched: int, steps: int) -> Vae:
    """The VAE's decoder learns to draw what layouts say: the rough first."""
    # Again before other weights begin: a stage leaves no trace in them but by what it has learnt.
    torch.manual_seed(seed)
    vae, sketch = Vae().to(memory_format=LAID_OUT), Sketch().to(memory_format=LAID_OUT)
    random, steady = Random(f"vae.{seed}"), Steady()

    def sketches():
        layouts, pictures = paintings(random, 9, steady)
        return misfit(sketch(vae.decoder.sketch(vae.post_quant_conv(missed(layouts)))), pictures)

    def pictures():
        layouts, pictures = paintings(random, random.choice((3, 9)), steady)
        return misfit(vae.decode(missed(layouts)), pictures)

    decoder = [*vae.post_quant_conv.parameters(), *vae.decoder.parameters()]
    Stage(folder, "sketch", decoder + list(sketch.parameters()), 2e-3, sketched, {"vae": vae, "sketch": sketch}).run(sketches)
    Stage(folder, "decoder", decoder, 2e-3, steps, {"vae": vae}).run(pictures)
    return vae


def drawing(folder: Path, taught: diffusion.Lessons, none: Tensor, scale: float, seed: int, steps: int) -> UNet:
    """The UNet learns which layout a picture's embeddings ask for."""
    torch.manual_seed(seed)
    # As often as a scene has objects: one alone is soon drawn rightly.
    crowded = taught.layouts[:, -len(SIZES) :].float().sum((1, 2, 3))
    unet = UNet(none.shape[-1]).to(memory_format=LAID_OUT)

    def loss():
        chosen = torch.multinomial(crowded, 12, replacement=True)
        embeddings = taught.embeddings[chosen].float()
        # What the model imagines is not quite what the eyes would see.
        embeddings += 0.3 * torch.randn_like(embeddings)
        value = diffusion.loss(unet, embeddings, scale * taught.layouts[chosen].float(), none)
        return value, {"noise": value.item()}

    Stage(folder, "unet", list(unet.parameters()), 4e-3, steps, {"unet": unet}).run(loss)
    return unet


def understanding(given: argparse.Namespace, vocabulary: Vocabulary) -> Emu:
    """The eyes and the language."""
    emu = Emu(EmuSizes(), len(vocabulary))
    print(f"{sum(p.numel() for p in emu.parameters()) / 1e6:.2f} M parameters, vocabulary {len(vocabulary)}", flush=True)
    if DEVICE.type == "cpu" and (shutil.which("g++") or shutil.which("clang++")):
        emu.fuse()
    probe = language.Probe(emu)
    crowds = data.endless(language.Labelled(given.seed, 64, language.crowd, language.crowd, language.crowd, language.speck))
    emu.whiten(torch.cat([next(crowds)[0] for _ in range(16)]))
    # What becomes of held-out combinations hangs on how `language` falls out, down to rounding: up to there AdamW's plain kernel steps.
    look(given.out, "eyes", emu, probe, crowds, 1.5e-3, given.eyes, fused=False)
    probe.lend(emu, vocabulary)
    lookups = data.Mixed(vocabulary, given.seed, 8, data.LOOKUPS)
    speak(given.out, "reading", emu, lookups, list(emu.decoder.parameters()), 1.5e-3, given.reading, fused=False)
    halved = data.endless(language.Labelled(given.seed + 500, 64, language.crowd, language.crowd, draw_scene, language.speck))
    look(given.out, "sharpen", emu, probe, halved, 8e-4, given.sharpen, fused=False)
    documents = data.Documents(vocabulary, given.seed + 1000, 12, long_share=0.3)
    talk(given.out, "language", emu, probe, documents, imagining.EARLY, 1.2e-3, given.language, fused=False)
    documents = data.Documents(vocabulary, given.seed + 2000, 12, long_share=0.5, short=data.FINISH, long=data.FINISH_LONG)
    talk(given.out, "finish", emu, probe, documents, imagining.EARLY, 7e-4, given.finish)
    few = data.endless(language.Labelled(given.seed + 600, 64, language.crowd, draw_scene, draw_scene, language.speck))
    look(given.out, "focus", emu, probe, few, 8e-4, given.focus)
    documents = data.Documents(vocabulary, given.seed + 3000, 16, long_share=0.25, short=data.POLISH, long=data.POLISH_LONG)
    talk(given.out, "polish", emu, probe, documents, imagining.DRAWN, 8e-4, given.polish)
    return emu.requires_grad_(False).eval()


def claim(folder: Path, seed: int) -> None:
    """Makes the folder, or ends the program if a chain of another seed lives there."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "seed"
    if kept.exists() and kept.read_text() != f"{seed}\n":
        refuse(folder, f"of seed {kept.read_text().strip()}", "name an empty folder, or that seed")
    kept.write_text(f"{seed}\n")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="With ATEN_CPU_CAPABILITY=avx512 in the environment a processor that has them takes its wide kernels, and bfloat16: another chain than emu-demo's.",
    )
    parser.add_argument("out", type=Path, help="folder for states, curves and the checkpoint")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--eyes", type=int, default=1100, help="steps of the vision warm start")
    parser.add_argument("--reading", type=int, default=2000, help="steps of looking up in pictures")
    parser.add_argument("--sharpen", type=int, default=500, help="more steps of the eyes, half of them with few objects")
    parser.add_argument("--language", type=int, default=3000, help="steps of all tasks")
    parser.add_argument("--finish", type=int, default=700, help="more steps of all tasks, most of all videos and series")
    parser.add_argument("--focus", type=int, default=300, help="last steps of the eyes, most of them with few objects")
    parser.add_argument("--polish", type=int, default=1300, help="last steps of all tasks, most of all captions")
    parser.add_argument("--sketch", type=int, default=2500, help="steps of the VAE's decoder at 16 x 16")
    parser.add_argument("--decoder", type=int, default=1400, help="steps of the VAE's decoder")
    parser.add_argument("--unet", type=int, default=3000, help="steps of the UNet")
    parser.add_argument("--lessons", type=int, default=16384, help="pictures whose embeddings the UNet learns from, in batches of 64")
    parser.add_argument("--lora", type=int, default=400, help="steps of the instruct variant")
    parser.add_argument("--only", choices=("vae", "language", "unet", "lora"),
                        help="this alone: the VAE waits for nothing, LoRA for the language, the UNet for both")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    prepare(given.threads, given.seed)
    claim(given.out, given.seed)
    if given.only == "vae":
        painting(given.out, given.seed, given.sketch, given.decoder)
        return
    pieces = given.out / "tokenizer.model"
    if not pieces.exists():
        train_pieces(pieces, given.seed)
    vocabulary = Vocabulary(pieces)
    emu = understanding(given, vocabulary)
    export.pretrain(given.out / "emu-demo", emu, vocabulary, pieces)
    if given.only == "language":
        return
    if given.only != "lora":
        taught = diffusion.lessons(given.out / "lessons.pt", emu, given.seed, given.lessons)
        none = diffusion.unconditional(emu, vocabulary)
        # The factor that gives latents unit deviation.
        scale = 1 / taught.layouts.float().std().item()
        unet = drawing(given.out, taught, none, scale, given.seed, given.unet)
        vae = painting(given.out, given.seed, given.sketch, given.decoder)
        export.visual_decoder(given.out / "emu-demo", unet, vae, scale, emu.sizes.hidden)
        export.safety_checker(given.out / "emu-demo", given.seed)
    if given.only == "unet":
        return
    torch.manual_seed(given.seed)
    turns = data.Documents(vocabulary, given.seed, 16, instruct=True, short=data.TURNS)
    speak(given.out, "lora", emu, turns, lora.adapt(emu, vocabulary.user), 2e-3, given.lora, decay=0.0)
    export.instruct(given.out / "emu-demo-instruct", emu, vocabulary)
    curves.draw(given.out, given.out / "curves.png")


if __name__ == "__main__":
    main()
