"""Buildings, plants, food and things, in a box of 100 × 100 units that they stand in at y = 96."""

from __future__ import annotations

import math

from .brush import GLASS, GOLD, INK, LEAF, METAL, PINK, RED, STEEL, WHITE, WOOD, Brush, Point, Rgb, luminance, mix

WARM: Rgb = (255, 226, 130)


def circle(x: float, y: float, radius: float, count: int, *, wobble: float = 0, phase: float = 0) -> list[Point]:
    """`count` points around (x, y), every other one `wobble` further in."""
    found = []
    for k in range(count):
        angle = 2 * math.pi * k / count + phase
        r = radius - (wobble if k % 2 else 0)
        found.append((x + r * math.sin(angle), y - r * math.cos(angle)))
    return found


# --- buildings ---------------------------------------------------------------------------------------


def house(b: Brush) -> None:
    pane = WARM if b.rng.random() < 0.4 else GLASS
    b.box(66, 14, 77, 40, b.deep)
    b.flush()
    b.box(14, 48, 86, 96, b.base)
    b.box(14, 48, 86, 54, b.dark, on=True)
    b.box(42, 66, 58, 97, WOOD, round=1)
    b.oval(54.5, 82, 1.5, 1.5, GOLD, on=True)
    for x in (21, 65):
        b.box(x, 64, x + 14, 80, WHITE)
        b.box(x + 1.6, 65.6, x + 12.4, 78.4, pane, on=True)
        b.line([(x + 7, 64), (x + 7, 80)], 1.4, WHITE, on=True)
        b.line([(x, 72), (x + 14, 72)], 1.4, WHITE, on=True)
    b.flush()
    b.poly([(50, 12), (96, 52), (4, 52)], b.deep)
    b.poly([(50, 12), (50, 20), (12, 52), (4, 52)], b.dark, on=True)
    b.oval(50, 38, 5.5, 5.5, pane)


def _crenels(b: Brush, x0: float, x1: float, y: float, count: int, color: Rgb) -> None:
    step = (x1 - x0) / (count * 2 - 1)
    for k in range(count):
        b.box(x0 + step * 2 * k, y - 6, x0 + step * (2 * k + 1), y + 3, color)


def castle(b: Brush) -> None:
    flag = RED if b.base[0] < 170 else (66, 106, 200)
    for x, top in ((16, 12), (84, 12), (50, 2)):
        b.line([(x, top + 4), (x, top - 8)], 1.4, WOOD, straight=True)
        b.poly([(x, top - 8), (x + 11, top - 4.5), (x, top - 1)], flag)
    b.flush()
    b.poly([(50, 0), (63, 24), (37, 24)], b.deep)
    b.box(39, 24, 61, 60, b.dark)
    b.box(46, 32, 54, 44, INK, round=4, on=True)
    b.flush()
    b.box(24, 54, 76, 96, b.base)
    _crenels(b, 24, 76, 54, 6, b.base)
    for y in (64, 76):
        for x in (30, 62, 70):
            b.box(x, y, x + 6, y + 3, b.dark, on=True)
    b.box(40, 68, 60, 99, b.deep, round=10)
    b.box(43, 72, 57, 99, (72, 48, 34), round=7, on=True)
    b.flush()
    for x in (4, 74):
        b.box(x, 38, x + 22, 96, b.base)
        b.box(x + 15, 38, x + 22, 96, b.dark, on=True)
        b.box(x + 7, 50, x + 14, 62, INK, round=3.5, on=True)
        b.box(x + 4, 74, x + 10, 77, b.dark, on=True)
        b.box(x + 11, 84, x + 17, 87, b.deep, on=True)
        b.poly([(x + 11, 10), (x + 25, 40), (x - 3, 40)], b.deep)


def tower(b: Brush) -> None:
    """A lone tower: battlements, or a striped lighthouse."""
    if b.rng.random() < 0.5:
        b.line([(50, 10), (50, -6)], 1.6, WOOD, straight=True)
        b.poly([(50, -6), (66, -1), (50, 4)], b.deep)
        b.flush()
        b.poly([(35, 26), (65, 26), (70, 96), (30, 96)], b.base)
        b.poly([(58, 26), (65, 26), (70, 96), (60, 96)], b.dark, on=True)
        for x, y in ((38, 44), (50, 54), (36, 66), (54, 72), (40, 84)):
            b.box(x, y, x + 8, y + 4, b.dark, on=True)
        b.box(46, 34, 54, 48, INK, round=4, on=True)
        b.box(43, 78, 57, 99, (74, 50, 36), round=7, on=True)
        b.flush()
        b.box(29, 14, 71, 28, b.base, round=1)
        b.box(60, 8, 71, 30, b.dark, on=True)
        _crenels(b, 29, 71, 14, 4, b.base)
        return
    b.blob([(50, -4), (62, 6), (63, 12), (37, 12), (38, 6)], b.deep)
    b.box(40, 12, 60, 26, (255, 240, 160))
    b.line([(50, 12), (50, 26)], 1.4, INK, on=True)
    b.box(34, 25, 66, 31, b.deep, round=1)
    b.flush()
    b.poly([(38, 31), (62, 31), (70, 96), (30, 96)], b.base)
    other = WHITE if luminance(b.base) < 200 else (206, 210, 220)
    for y in (42, 66):
        b.box(20, y, 80, y + 10, other, on=True)
    b.box(44, 82, 56, 99, (74, 50, 36), round=6, on=True)
    b.box(47, 55, 53, 63, INK, round=2, on=True)


