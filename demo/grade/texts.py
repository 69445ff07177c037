"""What a caption or an answer says, whatever its wording."""

import re

from world.scene import BACKGROUNDS, COLOURS, PLACES, SHAPES, SIZES, STYLES, Scene, Thing

_CELLS = {name: cell for cell, name in PLACES.items()}
_PLACE = r"\b(?:in|at) the (?P<place>top left|top right|bottom left|bottom right|top|bottom|left|right|center)\b"
_THING = rf"\ban? (?P<size>{'|'.join(SIZES)}) (?P<colour>{'|'.join(COLOURS)}) (?P<shape>{'|'.join(SHAPES)})\b"
# What may not be left over when objects with their places are taken out: half an object, a second place, a denial.
_MORE = rf"\b(?:{'|'.join((*SIZES, *COLOURS, *SHAPES, *PLACES.values()))})(?:e?s)?\b|\b(?:no|not|nor|never|without)\b|n't"


def said(text: str) -> Scene | None:
    """The scene that a caption describes; None when it leaves something out, says more or contradicts itself."""
    text = re.sub(r"\s+", " ", text.lower())
    place, thing = re.search(_PLACE, text), re.search(_THING, text)
    # Of a tour the first place stands before the first object.
    pattern = f"{_PLACE} {_THING}" if place and thing and place.start() < thing.start() else f"{_THING} {_PLACE}"
    found = [match.groupdict() for match in re.finditer(pattern, text)]
    rest = re.sub(pattern, "", text)
    styles = set(re.findall(rf"\b(?:{'|'.join(STYLES)})\b", rest))
    grounds = set(re.findall(rf"\b(?:{'|'.join(BACKGROUNDS)})\b", rest))
    places_differ = len({one["place"] for one in found}) == len(found)
    if not found or not places_differ or len(styles) != 1 or len(grounds) != 1 or re.search(_MORE, rest):
        return None
    things = sorted((Thing(one["shape"], one["colour"], one["size"], _CELLS[one["place"]]) for one in found), key=lambda t: t.cell)
    return Scene(tuple(things), grounds.pop(), styles.pop())


def same_answer(given: str, truth: str) -> bool:
    """Equal but for case, punctuation and articles."""

    def core(text: str) -> list[str]:
        return [word for word in re.findall(r"[a-z]+", text.lower()) if word not in ("a", "an", "the", "it", "is", "in", "at")]

    return core(given) == core(truth)
