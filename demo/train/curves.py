"""Loss curves of every stage as one PNG: a panel a stage, logarithmic, over minutes."""

import json
from math import floor, log10
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

STAGES = ("eyes", "reading", "sharpen", "language", "finish", "focus", "polish", "sketch", "decoder", "unet", "lora")
COLOURS = ((200, 40, 40), (40, 90, 200), (30, 140, 60), (150, 60, 170), (200, 130, 0), (0, 140, 150), (110, 110, 110))
WIDTH, HEIGHT, MARGIN = 420, 260, 46
FONT = ImageFont.load_default(12)


def panel(stage: str, curve: list[dict]) -> Image.Image:
    names = [name for name in curve[0] if name not in ("step", "seconds") and any(point[name] for point in curve)]
    values = [max(point[name], 1e-4) for point in curve for name in names]
    low, high = floor(log10(min(values))), log10(max(values)) + 0.05
    last = max(curve[-1]["seconds"], 1)

    def at(point: dict, value: float) -> tuple[float, float]:
        x = MARGIN + (WIDTH - MARGIN - 12) * point["seconds"] / last
        return x, HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (log10(max(value, 1e-4)) - low) / (high - low)

    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(image)
    for power in range(low, floor(high) + 1):
        y = at(curve[0], 10.0**power)[1]
        pen.line((MARGIN, y, WIDTH - 12, y), fill=(225, 225, 225))
        pen.text((6, y - 7), f"{10.0**power:g}", fill=(90, 90, 90), font=FONT)
    for name, colour in zip(names, COLOURS):
        pen.line([at(point, point[name]) for point in curve], fill=colour, width=2)
    pen.text((MARGIN, 8), f"{stage}: {curve[-1]['step']} steps, {last / 60:.0f} minutes", fill="black", font=FONT)
    x = MARGIN
    for name, colour in zip(names, COLOURS):
        pen.text((x, 24), name, fill=colour, font=FONT)
        x += 14 + pen.textlength(name, font=FONT)
    pen.text((WIDTH - 70, HEIGHT - MARGIN + 10), "minutes", fill=(90, 90, 90), font=FONT)
    return image


def draw(folder: Path, file: Path) -> None:
    curves = [(stage, folder / f"{stage}.curve.json") for stage in STAGES]
    panels = [panel(stage, json.loads(path.read_text())) for stage, path in curves if path.exists()]
    rows = (len(panels) + 1) // 2
    sheet = Image.new("RGB", (2 * WIDTH, rows * HEIGHT), "white")
    for index, one in enumerate(panels):
        sheet.paste(one, (index % 2 * WIDTH, index // 2 * HEIGHT))
    sheet.quantize(32).save(file)
