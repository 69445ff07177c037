"""python -m grade write FOLDER | marks FOLDER: the exam as files, and the scores of its answers."""

import argparse
import json
import sys
from pathlib import Path

try:
    from . import papers
except ModuleNotFoundError as e:
    sys.exit(f"grade: the Python package {e.name} is not here\n  -> python -m pip install -r demo/grade/requirements.txt")


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m grade", description=__doc__)
    commands = arguments.add_subparsers(dest="command", required=True)
    write = commands.add_parser("write", help="lay out the questions")
    write.add_argument("folder", type=Path)
    write.add_argument("--cases", type=int, default=500, help="cases of each paper (default: 500)")
    write.add_argument("--paper", action="append", default=[], help="only this paper; may be repeated")
    marks = commands.add_parser("marks", help="mark the answers")
    marks.add_argument("folder", type=Path)
    marks.add_argument("--json", type=Path, help="also write the scores here")
    given = arguments.parse_args()
    try:
        if given.command == "write":
            print(papers.write(given.folder, given.cases, given.paper))
        else:
            report = papers.marks(given.folder)
            print(papers.table(report))
            if given.json:
                given.json.write_text(json.dumps(report, indent=2) + "\n")
    except (papers.UnfitAnswers, FileNotFoundError) as e:
        sys.exit(f"grade: {e}")


if __name__ == "__main__":
    main()
