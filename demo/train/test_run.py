"""A stage goes on where it stopped, and what cannot be used is refused by its name."""

import unittest
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from torch import nn

from .__main__ import claim
from .run import Stage
from .vocabulary import Vocabulary


class RunTest(unittest.TestCase):
    def setUp(self):
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def stage(self, steps: int) -> Stage:
        layer = nn.Linear(2, 2)
        stage = Stage(self.folder, "stage", list(layer.parameters()), 1e-3, steps, {"layer": layer})
        stage.run(lambda: (layer.weight.square().sum(), {"number": float(stage.step)}))
        return stage

    def refused(self, name: str) -> None:
        with self.assertRaises(SystemExit) as end:
            self.stage(4)
        self.assertIn(f"{self.folder / name} is ", end.exception.code)
        self.assertIn("->", end.exception.code)

    def test_goes_on_where_it_stopped(self):
        self.assertEqual([0.5], [point["number"] for point in self.stage(2).curve])
        self.assertEqual([0.5, 3.0], [point["number"] for point in self.stage(5).curve])

    def test_a_flipped_bit_is_refused(self):
        self.stage(2)
        state = self.folder / "stage.state.pt"
        content = bytearray(state.read_bytes())
        with zipfile.ZipFile(state) as parts:
            name = "stage.state/data/0"
            number = content.index(parts.read(name), parts.getinfo(name).header_offset)
        content[number] ^= 4
        state.write_bytes(content)
        self.refused("stage.state.pt")

    def test_other_files_are_refused(self):
        self.stage(2)
        (self.folder / "stage.state.pt").write_text("hello")
        self.refused("stage.state.pt")

    def test_a_state_without_its_curve_is_refused(self):
        self.stage(2)
        (self.folder / "stage.curve.json").unlink()
        self.refused("stage.curve.json")

    def test_a_damaged_tokenizer_is_refused(self):
        pieces = self.folder / "tokenizer.model"
        pieces.write_bytes(b"")
        with self.assertRaisesRegex(SystemExit, "tokenizer.model is damaged"):
            Vocabulary(pieces)

    def test_a_folder_is_of_one_seed(self):
        claim(self.folder, 1)
        claim(self.folder, 1)
        with self.assertRaisesRegex(SystemExit, "is of seed 1"):
            claim(self.folder, 2)


if __name__ == "__main__":
    unittest.main()
