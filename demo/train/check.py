"""python -m train.check OUT: a short exam by the trainer's own code, before a cluster serves the model. Greedy text, DDIM pictures."""

import argparse
import json
import sys
from pathlib import Path

try:
    from grade import exam

    from .answer import OwnAnswers
    from .emu import Emu, EmuSizes
    from .run import prepare, restore
    from .unet import UNet
    from .vae import Vae
    from .vocabulary import Vocabulary
except ModuleNotFoundError as e:
    sys.exit(f"train.check: the Python package {e.name} is not here\n  -> python -m pip install -r demo/requirements.txt")


def trained(out: Path) -> OwnAnswers:
    """What a finished chain left in its folder; the program ends where something is missing."""
    pieces, config = out / "tokenizer.model", out / "emu-demo" / "vae" / "config.json"
    states = {stage: out / f"{stage}.state.pt" for stage in ("polish", "unet", "decoder")}
    for file in (pieces, config, *states.values()):
        if not file.exists():
            sys.exit(f"train.check: there is no {file}\n  -> python -m train {out}")
    vocabulary = Vocabulary(pieces)
    emu = Emu(EmuSizes(), len(vocabulary))
    unet, vae = UNet(emu.sizes.hidden), Vae()
    restore(states["polish"], {"emu": emu})
    restore(states["unet"], {"unet": unet})
    restore(states["decoder"], {"vae": vae})
    return OwnAnswers(emu, vocabulary, unet, vae.eval(), json.loads(config.read_text())["scaling_factor"])


def main() -> None:
    # Beams are the cluster's alone.
    papers = {paper.name: paper for paper in exam.PAPERS if paper.beams == 1}
    parser = argparse.ArgumentParser(prog="python -m train.check", description=__doc__)
    parser.add_argument("out", type=Path, help="folder of a finished chain")
    parser.add_argument("--cases", type=int, default=100, help="cases of each paper (default: 100)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--paper", action="append", default=[], choices=papers, metavar="NAME", help="only this paper; may be repeated")
    given = parser.parse_args()
    prepare(given.threads, seed=0)
    answerer = trained(given.out)
    for name in given.paper or papers:
        share, *_ = exam.sit(answerer, papers[name], given.cases)
        low, high = share.interval
        print(f"{name:38s} {100 * share.value:6.1f} %  {100 * low:5.1f} to {100 * high:5.1f}  {share.cases:5d}", flush=True)


if __name__ == "__main__":
    main()
