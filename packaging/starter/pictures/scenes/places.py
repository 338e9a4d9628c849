"""The places and times of day a subject stands in, each painted on a canvas of 256 × 256 units.

A place paints its background at once and returns a `Setting`: where feet may stand, how its light falls on the
subject, and what is painted in front of it (falling snow, grass, fog).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import skia

from .brush import Point, Rgb, argb, jitter, mix

SIDE = 256.0


@dataclass(frozen=True)
class Setting:
    """What a subject needs to know of its place.

    `ground` are the heights at which feet stand, from the far ones to the near ones; `afloat` places have none.
    `tint` is a light's colour on the subject and its strength, `shadow` the strength of the shadow at the feet.
    """

    ground: tuple[float, float] = (196, 236)
    afloat: bool = False
    tint: tuple[Rgb, float] = ((255, 255, 255), 0.0)
    shadow: float = 0.25
    front: Callable[[], None] | None = None


class Ground:
    """Painting for large, simple shapes."""

    def __init__(self, canvas: skia.Canvas, rng: random.Random) -> None:
        self.canvas, self.rng = canvas, rng

    def gradient(self, top: float, bottom: float, colors: Sequence[Rgb], stops: Sequence[float] | None = None) -> None:
        """A band of the picture from `top` to `bottom`."""
        shader = skia.GradientShader.MakeLinear(
            [skia.Point(0, top), skia.Point(0, bottom)], [argb(c) for c in colors], list(stops) if stops else None
        )
        self.canvas.drawRect(skia.Rect(-2, top, SIDE + 2, bottom), skia.Paint(Shader=shader))

    def glow(self, x: float, y: float, radius: float, color: Rgb, alpha: float = 0.8) -> None:
        shader = skia.GradientShader.MakeRadial(
            skia.Point(x, y), radius, [argb(color, alpha), argb(color, alpha * 0.4), argb(color, 0)], [0, 0.4, 1]
        )
        self.canvas.drawCircle(x, y, radius, skia.Paint(Shader=shader))

    def disc(self, x: float, y: float, rx: float, color: Rgb, ry: float | None = None, alpha: float = 1.0) -> None:
        ry = rx if ry is None else ry
        self.canvas.drawOval(
            skia.Rect(x - rx, y - ry, x + rx, y + ry), skia.Paint(Color=argb(color, alpha), AntiAlias=True)
        )

    def rect(
        self, x0: float, y0: float, x1: float, y1: float, color: Rgb, alpha: float = 1.0, round: float = 0
    ) -> None:
        self.canvas.drawRoundRect(
            skia.Rect(x0, y0, x1, y1), round, round, skia.Paint(Color=argb(color, alpha), AntiAlias=True)
        )

    def poly(self, points: Sequence[Point], color: Rgb, alpha: float = 1.0) -> None:
        path = skia.Path()
        path.addPoly([skia.Point(*p) for p in points], True)
        self.canvas.drawPath(path, skia.Paint(Color=argb(color, alpha), AntiAlias=True))

    def line(self, points: Sequence[Point], width: float, color: Rgb, alpha: float = 1.0) -> None:
        path = skia.Path()
        path.addPoly([skia.Point(*p) for p in points], False)
        self.canvas.drawPath(path, _pen(color, width, alpha))

    def strokes(
        self, lines: Sequence[tuple[float, float, float, float]], width: float, color: Rgb, alpha: float = 1.0
    ) -> None:
        """Many short lines at once."""
        points = [skia.Point(x, y) for x0, y0, x1, y1 in lines for x, y in ((x0, y0), (x1, y1))]
        self.canvas.drawPoints(skia.Canvas.kLines_PointMode, points, _pen(color, width, alpha))

    def dots(self, points: Sequence[Point], width: float, color: Rgb, alpha: float = 1.0) -> None:
        self.canvas.drawPoints(
            skia.Canvas.kPoints_PointMode, [skia.Point(*p) for p in points], _pen(color, width, alpha)
        )

    def scatter(self, count: int, y0: float, y1: float, x0: float = 0, x1: float = SIDE) -> list[Point]:
        return [(self.rng.uniform(x0, x1), self.rng.uniform(y0, y1)) for _ in range(count)]

    def hill(self, y: float, height: float, color: Rgb, *, waves: float = 1.5, rough: float = 0) -> None:
        """Land from a wavy line around `y` down to the bottom."""
        a, b = self.rng.uniform(0, 6.3), self.rng.uniform(0, 6.3)
        points: list[Point] = []
        for k in range(25):
            x = k / 24 * (SIDE + 8) - 4
            up = math.sin(x / SIDE * 6.28 * waves * 0.5 + a) + 0.4 * math.sin(x / SIDE * 6.28 * waves + b)
            points.append((x, y - height * up * 0.7 - self.rng.uniform(0, rough)))
        self.poly([*points, (SIDE + 4, SIDE + 4), (-4, SIDE + 4)], color)

    def peak(self, x: float, base: float, wide: float, tall: float, color: Rgb, snow: Rgb | None = None) -> None:
        """A mountain, its right side in shade and its top in snow."""
        r = self.rng
        top = (x + r.uniform(-0.08, 0.08) * wide, base - tall)
        self.poly([(x - wide, base), top, (x + wide, base)], color)
        ridge = [(top[0] + wide * k * 0.12 + r.uniform(-3, 3), base - tall * (1 - k / 4)) for k in range(1, 4)]
        self.poly([top, *ridge, (x + wide * 0.35, base), (x + wide, base)], mix(color, (30, 34, 70), 0.24))
        if snow:
            share = r.uniform(0.28, 0.4)
            left, right = (
                (top[0] - (top[0] - x + wide) * share, base - tall * (1 - share)),
                (top[0] + (x + wide - top[0]) * share, base - tall * (1 - share)),
            )
            step = (right[0] - left[0]) / 6
            zigzag = [(right[0] - step * k, right[1] - (tall * 0.09 if k % 2 else -tall * 0.02)) for k in range(7)]
            self.poly([top, *zigzag], snow)

    def cloud(self, x: float, y: float, size: float, color: Rgb, alpha: float = 0.95) -> None:
        for dx, dy, r in ((-1.0, 0.1, 0.55), (-0.35, -0.3, 0.75), (0.4, -0.2, 0.7), (1.0, 0.12, 0.5), (0, 0.2, 0.7)):
            self.disc(x + dx * size, y + dy * size, r * size, color, r * size * 0.72, alpha)

    def fir(self, x: float, base: float, tall: float, color: Rgb, snow: Rgb | None = None) -> None:
        self.rect(x - tall * 0.04, base - tall * 0.16, x + tall * 0.04, base, mix(color, (70, 40, 20), 0.7))
        for level in range(3):
            y = base - tall * (0.1 + 0.27 * level)
            wide = tall * (0.3 - 0.07 * level)
            self.poly([(x - wide, y), (x, y - tall * 0.42), (x + wide, y)], mix(color, (255, 255, 255), 0.05 * level))
            if snow:
                self.poly(
                    [
                        (x - wide * 0.55, y - tall * 0.19),
                        (x, y - tall * 0.42),
                        (x + wide * 0.55, y - tall * 0.19),
                        (x, y - tall * 0.14),
                    ],
                    snow,
                )

    def blades(self, count: int, y0: float, y1: float, color: Rgb, tall: float = 12) -> None:
        """Grass."""
        r = self.rng
        for shade in (-0.18, 0.0, 0.16):
            lines = [
                (x, y, x + r.uniform(-4, 4), y - tall * r.uniform(0.5, 1.2))
                for x, y in self.scatter(count // 3, y0, y1)
            ]
            self.strokes(lines, 1.8, mix(color, (255, 255, 200) if shade > 0 else (0, 30, 20), abs(shade)))

    def star_field(self, count: int, y1: float, big: int = 6) -> None:
        r = self.rng
        for width in (1.0, 1.6, 2.4):
            self.dots(
                self.scatter(count // 3, 0, y1),
                width,
                mix((255, 255, 255), (255, 230, 170), r.random()),
                r.uniform(0.7, 1),
            )
        for x, y in self.scatter(big, 4, y1 * 0.9):
            size = r.uniform(3, 5)
            self.poly([(x, y - size), (x + size * 0.22, y - size * 0.22), (x + size, y), (x + size * 0.22, y + size * 0.22), (x, y + size), (x - size * 0.22, y + size * 0.22), (x - size, y), (x - size * 0.22, y - size * 0.22)], (255, 252, 226))  # fmt: skip

    def moon(self, x: float, y: float, radius: float, sky: Rgb) -> None:
        self.glow(x, y, radius * 3, (255, 246, 210), 0.4)
        self.disc(x, y, radius, (254, 246, 214))
        if self.rng.random() < 0.55:
            self.disc(x + radius * 0.5, y - radius * 0.2, radius * 0.86, sky)


def _pen(color: Rgb, width: float, alpha: float = 1.0) -> skia.Paint:
    return skia.Paint(
        Color=argb(color, alpha),
        AntiAlias=True,
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width,
        StrokeCap=skia.Paint.kRound_Cap,
        StrokeJoin=skia.Paint.kRound_Join,
    )


# --- the places --------------------------------------------------------------------------------------


def snow(g: Ground, subject: str) -> Setting:
    r = g.rng
    sky = jitter((176, 206, 232), r, 14)
    horizon = r.uniform(120, 160)
    g.gradient(0, horizon + 10, [mix(sky, (110, 150, 196), 0.35), mix(sky, (255, 255, 255), 0.5)])
    if r.random() < 0.5:
        for x in (r.uniform(0, 100), r.uniform(140, 256)):
            g.peak(x, horizon + 6, r.uniform(70, 110), r.uniform(50, 90), (156, 178, 206), (250, 252, 255))
    g.hill(horizon, 8, (226, 236, 246))
    for _ in range(r.randint(3, 6)):
        x = r.choice((r.uniform(-4, 80), r.uniform(176, 260)))
        g.fir(x, horizon + r.uniform(0, 26), r.uniform(44, 86), jitter((62, 106, 92), r), (246, 250, 255))
    g.hill(horizon + 30, 6, (240, 246, 252))
    g.hill(206, 8, (250, 252, 255))
    for x, y in g.scatter(4, 190, 250):
        g.disc(x, y, r.uniform(16, 34), (222, 232, 246), 3.4)

    def front() -> None:
        g.hill(SIDE - r.uniform(6, 12), 4, (252, 254, 255))
        for width in (2.4, 3.6, 5.2):
            g.dots(g.scatter(r.randint(14, 26), 0, SIDE), width, (255, 255, 255), 0.9)

    return Setting((200, 242), tint=((206, 226, 255), 0.05), shadow=0.16, front=front)


def sunset(g: Ground, subject: str) -> Setting:
    r = g.rng
    horizon = r.uniform(150, 178)
    g.gradient(
        0,
        horizon,
        [jitter((92, 58, 128), r), jitter((222, 96, 100), r), jitter((250, 158, 82), r), (255, 216, 126)],
        [0, 0.42, 0.76, 1],
    )
    x = r.uniform(60, 196)
    if subject != "sun":
        g.glow(x, horizon - 12, 110, (255, 226, 140), 0.75)
        g.disc(x, horizon - r.uniform(4, 22), r.uniform(24, 32), (255, 240, 176))
    for _ in range(r.randint(3, 5)):
        y = r.uniform(24, horizon - 50)
        wide = r.uniform(26, 60)
        cx = r.uniform(0, 256)
        for dx in (-0.4, 0.3):
            g.disc(cx + dx * wide, y + dx * 6, wide, (250, 150, 120), 4.4, 0.6)
    if r.random() < 0.5:
        g.gradient(horizon, SIDE, [(250, 170, 98), (176, 82, 108), (92, 52, 104)])
        for k in range(26):
            y = horizon + 4 + k * 3.4
            wide = r.uniform(6, 34)
            cx = x + r.uniform(-1, 1) * (20 + k * 3)
            g.line([(cx - wide, y), (cx + wide, y)], 1.8, (255, 226, 150), 0.65)
        g.hill(r.uniform(206, 220), 5, jitter((98, 58, 72), r))
    else:
        g.gradient(horizon, SIDE, [(255, 206, 120), (236, 140, 90)])
        for tone, y in (((150, 72, 96), horizon + 2), ((116, 58, 84), horizon + 22), ((88, 50, 70), 212)):
            g.hill(y, 12, jitter(tone, r, 8))
    return Setting((204, 240), tint=((255, 150, 70), 0.09), shadow=0.3)


def forest(g: Ground, subject: str) -> Setting:
    r = g.rng
    light = jitter((150, 188, 116), r, 14)
    g.gradient(0, 200, [mix(light, (34, 76, 46), 0.45), light, mix(light, (240, 246, 190), 0.4)])
    for tone, count, wide in ((0.62, 8, 10), (0.3, 5, 17)):
        for _ in range(count):
            x = r.uniform(-6, 262)
            color = mix(jitter((72, 54, 42), r, 8), light, tone)
            g.poly(
                [
                    (x - wide * 0.45, -4),
                    (x + wide * 0.45, -4),
                    (x + wide * 0.6, 190),
                    (x + wide, 204),
                    (x - wide, 204),
                    (x - wide * 0.6, 190),
                ],
                color,
            )
    for _ in range(18):
        x = r.uniform(-10, 266)
        g.disc(x, r.uniform(-10, 34), r.uniform(22, 42), jitter((46, 104, 56), r, 16), r.uniform(16, 26))
    for side in (0, 1):
        x = r.uniform(-6, 22) + side * 232
        g.poly(
            [(x - 13, -4), (x + 13, -4), (x + 16, 206), (x + 28, 224), (x - 28, 224), (x - 16, 206)],
            jitter((66, 46, 36), r, 8),
        )
        for k in range(5):
            g.line([(x - 8 + k * 4, 20 + k * 30), (x - 8 + k * 4, 48 + k * 30)], 1.6, (44, 30, 26), 0.7)
    g.hill(190, 6, jitter((70, 122, 60), r), waves=2)
    g.hill(212, 5, jitter((58, 102, 52), r), waves=2)
    for _ in range(5):
        x, y = r.uniform(0, 256), r.uniform(186, 206)
        for dx in (-10, 0, 10):
            g.disc(x + dx, y - (6 if dx == 0 else 0), 12, jitter((48, 98, 50), r, 10), 10)
    if r.random() < 0.5:
        for _ in range(3):
            x = r.uniform(40, 220)
            g.poly([(x, 0), (x + 18, 0), (x - 26, 208), (x - 70, 208)], (255, 250, 190), 0.16)

    def front() -> None:
        g.blades(60, 244, 262, (62, 116, 56), 18)
        for side in (0, 1):
            for k in range(5):
                x, lean = side * 256, (1 - 2 * side) * (10 + k * 7)
                g.line([(x, 258), (x + lean, 236 - k * 3), (x + lean * 1.9, 240)], 3.4, jitter((44, 92, 46), r, 8))

    return Setting((206, 242), tint=((150, 190, 100), 0.05), shadow=0.32, front=front)


def beach(g: Ground, subject: str) -> Setting:
    r = g.rng
    horizon = r.uniform(96, 124)
    g.gradient(0, horizon, [jitter((94, 176, 232), r, 12), jitter((196, 232, 248), r, 8)])
    if subject != "sun" and r.random() < 0.6:
        x = r.uniform(24, 232)
        g.glow(x, 34, 56, (255, 246, 190), 0.8)
        g.disc(x, 34, 15, (255, 238, 140))
    for _ in range(r.randint(1, 3)):
        g.cloud(r.uniform(10, 246), r.uniform(20, 66), r.uniform(12, 22), (255, 255, 255))
    shore = r.uniform(156, 176)
    g.gradient(horizon, shore + 16, [jitter((32, 120, 188), r, 10), jitter((80, 200, 212), r, 10)])
    g.strokes(
        [(x, y, x + r.uniform(8, 26), y) for x, y in g.scatter(16, horizon + 5, shore - 6)], 1.6, (214, 244, 250), 0.8
    )
    g.hill(shore + 2, 4, (250, 254, 255), waves=3)
    sand = jitter((242, 216, 160), r, 8)
    g.hill(shore + 7, 4, mix(sand, (150, 120, 90), 0.2), waves=3)
    g.hill(shore + 13, 4, sand, waves=3)
    g.dots(g.scatter(70, shore + 20, SIDE), 1.6, mix(sand, (150, 110, 60), 0.4), 0.7)
    if r.random() < 0.65 and subject != "tree":
        x = r.choice((r.uniform(12, 40), r.uniform(216, 244)))
        lean = 16 if x < 128 else -16
        g.line([(x, shore + 40), (x + lean * 0.2, shore - 30), (x + lean, shore - 96)], 7, (140, 98, 60))
        for k in range(7):
            angle = math.pi * (0.95 + k * 0.19) if k < 6 else math.pi * 0.6
            ex, ey = x + lean + 46 * math.cos(angle), shore - 92 + 34 * math.sin(angle) + 14
            g.poly(
                [
                    (x + lean, shore - 99),
                    ((x + lean + ex) / 2, (shore - 118 + ey) / 2 - 8),
                    (ex, ey),
                    ((x + lean + ex) / 2, (shore - 100 + ey) / 2 + 2),
                ],
                jitter((52, 138, 70), r, 12),
            )
    if r.random() < 0.5:
        x, y = r.uniform(20, 236), r.uniform(236, 248)
        points = [
            (x + (8 if k % 2 == 0 else 3.4) * math.cos(k * 0.628), y + (8 if k % 2 == 0 else 3.4) * math.sin(k * 0.628))
            for k in range(10)
        ]
        g.poly(points, (240, 138, 106))
    return Setting((204, 242), tint=((255, 244, 200), 0.03), shadow=0.26)


def undersea(g: Ground, subject: str) -> Setting:
    r = g.rng
    deep = jitter((8, 62, 118), r, 14)
    g.gradient(0, SIDE, [mix(deep, (110, 214, 232), 0.75), mix(deep, (30, 140, 190), 0.6), deep])
    for _ in range(r.randint(3, 5)):
        x, lean = r.uniform(0, 256), r.uniform(-50, 50)
        g.poly([(x, -4), (x + r.uniform(12, 26), -4), (x + lean + 56, 214), (x + lean, 214)], (200, 250, 255), 0.13)
    g.hill(222, 7, jitter((206, 190, 140), r, 10), waves=2)
    g.hill(238, 5, jitter((186, 166, 118), r, 10), waves=2)
    for _ in range(r.randint(4, 7)):
        x = r.choice((r.uniform(0, 70), r.uniform(186, 256)))
        tall, color, a = r.uniform(40, 110), jitter((40, 132, 86), r, 22), r.uniform(0, 6)
        points = [(x + 7 * math.sin(k * 0.8 + a), 236 - tall * k / 8) for k in range(9)]
        g.line(points, 6, color)
        g.line(points, 2, mix(color, (160, 230, 150), 0.5))
    for _ in range(r.randint(2, 4)):
        x, color = (
            r.choice((r.uniform(10, 80), r.uniform(176, 246))),
            r.choice(((232, 96, 112), (240, 146, 84), (186, 110, 196))),
        )
        for k in range(5):
            angle = math.pi * (1.15 + 0.18 * k)
            ex, ey = x + 20 * math.cos(angle), 234 + 24 * math.sin(angle)
            g.line([(x, 240), (ex, ey), (ex + 4, ey - 8)], 5.4, color)
    for _ in range(r.randint(0, 3)):
        x, y, s = r.uniform(20, 236), r.uniform(40, 180), r.choice((-1, 1))
        color = jitter((250, 190, 90), r, 30)
        if subject != "fish":
            g.disc(x, y, 7, color, 4.4, 0.9)
            g.poly([(x - s * 5, y), (x - s * 12, y - 4.4), (x - s * 12, y + 4.4)], color, 0.9)

    def front() -> None:
        for x, y in g.scatter(r.randint(9, 16), 10, 230):
            size = r.uniform(2, 6)
            g.canvas.drawCircle(x, y, size, _pen((226, 250, 255), 1.4, 0.9))
            g.disc(x - size * 0.3, y - size * 0.3, size * 0.28, (255, 255, 255), alpha=0.9)

    return Setting((216, 244), afloat=True, tint=((40, 150, 210), 0.1), shadow=0.0, front=front)


def space(g: Ground, subject: str) -> Setting:
    r = g.rng
    dark = jitter((14, 12, 34), r, 6)
    g.gradient(0, SIDE, [dark, mix(dark, (52, 26, 92), 0.55), dark])
    for _ in range(r.randint(3, 5)):
        g.glow(
            r.uniform(0, 256),
            r.uniform(0, 256),
            r.uniform(50, 110),
            r.choice(((120, 60, 190), (40, 90, 190), (190, 60, 130), (40, 140, 160))),
            0.34,
        )
    g.star_field(110, SIDE, big=8)
    for k in range(r.randint(1, 2)):
        x, y = r.choice((r.uniform(16, 62), r.uniform(194, 240))), r.uniform(24, 84) if k == 0 else r.uniform(180, 232)
        size, color = (
            r.uniform(13, 26),
            jitter(
                r.choice(((222, 142, 82), (96, 160, 214), (196, 112, 168), (132, 190, 122), (224, 198, 140))), r, 14
            ),
        )
        ringed = r.random() < 0.5
        g.disc(x, y, size, color)
        g.canvas.save()
        clip = skia.Path()
        clip.addCircle(x, y, size)
        g.canvas.clipPath(clip, True)
        for dy in (-0.4, 0.2):
            g.rect(
                x - size, y + dy * size, x + size, y + dy * size + size * 0.24, mix(color, (255, 255, 255), 0.3), 0.7
            )
        g.disc(x + size * 0.8, y + size * 0.6, size * 1.1, (0, 0, 20), alpha=0.32)
        g.canvas.restore()
        if ringed:
            g.canvas.save()
            g.canvas.rotate(-18, x, y)
            g.canvas.drawOval(
                skia.Rect(x - size * 1.8, y - size * 0.4, x + size * 1.8, y + size * 0.4),
                _pen(mix(color, (255, 240, 210), 0.5), 3, 0.95),
            )
            g.canvas.restore()
    return Setting(afloat=True, tint=((90, 90, 190), 0.05), shadow=0.0)


def city_night(g: Ground, subject: str) -> Setting:
    r = g.rng
    g.gradient(0, 200, [jitter((14, 18, 52), r, 6), jitter((48, 42, 98), r, 10), jitter((120, 72, 120), r, 10)])
    g.dots(g.scatter(24, 0, 90), 1.5, (255, 255, 255), 0.8)
    if r.random() < 0.4 and subject not in ("moon", "sun"):
        g.moon(r.uniform(30, 226), r.uniform(22, 44), 11, (30, 28, 72))
    for row, (tone, low, high) in enumerate((((50, 48, 92), 70, 124), ((28, 28, 58), 104, 170))):
        x = r.uniform(-24, 0)
        while x < 256:
            wide, top = r.uniform(24, 42), r.uniform(low, high) - (30 if row == 0 else 0)
            color = jitter(tone, r, 6)
            g.rect(x, top, x + wide, 206, color)
            if r.random() < 0.3:
                g.line([(x + wide / 2, top), (x + wide / 2, top - 14)], 1.6, color)
            lit = [
                (x + 6 + i * 7.4, top + 8 + j * 10)
                for i in range(int((wide - 6) / 7.4))
                for j in range(int((198 - top) / 10))
                if r.random() < 0.55
            ]
            if lit:
                g.strokes(
                    [(a, b, a, b + 2.6) for a, b in lit], 3.2, jitter((255, 214, 112), r, 16), 0.95 if row else 0.7
                )
            x += wide + r.uniform(0, 3)
    g.gradient(196, SIDE, [(60, 58, 80), (40, 40, 58)])
    g.rect(0, 194, SIDE, 200, (104, 100, 118))
    g.strokes([(x, 246, x + 22, 246) for x in range(int(r.uniform(-20, 0)), 260, 44)], 3, (236, 216, 130), 0.9)
    for x in (r.uniform(8, 48), r.uniform(208, 248)):
        g.line([(x, 214), (x, 112)], 3.2, (20, 20, 30))
        g.glow(x, 108, 32, (255, 224, 130), 0.8)
        g.disc(x, 108, 6, (255, 244, 196))
        g.disc(x, 214, 26, (255, 220, 130), 5, 0.28)
    return Setting((214, 244), tint=((70, 70, 170), 0.08), shadow=0.4)


def rain(g: Ground, subject: str) -> Setting:
    r = g.rng
    g.gradient(0, 190, [jitter((92, 102, 120), r, 8), jitter((150, 160, 174), r, 8)])
    for _ in range(7):
        g.cloud(r.uniform(-10, 266), r.uniform(-4, 40), r.uniform(24, 38), jitter((98, 106, 122), r, 12), 0.95)
    for _ in range(r.randint(3, 6)):
        x, wide = r.uniform(0, 256), r.uniform(18, 40)
        g.disc(x, 186, wide, (120, 134, 136), r.uniform(14, 34), 0.8)
    g.hill(182, 4, jitter((112, 126, 116), r, 8))
    g.hill(204, 3, jitter((100, 108, 112), r, 8))
    for x, y in g.scatter(6, 204, 250):
        wide = r.uniform(16, 38)
        g.disc(x, y, wide, (150, 168, 188), wide * 0.2, 0.95)
        g.canvas.drawOval(skia.Rect(x - wide * 0.5, y - 3, x + wide * 0.5, y + 3), _pen((214, 226, 238), 1.2, 0.9))
    lean, length = r.uniform(2, 9), r.uniform(13, 20)

    def front() -> None:
        for width, alpha in ((1.2, 0.7), (1.9, 0.75)):
            g.strokes(
                [(x, y, x - lean, y + length) for x, y in g.scatter(48, -14, SIDE)], width, (208, 224, 244), alpha
            )
        for x, y in g.scatter(9, 216, 252):
            g.strokes([(x - 3, y - 4, x - 5, y - 7), (x + 3, y - 4, x + 5, y - 7)], 1.4, (226, 236, 248), 0.9)

    return Setting((206, 242), tint=((110, 124, 150), 0.09), shadow=0.26, front=front)


def desert(g: Ground, subject: str) -> Setting:
    r = g.rng
    g.gradient(
        0,
        200,
        [jitter((250, 196, 108), r, 12), jitter((255, 234, 180), r, 8)]
        if r.random() < 0.6
        else [jitter((110, 190, 232), r, 8), jitter((252, 236, 196), r, 6)],
    )
    if subject != "sun":
        x = r.uniform(30, 226)
        g.glow(x, 44, 64, (255, 250, 200), 0.9)
        g.disc(x, 44, 18, (255, 250, 210))
    if r.random() < 0.35:
        x, tall = r.uniform(40, 216), r.uniform(34, 56)
        g.poly([(x - tall, 160), (x, 160 - tall), (x + tall, 160)], (226, 178, 104))
        g.poly([(x, 160 - tall), (x + tall, 160), (x + tall * 0.3, 160)], (190, 138, 76))
    for tone, y in (((232, 178, 100), 150), ((222, 160, 84), 174), ((236, 180, 102), 202)):
        color = jitter(tone, r, 8)
        g.hill(y + r.uniform(-5, 5), 13, color, waves=r.uniform(1, 2))
    for _ in range(7):
        x, y = r.uniform(-20, 236), r.uniform(206, 250)
        g.line([(x, y), (x + 20, y - 3), (x + 44, y), (x + 66, y - 2)], 1.6, (200, 138, 70), 0.75)
    if subject != "cactus":
        for _ in range(r.randint(1, 3)):
            x, base, k = r.choice((r.uniform(8, 56), r.uniform(200, 248))), r.uniform(172, 200), r.uniform(0.6, 1.1)
            color = jitter((72, 138, 84), r, 12)
            g.line([(x, base), (x, base - 52 * k)], 11 * k, color)
            g.line([(x, base - 20 * k), (x - 15 * k, base - 20 * k), (x - 15 * k, base - 38 * k)], 7 * k, color)
            g.line([(x, base - 28 * k), (x + 14 * k, base - 28 * k), (x + 14 * k, base - 44 * k)], 7 * k, color)
    if r.random() < 0.4:
        x = r.uniform(30, 226)
        g.disc(x, 246, 9, (160, 124, 96), 6)
    return Setting((206, 242), tint=((255, 214, 130), 0.06), shadow=0.3)


def mountain(g: Ground, subject: str) -> Setting:
    r = g.rng
    g.gradient(0, 216, [jitter((96, 164, 226), r, 12), jitter((214, 234, 248), r, 8)])
    for _ in range(r.randint(1, 3)):
        g.cloud(r.uniform(0, 256), r.uniform(16, 60), r.uniform(11, 20), (255, 255, 255), 0.9)
    far = jitter((128, 146, 186), r, 10)
    for x in (r.uniform(-10, 60), r.uniform(90, 166), r.uniform(196, 266)):
        g.peak(
            x,
            200,
            r.uniform(80, 120),
            r.uniform(96, 166),
            mix(far, (220, 232, 246), r.uniform(0, 0.25)),
            (252, 253, 255),
        )
    near = jitter((96, 104, 134), r, 8)
    for x in (r.uniform(-20, 20), r.uniform(236, 280)):
        g.peak(x, 206, r.uniform(60, 90), r.uniform(70, 110), near, (248, 250, 255) if r.random() < 0.7 else None)
    rock = jitter((128, 120, 116), r, 8)
    g.hill(204, 5, mix(rock, (98, 142, 84), 0.3), waves=2, rough=5)
    g.hill(214, 4, rock, waves=2, rough=5)
    for x, y in g.scatter(9, 222, 252):
        size = r.uniform(5, 14)
        g.poly(
            [
                (x - size, y + size * 0.4),
                (x - size * 0.5, y - size * 0.4),
                (x + size * 0.3, y - size * 0.5),
                (x + size, y + size * 0.4),
            ],
            mix(rock, (50, 46, 60), r.uniform(0.12, 0.35)),
        )
    return Setting((212, 242), shadow=0.32)


def _flowers(g: Ground, count: int, y0: float, y1: float) -> None:
    r = g.rng
    for x, y in g.scatter(count, y0, y1):
        size = 1.6 + (y - y0) / max(1, y1 - y0) * 2
        color = r.choice(((250, 120, 140), (255, 222, 96), (255, 255, 255), (186, 130, 226), (250, 160, 84)))
        g.dots([(x - size, y), (x + size, y), (x, y - size), (x, y + size)], size * 1.7, color)
        g.dots([(x, y)], size * 1.3, (250, 200, 60) if color[2] > 100 else (150, 90, 40))


def meadow(g: Ground, subject: str) -> Setting:
    r = g.rng
    g.gradient(0, 160, [jitter((112, 188, 240), r, 12), jitter((218, 240, 250), r, 6)])
    if r.random() < 0.4 and subject != "sun":
        x = r.uniform(30, 226)
        g.glow(x, 36, 48, (255, 248, 190), 0.8)
        g.disc(x, 36, 15, (255, 234, 120))
    for _ in range(r.randint(2, 4)):
        g.cloud(r.uniform(0, 256), r.uniform(20, 84), r.uniform(12, 22), (255, 255, 255))
    grass = jitter((132, 196, 86), r, 12)
    g.hill(r.uniform(130, 150), 14, mix(grass, (170, 216, 190), 0.5))
    if r.random() < 0.5:
        for _ in range(3):
            x = r.uniform(0, 256)
            g.rect(x - 1.6, 134, x + 1.6, 150, (112, 84, 56))
            g.disc(x, 130, 11, mix(grass, (40, 110, 60), 0.5), 12)
    g.hill(166, 10, mix(grass, (220, 240, 150), 0.2))
    g.hill(196, 6, grass)
    _flowers(g, r.randint(24, 44), 186, 252)
    g.blades(70, 200, 256, mix(grass, (50, 120, 50), 0.35), 9)

    def front() -> None:
        g.blades(70, 246, 264, mix(grass, (40, 110, 50), 0.3), 15)
        _flowers(g, r.randint(4, 9), 240, 254)

    return Setting((204, 242), shadow=0.26, front=front)


def garden(g: Ground, subject: str) -> Setting:
    r = g.rng
    g.gradient(0, 130, [jitter((150, 208, 240), r, 8), jitter((226, 242, 246), r, 6)])
    hedge = jitter((74, 138, 74), r, 10)
    for _ in range(16):
        g.disc(r.uniform(-6, 262), r.uniform(104, 128), r.uniform(20, 34), jitter(hedge, r, 9), r.uniform(22, 32))
    g.rect(0, 122, 256, 190, hedge)
    g.dots(g.scatter(60, 96, 168), 3.4, mix(hedge, (180, 226, 130), 0.5), 0.6)
    if r.random() < 0.7:
        g.dots(g.scatter(18, 96, 160), 6, r.choice(((236, 92, 120), (255, 255, 255), (250, 170, 190))), 0.95)
    step = r.uniform(22, 26)
    x = r.uniform(-14, 0)
    for y in (146, 172):
        g.rect(0, y, 256, y + 6, (232, 232, 226))
    while x < 260:
        g.poly(
            [(x, 196), (x, 134), (x + step * 0.3, 124), (x + step * 0.6, 134), (x + step * 0.6, 196)], (252, 252, 248)
        )
        g.line([(x + step * 0.6, 136), (x + step * 0.6, 196)], 1.2, (190, 194, 190))
        x += step
    lawn = jitter((142, 198, 90), r, 10)
    g.rect(0, 192, 256, 258, lawn)
    g.blades(66, 198, 256, mix(lawn, (50, 120, 50), 0.35), 6)
    for x in [k * 17 + r.uniform(-5, 5) for k in range(16)]:
        color = r.choice(((228, 60, 76), (250, 206, 70), (240, 130, 180), (160, 96, 200)))
        y = r.uniform(186, 200)
        g.line([(x, y + 12), (x, y)], 2, (60, 128, 60))
        g.poly(
            [
                (x - 4, y - 7),
                (x - 1.6, y - 4),
                (x, y - 8),
                (x + 1.6, y - 4),
                (x + 4, y - 7),
                (x + 3.6, y + 1),
                (x - 3.6, y + 1),
            ],
            color,
        )
    return Setting((214, 244), shadow=0.26)


STUDIO: tuple[Rgb, ...] = (
    (236, 232, 224),
    (222, 230, 238),
    (238, 224, 230),
    (226, 236, 222),
    (240, 234, 208),
    (250, 250, 250),
    (214, 216, 222),
    (226, 220, 240),
)


def studio(g: Ground, subject: str) -> Setting:
    r = g.rng
    color = jitter(r.choice(STUDIO), r, 5)
    g.gradient(0, SIDE, [mix(color, (255, 255, 255), 0.15), color, mix(color, (120, 120, 140), 0.1)])
    if r.random() < 0.5:
        g.glow(128, 120, 150, (255, 255, 255), 0.5)
    if r.random() < 0.5:
        g.gradient(r.uniform(188, 204), SIDE, [mix(color, (110, 110, 130), 0.1), mix(color, (255, 255, 255), 0.1)])
    return Setting((210, 238), shadow=0.2)


def room(g: Ground, subject: str) -> Setting:
    r = g.rng
    wall = jitter(r.choice(((236, 214, 184), (206, 220, 208), (220, 206, 222), (240, 222, 196), (198, 212, 226))), r, 8)
    g.gradient(0, 186, [wall, mix(wall, (120, 96, 80), 0.1)])
    if r.random() < 0.5:
        g.strokes([(x, 0, x, 180) for x in range(8, 256, 22)], 4, mix(wall, (255, 255, 255), 0.35), 0.6)
    floor = jitter((172, 120, 76), r, 10)
    g.gradient(186, SIDE, [mix(floor, (60, 36, 20), 0.2), floor])
    g.strokes(
        [(128 + (x - 128) * 0.6, 186, x, 258) for x in range(-120, 380, 34)], 1.4, mix(floor, (60, 36, 20), 0.45), 0.8
    )
    g.rect(0, 180, 256, 188, (250, 246, 238))
    side = r.choice((0, 1))
    x = 18 + side * 144 + r.uniform(-6, 6)
    g.rect(x - 5, 27, x + 81, 125, (250, 248, 242))
    g.rect(x, 32, x + 76, 120, jitter((156, 208, 240), r, 10))
    g.disc(x + 22, 112, 34, (130, 186, 108), 18) if r.random() < 0.6 else g.cloud(x + 40, 64, 12, (255, 255, 255))
    g.rect(x, 120, x + 76, 126, (250, 248, 242))
    g.rect(x - 5, 120, x + 81, 128, (236, 230, 220))
    g.line([(x + 38, 30), (x + 38, 122)], 4, (250, 248, 242))
    g.line([(x, 76), (x + 76, 76)], 4, (250, 248, 242))
    curtain = jitter(r.choice(((196, 96, 92), (104, 146, 170), (220, 180, 110))), r, 12)
    for edge in (x - 16, x + 70):
        g.poly([(edge, 20), (edge + 24, 20), (edge + 20, 132), (edge - 2, 132)], curtain)
        g.line([(edge + 8, 22), (edge + 7, 130)], 1.6, mix(curtain, (0, 0, 0), 0.2))
    g.line([(x - 24, 20), (x + 100, 20)], 3.4, (120, 84, 56))
    fx = 196 - side * 156 + r.uniform(-8, 8)
    g.rect(fx - 4, 44, fx + 40, 96, (128, 88, 54))
    g.rect(fx, 48, fx + 36, 92, (248, 240, 222))
    g.poly([(fx, 92), (fx + 14, 66), (fx + 22, 78), (fx + 29, 70), (fx + 36, 92)], jitter((110, 150, 140), r, 20))
    if r.random() < 0.6:
        px = fx + 18
        g.rect(px - 26, 150, px + 26, 184, jitter((146, 98, 60), r, 8))
        g.line([(px - 26, 167), (px + 26, 167)], 1.6, (96, 62, 38))
        for k in range(5):
            angle = math.pi * (1.1 + k * 0.2)
            g.line(
                [(px, 138), (px + 18 * math.cos(angle), 138 + 24 * math.sin(angle))], 5, jitter((70, 140, 80), r, 12)
            )
        g.poly([(px - 9, 134), (px + 9, 134), (px + 6, 150), (px - 6, 150)], (206, 112, 76))
    g.disc(
        128,
        234,
        r.uniform(96, 118),
        jitter(r.choice(((190, 88, 84), (92, 124, 160), (214, 176, 116), (120, 150, 120))), r, 10),
        26,
    )
    g.canvas.drawOval(skia.Rect(128 - 92, 213, 128 + 92, 255), _pen((250, 238, 214), 2.4, 0.75))
    return Setting((216, 242), tint=((255, 226, 170), 0.04), shadow=0.32)


def starry_night(g: Ground, subject: str) -> Setting:
    r = g.rng
    sky = jitter((22, 36, 92), r, 8)
    g.gradient(0, 200, [mix(sky, (6, 8, 34), 0.5), sky, mix(sky, (84, 110, 176), 0.6)])
    if r.random() < 0.4:
        g.canvas.save()
        g.canvas.rotate(-28, 128, 80)
        g.disc(128, 80, 190, (150, 160, 230), 22, 0.2)
        g.disc(128, 80, 160, (190, 190, 250), 9, 0.2)
        g.canvas.restore()
    g.star_field(90, 170, big=8 if subject != "star" else 0)
    if subject not in ("moon", "sun"):
        g.moon(r.uniform(26, 230), r.uniform(24, 54), r.uniform(13, 20), mix(sky, (6, 8, 34), 0.3))
    g.hill(r.uniform(160, 178), 12, jitter((30, 50, 84), r, 6))
    for _ in range(r.randint(0, 5)):
        x = r.choice((r.uniform(0, 60), r.uniform(196, 256)))
        g.fir(x, r.uniform(184, 200), r.uniform(34, 64), jitter((18, 38, 58), r, 5))
    g.hill(200, 7, jitter((36, 66, 76), r, 6))
    g.blades(40, 206, 258, (50, 88, 92), 8)
    return Setting((208, 242), tint=((50, 70, 170), 0.12), shadow=0.4)


def fog(g: Ground, subject: str) -> Setting:
    r = g.rng
    haze = jitter((222, 220, 212), r, 8)
    g.gradient(0, SIDE, [mix(haze, (180, 190, 206), 0.5), mix(haze, (252, 240, 214), 0.5), haze])
    if subject != "sun":
        x = r.uniform(40, 216)
        g.glow(x, 66, 70, (255, 246, 216), 0.9)
        g.disc(x, 66, 16, (255, 250, 232), alpha=0.85)
    for tone, y in ((0.22, 118), (0.32, 146)):
        g.hill(y, 14, mix(haze, (110, 124, 136), tone))
        for _ in range(r.randint(3, 5)):
            x, tall = r.uniform(0, 256), r.uniform(30, 70) * (0.6 + tone)
            color = mix(haze, (96, 110, 120), tone + 0.08)
            if r.random() < 0.5:
                g.fir(x, y + 20, tall, color)
            else:
                g.line([(x, y + 20), (x, y - tall * 0.4)], 3.4, color)
                g.disc(x, y - tall * 0.6, tall * 0.36, color, tall * 0.42)
        g.disc(r.uniform(40, 216), y + 34, 190, haze, 22, 0.75)
    g.hill(196, 6, mix(haze, (130, 140, 118), 0.4))
    g.blades(36, 204, 256, mix(haze, (100, 116, 92), 0.6), 8)

    def front() -> None:
        for _ in range(7):
            g.glow(r.uniform(-20, 276), r.uniform(196, 262), r.uniform(50, 90), (240, 238, 232), 0.5)
        g.disc(r.uniform(60, 196), r.uniform(160, 196), 210, (240, 238, 232), 9, 0.4)

    return Setting((208, 242), tint=((226, 224, 218), 0.16), shadow=0.14, front=front)


def sky(g: Ground, subject: str) -> Setting:
    r = g.rng
    g.gradient(0, SIDE, [jitter((66, 150, 226), r, 14), jitter((146, 206, 246), r, 10), jitter((212, 236, 252), r, 6)])
    if subject != "sun" and r.random() < 0.4:
        x = r.uniform(20, 236)
        g.glow(x, 30, 60, (255, 250, 200), 0.9)
        g.disc(x, 30, 15, (255, 244, 170))
    if subject != "cloud":
        for _ in range(r.randint(4, 6)):
            g.cloud(r.uniform(-10, 266), r.uniform(20, 190), r.uniform(12, 24), (255, 255, 255), 0.9)
    for x in range(-10, 280, 38):
        g.cloud(x + r.uniform(-12, 12), r.uniform(240, 256), r.uniform(24, 32), jitter((246, 250, 255), r, 5), 0.96)

    def front() -> None:
        for x in (r.uniform(-10, 50), r.uniform(200, 266)):
            g.cloud(x, r.uniform(232, 250), r.uniform(18, 28), (255, 255, 255), 0.95)

    return Setting((224, 240), afloat=True, shadow=0.0, front=front)


def lake(g: Ground, subject: str) -> Setting:
    r = g.rng
    horizon = r.uniform(112, 132)
    g.gradient(0, horizon, [jitter((120, 186, 232), r, 10), jitter((226, 238, 240), r, 6)])
    for _ in range(r.randint(1, 2)):
        g.cloud(r.uniform(0, 256), r.uniform(18, 52), r.uniform(11, 18), (255, 255, 255), 0.9)
    for tone in ((128, 160, 156), (88, 136, 104)):
        g.hill(horizon - (12 if tone[0] > 100 else 3), 9, jitter(tone, r, 8), waves=2)
    g.gradient(horizon, SIDE, [jitter((96, 166, 196), r, 8), jitter((40, 106, 160), r, 8)])
    for _ in range(46):
        y = horizon + 4 + (SIDE - horizon) * r.random() ** 1.4
        wide = 4 + (y - horizon) * 0.18
        x = r.uniform(0, 256)
        g.strokes(
            [(x - wide, y, x + wide, y)],
            1 + (y - horizon) * 0.014,
            r.choice(((196, 228, 240), (160, 208, 230), (30, 88, 140))),
            0.75,
        )
    if r.random() < 0.7:
        for _ in range(7):
            x = r.choice((r.uniform(-4, 26), r.uniform(230, 260)))
            g.line([(x, 258), (x + r.uniform(-6, 6), r.uniform(176, 214))], 2.4, (84, 120, 60))
    top = r.uniform(232, 240)

    def front() -> None:
        points = [(k * 8 - 4, top + 2.4 * math.sin(k * 1.1 + lean)) for k in range(35)]
        g.poly([*points, (264, 262), (-8, 262)], (56, 130, 180), 0.9)
        g.line(points, 2, (220, 242, 250), 0.9)
        g.strokes([(x, y, x + 16, y) for x, y in g.scatter(8, top + 6, 254)], 1.6, (190, 226, 240), 0.8)

    lean = r.uniform(0, 6)
    return Setting((238, 248), tint=((120, 180, 220), 0.04), shadow=0.0, front=front)


PLACES: dict[str, Callable[[Ground, str], Setting]] = {
    "in the snow": snow,
    "at sunset": sunset,
    "in the forest": forest,
    "on the beach": beach,
    "under the sea": undersea,
    "in space": space,
    "in the city at night": city_night,
    "in the rain": rain,
    "in the desert": desert,
    "in the mountains": mountain,
    "in a meadow": meadow,
    "in the garden": garden,
    "on a plain background": studio,
    "in a room": room,
    "under a starry sky": starry_night,
    "on a foggy morning": fog,
    "in the sky": sky,
    "on a lake": lake,
}
