"""How a picture is done: each style turns the drawn picture, (side, side, 3) uint8, into one of the same shape."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import skia
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Plane = NDArray[np.float32]

TEXTURE = 1024
PAPER = np.array([0.985, 0.97, 0.935], dtype=np.float32)


@dataclass(frozen=True)
class Style:
    """`outline` is the width of a subject's line in its units, `wash` how much paler the background is drawn."""

    finish: Callable[[Picture, random.Random], Picture]
    outline: float
    wash: float = 0.0


@cache
def _smooth(period: int, seed: int) -> Plane:
    """Periodic smooth noise of TEXTURE × TEXTURE, mean 0 and in -1 to 1, its blobs `period` pixels wide."""
    size = TEXTURE // period
    coarse = np.random.default_rng(seed).uniform(-1, 1, (size, size)).astype(np.float32)
    spots = np.arange(TEXTURE, dtype=np.float32) / period
    low = spots.astype(np.int32) % size
    share = spots - np.floor(spots)
    share = share * share * (3 - 2 * share)
    rows = coarse[low] * (1 - share[:, None]) + coarse[(low + 1) % size] * share[:, None]
    return np.ascontiguousarray(rows[:, low] * (1 - share) + rows[:, (low + 1) % size] * share)


@cache
def _pigment() -> Plane:
    """Blots of several sizes, about -1 to 1."""
    return 0.5 * _smooth(64, 1) + 0.35 * _smooth(16, 2) + 0.25 * _smooth(4, 3)


@cache
def _grain() -> Plane:
    """The tooth of paper, about -1 to 1."""
    return 0.6 * _smooth(2, 4) + 0.4 * _smooth(4, 5)


@cache
def _hatching() -> Plane:
    """Strokes of a pencil from lower left to upper right, 0 to 1."""
    noise = np.random.default_rng(6).uniform(-1, 1, (TEXTURE, TEXTURE)).astype(np.float32)
    noise = noise + np.roll(noise, 1, 1)
    strokes = sum((np.roll(noise, (step, -step), (0, 1)) for step in range(-11, 12)), np.zeros_like(noise))
    strokes = strokes / strokes.std() * 0.26 + 0.5 + 0.12 * _smooth(32, 7)
    return np.clip(strokes, 0, 1).astype(np.float32)


def _crop(texture: Plane, side: int, rng: random.Random) -> Plane:
    y, x = rng.randrange(TEXTURE - side), rng.randrange(TEXTURE - side)
    crop = texture[y : y + side, x : x + side]
    return crop[:, ::-1] if rng.random() < 0.5 and texture is not _hatching() else crop


def _floats(picture: Picture) -> Plane:
    return picture.astype(np.float32) * np.float32(1 / 255)


def _bytes(picture: Plane) -> Picture:
    return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)


def _grey(picture: Plane) -> Plane:
    return picture @ np.array([0.3, 0.59, 0.11], dtype=np.float32)


def _slope(grey: Plane) -> Plane:
    """How strongly the picture changes at each pixel."""
    slope = np.zeros_like(grey)
    slope[:-1] += np.abs(grey[1:] - grey[:-1])
    slope[:, :-1] += np.abs(grey[:, 1:] - grey[:, :-1])
    return slope


def _displaced(picture: Picture, amount: float, rng: random.Random) -> Picture:
    """Edges made unsteady: every pixel comes from up to `amount` pixels away."""
    side = len(picture)
    bend = _smooth(16, 8)
    rows, columns = np.ogrid[:side, :side]
    y = np.clip(rows + _crop(bend, side, rng) * amount, 0, side - 1).astype(np.intp)
    x = np.clip(columns + _crop(bend, side, rng) * amount, 0, side - 1).astype(np.intp)
    return picture.reshape(-1, 3)[y * side + x]


def _blurred(plane: Plane, reach: int) -> Plane:
    """The mean of the square of 2 × `reach` + 1 pixels around each pixel."""
    wide = 2 * reach + 1
    for axis in (0, 1):
        padding = [(0, 0), (0, 0)]
        padding[axis] = (reach + 1, reach)
        sums = np.cumsum(np.pad(plane, padding, mode="edge"), axis, dtype=np.float32)
        head, tail = (sums[wide:], sums[:-wide]) if axis == 0 else (sums[:, wide:], sums[:, :-wide])
        plane = (head - tail) / np.float32(wide)
    return plane


def flat(picture: Picture, rng: random.Random) -> Picture:
    return picture


def watercolor(picture: Picture, rng: random.Random) -> Picture:
    """Washes with blots, edges where pigment gathered, the grain and the bare margin of the paper."""
    side = len(picture)
    unit = side / 256
    moved = _floats(_displaced(picture, 3.6 * unit, rng))
    pigment = (1 - moved) * (
        0.95 + 0.3 * _crop(_pigment(), side, rng)[..., None] + 0.05 * _crop(_grain(), side, rng)[..., None]
    )
    edge = np.minimum(_slope(_grey(moved)) * 2.2, 0.5)
    pigment *= (1 + edge)[..., None]
    spots = np.minimum(np.arange(side), np.arange(side)[::-1]).astype(np.float32) / unit
    margin = np.minimum(spots[:, None], spots[None, :]) - rng.uniform(6, 13) + 7 * _crop(_smooth(32, 9), side, rng)
    return _bytes(PAPER - pigment * np.clip(margin / 5, 0, 1)[..., None] * PAPER)


