"""python -m train OUT: every stage in turn, each resumable; then the checkpoint in the released layout."""

import argparse
import shutil
import sys
from pathlib import Path
from random import Random

try:
    import torch
    from torch import Tensor
    from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

    from world.render import render
    from world.scene import SIZES, draw_scene

    from . import curves, data, diffusion, export, imagining, language, lora
    from .emu import Emu, EmuSizes
    from .layout import Steady, layout
    from .run import DEVICE, Stage
    from .unet import UNet
    from .vae import SIDE, Sketch, Vae, misfit, missed
    from .vocabulary import Vocabulary, train_pieces
except ModuleNotFoundError as e:
    sys.exit(f"train: the Python package {e.name} is not here\n  -> python -m pip install -r demo/requirements.txt")


# Channels innermost: convolutions take a sixth less time so.
LAID_OUT = torch.channels_last


def eyes(folder: Path, emu: Emu, seed: int, steps: int) -> language.Probe:
    probe = language.Probe(emu)
    batches = data.endless(language.Labelled(seed, 64, language.crowd))
    emu.whiten(torch.cat([next(batches)[0] for _ in range(16)]))
    modules = (emu.visual, emu.ln_visual, emu.cformer, probe)
    parameters = [p for module in modules for p in module.parameters()]

    def loss():
        return probe.loss(emu, *next(batches))

    Stage(folder, "eyes", parameters, 1.5e-3, steps, {"emu": emu, "probe": probe}).run(loss)
    # Other pictures: the same after steps that were run as after steps that were loaded.
    others = data.endless(language.Labelled(seed + 9000, 64, language.crowd))
    probe.follow(*emu.even_out(torch.cat([next(others)[0] for _ in range(16)])))
    return probe


def speak(folder: Path, name: str, emu: Emu, documents, parameters, rate: float, steps: int, decay: float = 0.01) -> None:
    """Words and pictures over documents, until the steps are done."""
    batches = data.endless(documents)

    def loss():
        words, pictures = language.losses(emu, next(batches))
        return words + pictures, {"words": words.item(), "pictures": pictures.item()}

    Stage(folder, name, parameters, rate, steps, {"emu": emu}, decay).run(loss)


def look(folder: Path, name: str, emu: Emu, probe: language.Probe, documents, labelled, rate: float, steps: int) -> None:
    """Words and pictures while the eyes learn too what is asked of them; labels keep in them what words forget."""
    batches, labelled = data.endless(documents), data.endless(labelled)

    def loss():
        words, pictures = language.losses(emu, next(batches))
        labels, seen = probe.loss(emu, *next(labelled))
        shown = {"words": words.item(), "pictures": pictures.item(), "scene": seen["scene"], "seen": seen["right"]}
        return words + pictures + 0.3 * labels, shown

    parameters = [*emu.parameters(), *probe.parameters()]
    Stage(folder, name, parameters, rate, steps, {"emu": emu, "probe": probe}).run(loss)


def imagine(folder: Path, emu: Emu, reader: language.Reader, vocabulary: Vocabulary, seed: int, steps: int) -> None:
    """Pictures from words alone, until the reader of labels can read them; and words about pictures."""
    drawings = data.endless(imagining.Drawings(vocabulary, seed, 24))
    documents = data.endless(data.Documents(vocabulary, seed, 24, short=data.WORDS))

    def loss():
        pictures, unread, shown = imagining.losses(emu, reader, *next(drawings))
        words, _ = language.losses(emu, next(documents))
        return words + pictures + 0.3 * unread, {"words": words.item(), "pictures": pictures.item(), **shown}

    reader.requires_grad_(False)
    Stage(folder, "imagine", list(emu.decoder.parameters()), 1.2e-3, steps, {"emu": emu}).run(loss)
    reader.requires_grad_(True)


def finish(folder: Path, emu: Emu, probe: language.Probe, vocabulary: Vocabulary, seed: int, steps: int) -> None:
    """Everything at once, eyes too."""
    drawings = data.endless(imagining.Drawings(vocabulary, seed, 16))
    documents = data.endless(data.Documents(vocabulary, seed, 24, long_share=0.35, short=data.CLOSING, long=data.VIDEOS))
    labelled = data.endless(language.Labelled(seed, 16, language.speck, draw_scene, language.speck, language.crowd))

    def loss():
        pictures, unread, shown = imagining.losses(emu, probe, *next(drawings))
        words, _ = language.losses(emu, next(documents))
        labels, seen = probe.loss(emu, *next(labelled))
        shown = {"words": words.item(), "pictures": pictures.item(), "right": shown["right"], "scene": seen["scene"], "seen": seen["right"]}
        return words + pictures + 0.3 * unread + 0.3 * labels, shown

    parameters = [*emu.parameters(), *probe.parameters()]
    Stage(folder, "finish", parameters, 7e-4, steps, {"emu": emu, "probe": probe}).run(loss)


def paintings(random: Random, most: int, jitter: Random) -> tuple[Tensor, Tensor]:
    """Layouts and pictures of 16 scenes."""
    scenes = [draw_scene(random, most) for _ in range(16)]
    shown = diffusion.pictures([render(scene, jitter, SIDE) for scene in scenes])
    return torch.stack([layout(scene) for scene in scenes]).to(DEVICE), shown.to(DEVICE)


