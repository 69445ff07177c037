"""The exam as files, so that whoever serves the model can sit it in any language.

`write` lays the questions out: FOLDER/questions.jsonl, one case a line, beside its pictures.

    {"id": "captions/0", "output": "text", "beams": 1, "guidance": 1.0, "seed": 0,
     "parts": [{"image": "captions/0.0.png"}, {"text": "..."}]}

`marks` reads the answers: FOLDER/answers.jsonl, one a line, in any order.

    {"id": "captions/0", "text": "..."}  or  {"id": "blends/0", "image": "blends/0.answer.png"}

The right answers are in neither file: they are made again from the seed. Needs numpy and Pillow only.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from . import exam, features
from .measures import Share, frechet

QUESTIONS, ANSWERS = "questions.jsonl", "answers.jsonl"
GUIDANCE = 3.0
# Pictures of the first of these papers are compared with the world's own, with and without guidance.
COMPARED = "text to image"


class UnfitAnswers(Exception):
    """An answers file that cannot be marked; says which line or case, and why."""


def papers(names: list[str]) -> list[exam.Paper]:
    chosen = [paper for paper in exam.PAPERS if not names or paper.name in names]
    for name in names:
        if name not in {paper.name for paper in exam.PAPERS}:
            raise UnfitAnswers(f'no paper is called "{name}"; there are: ' + ", ".join(f'"{p.name}"' for p in exam.PAPERS))
    return chosen


def write(folder: Path, cases: int, names: list[str]) -> int:
    """Lays out so many cases of each paper; returns how many there are in all."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with (folder / QUESTIONS).open("w") as questions:
        for paper in papers(names):
            (folder / paper.name).mkdir(exist_ok=True)
            for index, document in enumerate(exam.documents(paper, cases)):
                parts = []
                for place, part in enumerate(document.parts[: document.learn]):
                    if isinstance(part, str):
                        parts.append({"text": part})
                    else:
                        name = f"{paper.name}/{index}.{place}.png"
                        part.save(folder / name)
                        parts.append({"image": name})
                question = {"id": f"{paper.name}/{index}", "output": "image" if paper.draws else "text", "beams": paper.beams,
                            "guidance": paper.guidance, "seed": index, "parts": parts}
                questions.write(json.dumps(question) + "\n")
                count += 1
    return count


@dataclass(frozen=True)
class Marks:
    name: str
    share: Share
    # What was answered wrongly, first cases only.
    wrong: list[str]


def _answers(folder: Path) -> dict[str, object]:
    answers: dict[str, object] = {}
    lines = (folder / ANSWERS).read_text().splitlines()
    for number, line in enumerate(lines, 1):
        try:
            answer = json.loads(line)
            answers[answer["id"]] = answer["text"] if "text" in answer else Image.open(folder / answer["image"]).convert("RGB")
        except (ValueError, KeyError, OSError, UnidentifiedImageError) as e:
            raise UnfitAnswers(f"{folder / ANSWERS}, line {number}: {e}") from e
    return answers


def _asked(folder: Path) -> dict[str, int]:
    """Cases of each paper that were laid out."""
    counts: dict[str, int] = {}
    for line in (folder / QUESTIONS).read_text().splitlines():
        name = json.loads(line)["id"].rsplit("/", 1)[0]
        counts[name] = counts.get(name, 0) + 1
    return counts


def marks(folder: Path) -> dict:
    """Scores of every paper with 95 % intervals, CIDEr of the captions, Frechet distances of the pictures."""
    answers, asked = _answers(folder), _asked(folder)
    report: dict = {"papers": {}, "measures": {}}
    drawn: dict[str, list] = {}
    for paper in exam.PAPERS:
        if paper.name not in asked:
            continue
        documents = exam.documents(paper, asked[paper.name])
        missing = [i for i in range(len(documents)) if f"{paper.name}/{i}" not in answers]
        if missing:
            raise UnfitAnswers(f"{len(missing)} cases of {paper.name} have no answer, the first is {paper.name}/{missing[0]}")
        given = [answers[f"{paper.name}/{i}"] for i in range(len(documents))]
        right = [paper.right(answer, document) for answer, document in zip(given, documents)]
        share = Share(sum(right), len(right))
        low, high = share.interval
        wrong = [f"{paper.name}/{i}" for i, ok in enumerate(right) if not ok][:20]
        report["papers"][paper.name] = {"right": share.right, "cases": share.cases, "share": round(share.value, 4),
                                        "interval95": [round(low, 4), round(high, 4)], "bar": paper.bar, "wrong": wrong}
        if paper.name.startswith("captions"):
            report["measures"][f"CIDEr, {paper.name}"] = round(exam.caption_cider(given, documents), 3)
        if paper.name.startswith(COMPARED) and "held-out" not in paper.name:
            drawn[paper.name] = [given, [document.parts[-1] for document in documents]]
    for name, (given, truth) in drawn.items():
        distance = frechet(features.of(given), features.of(truth))
        report["measures"][f"Frechet distance, {name}"] = round(distance, 3)
    return report


def table(report: dict) -> str:
    lines = [f"{'paper':38s} {'right':>8s}  {'95 %':>14s}  {'cases':>5s}  {'bar':>5s}"]
    for name, row in report["papers"].items():
        low, high = row["interval95"]
        bar = f"{100 * row['bar']:.0f} %" if row["bar"] else ""
        lines.append(f"{name:38s} {100 * row['share']:6.1f} %  {100 * low:5.1f} to {100 * high:5.1f}  {row['cases']:5d}  {bar:>5s}")
    lines += [f"{name:38s} {value:8.3f}" for name, value in report["measures"].items()]
    return "\n".join(lines)
