"""The exam: cases from seeds that training never sees, and what counts as right in each."""

from dataclasses import dataclass
from random import Random
from typing import Callable, Protocol

from PIL import Image

from world import language, tasks
from world.scene import Scene

from . import pictures, texts
from .measures import Share, cider

# Training seeds are small numbers and names; these never meet them.
SEED = "exam"


class Answerer(Protocol):
    """A model under examination: prompts in, texts or pictures out, in order."""

    def write(self, prompts: list[list], beams: int = 1) -> list[str]: ...

    def draw(self, prompts: list[list], guidance: float) -> list[Image.Image]: ...


@dataclass(frozen=True)
class Paper:
    """One subject of the exam."""

    name: str
    make: Callable[[Random], tasks.Document]
    right: Callable[[object, tasks.Document], bool]
    draws: bool = False
    beams: int = 1
    guidance: float = 3.0
    # The share that is to be reached.
    bar: float | None = None


def _prompt(document: tasks.Document) -> list:
    return list(document.parts[: document.learn])


def _said(text: str, document: tasks.Document) -> bool:
    return texts.said(text) == document.scene


def _answered(text: str, document: tasks.Document) -> bool:
    return texts.same_answer(text, document.answer)


def _drawn(picture: Image.Image, document: tasks.Document) -> bool:
    return pictures.objects_right(pictures.look(picture).scene, document.scene)


def _in_style(picture: Image.Image, document: tasks.Document) -> bool:
    seen = pictures.look(picture).scene
    return seen.style == document.scene.style and pictures.objects_right(seen, document.scene)


def _blended(picture: Image.Image, document: tasks.Document) -> bool:
    """A trait of the first parent (its colour or place) and one of the second (its shape or style)."""
    seen, truth = pictures.look(picture).scene, document.scene
    wanted = truth.things[0]
    return any(
        (thing.colour == wanted.colour or thing.cell == wanted.cell) and (thing.shape == wanted.shape or seen.style == truth.style)
        for thing in seen.things
    )


PAPERS = (
    Paper("captions", tasks.caption, _said, bar=0.95),
    Paper("captions, beam 5", tasks.caption, _said, beams=5),
    Paper("captions, held-out combinations", lambda r: tasks.caption(r, held_outs=True), _said),
    Paper("questions", tasks.answer, _answered, bar=0.95),
    Paper("video questions", lambda r: _until(r, tasks.video, "video.vqa"), _answered, bar=0.9),
    *(Paper(f"few-shot, {k} shots", lambda r, k=k: tasks.few_shot(r, k), _answered) for k in tasks.SHOTS),
    Paper("text to image", tasks.draw, _drawn, draws=True, bar=0.9),
    Paper("text to image, without guidance", tasks.draw, _drawn, draws=True, guidance=1.0),
    Paper("text to image, held-out combinations", lambda r: tasks.draw(r, held_outs=True), _drawn, draws=True, bar=0.75),
    Paper("in-context style", tasks.in_style, _in_style, draws=True, bar=0.8),
    Paper("blends", tasks.blend, _blended, draws=True, bar=0.7),
)
# Papers that ask the same cases in another way.
SAME_CASES = {"captions, beam 5": "captions", "text to image, without guidance": "text to image"}


def _until(random: Random, task: Callable[[Random], tasks.Document], name: str) -> tasks.Document:
    while (document := task(random)).task != name:
        pass
    return document


def documents(paper: Paper, cases: int) -> list[tasks.Document]:
    """The paper's first so many cases: always the same."""
    random = Random(f"{SEED}.{SAME_CASES.get(paper.name, paper.name)}")
    return [paper.make(random) for _ in range(cases)]


def sit(answerer: Answerer, paper: Paper, cases: int) -> tuple[Share, list, list[tasks.Document]]:
    asked = documents(paper, cases)
    prompts = [_prompt(document) for document in asked]
    answers = answerer.draw(prompts, paper.guidance) if paper.draws else answerer.write(prompts, paper.beams)
    right = sum(paper.right(answer, document) for answer, document in zip(answers, asked))
    return Share(right, cases), answers, asked


def caption_cider(answers: list[str], documents: list[tasks.Document]) -> float:
    return cider(answers, [language.paraphrases(document.scene) for document in documents])