def bridge(b: Brush) -> None:
    if b.rng.random() < 0.5:
        b.blob(
            [
                (-6, 62),
                (22, 52),
                (50, 48),
                (78, 52),
                (106, 62),
                (106, 92),
                (88, 92),
                (80, 76),
                (66, 70),
                (56, 76),
                (52, 92),
                (48, 92),
                (44, 76),
                (34, 70),
                (20, 76),
                (12, 92),
                (-6, 92),
            ],
            b.base,
            tension=0.7,
        )
        for x, y in (
            (6, 66),
            (18, 61),
            (32, 58),
            (46, 55),
            (60, 57),
            (74, 60),
            (88, 65),
            (48, 66),
            (50, 78),
            (2, 78),
            (94, 78),
        ):
            b.box(x - 4, y, x + 4, y + 3, b.dark, on=True)
        b.limb([(-6, 57), (22, 47), (50, 43), (78, 47), (106, 57)], [6, 6, 6, 6, 6], b.dark)
        return
    for x in (26, 74):
        b.box(x - 5, 14, x + 5, 96, b.base)
        b.box(x + 1, 14, x + 5, 96, b.dark, on=True)
        b.box(x - 7, 10, x + 7, 16, b.deep)
    b.flush()
    for x0, y0, x1, y1, sag in ((26, 16, 74, 16, 58), (26, 16, -4, 62, 44), (74, 16, 104, 62, 44)):
        b.line([(x0, y0), ((x0 + x1) / 2, sag if y0 == y1 else (y0 + y1) / 2 + 8), (x1, y1)], 2.4, b.base)
    for x in (34, 42, 50, 58, 66):
        depth = 58 - 42 * ((x - 50) / 24) ** 2
        b.line([(x, depth), (x, 68)], 1, b.dark, straight=True)
    for x in (4, 12, 18, 82, 88, 96):
        b.line([(x, 58 - abs(50 - x - (24 if x < 50 else -24)) * -0.1 - 6), (x, 68)], 1, b.dark, straight=True)
    b.flush()
    b.box(-6, 66, 106, 75, b.base)
    b.box(-6, 71, 106, 75, b.dark, on=True)


# --- plants ------------------------------------------------------------------------------------------


def flower(b: Brush) -> None:
    t = b.rng.uniform(-5, 5)
    b.limb([(50, 44), (50 + t, 70), (49, 96)], [4, 4, 4], LEAF)
    b.blob([(50 + t, 78), (62, 64), (78, 62), (72, 76), (58, 82)], LEAF)
    b.blob([(49, 86), (38, 72), (22, 72), (30, 84), (42, 90)], mix(LEAF, INK, 0.15))
    b.flush()
    count = b.rng.choice((6, 7, 8))
    for k in range(count):
        angle = 2 * math.pi * k / count + t * 0.05
        x, y = 50 + 20 * math.sin(angle), 33 - 20 * math.cos(angle)
        b.oval(x, y, 9.5 + 14 / count * 0.6, 14, b.base, turn=math.degrees(angle))
    for k in range(count):
        angle = 2 * math.pi * k / count + t * 0.05
        b.line(
            [
                (50 + 12 * math.sin(angle), 33 - 12 * math.cos(angle)),
                (50 + 25 * math.sin(angle), 33 - 25 * math.cos(angle)),
            ],
            1.6,
            b.dark,
            on=True,
        )
    b.oval(50, 33, 11, 11, (250, 204, 66) if b.base[2] > 120 or b.base[1] < 160 else (126, 78, 44))
    for x, y in ((46, 31), (53, 30), (50, 37), (55, 36)):
        b.oval(x, y, 1.5, 1.5, (186, 116, 40), on=True)


def rose(b: Brush) -> None:
    t = b.rng.uniform(-5, 5)
    b.limb([(50, 50), (51 + t, 72), (49, 97)], [4.5, 4, 4], mix(LEAF, INK, 0.2))
    for x, y, s in ((51 + t * 0.8, 70, 1), (50 + t * 0.5, 84, -1)):
        b.blob([(x, y), (x + s * 12, y - 12), (x + s * 28, y - 10), (x + s * 20, y + 4), (x + s * 8, y + 5)], LEAF)
        b.poly([(x, y + 5), (x + s * -6, y + 2), (x, y + 9)], mix(LEAF, INK, 0.2))
    b.flush()
    for points in ([(34, 50), (28, 62), (42, 58)], [(66, 50), (72, 62), (58, 58)], [(44, 56), (50, 66), (56, 56)]):
        b.poly(points, LEAF)
    b.flush()
    b.blob([(50, 4), (68, 8), (80, 22), (78, 42), (66, 56), (50, 60), (34, 56), (22, 42), (20, 22), (32, 8)], b.base)
    b.blob([(20, 24), (34, 34), (50, 46), (46, 62), (28, 54), (16, 38)], b.dark, on=True)
    b.blob([(80, 24), (68, 34), (50, 46), (54, 62), (72, 54), (84, 38)], b.deep, on=True)
    b.blob([(32, 22), (40, 12), (58, 10), (70, 20), (68, 36), (52, 45), (34, 36)], b.light, on=True)
    b.blob([(38, 24), (46, 16), (60, 17), (65, 26), (58, 36), (44, 36)], b.base, on=True)
    b.line([(44, 28), (48, 21), (57, 21), (59, 28), (53, 32), (48, 29), (52, 26)], 2, b.deep, on=True)
    b.line([(20, 26), (36, 36), (50, 46), (64, 36), (80, 26)], 1.6, on=True)
    b.line([(33, 24), (36, 38), (50, 46)], 1.3, on=True)


def tree(b: Brush) -> None:
    kind = b.rng.random()
    if kind < 0.3:
        b.box(45, 80, 55, 97, WOOD)
        b.flush()
        for y, wide, tone in ((84, 36, b.dark), (64, 30, b.base), (44, 23, b.base), (24, 16, b.light)):
            b.blob(
                [
                    (50, y - 32),
                    (50 + wide * 0.5, y - 14),
                    (50 + wide, y),
                    (50 + wide * 0.4, y + 2),
                    (50, y - 1),
                    (50 - wide * 0.4, y + 2),
                    (50 - wide, y),
                    (50 - wide * 0.5, y - 14),
                ],
                tone,
                tension=0.7,
            )
            b.flush()
        return
    b.limb([(50, 97), (49, 76), (50, 56)], [15, 10, 9], WOOD)
    b.limb([(50, 68), (64, 54)], [6, 4], WOOD)
    b.limb([(49, 70), (36, 56)], [6, 4], WOOD)
    b.line([(47, 94), (48, 78)], 1.2, mix(WOOD, INK, 0.4), on=True)
    b.flush()
    for x, y, r in ((28, 46, 20), (72, 46, 20), (36, 26, 20), (64, 26, 20), (50, 16, 17), (50, 44, 22)):
        b.oval(x + b.rng.uniform(-3, 3), y + b.rng.uniform(-3, 3), r, r * 0.92, b.base)
    for x, y, r in ((30, 56, 13), (52, 60, 15), (76, 55, 12)):
        b.oval(x, y, r, r * 0.6, b.dark, on=True)
    for x, y in ((34, 24), (52, 14), (66, 30), (26, 42), (50, 36)):
        b.oval(x, y, 8, 5.5, b.light, on=True)


