"""Trained again, a part ends in the bytes that are here.

The safety checker is the one that takes seconds. It stands for the others: where it comes out otherwise, this machine's
kernels round otherwise than those of `emu-demo` did, and so would every stage.
"""

import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

from . import export
from .run import DEVICE, prepare

CHECKPOINT = Path(__file__).parent.parent / "emu-demo"
SAVED = Path("safety_checker") / "model.safetensors"


class RerunTest(unittest.TestCase):
    @unittest.skipUnless(DEVICE.type == "cpu", "a GPU rounds otherwise")
    def test_the_safety_checker_comes_out_the_same(self):
        prepare(threads=2, seed=1)
        with TemporaryDirectory() as folder:
            export.safety_checker(Path(folder), seed=1)
            self.assertEqual((CHECKPOINT / SAVED).read_bytes(), (Path(folder) / SAVED).read_bytes())


if __name__ == "__main__":
    unittest.main()
