"""What a caption or an answer says, whatever its wording."""

import re

from world.scene import BACKGROUNDS, COLOURS, PLACES, SHAPES, SIZES, STYLES, Scene, Thing

_PLACES = {name: cell for cell, name in PLACES.items()}
_PLACE = "(?:in the |at the )(top left|top right|bottom left|bottom right|top|bottom|left|right|center)"
_THING = f"an? ({'|'.join(SIZES)}) ({'|'.join(COLOURS)}) ({'|'.join(SHAPES)})"


def said(text: str) -> Scene | None:
    """The scene that a caption describes; None when it leaves something out or contradicts itself."""
    text = re.sub(r"\s+", " ", text.lower())
    after = re.findall(f"{_THING} {_PLACE}", text)
    before = re.findall(f"{_PLACE} {_THING}", text)
    mentioned = len(re.findall(_THING, text))
    # Of a tour the first place stands before the first object.
    turned = bool(before) and len(before) == mentioned and re.search(_PLACE, text).start() < re.search(_THING, text).start()
    found = [(size, colour, shape, place) for place, size, colour, shape in before] if turned else after
    styles = set(re.findall("|".join(STYLES), text))
    rest = re.sub(_THING, "", text)
    grounds = set(re.findall(r"\b(" + "|".join(BACKGROUNDS) + r")\b", rest))
    if not found or len(found) != mentioned or len(styles) != 1 or len(grounds) != 1:
        return None
    things = sorted((Thing(shape, colour, size, _PLACES[place]) for size, colour, shape, place in found), key=lambda t: t.cell)
    return Scene(tuple(things), grounds.pop(), styles.pop())


def same_answer(given: str, truth: str) -> bool:
    """Equal but for case, punctuation and articles."""

    def core(text: str) -> list[str]:
        return [word for word in re.findall(r"[a-z]+", text.lower()) if word not in ("a", "an", "the", "it", "is", "in", "at")]

    return core(given) == core(truth)