def mushroom(b: Brush) -> None:
    t = b.rng.uniform(-4, 4)
    b.blob([(38, 52), (62, 52), (62, 74), (70, 92), (50, 97), (30, 92), (38, 74)], (250, 238, 214))
    b.blob([(56, 52), (64, 52), (64, 74), (72, 92), (58, 97)], (222, 204, 172), on=True)
    b.flush()
    b.limb([(38, 62), (50, 66), (62, 62)], [4, 5, 4], (232, 214, 180))
    b.blob(
        [(4, 54), (10, 30), (30, 10), (52 + t, 5), (74, 12), (91, 32), (96, 54), (76, 60), (50, 62), (24, 60)], b.base
    )
    b.blob([(4, 52), (50, 57), (96, 52), (92, 64), (50, 68), (8, 64)], b.dark, on=True)
    dot = WHITE if luminance(b.base) < 215 else (216, 92, 84)
    for x, y, r in ((30, 30, 7.5), (54, 20, 6.5), (74, 34, 7), (50, 42, 6), (16, 46, 4.5), (86, 50, 4)):
        b.oval(x + b.rng.uniform(-2, 2), y, r, r * 0.85, dot, on=True)


def cactus(b: Brush) -> None:
    t = b.rng.uniform(-5, 5)
    b.limb([(42, 64), (24, 64), (23, 52), (23, 38 + t)], [12, 13, 13, 12], b.base)
    b.limb([(58, 54), (76, 54), (77, 42), (77, 28 - t)], [12, 13, 13, 12], b.base)
    b.limb([(50, 84), (50, 60), (50, 15)], [24, 25, 22], b.base)
    for x in (43, 50, 57):
        b.line([(x, 8), (x, 96)], 1.2, b.dark, on=True)
    for x, y in ((46, 24), (54, 36), (46, 50), (54, 64), (46, 78), (23, 48), (77, 38), (22, 40), (78, 30)):
        b.line([(x - 2, y - 2), (x, y), (x + 2, y - 2)], 1, WHITE, on=True)
    b.flush()
    b.blob([(50, 6), (58, -4), (60, 4), (54, 10), (46, 10), (40, 4), (42, -4)], PINK if b.base[0] < 200 else GOLD)
    b.flush()
    b.limb([(26, 95.5), (50, 94.5), (74, 95.5)], [4, 6, 4], (206, 176, 120))


# --- food --------------------------------------------------------------------------------------------


def apple(b: Brush) -> None:
    b.limb([(51, 26), (52, 14), (58, 6)], [3.6, 3.6, 4], (106, 70, 42))
    b.blob([(53, 18), (62, 6), (80, 6), (74, 18), (62, 22)], LEAF)
    b.flush()
    b.blob(
        [
            (50, 26),
            (64, 19),
            (82, 26),
            (90, 46),
            (83, 72),
            (68, 93),
            (50, 89),
            (32, 93),
            (17, 72),
            (10, 46),
            (18, 26),
            (36, 19),
        ],
        b.base,
    )
    b.blob([(90, 40), (84, 72), (68, 95), (52, 92), (70, 78), (79, 54)], b.dark, on=True)
    b.oval(28, 42, 6, 12, b.light, turn=18, on=True)
    b.oval(27, 40, 2.6, 5.4, b.pale, turn=18, on=True)
    b.limb([(40, 26), (50, 31), (60, 26)], [1.5, 4, 1.5], b.deep, on=True)


def cake(b: Brush) -> None:
    for k, x in enumerate((36, 50, 64)):
        b.line([(x, 32), (x, 18)], 4.4, (WHITE, (250, 214, 110), WHITE)[k], straight=True)
        b.blob([(x, 6), (x + 3.4, 12), (x, 16), (x - 3.4, 12)], (252, 170, 50))
    b.flush()
    b.limb([(6, 92), (50, 93), (94, 92)], [5, 6, 5], METAL)
    b.flush()
    b.box(14, 58, 86, 91, b.base, round=3)
    b.box(14, 80, 86, 84, b.pale, on=True)
    b.box(26, 32, 74, 60, b.base, round=3)
    for x0, x1, y in ((12, 88, 58), (24, 76, 32)):
        points: list[Point] = [(x0, y - 3), (x1, y - 3), (x1, y + 6)]
        count = 8 if x1 - x0 > 60 else 6
        for k in range(count, 0, -1):
            x = x0 + (x1 - x0) * (k - 0.5) / count
            points += [(x, y + (13 if k % 2 else 7))]
        points.append((x0, y + 6))
        b.blob(points, b.light if luminance(b.base) < 215 else (244, 190, 204), on=True, tension=0.8)
    for x in (22, 36, 50, 64, 78):
        b.oval(x, 73, 2.6, 2.6, b.deep, on=True)
    b.oval(50, 28, 4, 4, (214, 44, 60), on=True)


def ice_cream(b: Brush) -> None:
    b.poly([(31, 46), (69, 46), (50, 98)], (226, 168, 96))
    for k in range(-4, 8):
        b.line([(28 + k * 8, 46), (48 + k * 8, 98)], 1.2, (182, 122, 60), on=True)
        b.line([(72 - k * 8, 46), (52 - k * 8, 98)], 1.2, (182, 122, 60), on=True)
    b.flush()
    b.oval(36, 34, 17, 16, b.dark)
    b.oval(64, 34, 17, 16, b.base)
    b.flush()
    b.blob(
        [(28, 36), (32, 16), (50, 5), (68, 16), (72, 36), (68, 46), (60, 42), (54, 50), (46, 42), (38, 48), (32, 44)],
        b.base,
    )
    b.oval(41, 20, 6, 4, b.light, turn=-35, on=True)
    for x, y, c in ((56, 18, PINK), (50, 28, WHITE), (60, 30, GOLD), (40, 32, (120, 190, 230))):
        b.line([(x, y), (x + 3, y + 2)], 1.6, c, on=True)
    b.flush()
    b.oval(52, 2, 5.4, 5.4, (214, 44, 60))


def cup(b: Brush) -> None:
    t = b.rng.uniform(-3, 3)
    for x in (36, 50, 64):
        b.line([(x, 26), (x - 4 + t, 18), (x + 3 + t, 10), (x, 2)], 2.4, (236, 240, 246), alpha=0.85)
    b.flush()
    b.line([(76, 46), (94, 46), (94, 66), (74, 70)], 7, b.base)
    b.flush()
    b.blob([(16, 36), (50, 36), (80, 36), (78, 66), (68, 88), (48, 91), (28, 88), (18, 66)], b.base, tension=0.8)
    b.blob([(70, 36), (82, 36), (78, 68), (66, 92), (52, 94), (66, 72)], b.dark, on=True)
    b.limb([(26, 50), (28, 68)], [5, 4], b.light, on=True)
    b.oval(48, 37, 32, 7, b.light)
    b.oval(48, 38, 27, 5, (104, 62, 36), on=True)
    if b.rng.random() < 0.5:
        b.flush()
        b.limb([(8, 93), (48, 95), (88, 93)], [4, 6, 4], b.dark)


