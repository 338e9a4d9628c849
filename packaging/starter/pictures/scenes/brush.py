"""A brush that draws one subject in a box of 100 × 100 units, in tones of one colour.

Shapes are smooth splines through points. A group of shapes (`flush` ends it) shares one outline around all of them;
what is drawn with `on=True` lies only on what is there already: patches, eyes, shading. A small warp, the same for
all points of a picture, makes every drawing a little different without taking its parts apart.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import skia

Rgb = tuple[int, int, int]
Point = tuple[float, float]

WHITE: Rgb = (250, 250, 248)
INK: Rgb = (28, 26, 34)
METAL: Rgb = (176, 184, 196)
STEEL: Rgb = (112, 120, 134)
WOOD: Rgb = (150, 102, 60)
GOLD: Rgb = (240, 190, 60)
GLASS: Rgb = (196, 228, 244)
LEAF: Rgb = (84, 150, 66)
RED: Rgb = (212, 62, 56)
PINK: Rgb = (240, 160, 170)
SKINS: tuple[Rgb, ...] = ((250, 214, 184), (236, 188, 148), (204, 148, 106), (152, 100, 68), (110, 72, 50))
HAIR: tuple[Rgb, ...] = ((52, 36, 30), (98, 62, 38), (160, 104, 52), (222, 178, 96), (190, 88, 44), (40, 40, 48))


def mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    """`one` with `share` (0 to 1) of `other` in it."""
    return (
        round(one[0] + (other[0] - one[0]) * share),
        round(one[1] + (other[1] - one[1]) * share),
        round(one[2] + (other[2] - one[2]) * share),
    )


def jitter(color: Rgb, rng: random.Random, amount: float = 10) -> Rgb:
    """A neighbour of `color`: brighter or darker, and a little in hue."""
    shift = rng.uniform(-amount, amount)
    r, g, b = (min(255, max(0, round(c + shift + rng.uniform(-amount, amount) * 0.5))) for c in color)
    return (r, g, b)


def luminance(color: Rgb) -> float:
    """0 (black) to 255 (white)."""
    return 0.30 * color[0] + 0.59 * color[1] + 0.11 * color[2]


def argb(color: Rgb, alpha: float = 1.0) -> int:
    return skia.ColorSetARGB(round(255 * alpha), *color)


@dataclass(frozen=True)
class Tones:
    """The asked colour and its shades: `pale` for bellies, `light`, `dark` for what is behind, `line` for outlines."""

    base: Rgb
    pale: Rgb
    light: Rgb
    dark: Rgb
    deep: Rgb
    line: Rgb

    @classmethod
    def of(cls, base: Rgb) -> Tones:
        brightness = luminance(base)
        if brightness > 215:
            grey = mix(base, (150, 158, 178), 1)
            return cls(
                base, (255, 255, 255), (252, 252, 252), mix(base, grey, 0.3), mix(base, grey, 0.6), (104, 108, 122)
            )
        if brightness < 70 and max(base) - min(base) < 30:
            return cls(
                base,
                mix(base, WHITE, 0.62),
                mix(base, WHITE, 0.22),
                mix(base, (0, 0, 0), 0.3),
                (14, 14, 18),
                (8, 8, 12),
            )
        night = (20, 12, 34)
        return cls(
            base,
            mix(base, WHITE, 0.72),
            mix(base, WHITE, 0.32),
            mix(base, night, 0.26),
            mix(base, night, 0.45),
            mix(base, night, 0.66),
        )


@dataclass
class Mark:
    """One recorded shape: filled, or stroked when `width` is more than 0."""

    path: skia.Path
    color: Rgb
    width: float = 0.0
    on: bool = False
    alpha: float = 1.0


@dataclass
class Brush:
    """Records shapes in `tones`; `outline` is the line's width in units (0: none), `warp` the strength of the warp."""

    tones: Tones
    rng: random.Random
    outline: float = 1.4
    warp: float = 1.0
    marks: list[Mark] = field(default_factory=list)
    groups: list[tuple[skia.Matrix, list[Mark]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        rng = self.rng
        self._matrix = skia.Matrix()
        self._waves = [
            (
                rng.uniform(-1.4, 1.4) * self.warp,
                rng.uniform(0.03, 0.065),
                rng.uniform(0, 6.3),
                rng.uniform(-0.02, 0.02),
            )
            for _ in range(4)
        ]
        self.base, self.pale, self.light = self.tones.base, self.tones.pale, self.tones.light
        self.dark, self.deep, self.ink = self.tones.dark, self.tones.deep, self.tones.line

    # --- shapes --------------------------------------------------------------------------------------

    def blob(
        self, points: Sequence[Point], color: Rgb, *, on: bool = False, alpha: float = 1.0, tension: float = 1.0
    ) -> None:
        """A closed smooth shape through `points`."""
        self.marks.append(Mark(_spline([self._at(*p) for p in points], True, tension), color, on=on, alpha=alpha))

    def poly(self, points: Sequence[Point], color: Rgb, *, on: bool = False, alpha: float = 1.0) -> None:
        """A closed shape with corners."""
        path = skia.Path()
        path.addPoly([skia.Point(*self._at(*p)) for p in points], True)
        self.marks.append(Mark(path, color, on=on, alpha=alpha))

    def oval(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float | None = None,
        color: Rgb = INK,
        *,
        turn: float = 0,
        on: bool = False,
        alpha: float = 1.0,
    ) -> None:
        """An ellipse around (x, y), turned by `turn` degrees."""
        ry = rx if ry is None else ry
        cx, cy = self._at(x, y)
        path = skia.Path()
        path.addOval(skia.Rect(cx - rx, cy - ry, cx + rx, cy + ry))
        if turn:
            path.transform(skia.Matrix().setRotate(turn, cx, cy))
        self.marks.append(Mark(path, color, on=on, alpha=alpha))

    def box(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        color: Rgb,
        *,
        round: float = 0,
        on: bool = False,
        alpha: float = 1.0,
    ) -> None:
        """A rectangle, its corners rounded by `round` units."""
        if not round:
            self.poly([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], color, on=on, alpha=alpha)
            return
        (ax, ay), (bx, by) = self._at(x0, y0), self._at(x1, y1)
        path = skia.Path()
        path.addRoundRect(skia.Rect(ax, ay, bx, by), round, round)
        self.marks.append(Mark(path, color, on=on, alpha=alpha))

    def limb(self, points: Sequence[Point], widths: Sequence[float], color: Rgb, *, on: bool = False) -> None:
        """A smooth band along `points`, as wide as `widths` says at each of them, with round ends."""
        spine = _samples([self._at(*p) for p in points], 5)
        wide = _interpolate(widths, len(spine))
        left, right = [], []
        for index, (x, y) in enumerate(spine):
            (ax, ay), (bx, by) = spine[max(index - 1, 0)], spine[min(index + 1, len(spine) - 1)]
            length = math.hypot(bx - ax, by - ay) or 1.0
            nx, ny = -(by - ay) / length * wide[index] / 2, (bx - ax) / length * wide[index] / 2
            left.append(skia.Point(x + nx, y + ny))
            right.append(skia.Point(x - nx, y - ny))
        path = skia.Path()
        path.addPoly(left + right[::-1], True)
        self.marks.append(Mark(path, color, on=on))
        for (x, y), width in ((spine[0], wide[0]), (spine[-1], wide[-1])):
            if width > 1:
                cap = skia.Path()
                cap.addCircle(x, y, width / 2)
                self.marks.append(Mark(cap, color, on=on))

    def line(
        self,
        points: Sequence[Point],
        width: float,
        color: Rgb | None = None,
        *,
        on: bool = False,
        straight: bool = False,
        alpha: float = 1.0,
    ) -> None:
        """A stroke through `points`; in the outline's colour when none is given."""
        spots = [self._at(*p) for p in points]
        if straight:
            path = skia.Path()
            path.addPoly([skia.Point(*p) for p in spots], False)
        else:
            path = _spline(spots, False)
        self.marks.append(Mark(path, color or self.ink, width, on=on, alpha=alpha))

    def ring(self, x: float, y: float, radius: float, width: float, color: Rgb, *, on: bool = False) -> None:
        path = skia.Path()
        path.addCircle(*self._at(x, y), radius)
        self.marks.append(Mark(path, color, width, on=on))

    def eye(self, x: float, y: float, size: float = 2.2, white: bool = False) -> None:
        """An eye with a glint."""
        if white:
            self.oval(x, y, size * 1.5, size * 1.6, WHITE, on=True)
            self.oval(x + size * 0.25, y, size, size * 1.1, INK, on=True)
        else:
            if luminance(self.base) < 75:
                self.oval(x, y, size * 1.45, size * 1.5, (236, 226, 178), on=True)
            self.oval(x, y, size, size * 1.1, INK, on=True)
        self.oval(x + size * 0.35, y - size * 0.4, size * 0.38, size * 0.38, WHITE, on=True)

    # --- painting ------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Ends a group: its shapes share one outline."""
        if self.marks:
            self.groups.append((self._matrix, self.marks))
            self.marks = []

    @contextmanager
    def turned(self, degrees: float, x: float, y: float) -> Iterator[None]:
        """What is drawn inside is turned around (x, y)."""
        self.flush()
        self._matrix = skia.Matrix().setRotate(degrees, x, y)
        yield
        self.flush()
        self._matrix = skia.Matrix()

    def paint(self, canvas: skia.Canvas, rim: float = 0.0) -> None:
        """Paints all groups, over a pale rim of the strength `rim` (0 to 1) around all of them."""
        self.flush()
        if rim:
            for matrix, marks in self.groups:
                canvas.save()
                canvas.concat(matrix)
                self._edge(canvas, marks, 2 * self.outline + 3, argb((255, 252, 240), rim))
                canvas.restore()
        for matrix, marks in self.groups:
            canvas.save()
            canvas.concat(matrix)
            if self.outline:
                self._edge(canvas, marks, 2 * self.outline, argb(self.ink))
            for mark in marks:
                paint = skia.Paint(Color=argb(mark.color, mark.alpha), AntiAlias=True)
                if mark.width:
                    _stroke(paint, mark.width)
                if mark.on:
                    paint.setBlendMode(skia.BlendMode.kSrcATop)
                canvas.drawPath(mark.path, paint)
            canvas.restore()

    def _edge(self, canvas: skia.Canvas, marks: list[Mark], extra: float, color: int) -> None:
        pen = skia.Paint(Color=color, AntiAlias=True)
        for mark in marks:
            if not mark.on and mark.alpha == 1.0:
                _stroke(pen, mark.width + extra)
                canvas.drawPath(mark.path, pen)

    def _at(self, x: float, y: float) -> Point:
        (a, ka, pa, qa), (b, kb, pb, qb), (c, kc, pc, qc), (d, kd, pd, qd) = self._waves
        return (
            x + a * math.sin(ka * y + pa + qa * x) + b * math.sin(kb * x + pb + qb * y),
            y + c * math.sin(kc * x + pc + qc * y) + d * math.sin(kd * y + pd + qd * x),
        )


def _stroke(paint: skia.Paint, width: float) -> None:
    paint.setStyle(skia.Paint.kStroke_Style)
    paint.setStrokeWidth(width)
    paint.setStrokeCap(skia.Paint.kRound_Cap)
    paint.setStrokeJoin(skia.Paint.kRound_Join)


def _spline(points: Sequence[Point], closed: bool, tension: float = 1.0) -> skia.Path:
    """A Catmull-Rom spline as cubic Béziers."""
    path = skia.Path()
    path.moveTo(*points[0])
    count = len(points)
    factor = tension / 6
    for index in range(count if closed else count - 1):
        if closed:
            p0, p1, p2, p3 = points[index - 1], points[index], points[(index + 1) % count], points[(index + 2) % count]
        else:
            p0, p1, p2, p3 = (
                points[max(index - 1, 0)],
                points[index],
                points[index + 1],
                points[min(index + 2, count - 1)],
            )
        path.cubicTo(
            p1[0] + (p2[0] - p0[0]) * factor, p1[1] + (p2[1] - p0[1]) * factor,
            p2[0] - (p3[0] - p1[0]) * factor, p2[1] - (p3[1] - p1[1]) * factor,
            p2[0], p2[1],
        )  # fmt: skip
    if closed:
        path.close()
    return path


def _samples(points: Sequence[Point], steps: int) -> list[Point]:
    """Points along the open spline through `points`, `steps` for each piece."""
    found: list[Point] = []
    count = len(points)
    for index in range(count - 1):
        p0, p1, p2, p3 = points[max(index - 1, 0)], points[index], points[index + 1], points[min(index + 2, count - 1)]
        for step in range(steps):
            t = step / steps
            found.append((_cubic(p0[0], p1[0], p2[0], p3[0], t), _cubic(p0[1], p1[1], p2[1], p3[1], t)))
    return [*found, points[-1]]


def _cubic(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t * t * t)


def _interpolate(values: Sequence[float], count: int) -> list[float]:
    """`values` spread over `count` places."""
    last = len(values) - 1
    found = []
    for index in range(count):
        spot = index / (count - 1) * last
        low = min(int(spot), last - 1) if last else 0
        found.append(values[low] + (values[min(low + 1, last)] - values[low]) * (spot - low))
    return found
