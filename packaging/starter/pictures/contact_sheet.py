"""Sheets of everything the scenes can draw, to look at: `build/starter-pictures/sheets/*.png`.

.venv/bin/python packaging/starter/pictures/contact_sheet.py [--seed 1] [--cell 128] [--output folder]
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import skia
from scenes import COLORS, PLACES, STYLES, SUBJECTS, Scene, draw, random_scene

OUTPUT = Path(__file__).resolve().parents[3] / "build" / "starter-pictures" / "sheets"


def sheets(rng: random.Random) -> dict[str, list[Scene]]:
    """What each sheet shows."""
    one = "flat illustration"
    colors, places = list(COLORS), list(PLACES)
    return {
        "subjects": [Scene(s, colors[k % 12], "on a plain background", one, 1) for k, s in enumerate(SUBJECTS)],
        "subjects_outside": [
            Scene(s, rng.choice(colors), places[k % len(places)], one, rng.choice((1, 1, 2, 3)))
            for k, s in enumerate(SUBJECTS)
        ],
        "places": [Scene(rng.choice(SUBJECTS), rng.choice(colors), p, one, 1) for p in PLACES for _ in range(4)],
        "colors": [Scene(s, c, rng.choice(places), one, 1) for s in ("cat", "car", "flower", "wizard") for c in COLORS],
        "styles": [
            Scene(rng.choice(SUBJECTS), rng.choice(colors), rng.choice(places), s, k % 3 + 1)
            for k in range(12)
            for s in STYLES
        ],
        "counts": [
            Scene(rng.choice(SUBJECTS), rng.choice(colors), rng.choice(places), one, n)
            for n in range(1, 7)
            for _ in range(8)
        ],
        "random": [random_scene(rng) for _ in range(96)],
    }


def sheet(scenes: Sequence[Scene], rng: random.Random, cell: int, columns: int = 12) -> skia.Image:
    """One picture of all scenes, `cell` pixels each."""
    rows = -(-len(scenes) // columns)
    pixels = np.full((rows * cell, columns * cell, 4), 255, np.uint8)
    for index, scene in enumerate(scenes):
        y, x = index // columns * cell, index % columns * cell
        picture = np.dstack([draw(scene, rng), np.full((256, 256), 255, np.uint8)])
        small = skia.Image.fromarray(picture, skia.kRGBA_8888_ColorType).resize(cell, cell)
        pixels[y : y + cell, x : x + cell] = small.toarray(colorType=skia.kRGBA_8888_ColorType)
    return skia.Image.fromarray(pixels, skia.kRGBA_8888_ColorType)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cell", type=int, default=128)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    rng = random.Random(given.seed)
    for name, scenes in sheets(rng).items():
        sheet(scenes, rng, given.cell).save(str(given.output / f"{name}.png"), skia.kPNG)
        print(given.output / f"{name}.png")


if __name__ == "__main__":
    main()