# --- things ------------------------------------------------------------------------------------------


def robot(b: Brush) -> None:
    t = b.rng.uniform(-10, 10)
    lamp = (110, 230, 240) if b.base[2] < 180 else (255, 214, 90)
    b.line([(50, 14), (50, 2)], 2.4, STEEL, straight=True)
    b.oval(50, 1, 4, 4, RED if b.base[0] < 180 else GOLD)
    b.flush()
    for s in (-1, 1):
        y = 60 + s * t
        b.limb([(50 + s * 26, 54), (50 + s * 40, (54 + y) / 2 + 4), (50 + s * 41, y + 8)], [7, 6, 6], STEEL)
        b.oval(50 + s * 41, y + 12, 6, 6, b.dark)
        b.oval(50 + s * 27, 54, 6, 6, b.dark)
        b.limb([(50 + s * 13, 80), (50 + s * 13, 90)], [8, 8], STEEL)
        b.box(50 + s * 14 - 11, 89, 50 + s * 14 + 11, 97, b.dark, round=4)
        b.box(50 + s * 27 - 4, 22, 50 + s * 27 + 4, 34, b.deep, round=2)
    b.box(42, 42, 58, 50, STEEL)
    b.flush()
    b.box(25, 48, 75, 83, b.base, round=6)
    b.box(25, 76, 75, 84, b.dark, on=True)
    b.box(35, 55, 65, 72, b.deep, round=3, on=True)
    for x, c in ((42, RED), (50, GOLD), (58, (110, 210, 120))):
        b.oval(x, 60, 2.6, 2.6, c, on=True)
    b.line([(40, 67), (60, 67)], 1.6, lamp, on=True)
    b.box(24, 12, 76, 44, b.base, round=8)
    b.box(30, 18, 70, 38, (38, 44, 60), round=6, on=True)
    for x in (40, 60):
        b.oval(x, 26, 4.6, 4.8, lamp, on=True)
        b.oval(x + 1.4, 24.5, 1.5, 1.5, WHITE, on=True)
    b.line([(43, 34), (50, 35.5), (57, 34)], 1.6, lamp, on=True)


def lamp(b: Brush) -> None:
    if b.rng.random() < 0.7:
        b.oval(50, 60, 40, 30, (255, 240, 170), alpha=0.3)
        b.flush()
    b.limb([(50, 56), (50, 88)], [5, 5], GOLD if sum(b.base) < 480 else STEEL)
    b.oval(50, 74, 6, 5, GOLD if sum(b.base) < 480 else STEEL)
    b.blob([(30, 96), (32, 90), (50, 86), (68, 90), (70, 96)], b.deep)
    b.line([(64, 58), (64, 68)], 1.2, STEEL, straight=True)
    b.oval(64, 70, 2, 2, GOLD)
    b.oval(50, 60, 8, 4, (255, 246, 196))
    b.flush()
    b.poly([(34, 10), (66, 10), (84, 58), (16, 58)], b.base)
    b.poly([(38, 10), (46, 10), (40, 58), (24, 58)], b.light, on=True)
    b.poly([(60, 10), (66, 10), (84, 58), (72, 58)], b.dark, on=True)
    b.limb([(16, 56), (50, 57), (84, 56)], [4, 4, 4], b.deep, on=True)
    b.limb([(34, 11), (66, 11)], [3, 3], b.deep, on=True)


def clock(b: Brush) -> None:
    hours, minutes = b.rng.uniform(0, 6.28), b.rng.uniform(0, 6.28)
    for s in (-1, 1):
        b.limb([(50 + s * 24, 80), (50 + s * 33, 94)], [7, 5], b.deep)
        b.oval(50 + s * 25, 15, 12, 9, b.dark, turn=s * 40)
    b.line([(50, 14), (50, 5)], 4, STEEL, straight=True)
    b.oval(50, 4, 5, 3.4, b.deep)
    b.flush()
    b.oval(50, 53, 39, 39, b.base)
    b.oval(50, 53, 28, 28, mix(b.pale, WHITE, 0.3), on=True)
    for k in range(12):
        angle = k * math.pi / 6
        inner = 20 if k % 3 == 0 else 23
        b.line(
            [
                (50 + inner * math.sin(angle), 53 - inner * math.cos(angle)),
                (50 + 25.5 * math.sin(angle), 53 - 25.5 * math.cos(angle)),
            ],
            2.8 if k % 3 == 0 else 1.6,
            INK,
            on=True,
        )
    b.line([(50, 53), (50 + 14 * math.sin(hours), 53 - 14 * math.cos(hours))], 4, INK, on=True)
    b.line([(50, 53), (50 + 20 * math.sin(minutes), 53 - 20 * math.cos(minutes))], 2.8, INK, on=True)
    b.oval(50, 53, 3, 3, RED, on=True)


def book(b: Brush) -> None:
    if b.rng.random() < 0.3:
        b.poly([(-4, 24), (50, 30), (104, 24), (104, 92), (50, 99), (-4, 92)], b.base)
        b.flush()
        for s in (-1, 1):
            x = lambda v, s=s: 50 + s * v  # noqa: E731
            b.blob(
                [(x(0), 32), (x(14), 24), (x(28), 24), (x(39), 29), (x(39), 76), (x(28), 74), (x(14), 77), (x(0), 83)],
                (252, 246, 228),
                tension=0.5,
            )
            for y in (36, 44, 52, 60, 68):
                b.line([(x(8), y + 1), (x(22), y - 3), (x(33), y - 2)], 1.4, (150, 140, 130), on=True)
        b.line([(50, 31), (50, 86)], 1.4, (150, 140, 130), on=True)
        b.poly([(56, 84), (64, 80), (64, 99), (60, 95), (56, 99)], b.dark)
        return
    b.poly([(22, 14), (76, 8), (88, 16), (88, 88), (36, 97), (22, 88)], b.deep)
    b.poly([(30, 86), (84, 78), (86, 86), (36, 94)], (250, 242, 220))
    b.flush()
    b.poly([(22, 14), (76, 8), (82, 78), (28, 87)], b.base)
    b.poly([(22, 14), (30, 13), (36, 86), (28, 87)], b.dark, on=True)
    b.poly([(38, 22), (70, 18.5), (71.5, 34), (39.5, 38)], b.pale, on=True)
    b.line([(43, 27), (66, 24.5)], 2, b.deep, on=True)
    b.line([(46, 32.5), (63, 30.6)], 1.6, b.deep, on=True)
    b.poly(circle(58, 56, 12, 10, wobble=6), GOLD if b.base[2] > 90 or b.base[0] < 200 else b.deep, on=True)


