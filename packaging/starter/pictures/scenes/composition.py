"""Puts a scene together: the place, its subjects with their poses and sizes, the light, and the style."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import skia

from .brush import Brush, Rgb, Tones, argb, jitter
from .creatures import CREATURES
from .mammals import MAMMALS
from .people import PEOPLE
from .places import PLACES, SIDE, Ground, Setting
from .styles import STYLES, Picture
from .things import THINGS
from .vehicles import VEHICLES

DRAWINGS = MAMMALS | CREATURES | VEHICLES | THINGS | PEOPLE
COLORS: dict[str, Rgb] = {
    "red": (212, 46, 44), "orange": (243, 136, 34), "yellow": (248, 210, 54), "green": (70, 164, 70), "turquoise": (46, 190, 186),
    "blue": (46, 102, 214), "purple": (136, 70, 188), "pink": (244, 134, 182), "brown": (134, 86, 50), "black": (44, 44, 50),
    "white": (244, 245, 247), "gray": (140, 144, 152),
}  # fmt: skip
ALOFT = frozenset(
    ("bird", "bat", "butterfly", "bee", "plane", "helicopter", "rocket", "hot air balloon", "balloon", "star", "moon", "sun", "heart", "cloud", "ghost", "fish", "whale", "shark", "jellyfish", "octopus")
)  # fmt: skip
STEADY = frozenset(
    (
        "house",
        "castle",
        "tower",
        "bridge",
        "tree",
        "cactus",
        "car",
        "bus",
        "truck",
        "train",
        "bicycle",
        "motorcycle",
        "chair",
        "snowman",
        "computer",
    )
)
SIZES = {1: (160, 214), 2: (104, 128), 3: (82, 98), 4: (76, 92), 5: (70, 84), 6: (66, 78)}
"""The side of a subject's box in 256ths of the picture, by their count."""


@dataclass(frozen=True)
class Spot:
    """Where a subject's box stands: its feet at (x, y), its side, its turn in degrees.

    All subjects face right: where a prompt leaves open which way, a small model draws heads at both ends.
    """

    x: float
    y: float
    size: float
    turn: float


def draw(
    subject: str, color: str, place: str, style: str, count: int, rng: random.Random, side: int
) -> tuple[Picture, np.ndarray]:
    """The picture, (side, side, 3) uint8, and where the subjects stand in it, (side, side) bool; `side` is a multiple of 64."""
    pixels = np.zeros((side, side, 4), np.uint8)
    canvas = skia.Surface(pixels).getCanvas()
    canvas.scale(side / SIDE, side / SIDE)
    setting = PLACES[place](Ground(canvas, rng), subject)
    way = STYLES[style]
    if way.wash:
        canvas.drawColor(argb((252, 249, 240), way.wash))
    behind = pixels[side // 4 :, side // 8 : -side // 8, :3].mean((0, 1)) @ (0.3, 0.59, 0.11)
    base = jitter(COLORS[color], rng, 8)
    rim = 0.75 if abs(behind - np.dot(base, (0.3, 0.59, 0.11))) < 34 else 0.28 if behind < 90 else 0.0
    empty = pixels[..., :3].copy()
    for spot in arrangement(subject, setting, count, rng):
        _subject(canvas, subject, base, spot, setting, way.outline, rim, rng)
    where = (pixels[..., :3] != empty).any(-1)
    if setting.front:
        setting.front()
    return way.finish(pixels[..., :3].copy(), rng), where


def arrangement(subject: str, setting: Setting, count: int, rng: random.Random) -> list[Spot]:
    """A spot for each subject, the far ones first."""
    low, high = SIZES[min(count, 6)]
    size = rng.uniform(low, high)
    free = setting.afloat or subject in ALOFT
    tilt = 3.0 if subject in STEADY and not setting.afloat else 16.0 if free else 6.0
    rows = [count] if count <= 3 else [(count + 1) // 2, count // 2]
    spots = []
    for row, length in enumerate(rows):
        scale = size * (1.0 if len(rows) == 1 or free else (0.88, 1.06)[row])
        room = SIDE / length
        for column in range(length):
            own = scale * rng.uniform(0.93, 1.07)
            slack = max(0.0, (room - own) / 2)
            if count == 1:
                x = SIDE / 2 + rng.uniform(-0.6, 0.6) * (SIDE - own) / 2
            else:
                x = room * (column + 0.5) + rng.uniform(-1, 1) * slack + rng.uniform(-5, 5)
                x += (row * 2 - 1) * room * 0.22 if len(rows) == 2 and not free and count % 2 == 0 else 0
            if free:
                band = (SIDE - 20) / len(rows)
                centre = 10 + band * (row + 0.5) + rng.uniform(-0.8, 0.8) * max(0.0, (band - own) / 2)
                y = centre + own * 0.46
            else:
                far, near = setting.ground
                y = (
                    rng.uniform(far + 0.45 * (near - far), near)
                    if len(rows) == 1
                    else (far - 10, near)[row] + rng.uniform(-3, 3)
                )
                y = max(y, own * 0.8)
            spots.append(Spot(x, y, own, rng.gauss(0, tilt * 0.5)))
    return sorted(spots, key=lambda spot: spot.y)


def _subject(
    canvas: skia.Canvas,
    subject: str,
    base: Rgb,
    spot: Spot,
    setting: Setting,
    outline: float,
    rim: float,
    rng: random.Random,
) -> None:
    if setting.shadow and subject not in ALOFT:
        wide = spot.size * 0.42
        canvas.drawOval(
            skia.Rect(spot.x - wide, spot.y - wide * 0.13, spot.x + wide, spot.y + wide * 0.17),
            skia.Paint(Color=argb((16, 14, 40), setting.shadow), AntiAlias=True),
        )
    brush = Brush(Tones.of(base), rng, outline=outline)
    DRAWINGS[subject](brush)
    canvas.save()
    canvas.translate(spot.x, spot.y)
    canvas.rotate(max(-28.0, min(28.0, spot.turn)))
    canvas.scale(spot.size / 100 * rng.uniform(0.94, 1.06), spot.size / 100)
    canvas.translate(-50, -96)
    canvas.saveLayer(skia.Rect(-30, -30, 130, 115), None)
    brush.paint(canvas, rim)
    lit = [skia.Point(10, 0), skia.Point(80, 100)] if rng.random() < 0.5 else [skia.Point(90, 0), skia.Point(20, 100)]
    shader = skia.GradientShader.MakeLinear(
        lit, [argb((255, 255, 240), 0.2), argb((255, 255, 240), 0.0), argb((20, 10, 60), 0.2)], [0, 0.45, 1]
    )
    canvas.drawPaint(skia.Paint(Shader=shader, BlendMode=skia.BlendMode.kSrcATop))
    color, strength = setting.tint
    if strength:
        canvas.drawPaint(skia.Paint(Color=argb(color, strength), BlendMode=skia.BlendMode.kSrcATop))
    canvas.restore()
    canvas.restore()