def painting(folder: Path, seed: int, sketched: int, steps: int) -> Vae:
    """The VAE's decoder learns to draw what layouts say: the rough first."""
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
    """The UNet: of its weights the running mean, which draws better than the last."""
    torch.manual_seed(seed)
    prepared = diffusion.whitening(taught.embeddings)
    # As often as a scene has objects: one alone is soon drawn rightly.
    crowded = taught.layouts[:, -len(SIZES) :].float().sum((1, 2, 3))
    nothing = none @ prepared
    unet = UNet(len(prepared)).to(memory_format=LAID_OUT)
    average = AveragedModel(unet, multi_avg_fn=get_ema_multi_avg_fn(0.998))

    def loss():
        average.update_parameters(unet)
        chosen = torch.multinomial(crowded, 64, replacement=True)
        # Not in bfloat16: shapes are told in the faintest directions.
        with torch.autocast(DEVICE.type, enabled=False):
            embeddings = taught.embeddings[chosen].float() @ prepared
        embeddings += 0.05 * torch.randn_like(embeddings)
        value = diffusion.loss(unet, embeddings, scale * taught.layouts[chosen].float(), nothing)
        return value, {"noise": value.item()}

    Stage(folder, "unet", list(unet.parameters()), 1e-3, steps, {"unet": unet, "average": average}).run(loss)
    average.module.fold(prepared)
    return average.module


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("out", type=Path, help="folder for states, curves and the checkpoint")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--eyes", type=int, default=1300, help="steps of the vision warm start")
    arguments.add_argument("--reading", type=int, default=550, help="steps of reading and drawing crowded pictures")
    arguments.add_argument("--whole", type=int, default=400, help="steps of reading style and background too")
    arguments.add_argument("--language", type=int, default=900, help="steps of vision and language")
    arguments.add_argument("--polish", type=int, default=1200, help="steps of vision and language together")
    arguments.add_argument("--imagine", type=int, default=1200, help="steps of imagining from words alone, and of quizzes")
    arguments.add_argument("--finish", type=int, default=1650, help="last steps of everything at once")
    arguments.add_argument("--sketch", type=int, default=3500, help="steps of the VAE's decoder at 16 x 16")
    arguments.add_argument("--decoder", type=int, default=2000, help="steps of the VAE's decoder")
    arguments.add_argument("--unet", type=int, default=1900, help="steps of the UNet")
    arguments.add_argument("--imagined", type=int, default=24576, help="prompts whose embeddings the UNet learns from")
    arguments.add_argument("--lora", type=int, default=300, help="steps of the instruct variant")
    arguments.add_argument("--only", choices=("vae", "language", "unet", "lora"),
                           help="this alone: the VAE waits for nothing, LoRA for the language, the UNet for both")
    given = arguments.parse_args()
    torch.set_num_threads(given.threads)
    if DEVICE.type != "cpu":
        torch.set_default_device(DEVICE)
    # And again before other weights begin: a stage leaves no trace in them but by what it has learnt.
    torch.manual_seed(given.seed)
    given.out.mkdir(parents=True, exist_ok=True)
    if given.only == "vae":
        painting(given.out, given.seed, given.sketch, given.decoder)
        return
    pieces = given.out / "tokenizer.model"
    if not pieces.exists():
        train_pieces(pieces, given.seed)
    vocabulary = Vocabulary(pieces)
    emu = Emu(EmuSizes(), len(vocabulary))
    print(f"{sum(p.numel() for p in emu.parameters()) / 1e6:.2f} M parameters, vocabulary {len(vocabulary)}", flush=True)
    if DEVICE.type == "cpu" and (shutil.which("g++") or shutil.which("clang++")):
        emu.fuse()
    probe = eyes(given.out, emu, given.seed, given.eyes)
    crowds = data.Mixed(vocabulary, given.seed, 32, data.CROWDED)
    speak(given.out, "reading", emu, crowds, list(emu.parameters()), 1.5e-3, given.reading)
    wholes = data.Mixed(vocabulary, given.seed + 500, 36, data.WHOLE)
    labelled = language.Labelled(given.seed + 500, 16, language.speck, language.crowd)
    look(given.out, "whole", emu, probe, wholes, labelled, 1.2e-3, given.whole)
    # While words are learnt the eyes rest: what is to be drawn should stay where it is.
    emu.rest_eyes()
    documents = data.Documents(vocabulary, given.seed, 48)
    speak(given.out, "language", emu, documents, list(emu.decoder.parameters()), 1.5e-3, given.language)
    emu.requires_grad_(True)
    closer = data.Documents(vocabulary, given.seed + 1000, 24, long_share=0.1, short=data.CLOSER)
    labelled = language.Labelled(given.seed + 1000, 32, language.speck, language.crowd)
    look(given.out, "polish", emu, probe, closer, labelled, 8e-4, given.polish)
    emu.rest_eyes()
    imagine(given.out, emu, probe, vocabulary, given.seed + 3000, given.imagine)
    emu.requires_grad_(True)
    finish(given.out, emu, probe, vocabulary, given.seed + 4000, given.finish)
    emu.requires_grad_(False).eval()
    export.pretrain(given.out / "emu-demo", emu, vocabulary, pieces)
    if given.only == "language":
        return
    if given.only != "lora":
        taught = diffusion.lessons(given.out / "lessons.pt", emu, vocabulary, given.seed, given.imagined)
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
    turns = data.Documents(vocabulary, given.seed, 48, instruct=True, short=data.TURNS)
    speak(given.out, "lora", emu, turns, lora.adapt(emu, vocabulary.user), 2e-3, given.lora, decay=0.0)
    export.instruct(given.out / "emu-demo-instruct", emu, vocabulary)
    curves.draw(given.out, given.out / "curves.png")


if __name__ == "__main__":
    main()