def guitar(b: Brush) -> None:
    with b.turned(b.rng.choice((-25, -15, 0, 20, 35)), 50, 60):
        b.box(46, 4, 54, 56, (116, 76, 46))
        b.poly([(43, -10), (57, -10), (55, 6), (45, 6)], b.deep)
        for y in (-7, -2, 3):
            b.oval(41.5, y, 2, 1.6, METAL)
            b.oval(58.5, y, 2, 1.6, METAL)
        b.flush()
        b.blob(
            [
                (50, 40),
                (64, 41),
                (69, 51),
                (64, 60),
                (70, 70),
                (74, 82),
                (66, 96),
                (50, 100),
                (34, 96),
                (26, 82),
                (30, 70),
                (36, 60),
                (31, 51),
                (36, 41),
            ],
            b.base,
        )
        b.blob([(66, 46), (72, 54), (66, 61), (76, 80), (66, 100), (58, 98), (68, 82), (60, 62)], b.dark, on=True)
        b.oval(50, 66, 10, 10, GOLD, on=True)
        b.oval(50, 66, 8, 8, (44, 30, 26), on=True)
        b.box(39, 85, 61, 89, (70, 44, 30), round=1, on=True)
        b.flush()
        for y in (12, 20, 28, 36):
            b.line([(46, y), (54, y)], 0.8, METAL, on=True)
        for x in (47.5, 49.2, 50.8, 52.5):
            b.line([(x, 0), (x, 87)], 0.6, (240, 236, 220), on=True)
        b.box(46, 40, 54, 56, (116, 76, 46), on=True)


def star(b: Brush) -> None:
    b.blob(circle(50, 52, 46, 10, wobble=25, phase=b.rng.uniform(-0.2, 0.2)), b.base, tension=0.35)
    b.blob(circle(46, 48, 27, 10, wobble=14), b.light, on=True, alpha=0.75, tension=0.35)
    if b.rng.random() < 0.6:
        b.eye(42, 50, 3.2)
        b.eye(58, 50, 3.2)
        b.line([(44, 58), (50, 62), (56, 58)], 1.8, on=True)
        b.oval(36, 57, 3.4, 2.2, PINK, on=True, alpha=0.8)
        b.oval(64, 57, 3.4, 2.2, PINK, on=True, alpha=0.8)


def moon(b: Brush) -> None:
    with b.turned(b.rng.uniform(-25, 15), 50, 50):
        b.blob(
            [
                (62, 3),
                (38, 14),
                (28, 40),
                (34, 66),
                (56, 84),
                (84, 84),
                (64, 98),
                (36, 96),
                (12, 74),
                (5, 46),
                (16, 18),
                (40, 2),
            ],
            b.base,
        )
        b.blob([(14, 32), (20, 20), (26, 22), (22, 40), (26, 62), (18, 60)], b.light, on=True)
        for x, y, r in ((18, 58, 4.5), (34, 82, 5), (22, 74, 3), (30, 22, 3.4), (50, 90, 3)):
            b.oval(x, y, r, r, b.dark, on=True)


def sun(b: Brush) -> None:
    phase = b.rng.uniform(0, 0.5)
    count = b.rng.choice((10, 12, 14))
    for k in range(count):
        angle = 2 * math.pi * k / count + phase
        reach = 47 if k % 2 else 42
        side = 0.16
        b.poly(
            [
                (50 + 27 * math.sin(angle - side), 50 - 27 * math.cos(angle - side)),
                (50 + reach * math.sin(angle), 50 - reach * math.cos(angle)),
                (50 + 27 * math.sin(angle + side), 50 - 27 * math.cos(angle + side)),
            ],
            b.dark,
        )
    b.flush()
    b.oval(50, 50, 28, 28, b.base)
    b.oval(44, 43, 17, 16, b.light, on=True, alpha=0.7)
    if b.rng.random() < 0.6:
        b.eye(41, 46, 3.2)
        b.eye(59, 46, 3.2)
        b.line([(40, 56), (50, 62), (60, 56)], 2, on=True)
        b.oval(34, 55, 4, 2.6, (250, 150, 110), on=True, alpha=0.7)
        b.oval(66, 55, 4, 2.6, (250, 150, 110), on=True, alpha=0.7)


def heart(b: Brush) -> None:
    b.blob(
        [
            (50, 26),
            (60, 13),
            (76, 10),
            (91, 20),
            (94, 40),
            (84, 60),
            (66, 78),
            (50, 93),
            (34, 78),
            (16, 60),
            (6, 40),
            (9, 20),
            (24, 10),
            (40, 13),
        ],
        b.base,
        tension=0.85,
    )
    b.blob([(94, 36), (86, 60), (66, 80), (50, 95), (46, 90), (66, 70), (82, 46)], b.dark, on=True)
    b.oval(26, 28, 8, 11, b.light, turn=40, on=True)
    b.oval(24, 26, 3.6, 5.4, b.pale, turn=40, on=True)


def crown(b: Brush) -> None:
    b.poly([(8, 34), (28, 58), (36, 20), (50, 54), (64, 20), (72, 58), (92, 34), (86, 84), (14, 84)], b.base)
    b.poly([(14, 70), (86, 70), (86, 86), (14, 86)], b.dark, on=True)
    b.limb([(14, 71), (86, 71)], [2.6, 2.6], b.light, on=True)
    jewel = (214, 44, 70) if b.base[0] < 190 or b.base[1] > 150 else (70, 130, 230)
    for x, y in ((8, 32), (36, 18), (64, 18), (92, 32)):
        b.oval(x, y, 5, 5, b.light)
    for x, r in ((30, 3.4), (50, 5), (70, 3.4)):
        b.poly([(x, 78 - r), (x + r, 78), (x, 78 + r), (x - r, 78)], jewel, on=True)
    b.oval(50, 60, 3, 3, b.light, on=True)


