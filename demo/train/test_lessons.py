"""Documents are those that the checkpoint in emu-demo learnt from: others make another chain, which has to sit the exam anew (README)."""

import unittest
import zlib
from random import Random

from world import tasks

from . import data, imagining

# Of each mixture's first documents what they say and of which scene: `sums()` when that checkpoint was made.
SUMS = {
    "corpus": 996972212, "lookups": 3271547200, "words": 1732525088, "long": 355466470, "finish": 409837253, "finish long": 3597032176,
    "polish": 1739618169, "polish long": 3401767363, "turns": 656360891, "early drawings": 1497066016, "drawings": 3054204579,
}


def sums() -> dict[str, int]:
    mixtures = {
        "corpus": tasks.CORPUS, "lookups": data.LOOKUPS, "words": data.WORDS, "long": data.LONG,
        "finish": data.FINISH, "finish long": data.FINISH_LONG, "polish": data.POLISH, "polish long": data.POLISH_LONG,
        "turns": data.TURNS, "early drawings": imagining.EARLY, "drawings": imagining.DRAWN,
    }
    return {name: _sum(mixture) for name, mixture in mixtures.items()}


def _sum(mixture: dict) -> int:
    random, said = Random("lessons"), []
    for task in random.choices(tuple(mixture), weights=tuple(mixture.values()), k=40):
        document = task(random)
        said.append((document.task, document.learn, document.scene, [part for part in document.parts if isinstance(part, str)]))
    return zlib.crc32(repr(said).encode())


class LessonsTest(unittest.TestCase):
    def test_documents_are_those_of_the_checkpoint(self):
        self.assertEqual(SUMS, sums())


if __name__ == "__main__":
    unittest.main()
