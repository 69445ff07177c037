"""python -m conformance OUT --pieces tokenizer.model: a set that `emu conformance OUT` takes."""

import argparse
import shutil
from pathlib import Path

import torch

from .cases import Cases
from .make import checkpoints


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("out", type=Path, help="folder of the set")
    arguments.add_argument("--pieces", type=Path, help="SentencePiece model; needed unless the checkpoints are there")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--short-answers", type=Path, help="short_answer.json of another set, which is taken over")
    given = arguments.parse_args()
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)
    fresh = not (given.out / "emu-tiny").exists()
    if fresh:
        checkpoints(given.out, given.pieces, given.seed)
    Cases(given.out, given.seed, fresh).write()
    if given.short_answers:
        shutil.copy(given.short_answers, given.out / "cases" / "tokenizer" / "short_answer.json")


if __name__ == "__main__":
    main()