def key(b: Brush) -> None:
    with b.turned(b.rng.choice((-45, -20, 0, 0, 30, 90)), 50, 50):
        b.limb([(50, 40), (50, 94)], [8, 8], b.base)
        b.box(52, 74, 70, 81, b.base)
        b.box(52, 86, 66, 93, b.base)
        b.box(43, 42, 57, 48, b.dark, round=2)
        b.ring(50, 23, 15, 10, b.base)
        b.line([(38, 18), (44, 11), (50, 9)], 2.6, b.light, on=True)
        b.line([(48.5, 48), (48.5, 92)], 2, b.light, on=True)


def umbrella(b: Brush) -> None:
    with b.turned(b.rng.choice((0, 0, -14, 14)), 50, 60):
        b.line([(50, 10), (50, 86), (55, 95), (64, 93), (65, 85)], 3.8, (126, 84, 52))
        b.line([(50, 2), (50, 12)], 3, STEEL, straight=True)
        b.flush()
        b.blob(
            [
                (50, 6),
                (74, 12),
                (92, 30),
                (98, 54),
                (90, 50),
                (82, 54),
                (74, 50),
                (66, 55),
                (58, 50),
                (50, 55),
                (42, 50),
                (34, 55),
                (26, 50),
                (18, 54),
                (10, 50),
                (2, 54),
                (8, 30),
                (26, 12),
            ],
            b.base,
        )
        b.blob([(50, 4), (62, 24), (66, 58), (50, 56), (34, 58), (38, 24)], b.light, on=True)
        b.blob([(52, 4), (80, 12), (104, 60), (82, 54), (76, 28)], b.dark, on=True)
        for x in (34, 66):
            b.line([(50, 6), (50 + (x - 50) * 0.75, 26), (x, 54)], 1.2, on=True)


def balloon(b: Brush) -> None:
    t = b.rng.uniform(-7, 7)
    b.line([(50, 66), (48 + t, 76), (53 - t, 86), (49, 100)], 1.4, (120, 116, 120))
    b.flush()
    b.poly([(46, 70), (54, 70), (50, 63)], b.deep)
    b.blob([(50, 2), (70, 8), (81, 28), (74, 50), (50, 66), (26, 50), (19, 28), (30, 8)], b.base)
    b.blob([(78, 18), (83, 30), (74, 54), (50, 70), (46, 62), (66, 48)], b.dark, on=True)
    b.oval(35, 24, 6, 11, b.light, turn=22, on=True)
    b.oval(33, 21, 2.8, 5, WHITE, turn=22, on=True)


def chair(b: Brush) -> None:
    b.limb([(38, 62), (36, 90)], [4.6, 3.6], b.deep)
    b.limb([(78, 62), (82, 90)], [4.6, 3.6], b.deep)
    b.flush()
    b.box(26, 4, 33, 60, b.base, round=2)
    b.box(61, 4, 68, 60, b.base, round=2)
    for y in (8, 22, 36):
        b.box(28, y, 66, y + 8, b.light if y == 8 else b.base, round=2)
    b.flush()
    b.poly([(22, 58), (70, 58), (86, 68), (20, 68)], b.light)
    b.poly([(20, 67), (86, 67), (86, 73), (20, 73)], b.base)
    b.limb([(25, 72), (22, 96)], [6, 4.6], b.base)
    b.limb([(80, 72), (84, 96)], [6, 4.6], b.base)


def hat(b: Brush) -> None:
    if b.rng.random() < 0.5:
        b.box(26, 12, 74, 78, b.base, round=3)
        b.box(64, 10, 76, 80, b.dark, on=True)
        b.box(24, 62, 76, 74, b.deep if luminance(b.base) > 75 else (170, 50, 60), on=True)
        b.limb([(33, 18), (33, 58)], [4, 4], b.light, on=True)
        b.flush()
        b.blob([(2, 80), (22, 78), (50, 80), (78, 78), (98, 80), (92, 90), (50, 94), (8, 90)], b.base)
        return
    b.blob([(24, 72), (26, 46), (34, 28), (46, 30), (54, 27), (66, 29), (74, 48), (76, 72), (50, 78)], b.base)
    b.blob([(22, 62), (50, 68), (78, 62), (80, 76), (50, 80), (20, 76)], b.deep, on=True)
    b.blob([(36, 28), (46, 31), (50, 40), (40, 38)], b.dark, on=True)
    b.flush()
    b.blob(
        [
            (0, 66),
            (14, 72),
            (28, 72),
            (50, 77),
            (72, 72),
            (86, 72),
            (100, 66),
            (94, 82),
            (72, 89),
            (50, 90),
            (28, 89),
            (6, 82),
        ],
        b.base,
    )
    b.blob([(28, 84), (50, 87), (72, 84), (60, 90), (40, 90)], b.dark, on=True)


def ball(b: Brush) -> None:
    b.oval(50, 54, 40, 40, b.base)
    if b.rng.random() < 0.5:
        for s in (-1, 1):
            b.blob(
                [(50, 10), (50 + s * 14, 18), (50 + s * 20, 54), (50 + s * 12, 94), (50 + s * 4, 98), (50 + s * 8, 54)],
                WHITE if luminance(b.base) < 200 else b.deep,
                on=True,
            )
            b.blob([(50 + s * 24, 12), (50 + s * 44, 40), (50 + s * 44, 70), (50 + s * 34, 54)], b.dark, on=True)
    else:
        b.poly(circle(50, 54, 13, 5), b.deep, on=True)
        for k in range(5):
            angle = 2 * math.pi * k / 5
            x, y = math.sin(angle), -math.cos(angle)
            b.line([(50 + 13 * x, 54 + 13 * y), (50 + 29 * x, 54 + 29 * y)], 1.6, on=True)
            b.poly(circle(50 + 39 * x, 54 + 39 * y, 11, 5, phase=angle + math.pi), b.deep, on=True)
    b.oval(36, 36, 9, 6, b.pale, turn=-40, on=True, alpha=0.75)
    b.blob([(90, 46), (82, 80), (56, 96), (76, 100), (98, 80)], b.dark, on=True, alpha=0.6)


