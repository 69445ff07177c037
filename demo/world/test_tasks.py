"""What documents promise to who learns from them and to who marks the answers. Needs numpy and Pillow only."""

import unittest
from inspect import isfunction
from random import Random

from PIL import Image

from grade import exam, texts

from . import tasks
from .scene import held_out

# Every one that there is, also those that come later.
TASKS = [task for name, task in vars(tasks).items()
         if isfunction(task) and name[0] != "_" and task.__annotations__.get("return") is tasks.Document]
CASES = 300
WHITE = Image.new("RGB", (8, 8), "white")


def content(document: tasks.Document) -> list:
    return [part if isinstance(part, str) else part.tobytes() for part in document.parts]


class TasksTest(unittest.TestCase):
    def scenes(self, make) -> list:
        """What is drawn while `make` makes documents."""
        shown, render = [], tasks.render
        tasks.render = lambda scene, *_, **__: shown.append(scene) or WHITE
        try:
            make()
        finally:
            tasks.render = render
        return shown

    def test_training_never_shows_a_held_out_combination(self):
        for task in TASKS:
            random = Random("training")
            shown = self.scenes(lambda: [task(random) for _ in range(CASES)])
            self.assertGreaterEqual(len(shown), CASES, task.__name__)
            self.assertEqual([], [thing for scene in shown for thing in scene.things if held_out(thing)], task.__name__)

    def test_papers_of_held_out_combinations_show_or_ask_for_one_each(self):
        papers = [paper for paper in exam.PAPERS if "held-out" in paper.name]
        self.assertEqual(2, len(papers))
        for paper in papers:
            made = []
            self.scenes(lambda: made.extend(exam.documents(paper, CASES)))
            for document in made:
                self.assertEqual(1, sum(map(held_out, document.scene.things)), paper.name)

    def test_the_same_seed_makes_the_same_documents_and_another_others(self):
        for task in TASKS:
            once, again, other = (content(task(Random(seed))) for seed in (1, 1, 2))
            self.assertEqual(once, again, task.__name__)
            self.assertNotEqual(once, other, task.__name__)

    def test_the_answer_is_what_the_prompt_leaves_out(self):
        for paper in exam.PAPERS:
            made, drawn = [], 0
            shown = self.scenes(lambda: made.extend(exam.documents(paper, 20)))
            for document in made:
                self.assertEqual(document.learn, len(document.parts) - 1, paper.name)
                left = document.parts[document.learn]
                drawn += sum(not isinstance(part, str) for part in document.parts)
                if paper.draws:
                    self.assertNotIsInstance(left, str, paper.name)
                    self.assertEqual(document.scene, shown[drawn - 1], paper.name)
                else:
                    self.assertTrue(texts.same_answer(left, document.answer), f"{paper.name}: {left}")

    def test_a_series_has_as_many_shots_as_asked_for(self):
        for shots in tasks.SHOTS:
            for case in range(20):
                document = tasks.few_shot(Random(case), shots)
                self.assertEqual(shots + 1, sum(not isinstance(part, str) for part in document.parts))
                self.assertEqual(shots, len(document.rehearsed))

    def test_a_series_names_one_attribute_and_of_empty_shots_nothing(self):
        shots, telling, rules = 0, 0, set()
        for case in range(CASES):
            named = self.named(lambda: tasks.few_shot(Random(case)))
            self.assertIsNotNone(named[-1])
            self.assertEqual(1, len({*named} - {None}), named)
            shots, telling = shots + len(named) - 1, telling + len(named) - 1 - named.count(None)
            rules.add(named[-1])
        self.assertEqual(set(tasks.NAMED), rules)
        self.assertAlmostEqual(0.5, telling / shots, delta=0.05)

    def test_every_shot_of_an_early_series_tells_its_rule(self):
        for case in range(CASES):
            named = self.named(lambda: tasks.early_few_shot(Random(case)))
            self.assertEqual(1, len(set(named)), named)

    def named(self, make) -> list[str | None]:
        """Which attribute the series that `make` makes names of each of its pictures: None where it shows and names nothing."""
        made = []
        shown = self.scenes(lambda: made.append(make()))
        said = [made[0].parts[part].removeprefix("it is ").rstrip(".") for part in made[0].rehearsed]
        return [self.attribute(scene, word) for scene, word in zip(shown, [*said, made[0].answer], strict=True)]

    def attribute(self, scene, word: str) -> str | None:
        if not scene.things:
            self.assertEqual("nothing", word)
            return None
        (name,) = (name for name in tasks.NAMED if getattr(scene.things[0], name) == word)
        return name


if __name__ == "__main__":
    unittest.main()