def pixels(picture: Picture, rng: random.Random) -> Picture:
    """64 × 64 large pixels in few colours, shades between them dithered."""
    side = len(picture)
    cell = max(1, side // 64)
    start = cell // 4
    small = (
        _floats(picture)
        .reshape(side // cell, cell, side // cell, cell, 3)[:, start : cell - start, :, start : cell - start]
        .mean((1, 3))
    )
    levels = rng.choice((7, 9, 11))
    bayer = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], dtype=np.float32) / 16 - 0.47
    rows = len(small)
    pattern = np.tile(bayer, (rows // 4 + 1, rows // 4 + 1))[:rows, :rows, None]
    small = np.clip(0.5 + (small - 0.5) * 1.08, 0, 1)
    small = np.round(small * levels + pattern * 0.45) / levels
    return np.repeat(np.repeat(_bytes(small), cell, 0), cell, 1)


def pencil(picture: Picture, rng: random.Random) -> Picture:
    """Graphite lines and hatching with coloured pencils on paper."""
    side = len(picture)
    moved = _floats(_displaced(picture, 1.6 * side / 256, rng))
    grey = _grey(moved)
    hatching = _crop(_hatching(), side, rng)
    if rng.random() < 0.5:
        hatching = hatching[:, ::-1]
    cover = np.clip(0.58 + hatching * 0.52 + (0.5 - grey) * 0.4, 0.1, 1.06)
    line = np.clip(_slope(grey) * 3.2 - 0.12, 0, 1) * (0.62 + 0.38 * hatching)
    paper = PAPER * (1 + 0.02 * _crop(_grain(), side, rng)[..., None])
    drawn = paper - (1 - moved) * cover[..., None]
    return _bytes(drawn * (1 - 0.8 * line[..., None]) + 0.2 * 0.8 * line[..., None])


def oil(picture: Picture, rng: random.Random) -> Picture:
    """Brush strokes along a slowly turning direction, thick enough to catch light."""
    side = len(picture)
    unit = side / 256
    canvas_pixels = np.dstack([picture, np.full((side, side), 255, np.uint8)])
    surface = skia.Surface(canvas_pixels)
    canvas = surface.getCanvas()
    angle = _crop(_smooth(64, 10), side, rng) * 1.7 + rng.uniform(0, 3.1)
    sines, cosines = np.sin(angle), np.cos(angle)
    noise = np.random.default_rng(rng.getrandbits(32))
    paint = skia.Paint(AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeCap=skia.Paint.kRound_Cap)
    for step, length, width in ((15, 24, 15), (8, 10, 6.4)):
        paint.setStrokeWidth(width * unit)
        spots = (
            np.stack(np.meshgrid(np.arange(0, 256 + step, step), np.arange(0, 256 + step, step)), -1).reshape(-1, 2)
            * unit
        )
        spots = np.clip(spots + noise.uniform(-step * 0.5, step * 0.5, spots.shape) * unit, 0, side - 1)
        noise.shuffle(spots)
        x, y = spots[:, 0].astype(np.intp), spots[:, 1].astype(np.intp)
        colors = np.clip(picture[y, x].astype(np.int32) + noise.integers(-11, 12, (len(spots), 1)), 0, 255)
        half = length * unit * noise.uniform(0.35, 0.6, len(spots))
        dx, dy = cosines[y, x] * half, sines[y, x] * half
        packed = (255 << 24) | (colors[:, 0] << 16) | (colors[:, 1] << 8) | colors[:, 2]
        for color, x0, y0, x1, y1 in zip(
            packed.tolist(),
            (spots[:, 0] - dx).tolist(),
            (spots[:, 1] - dy).tolist(),
            (spots[:, 0] + dx).tolist(),
            (spots[:, 1] + dy).tolist(),
            strict=True,
        ):
            paint.setColor(color)
            canvas.drawLine(x0, y0, x1, y1, paint)
    painted, original = _floats(canvas_pixels[..., :3]), _floats(_displaced(picture, 2.2 * unit, rng))
    slope = _slope(_grey(original))
    detail = np.clip(_blurred(slope, max(2, round(4 * unit))) * 16 - 0.1, 0, 0.9)[..., None]
    mixed = painted * (1 - detail) + original * detail
    grey = _grey(painted)
    relief = np.zeros_like(grey)
    relief[1:, 1:] = grey[1:, 1:] - grey[:-1, :-1]
    return _bytes(mixed + np.clip(relief * 0.5, -0.1, 0.1)[..., None] + 0.022 * _crop(_grain(), side, rng)[..., None])


STYLES: dict[str, Style] = {
    "flat illustration": Style(flat, 1.3),
    "watercolor": Style(watercolor, 0.55, 0.16),
    "pixel art": Style(pixels, 2.0),
    "pencil sketch": Style(pencil, 0.9, 0.3),
    "oil painting": Style(oil, 0.5),
}