def gift(b: Brush) -> None:
    ribbon = (250, 212, 80) if not (b.base[0] > 220 and b.base[1] > 180) else (214, 50, 66)
    b.box(14, 46, 86, 96, b.base, round=2)
    b.box(72, 46, 88, 98, b.dark, on=True)
    b.box(42, 44, 58, 98, ribbon, on=True)
    b.flush()
    b.box(8, 34, 92, 50, b.light if luminance(b.base) < 215 else b.base, round=2)
    b.box(41, 32, 59, 52, ribbon, on=True)
    b.flush()
    for s in (-1, 1):
        b.blob([(50, 32), (50 + s * 12, 14), (50 + s * 28, 12), (50 + s * 30, 26), (50 + s * 16, 33)], ribbon)
        b.blob(
            [(50 + s * 8, 29), (50 + s * 16, 19), (50 + s * 24, 20), (50 + s * 20, 27)], mix(ribbon, INK, 0.35), on=True
        )
    b.oval(50, 30, 6, 5.4, ribbon)


def sword(b: Brush) -> None:
    """Blade and grip in the colour, guard and pommel of gold or steel."""
    with b.turned(b.rng.choice((0, 30, 45, -30, 180)), 50, 50):
        b.poly([(41, 66), (41, 10), (50, -8), (59, 10), (59, 66)], b.light)
        b.poly([(50, -8), (59, 10), (59, 66), (50, 66)], b.base, on=True)
        b.line([(50, 6), (50, 62)], 1.2, b.dark, on=True)
        b.flush()
        b.limb([(50, 72), (50, 94)], [10, 9], b.deep)
        for y in (77, 83, 89):
            b.line([(46, y + 1.5), (54, y - 1.5)], 1.4, b.light, on=True)
        b.limb([(24, 66), (50, 69), (76, 66)], [8, 10, 8], GOLD if sum(b.base) < 560 else STEEL)
        b.oval(50, 98, 7.5, 7, GOLD if sum(b.base) < 560 else STEEL)


def bottle(b: Brush) -> None:
    b.box(43, 2, 57, 12, (190, 140, 90), round=1.5)
    b.flush()
    b.blob(
        [
            (42, 10),
            (58, 10),
            (58, 30),
            (70, 44),
            (73, 66),
            (72, 92),
            (62, 97),
            (38, 97),
            (28, 92),
            (27, 66),
            (30, 44),
            (42, 30),
        ],
        b.base,
        tension=0.8,
    )
    b.blob([(62, 40), (76, 60), (74, 98), (60, 98), (66, 70)], b.dark, on=True)
    b.limb([(34, 50), (33, 86)], [4, 4], b.light, on=True)
    b.box(38, 56, 73, 82, (250, 244, 226), on=True)
    b.line([(44, 64), (66, 64)], 2, b.deep, on=True)
    b.line([(47, 71), (63, 71)], 1.6, b.dark, on=True)
    b.box(40, 12, 60, 17, b.deep, on=True)


def computer(b: Brush) -> None:
    b.poly([(42, 66), (58, 66), (62, 78), (38, 78)], b.dark)
    b.limb([(30, 79), (70, 79)], [5, 5], b.deep)
    b.flush()
    b.box(10, 8, 90, 68, b.base, round=5)
    b.box(16, 14, 84, 58, (40, 58, 86), round=2, on=True)
    b.poly([(16, 46), (36, 34), (52, 44), (66, 30), (84, 42), (84, 58), (16, 58)], (86, 150, 120), on=True)
    b.oval(70, 24, 5, 5, (255, 222, 120), on=True)
    b.oval(50, 63, 2, 2, b.deep, on=True)
    b.flush()
    b.poly([(18, 84), (82, 84), (92, 97), (8, 97)], b.light)
    for y, inset in ((87, 22), (90.5, 18), (94, 14)):
        b.line([(inset, y), (100 - inset, y)], 1.6, b.deep, on=True)


def diamond(b: Brush) -> None:
    b.poly([(24, 18), (76, 18), (96, 42), (50, 94), (4, 42)], b.base)
    b.poly([(24, 18), (36, 42), (4, 42)], b.light, on=True)
    b.poly([(24, 18), (50, 18), (36, 42)], b.pale, on=True)
    b.poly([(76, 18), (50, 18), (64, 42)], b.light, on=True)
    b.poly([(76, 18), (64, 42), (96, 42)], b.base, on=True)
    b.poly([(36, 42), (64, 42), (50, 94)], b.base, on=True)
    b.poly([(4, 42), (36, 42), (50, 94)], b.dark, on=True)
    b.poly([(64, 42), (96, 42), (50, 94)], b.deep, on=True)
    for points in (
        [(24, 18), (36, 42), (50, 18), (64, 42), (76, 18)],
        [(4, 42), (96, 42)],
        [(36, 42), (50, 94), (64, 42)],
    ):
        b.line(points, 1, on=True, straight=True)


def ghost(b: Brush) -> None:
    t = b.rng.uniform(-5, 5)
    b.blob([(22, 46), (12, 54), (8, 64 + t), (16, 66), (26, 60)], b.base)
    b.blob([(78, 46), (88, 54), (92, 64 - t), (84, 66), (74, 60)], b.base)
    b.blob(
        [
            (50, 4),
            (70, 12),
            (80, 34),
            (82, 62),
            (86, 90),
            (77, 96),
            (68, 87),
            (59, 96),
            (50, 87),
            (41, 96),
            (32, 87),
            (23, 96),
            (14, 90),
            (18, 62),
            (20, 34),
            (30, 12),
        ],
        b.base,
        tension=0.85,
    )
    b.blob([(72, 20), (84, 40), (90, 92), (78, 98), (68, 84), (72, 50)], b.dark, on=True, alpha=0.7)
    for x in (39, 61):
        b.oval(x, 36, 5.6, 7.6, INK, on=True)
        b.oval(x + 1.6, 33, 1.8, 2, WHITE, on=True)
    b.oval(50, 52, 5, 6.4, INK, on=True)
    b.oval(31, 46, 4, 2.6, PINK, on=True, alpha=0.8)
    b.oval(69, 46, 4, 2.6, PINK, on=True, alpha=0.8)


