"""Scenes to pictures: antialiased by supersampling, with jitter, so that no two are pixel-identical."""

from functools import lru_cache
from math import ceil, cos, floor, pi, sin
from random import Random

from PIL import Image, ImageChops, ImageDraw

from .scene import BACKGROUNDS, COLOURS, Scene, Thing

OVERSAMPLE = 3
# Of a cell's width.
RADIUS = {"small": 0.27, "large": 0.45}
# Of a radius: no shape has a corner farther out.
REACH = 1.2
# Stroke, stripe period and dot spacing in 1/64 of the picture.
STROKE, STRIPE, DOT = 2.0, 4.0, 4.0
# How much of the colour is left in the pale parts of stripes and dots.
PALE = 0.35
# Steps in which stripes and dots are moved.
PHASES = 16


def outline(shape: str, x: float, y: float, radius: float, angle: float) -> list[tuple[float, float]]:
    """Corners of a polygon of that shape."""

    def at(turn: float, length: float) -> tuple[float, float]:
        return x + radius * length * sin(turn + angle), y - radius * length * cos(turn + angle)

    if shape == "circle":
        return [at(2 * pi * i / 48, 0.95) for i in range(48)]
    if shape == "square":
        return [at(pi / 4 + pi / 2 * i, 1.2) for i in range(4)]
    if shape == "diamond":
        return [at(0, 1.1), at(pi / 2, 0.75), at(pi, 1.1), at(3 * pi / 2, 0.75)]
    if shape == "triangle":
        return [at(2 * pi * i / 3, 1.12) for i in range(3)]
    if shape == "star":
        return [at(pi * i / 5, 1.15 if i % 2 == 0 else 0.46) for i in range(10)]
    if shape == "cross":
        arm, half = 1.0, 0.36
        corners = [(half, arm), (half, half), (arm, half)]
        points = []
        for quarter in range(4):
            c, s = cos(pi / 2 * quarter + angle), sin(pi / 2 * quarter + angle)
            points += [(x + radius * (u * c - v * s), y + radius * (u * s + v * c)) for u, v in corners[::-1]]
        return points
    raise ValueError(f"no such shape: {shape}")


@lru_cache(maxsize=256)
def _pattern(style: str, size: int, phase: int) -> Image.Image:
    """Stripes or dots over the whole canvas, moved by `phase` / PHASES of their period."""
    unit, share = size / 64, phase / PHASES
    pattern = Image.new("L", (size, size), round(255 * PALE))
    pen = ImageDraw.Draw(pattern)
    if style == "striped":
        row = share * STRIPE * unit - STRIPE * unit
        while row < size:
            pen.rectangle((0, row, size, row + STRIPE * unit / 2 - 1), fill=255)
            row += STRIPE * unit
    else:
        step, dot = DOT * unit, 1.15 * unit
        for i in range(int(size / step) + 2):
            for j in range(int(size / step) + 2):
                u, v = (i - share + 0.5 * (j % 2)) * step, (j - share) * step
                pen.ellipse((u - dot, v - dot, u + dot, v + dot), fill=255)
    return pattern


def mask_of(thing_shape: str, style: str, size: int, x: float, y: float, radius: float, angle: float,
            phase: float = 0.0, box: tuple[int, int, int, int] | None = None) -> Image.Image:
    """Coverage of the object's colour, 0 to 255, on a `size` x `size` canvas (already oversampled), or on a box of it."""
    unit = size / 64
    left, top, right, bottom = box or (0, 0, size, size)
    points = outline(thing_shape, x - left, y - top, radius, angle)
    body = Image.new("L", (right - left, bottom - top), 0)
    ImageDraw.Draw(body).polygon(points, fill=255)
    if style == "flat":
        return body
    if style == "outlined":
        lines = Image.new("L", body.size, 0)
        width = round(2 * STROKE * unit)
        ImageDraw.Draw(lines).line(points + points[:2], fill=255, width=width, joint="curve")
        return ImageChops.multiply(lines, body)
    pattern = _pattern(style, size, round(phase * PHASES) % PHASES)
    return ImageChops.multiply(pattern.crop((left, top, right, bottom)), body)


def _draw(canvas: Image.Image, thing: Thing, scene: Scene, random: Random, place: tuple[float, float] | None,
          silhouette: Image.Image | None) -> None:
    size = canvas.width
    cell = size / 3
    row, column = place or thing.cell
    x = (column + 0.5) * cell + random.uniform(-0.045, 0.045) * cell
    y = (row + 0.5) * cell + random.uniform(-0.045, 0.045) * cell
    radius = RADIUS[thing.size] * cell * random.uniform(0.94, 1.06)
    colour = tuple(max(0, min(255, c + random.randint(-9, 9))) for c in COLOURS[thing.colour])
    angle = random.uniform(-0.12, 0.12)
    # No farther than it reaches: most of the canvas is empty.
    box = tuple(max(0, floor(centre - REACH * radius)) for centre in (x, y)) + tuple(
        min(size, ceil(centre + REACH * radius) + 1) for centre in (x, y)
    )
    mask = mask_of(thing.shape, scene.style, size, x, y, radius, angle, random.random(), box)
    if silhouette is not None:
        ImageDraw.Draw(silhouette).polygon(outline(thing.shape, x, y, radius, angle), fill=255)
    canvas.paste(colour, box, mask)


def render(scene: Scene, random: Random, size: int = 112, places: list[tuple[float, float]] | None = None,
           silhouette: Image.Image | None = None) -> Image.Image:
    """A picture of the scene. `places` moves objects off their cells: fractional (row, column), for videos.

    What the objects cover is drawn into `silhouette`, a black "L" canvas of OVERSAMPLE times the size.
    """
    ground = tuple(max(0, min(255, c + random.randint(-7, 7))) for c in BACKGROUNDS[scene.background])
    canvas = Image.new("RGB", (size * OVERSAMPLE, size * OVERSAMPLE), ground)
    for index, thing in enumerate(scene.things):
        _draw(canvas, thing, scene, random, places[index] if places else None, silhouette)
    return canvas.reduce(OVERSAMPLE)
