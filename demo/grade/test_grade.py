"""The grader on the generator's own pictures and texts, and on deliberately wrong ones. Needs numpy and Pillow only."""

import unittest
from dataclasses import replace
from random import Random

from world import language
from world.render import render
from world.scene import BACKGROUNDS, COLOURS, SHAPES, STYLES, draw_scene

from . import pictures, texts

CASES = 500


class PicturesTest(unittest.TestCase):
    def shares(self, size: int) -> dict[str, float]:
        random = Random(f"grade.{size}")
        right = {"objects": 0, "size": 0, "background": 0, "style": 0}
        for case in range(CASES):
            truth = draw_scene(random, held_outs=case % 5 == 0)
            seen = pictures.look(render(truth, random, size)).scene
            right["objects"] += pictures.objects_right(seen, truth)
            right["size"] += [t.size for t in seen.things] == [t.size for t in truth.things]
            right["background"] += seen.background == truth.background
            right["style"] += seen.style == truth.style
        return {key: count / CASES for key, count in right.items()}

    def test_reads_the_generators_own_pictures(self):
        for size in (64, 112):
            for key, share in self.shares(size).items():
                self.assertGreaterEqual(share, 0.99, f"{key} at {size} pixels")

    def test_tells_a_wrong_picture(self):
        random = Random("wrong")
        for _ in range(100):
            truth = draw_scene(random)
            thing = truth.things[0]
            other_shape = random.choice([s for s in SHAPES if s != thing.shape])
            other_colour = random.choice([c for c in COLOURS if c != thing.colour])
            wrongs = (
                truth.with_thing(0, shape=other_shape),
                truth.with_thing(0, colour=other_colour),
                replace(truth, things=truth.things[1:] or (replace(thing, cell=(2, 2) if thing.cell != (2, 2) else (0, 0)),)),
            )
            for wrong in wrongs:
                self.assertFalse(pictures.objects_right(pictures.look(render(wrong, random, 64)).scene, truth))

    def test_nothing_is_seen_on_an_empty_ground(self):
        random = Random("empty")
        for background in BACKGROUNDS:
            scene = replace(draw_scene(random), things=(), background=background)
            self.assertEqual((), pictures.look(render(scene, random, 64)).scene.things)


class TextsTest(unittest.TestCase):
    def test_reads_every_pattern(self):
        random = Random("texts")
        for _ in range(300):
            scene = draw_scene(random)
            for text in language.paraphrases(scene):
                self.assertEqual(scene, texts.said(text), text)

    def test_tells_a_wrong_word(self):
        random = Random("wrong words")
        for _ in range(100):
            scene = draw_scene(random)
            text = language.caption(scene, random)
            style = random.choice([s for s in STYLES if s != scene.style])
            self.assertNotEqual(scene, texts.said(text.replace(scene.style, style)))
            self.assertIsNone(texts.said("a picture."))

    def test_nothing_may_be_said_beside_what_is_there(self):
        right = "a small red circle at the top. it is flat on white."
        self.assertIsNotNone(texts.said(right))
        for wrong in (
            right.replace("the top", "the top and a blue square at the left"),
            right.replace("the top", "the top and large blue squares at the left"),
            right.replace("the top", "the top and a large star"),
            right.replace("the top", "the top, at the left"),
            right.replace("the top", "the topmost"),
            right.replace("the top", "the top and a large blue star at the top"),
            right.replace("flat on", "not flat on"),
            right.replace("flat on white", "flatwhite white"),
            "there is not " + right,
            "a flat picture, at the top a small red circle at the left, on a white background.",
        ):
            self.assertIsNone(texts.said(wrong), wrong)

    def test_answers_by_meaning(self):
        self.assertTrue(texts.same_answer("The top left.", "top left"))
        self.assertTrue(texts.same_answer("a Red circle", "a red circle"))
        self.assertFalse(texts.same_answer("top", "top left"))
        self.assertFalse(texts.same_answer("", "yes"))


if __name__ == "__main__":
    unittest.main()