def dress(b: Brush) -> None:
    t = b.rng.uniform(-3, 3)
    b.line([(40, 10), (41, 24)], 4, b.base, straight=True)
    b.line([(60, 10), (59, 24)], 4, b.base, straight=True)
    b.blob(
        [
            (36, 20),
            (44, 26),
            (50, 28),
            (56, 26),
            (64, 20),
            (65, 34),
            (61, 47),
            (74, 70),
            (88, 92 + t),
            (70, 97),
            (50, 95),
            (30, 97),
            (12, 92 + t),
            (26, 70),
            (39, 47),
            (35, 34),
        ],
        b.base,
        tension=0.75,
    )
    for x0, x1 in ((45, 34), (50, 50), (55, 66)):
        b.line([(x0, 50), ((x0 + x1) / 2, 70), (x1, 96)], 2, b.dark, on=True)
    b.limb([(36, 46), (50, 48), (64, 46)], [5, 5, 5], b.deep, on=True)
    b.limb([(12, 90 + t), (30, 94), (50, 92), (70, 94), (88, 90 + t)], [3, 3, 3, 3, 3], b.light, on=True)
    b.poly([(50, 47), (42, 42), (42, 52)], b.light, on=True)
    b.poly([(50, 47), (58, 42), (58, 52)], b.light, on=True)


def shoe(b: Brush) -> None:
    b.blob(
        [(6, 44), (14, 34), (34, 32), (42, 44), (58, 54), (80, 60), (96, 70), (97, 82), (50, 84), (6, 82)],
        b.base,
        tension=0.8,
    )
    b.blob([(78, 58), (98, 68), (98, 84), (72, 84), (74, 70)], b.light, on=True)
    b.blob([(4, 36), (14, 32), (18, 60), (14, 84), (2, 84)], b.dark, on=True)
    b.blob([(24, 56), (48, 64), (66, 74), (46, 76), (26, 70)], WHITE if luminance(b.base) < 200 else b.deep, on=True)
    for x, y in ((40, 43), (48, 49), (56, 54), (64, 58)):
        b.line([(x - 5, y + 5), (x + 3, y - 3)], 2.2, WHITE if luminance(b.base) < 200 else b.deep, on=True)
    b.flush()
    b.box(4, 81, 98, 91, (246, 244, 238), round=4)
    b.line([(6, 86), (96, 86)], 1.2, (180, 180, 186), on=True)


def cloud(b: Brush) -> None:
    for x, y, r in ((24, 62, 19), (44, 44, 24), (66, 48, 22), (82, 64, 16), (52, 64, 22)):
        b.oval(x + b.rng.uniform(-2, 2), y + b.rng.uniform(-2, 2), r, r * 0.95, b.base)
    b.box(20, 62, 84, 82, b.base, round=9)
    for x, y, r in ((24, 74, 16), (50, 77, 20), (76, 76, 17)):
        b.oval(x, y, r, 7, b.dark, on=True, alpha=0.7)
    for x, y in ((38, 36), (62, 42), (20, 56)):
        b.oval(x, y, 8, 5, b.light, turn=-20, on=True)


def snowman(b: Brush) -> None:
    """Body in the colour (white ones are the usual)."""
    t = b.rng.uniform(-6, 6)
    cloth = RED if not (b.base[0] > 180 and b.base[1] < 120) else (60, 150, 90)
    for s in (-1, 1):
        b.limb(
            [(50 + s * 18, 54), (50 + s * 36, 46 - s * t), (50 + s * 44, 38 - s * t)], [2.6, 2.4, 1.6], (110, 76, 50)
        )
        b.line([(50 + s * 38, 44 - s * t), (50 + s * 44, 47 - s * t)], 1.8, (110, 76, 50))
    b.flush()
    b.oval(50, 78, 26, 20, b.base)
    b.oval(50, 53, 20, 17, b.base)
    b.oval(50, 28, 15.5, 15, b.base)
    b.blob([(72, 62), (78, 82), (60, 100), (80, 98)], b.dark, on=True, alpha=0.7)
    for y in (52, 60, 72):
        b.oval(50, y, 2.2, 2.2, INK, on=True)
    b.oval(44, 25, 2.1, 2.3, INK, on=True)
    b.oval(56, 25, 2.1, 2.3, INK, on=True)
    b.line([(44, 35), (50, 37.5), (56, 35)], 1.6, INK, on=True)
    b.poly([(50, 28), (66, 31), (50, 32.5)], (246, 140, 40))
    b.flush()
    b.limb([(36, 41), (50, 44), (64, 41)], [6, 6, 6], cloth)
    b.limb([(60, 42), (64, 58)], [6, 7], cloth)
    b.box(38, -4, 62, 14, (48, 46, 56), round=1.5)
    b.box(30, 12, 70, 17, (48, 46, 56), round=2)


def pumpkin(b: Brush) -> None:
    b.limb([(50, 28), (50, 16), (58, 8)], [8, 6, 6], mix(LEAF, INK, 0.2))
    b.flush()
    for x, rx, tone in ((22, 20, b.dark), (78, 20, b.dark), (34, 20, b.base), (66, 20, b.base), (50, 18, b.light)):
        b.oval(x, 60, rx, 33, tone)
        b.line([(x - rx * 0.6, 36), (x - rx * 0.9, 60), (x - rx * 0.6, 86)], 1.2, b.deep, on=True)
    if b.rng.random() < 0.5:
        hole = (60, 34, 20) if b.rng.random() < 0.5 else (255, 226, 110)
        b.poly([(28, 56), (44, 56), (36, 42)], hole, on=True)
        b.poly([(56, 56), (72, 56), (64, 42)], hole, on=True)
        b.poly([(46, 65), (54, 65), (50, 59)], hole, on=True)
        b.poly(
            [
                (22, 68),
                (34, 72),
                (38, 77),
                (44, 73),
                (50, 78),
                (56, 73),
                (62, 77),
                (66, 72),
                (78, 68),
                (66, 86),
                (50, 89),
                (34, 86),
            ],
            hole,
            on=True,
        )


BUILDINGS = {"house": house, "castle": castle, "tower": tower, "bridge": bridge}
PLANTS = {"flower": flower, "rose": rose, "tree": tree, "mushroom": mushroom, "cactus": cactus}
FOOD = {"apple": apple, "pumpkin": pumpkin, "cake": cake, "ice cream": ice_cream, "cup": cup}
OBJECTS = {
    "robot": robot, "lamp": lamp, "clock": clock, "book": book, "guitar": guitar, "star": star, "moon": moon, "sun": sun, "heart": heart,
    "crown": crown, "key": key, "umbrella": umbrella, "balloon": balloon, "chair": chair, "hat": hat, "ball": ball, "gift": gift,
    "sword": sword, "bottle": bottle, "computer": computer, "diamond": diamond, "ghost": ghost, "dress": dress, "shoe": shoe,
    "cloud": cloud, "snowman": snowman,
}  # fmt: skip
THINGS = BUILDINGS | PLANTS | FOOD | OBJECTS
