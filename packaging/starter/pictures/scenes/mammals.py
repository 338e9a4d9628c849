"""Animals on four legs, each facing right in a box of 100 × 100 units, feet at y = 96."""

from __future__ import annotations

import math

from .brush import INK, PINK, RED, WHITE, Brush, Point, Rgb, mix


def leg(
    b: Brush,
    x: float,
    top: float,
    width: float,
    lean: float,
    color: Rgb,
    *,
    foot: Rgb | None = None,
    hoof: bool = False,
    ground: float = 95,
) -> None:
    """One leg from `top` to the ground, its foot `lean` units further on."""
    b.limb(
        [(x, top), (x + lean * 0.35, (top + ground) / 2), (x + lean, ground - 2)],
        [width * 1.5, width * 0.95, width * 0.85],
        color,
    )
    if hoof:
        b.poly(
            [
                (x + lean - width * 0.55, ground - 5),
                (x + lean + width * 0.55, ground - 5),
                (x + lean + width * 0.75, ground + 1),
                (x + lean - width * 0.6, ground + 1),
            ],
            foot or b.deep,
        )
    else:
        b.oval(x + lean + width * 0.3, ground - 1, width * 0.8, width * 0.5, foot or color)


def stride(b: Brush) -> float:
    return b.rng.uniform(-5, 5)


def fox(b: Brush) -> None:
    s, t = stride(b), b.rng.uniform(-8, 8)
    tail: list[Point] = [(34, 58), (21, 66 - t * 0.3), (9, 58 - t), (3, 40 - t)]
    b.limb(tail, [6, 17, 19, 3], b.base)
    b.blob([(-6, 54 - t), (3, 46 - t), (14, 52 - t), (10, 30 - t), (-4, 34 - t)], WHITE, on=True)
    b.flush()
    leg(b, 42, 62, 5.5, -s, b.dark, foot=b.deep)
    leg(b, 62, 62, 5, s, b.dark, foot=b.deep)
    b.flush()
    b.blob([(29, 58), (33, 50), (46, 49), (58, 46), (68, 46), (71, 56), (66, 67), (54, 66), (42, 68), (33, 69)], b.base)
    leg(b, 36, 62, 6, s, b.base, foot=b.deep)
    leg(b, 66, 60, 5.5, -s, b.base, foot=b.deep)
    b.poly([(60, 38), (61, 15), (73, 29)], b.base)
    b.poly([(72, 29), (80, 13), (84, 33)], b.base)
    b.blob([(58, 46), (61, 34), (70, 28), (80, 30), (87, 38), (97, 45), (96, 49), (86, 52), (74, 57), (62, 55)], b.base)
    b.poly([(63, 32), (63.5, 21), (69, 29)], b.deep, on=True)
    b.poly([(76, 28), (79, 19), (81.5, 30)], b.deep, on=True)
    b.blob([(62, 56), (72, 48), (82, 46), (98, 46), (95, 51), (84, 55), (74, 60), (72, 68), (64, 70)], WHITE, on=True)
    b.oval(96.5, 45.5, 2.4, 2, INK)
    b.eye(79, 40, 2.3)


def cat(b: Brush) -> None:
    t = b.rng.uniform(-8, 8)
    if b.rng.random() < 0.6:
        b.limb([(64, 88), (82, 88), (90, 74 + t), (82, 62 + t), (88, 52 + t)], [8, 8, 7, 6, 4], b.base)
        b.flush()
        b.blob([(38, 52), (50, 46), (62, 52), (70, 70), (73, 88), (66, 96), (34, 96), (27, 88), (30, 70)], b.base)
        b.blob([(44, 54), (50, 52), (56, 54), (59, 68), (54, 80), (46, 80), (41, 68)], b.pale, on=True)
        b.line([(43, 80), (43, 93)], 1.4)
        b.line([(57, 80), (57, 93)], 1.4)
        b.oval(42, 94, 7, 3.5, b.light)
        b.oval(58, 94, 7, 3.5, b.light)
        head, x = 36.0, 50.0
    else:
        s = stride(b)
        b.limb([(20, 62), (10, 48 + t * 0.5), (12, 30 + t), (5, 20 + t)], [7, 6.5, 6, 4], b.base)
        leg(b, 32, 66, 5.5, -s, b.dark)
        leg(b, 62, 66, 5.5, s, b.dark)
        b.flush()
        b.blob([(16, 64), (24, 54), (44, 56), (62, 52), (72, 60), (70, 74), (50, 76), (30, 77), (18, 76)], b.base)
        for x in (30, 40, 50):
            b.line([(x, 52), (x + 2, 64)], 2.6, b.dark, on=True)
        leg(b, 24, 70, 6, s, b.base)
        leg(b, 66, 68, 6, -s, b.base)
        head, x = 46.0, 72.0
    b.poly([(x - 21, head - 4), (x - 20, head - 30), (x - 4, head - 16)], b.base)
    b.poly([(x + 21, head - 4), (x + 20, head - 30), (x + 4, head - 16)], b.base)
    b.blob(
        [
            (x - 22, head),
            (x - 16, head - 15),
            (x, head - 18),
            (x + 16, head - 15),
            (x + 22, head),
            (x + 17, head + 12),
            (x, head + 17),
            (x - 17, head + 12),
        ],
        b.base,
    )
    b.poly([(x - 18, head - 10), (x - 17.5, head - 24), (x - 8, head - 16)], PINK, on=True)
    b.poly([(x + 18, head - 10), (x + 17.5, head - 24), (x + 8, head - 16)], PINK, on=True)
    for dx in (-6, 0, 6):
        b.line([(x + dx, head - 18), (x + dx * 0.8, head - 10)], 2.4, b.dark, on=True)
    for side in (-1, 1):
        b.oval(x + side * 9, head - 1, 4.6, 4.8, (214, 226, 110), on=True)
        b.oval(x + side * 9, head - 1, 1.8, 4.2, INK, on=True)
        b.oval(x + side * 9 + 1.2, head - 3, 1.1, 1.1, WHITE, on=True)
    b.blob([(x - 9, head + 9), (x, head + 4), (x + 9, head + 9), (x, head + 16)], b.pale, on=True)
    b.poly([(x - 2.8, head + 5), (x + 2.8, head + 5), (x, head + 8.4)], (206, 92, 110), on=True)
    b.line([(x - 5, head + 11), (x, head + 9), (x + 5, head + 11)], 1.1, on=True)
    b.flush()
    for side in (-1, 1):
        for dy in (-2, 1.5, 5):
            b.line([(x + side * 12, head + 8 + dy * 0.5), (x + side * 28, head + 6 + dy * 1.5)], 0.7, b.deep, alpha=0.9)


def dog(b: Brush) -> None:
    s, t = stride(b), b.rng.uniform(-8, 8)
    spots = b.rng.random() < 0.35
    if b.rng.random() < 0.65:
        b.limb([(24, 54), (14, 46), (9 + t * 0.4, 30)], [7, 6, 3.5], b.base)
        leg(b, 34, 64, 6, -s, b.dark)
        leg(b, 62, 64, 6, s, b.dark)
        b.flush()
        b.blob(
            [(22, 60), (27, 51), (44, 52), (60, 50), (70, 48), (74, 58), (68, 70), (52, 69), (38, 68), (26, 71)], b.base
        )
        leg(b, 27, 64, 7, s, b.base)
        leg(b, 67, 64, 6.5, -s, b.base)
        b.limb([(64, 56), (70, 38)], [20, 17], b.base)
        head: Point = (72, 32)
    else:
        b.limb([(32, 88), (18, 90), (10, 78 + t)], [7, 6, 3.5], b.base)
        b.flush()
        b.blob([(34, 66), (46, 52), (62, 44), (74, 50), (75, 70), (72, 94), (44, 96), (28, 94), (28, 80)], b.base)
        b.blob([(64, 54), (74, 52), (75, 66), (70, 78), (64, 68)], b.pale, on=True)
        b.limb([(69, 66), (69, 92)], [9, 7], b.base)
        b.oval(72, 94, 7, 3.2, b.light)
        b.oval(42, 94, 11, 3.6, b.light)
        b.line([(34, 76), (46, 74), (54, 84), (52, 94)], 1.3)
        head = (68, 34)
    x, y = head
    if spots:
        b.blob([(34, 50), (48, 50), (50, 60), (40, 64), (33, 58)], b.deep, on=True)
    b.blob(
        [
            (x - 13, y),
            (x - 8, y - 13),
            (x + 4, y - 14),
            (x + 11, y - 5),
            (x + 23, y - 2),
            (x + 26, y + 5),
            (x + 20, y + 11),
            (x + 6, y + 13),
            (x - 8, y + 12),
        ],
        b.base,
    )
    b.blob([(x + 8, y + 6), (x + 16, y - 1), (x + 26, y + 1), (x + 25, y + 9), (x + 14, y + 12)], b.pale, on=True)
    b.line([(x + 24, y + 7), (x + 16, y + 8), (x + 11, y + 6)], 1.2, on=True)
    b.oval(x + 24, y, 3.6, 2.9, INK)
    b.eye(x + 7, y - 4, 2.4)
    if b.rng.random() < 0.5:
        b.limb([(x + 16, y + 9), (x + 18, y + 16)], [5, 5], (232, 112, 120))
    b.flush()
    b.limb([(x - 10, y + 13), (x + 8, y + 15)], [4.5, 4.5], RED if b.base[0] < 150 else (60, 110, 200))
    b.oval(x + 2, y + 18, 2.4, 2.4, (244, 206, 80))
    b.flush()
    b.blob(
        [(x - 8, y - 12), (x - 2, y - 8), (x - 3, y + 6), (x - 8, y + 15), (x - 14, y + 10), (x - 14, y - 4)], b.dark
    )


def _equine(b: Brush, mane: list[Rgb]) -> Point:
    """A horse's body; returns where the forehead is."""
    s, t = stride(b), b.rng.uniform(-5, 5)
    b.limb([(17, 48), (7, 54), (5 + t * 0.4, 68), (8 + t, 82)], [6, 9, 9, 3], mane[-1])
    leg(b, 29, 60, 5, -s, b.dark, foot=b.deep, hoof=True)
    leg(b, 59, 60, 5, s * 1.2, b.dark, foot=b.deep, hoof=True)
    b.flush()
    b.blob(
        [(15, 52), (20, 44), (34, 45), (50, 47), (62, 42), (70, 48), (69, 60), (58, 66), (42, 65), (28, 67), (18, 64)],
        b.base,
    )
    leg(b, 21, 60, 5.8, s, b.base, foot=b.deep, hoof=True)
    leg(b, 65, 58, 5.2, -s, b.base, foot=b.deep, hoof=True)
    b.limb([(61, 54), (69, 38), (74, 20)], [25, 18, 13], b.base)
    b.poly([(69, 14), (70, 2), (77, 12)], b.base)
    b.blob([(66, 20), (69, 11), (77, 10), (84, 18), (93, 30), (95, 37), (89, 40), (82, 34), (74, 31), (67, 28)], b.base)
    b.blob([(87, 33), (92, 29), (97, 36), (90, 42), (85, 38)], b.light, on=True)
    b.oval(92.5, 34, 1, 1.4, b.deep, on=True)
    b.line([(94, 38.5), (87, 37.5)], 1, on=True)
    b.eye(79, 20, 2.1)
    b.flush()
    for index in range(6):
        u = index / 5
        x, y = 71 - 15 * u, 9 + 36 * u
        b.limb([(x + 2, y - 4), (x - 5, y + 1), (x - 9 + t * 0.4, y + 10)], [6, 8, 2], mane[index % len(mane)])
    b.limb([(72, 8), (78, 10), (80, 16)], [5, 5, 1.5], mane[0])
    b.flush()
    return (77, 11)


def horse(b: Brush) -> None:
    _equine(b, [b.deep, mix(b.deep, INK, 0.3)] if b.rng.random() < 0.75 else [mix(b.pale, WHITE, 0.3), b.pale])


def unicorn(b: Brush) -> None:
    pastels: list[Rgb] = [(250, 150, 190), (250, 214, 110), (140, 214, 236), (190, 160, 240)]
    b.rng.shuffle(pastels)
    x, y = _equine(b, pastels)
    b.poly([(x - 2.5, y), (x + 10, y - 25), (x + 4.5, y + 3)], (250, 208, 90))
    for k in (0.25, 0.5, 0.72):
        b.line([(x - 2.5 + 12 * k, y - 25 * k), (x + 4 + 6.5 * k, y + 1 - 25 * k)], 0.9, (196, 140, 40), on=True)


def rabbit(b: Brush) -> None:
    t = b.rng.uniform(-5, 5)
    b.oval(19, 78, 8, 8, b.pale)
    b.flush()
    b.limb([(57, 36), (48 + t, 20), (46 + t, 4)], [8, 11, 5], b.dark)
    b.flush()
    b.blob([(20, 82), (22, 66), (36, 56), (52, 56), (64, 66), (68, 84), (64, 95), (30, 96)], b.base)
    b.limb([(63, 70), (65, 92)], [10, 8], b.base)
    b.oval(68, 93.5, 7, 3.4, b.light)
    b.oval(42, 94, 15, 4, b.light)
    b.line([(30, 74), (42, 70), (51, 80), (49, 92)], 1.4)
    b.limb([(63, 36), (62 + t * 0.6, 18), (66 + t, 1)], [8, 12, 6], b.base)
    b.limb([(63.4, 34), (62.5 + t * 0.6, 19), (65.5 + t, 6)], [3, 5.5, 2.5], PINK, on=True)
    b.blob([(50, 46), (55, 35), (66, 32), (78, 38), (84, 48), (80, 58), (68, 63), (55, 60)], b.base)
    b.blob([(72, 52), (82, 46), (86, 53), (78, 61), (70, 60)], b.pale, on=True)
    b.oval(66, 55, 4, 2.6, PINK, on=True, alpha=0.6)
    b.poly([(81, 47), (86, 47), (84, 50.5)], (214, 96, 116), on=True)
    b.line([(83.5, 50.5), (80, 54)], 1, on=True)
    b.eye(70, 45, 3.1)
    b.flush()
    for dy in (-2, 1, 4):
        b.line([(80, 52 + dy * 0.5), (94, 50 + dy * 2)], 0.8, b.deep, alpha=0.9)


def bear(b: Brush) -> None:
    s = stride(b)
    if b.rng.random() < 0.55:
        leg(b, 34, 66, 10, -s * 0.7, b.dark)
        leg(b, 62, 66, 10, s * 0.7, b.dark)
        b.flush()
        b.blob(
            [
                (10, 64),
                (14, 50),
                (30, 42),
                (48, 43),
                (60, 38),
                (72, 44),
                (76, 60),
                (70, 76),
                (50, 77),
                (28, 79),
                (13, 76),
            ],
            b.base,
        )
        b.oval(11, 56, 3.4, 3.4, b.base)
        leg(b, 22, 70, 11, s * 0.7, b.base)
        leg(b, 66, 68, 10.5, -s * 0.7, b.base)
        for x in (22 + s * 0.7, 66 - s * 0.7):
            for k in (2, 6, 10):
                b.line([(x + k - 1, 94), (x + k, 96.5)], 1, b.pale, on=True)
        for x in (62, 79):
            b.oval(x, 31, 6, 6, b.base)
            b.oval(x, 32, 3.2, 3.2, b.deep, on=True)
        b.blob(
            [(55, 46), (58, 34), (70, 28), (82, 33), (88, 44), (96, 50), (95, 58), (86, 62), (72, 63), (59, 58)], b.base
        )
        b.blob([(82, 49), (90, 45), (98, 50), (96, 59), (86, 61)], b.pale, on=True)
        b.oval(95, 49, 4, 3, INK, on=True)
        b.line([(94, 56), (87, 57)], 1.1, on=True)
        b.eye(79, 42, 2.2)
        return
    for x in (29, 71):
        b.limb([(50 + (x - 50) * 0.9, 56), (x + (x - 50) * 0.25, 70), (x + (x - 50) * 0.05, 80)], [15, 13, 12], b.dark)
    b.flush()
    b.blob([(30, 58), (50, 48), (70, 58), (77, 80), (70, 95), (30, 95), (23, 80)], b.base)
    b.oval(50, 76, 16, 18, b.pale, on=True)
    for x in (27, 73):
        b.oval(x, 89, 11, 9.5, b.base)
        b.oval(x, 90, 6, 5.5, b.deep, on=True)
    b.flush()
    for x in (30, 70):
        b.oval(x, 17, 9, 9, b.base)
        b.oval(x, 18, 5, 5, b.deep, on=True)
    b.blob([(25, 36), (31, 20), (50, 13), (69, 20), (75, 36), (68, 51), (50, 57), (32, 51)], b.base)
    b.oval(50, 44, 13, 10.5, b.pale, on=True)
    b.oval(50, 39, 5.2, 3.8, INK, on=True)
    b.line([(44, 48), (50, 46), (56, 48)], 1.3, on=True)
    b.line([(50, 42), (50, 46)], 1.3, on=True)
    b.eye(38, 32, 2.8)
    b.eye(62, 32, 2.8)


def lion(b: Brush) -> None:
    s, t = stride(b), b.rng.uniform(-8, 8)
    mane = b.deep
    b.limb([(17, 56), (7, 50), (5, 32 + t)], [5, 4, 3.4], b.base)
    b.blob([(5, 36 + t), (-2, 26 + t), (6, 16 + t), (11, 26 + t)], mane)
    leg(b, 29, 64, 7, -s, b.dark)
    leg(b, 59, 66, 7, s, b.dark)
    b.flush()
    b.blob([(14, 62), (19, 52), (36, 54), (56, 50), (70, 54), (70, 70), (52, 72), (34, 71), (18, 74)], b.base)
    leg(b, 21, 66, 8, s, b.base)
    leg(b, 63, 66, 7.5, -s, b.base)
    b.flush()
    x, y = 70, 41
    points: list[Point] = []
    for k in range(14):
        angle = k / 14 * 2 * math.pi
        radius = 28 + (3.2 if k % 2 else -2)
        points.append((x - 3 + radius * math.cos(angle), y + 2 + radius * math.sin(angle)))
    b.blob(points, mane)
    for side in (-1, 1):
        b.oval(x + side * 15, y - 15, 6, 6, b.base)
        b.oval(x + side * 15, y - 14.5, 3, 3, b.deep, on=True)
    b.blob(
        [
            (x - 18, y),
            (x - 13, y - 14),
            (x, y - 18),
            (x + 13, y - 14),
            (x + 18, y),
            (x + 13, y + 13),
            (x, y + 19),
            (x - 13, y + 13),
        ],
        b.base,
    )
    b.blob([(x - 10, y + 8), (x, y + 1), (x + 10, y + 8), (x + 6, y + 16), (x - 6, y + 16)], b.pale, on=True)
    b.poly([(x - 5, y + 2), (x + 5, y + 2), (x, y + 7)], INK, on=True)
    b.line([(x, y + 7), (x, y + 10)], 1.2, on=True)
    b.line([(x - 6, y + 12), (x, y + 10), (x + 6, y + 12)], 1.3, on=True)
    b.eye(x - 8, y - 4, 2.5)
    b.eye(x + 8, y - 4, 2.5)


def elephant(b: Brush) -> None:
    s, t = stride(b) * 0.6, b.rng.uniform(-6, 6)
    b.limb([(11, 46), (5, 58), (6, 68)], [3, 2.4, 3], b.dark)
    leg(b, 33, 64, 12, -s, b.dark, foot=b.dark)
    leg(b, 56, 64, 12, s, b.dark, foot=b.dark)
    b.flush()
    b.blob([(9, 58), (13, 40), (30, 29), (50, 30), (64, 36), (70, 52), (66, 72), (50, 76), (26, 77), (12, 74)], b.base)
    leg(b, 20, 68, 13, s, b.base)
    leg(b, 62, 68, 12.5, -s, b.base)
    for x in (20 + s, 62 - s):
        for k in (-4, 1, 6):
            b.oval(x + k + 3, 95, 2, 2.4, b.pale, on=True)
    b.limb([(82, 40), (92, 54), (91, 72), (85 + t * 0.4, 86), (92 + t, 88)], [20, 14, 10, 8, 6], b.base)
    b.blob([(60, 40), (64, 25), (76, 20), (89, 27), (93, 42), (86, 55), (72, 58), (63, 52)], b.base)
    for k in (58, 65, 72):
        b.line([(85, k), (95, k + 1)], 1, b.deep, on=True)
    b.eye(83, 36, 2.3)
    b.flush()
    b.limb([(82, 52), (87, 63), (96, 64)], [6, 5, 2], (252, 248, 232))
    b.flush()
    b.blob([(72, 26), (62, 20), (50, 25), (46, 40), (51, 56), (61, 62), (69, 52), (73, 40)], b.dark)
    b.blob([(68, 31), (61, 26), (53, 31), (51, 41), (55, 52), (61, 55), (66, 47)], mix(b.base, PINK, 0.35), on=True)


def cow(b: Brush) -> None:
    s, t = stride(b) * 0.7, b.rng.uniform(-6, 6)
    patch = WHITE if sum(b.base) < 600 else (70, 60, 62)
    b.limb([(13, 46), (7, 58), (7 + t * 0.4, 74)], [3.5, 2.6, 2.4], b.base)
    b.oval(7 + t * 0.4, 77, 3, 5, b.deep)
    leg(b, 29, 62, 6.5, -s, b.dark, foot=b.deep, hoof=True)
    leg(b, 59, 62, 6.5, s, b.dark, foot=b.deep, hoof=True)
    b.flush()
    b.oval(37, 74, 7.5, 5, PINK)
    b.line([(35, 77), (35, 81)], 2, PINK)
    b.line([(40, 77), (40, 81)], 2, PINK)
    b.flush()
    b.blob([(10, 54), (13, 43), (32, 43), (54, 43), (70, 42), (73, 56), (68, 70), (50, 73), (28, 72), (12, 72)], b.base)
    leg(b, 19, 64, 7.5, s, b.base, foot=b.deep, hoof=True)
    leg(b, 65, 62, 7, -s, b.base, foot=b.deep, hoof=True)
    b.blob([(22, 40), (36, 40), (38, 54), (30, 60), (20, 54)], patch, on=True)
    b.blob([(50, 56), (58, 50), (66, 58), (60, 74), (50, 68)], patch, on=True)
    b.flush()
    b.limb([(70, 26), (66, 20), (69, 12)], [4.5, 4, 1.6], (240, 230, 204))
    b.limb([(86, 26), (90, 20), (87, 12)], [4.5, 4, 1.6], (240, 230, 204))
    b.blob([(67, 30), (58, 25), (55, 30), (63, 36)], b.dark)
    b.blob([(89, 30), (98, 25), (100, 30), (93, 36)], b.dark)
    b.blob([(66, 36), (69, 25), (78, 22), (87, 25), (90, 36), (89, 54), (78, 60), (67, 54)], b.base)
    b.blob([(75, 22), (81, 22), (82, 40), (78, 44), (74, 40)], patch, on=True)
    b.blob([(64, 52), (70, 46), (78, 45), (86, 46), (92, 52), (87, 62), (70, 62)], PINK, on=True)
    b.oval(74, 52, 1.5, 2, (150, 76, 90), on=True)
    b.oval(83, 52, 1.5, 2, (150, 76, 90), on=True)
    b.eye(72, 37, 2.3)
    b.eye(85, 37, 2.3)


def sheep(b: Brush) -> None:
    s = stride(b) * 0.6
    face = (60, 54, 58) if sum(b.base) > 240 else (222, 200, 180)
    for x, lean in ((32, -s), (58, s), (24, s), (64, -s)):
        leg(b, x, 70, 4.6, lean, face, hoof=True, foot=INK)
    b.flush()
    wool: list[Point] = [
        (14, 58),
        (18, 44),
        (30, 36),
        (44, 38),
        (57, 35),
        (69, 42),
        (74, 55),
        (68, 68),
        (56, 74),
        (42, 72),
        (29, 75),
        (18, 69),
    ]
    for x, y in wool:
        b.oval(x, y, 9.5, 9, b.base)
    b.blob(wool, b.base)
    for x, y in ((30, 50), (44, 46), (58, 50), (36, 61), (52, 60)):
        b.line([(x - 5, y + 1), (x - 1, y - 4), (x + 4, y), (x + 2, y + 4)], 1.3, b.dark, on=True)
    b.flush()
    b.blob([(67, 44), (58, 42), (56, 48), (66, 51)], face)
    b.blob([(88, 44), (97, 41), (99, 47), (89, 51)], face)
    b.blob([(67, 44), (72, 36), (84, 36), (89, 44), (87, 58), (78, 65), (70, 58)], face)
    for x, y in ((70, 36), (77, 32), (84, 36)):
        b.oval(x, y, 7, 6.5, b.base)
    b.oval(73.5, 48, 2.6, 2.8, WHITE, on=True)
    b.oval(82.5, 48, 2.6, 2.8, WHITE, on=True)
    b.oval(74, 48.4, 1.5, 1.6, INK, on=True)
    b.oval(82, 48.4, 1.5, 1.6, INK, on=True)
    b.line([(75, 60), (78, 58), (81, 60)], 1.1, PINK, on=True)


def deer(b: Brush) -> None:
    s = stride(b)
    leg(b, 30, 60, 4, -s, b.dark, foot=b.deep, hoof=True)
    leg(b, 58, 60, 4, s, b.dark, foot=b.deep, hoof=True)
    b.flush()
    b.limb([(17, 54), (11, 50), (9, 56)], [6, 6, 3], b.pale)
    b.blob([(15, 58), (20, 49), (36, 50), (54, 49), (65, 48), (69, 57), (62, 66), (46, 67), (28, 67), (18, 68)], b.base)
    leg(b, 22, 62, 4.8, s, b.base, foot=b.deep, hoof=True)
    leg(b, 63, 60, 4.4, -s, b.base, foot=b.deep, hoof=True)
    for x, y in ((26, 54), (33, 58), (40, 54), (47, 58), (30, 63)):
        b.oval(x, y, 2, 1.8, b.pale, on=True)
    b.limb([(62, 57), (69, 45), (73, 34)], [17, 12, 10], b.base)
    b.blob([(67, 50), (74, 40), (74, 54), (68, 62)], b.pale, on=True)
    b.blob([(68, 31), (60, 24), (57, 27), (63, 35)], b.dark)
    b.blob([(67, 34), (71, 26), (79, 26), (86, 33), (94, 38), (93, 42), (84, 43), (74, 42)], b.base)
    b.blob([(84, 40), (94, 38), (93, 44), (84, 45)], b.pale, on=True)
    b.oval(93, 38, 2.2, 1.8, INK, on=True)
    b.eye(78, 32, 2)
    b.flush()
    horn = (196, 158, 112) if b.tones.base[0] < 150 or sum(b.base) > 500 else (236, 214, 176)
    for base_x, lean in ((71, -1), (76, 1)):
        tip = base_x + lean * 12
        b.limb([(base_x, 27), (base_x + lean * 5, 15), (tip - lean * 2, 2)], [3.2, 2.8, 1.6], horn)
        b.limb([(base_x + lean * 3.5, 18), (base_x + lean * 12, 14)], [2.4, 1.4], horn)
        b.limb([(base_x + lean * 6.5, 11), (base_x + lean * 1, 2)], [2.4, 1.4], horn)


def giraffe(b: Brush) -> None:
    s = stride(b) * 0.7
    b.limb([(22, 56), (15, 66), (16, 74)], [2.6, 2, 4], b.deep)
    leg(b, 34, 66, 4.4, -s, b.dark, foot=b.deep, hoof=True)
    leg(b, 52, 64, 4.4, s, b.dark, foot=b.deep, hoof=True)
    b.flush()
    b.blob([(20, 62), (25, 54), (40, 52), (54, 46), (62, 50), (62, 62), (54, 70), (38, 70), (24, 72)], b.base)
    leg(b, 27, 66, 5, s, b.base, foot=b.deep, hoof=True)
    leg(b, 58, 64, 4.8, -s, b.base, foot=b.deep, hoof=True)
    b.limb([(56, 58), (63, 36), (68, 14)], [19, 11, 9], b.base)
    b.limb([(68, 10), (67, 2)], [2, 2], b.deep)
    b.limb([(73, 10), (74, 2)], [2, 2], b.deep)
    b.oval(67, 2, 2, 2, b.deep)
    b.oval(74, 2, 2, 2, b.deep)
    b.blob([(62, 10), (55, 8), (56, 13), (63, 15)], b.base)
    b.blob([(63, 14), (66, 8), (74, 8), (82, 14), (88, 19), (86, 23), (76, 22), (67, 21)], b.base)
    b.blob([(80, 17), (89, 17), (87, 25), (79, 23)], b.pale, on=True)
    b.oval(86.5, 19, 0.9, 0.9, INK, on=True)
    b.eye(73, 13, 1.9)
    spot = b.deep
    for x, y, r in ((29, 59, 4), (38, 58, 4.2), (47, 55, 4.2), (55, 53, 3.6), (33, 67, 3.6), (43, 65, 4), (52, 63, 3.8), (60, 46, 3), (64, 40, 2.8), (61, 36, 2.3), (66, 31, 2.6), (64, 25, 2.2), (68, 21, 2.2), (28, 75, 2.2), (58, 73, 2.2)):  # fmt: skip
        b.poly(
            [
                (x - r, y),
                (x - r * 0.3, y - r),
                (x + r * 0.9, y - r * 0.5),
                (x + r * 0.7, y + r * 0.7),
                (x - r * 0.5, y + r * 0.8),
            ],
            spot,
            on=True,
        )
    b.limb([(65, 15), (58, 36), (50, 50)], [2.4, 2.4, 1.4], b.deep)


def mouse(b: Brush) -> None:
    t = b.rng.uniform(-8, 8)
    b.limb([(24, 86), (8, 88), (4, 72 + t), (14, 62 + t), (8, 52 + t)], [3.4, 3, 2.6, 2.2, 1.4], PINK)
    b.flush()
    b.oval(48, 40, 15, 16, b.dark)
    b.oval(48, 41, 10, 11, PINK, on=True)
    b.flush()
    b.blob([(16, 84), (22, 66), (38, 56), (56, 60), (66, 72), (66, 88), (56, 95), (26, 95)], b.base)
    b.oval(38, 94, 9, 3.2, PINK)
    b.oval(62, 94, 7, 2.8, PINK)
    b.blob([(46, 64), (52, 50), (64, 48), (76, 56), (90, 68), (92, 72), (84, 76), (66, 80), (52, 76)], b.base)
    b.blob([(72, 74), (84, 68), (92, 70), (86, 77), (72, 80)], b.pale, on=True)
    b.oval(92, 70, 3.2, 3, (222, 96, 116))
    b.eye(73, 62, 2.8)
    b.flush()
    b.oval(62, 40, 15.5, 16, b.base)
    b.oval(62.5, 41, 10.5, 11, PINK, on=True)
    b.flush()
    for dy in (-2, 1, 4):
        b.line([(84, 72 + dy * 0.4), (98, 68 + dy * 2.4)], 0.8, b.deep, alpha=0.9)


def pig(b: Brush) -> None:
    s = stride(b) * 0.6
    b.line([(14, 56), (8, 52), (6, 57), (10, 59), (9, 53)], 2.2, b.dark)
    leg(b, 32, 72, 7, -s, b.dark, foot=b.deep, hoof=True)
    leg(b, 58, 72, 7, s, b.dark, foot=b.deep, hoof=True)
    b.flush()
    b.blob([(11, 62), (16, 48), (34, 41), (56, 42), (70, 48), (75, 62), (68, 78), (46, 83), (22, 80)], b.base)
    leg(b, 23, 74, 7.5, s, b.base, foot=b.deep, hoof=True)
    leg(b, 65, 72, 7.5, -s, b.base, foot=b.deep, hoof=True)
    b.flush()
    b.poly([(62, 40), (58, 24), (73, 33)], b.dark)
    b.poly([(92, 40), (96, 24), (81, 33)], b.dark)
    b.blob([(58, 50), (62, 37), (77, 31), (92, 37), (96, 50), (91, 63), (77, 68), (63, 63)], b.base)
    b.oval(78, 55, 10, 8, b.light)
    b.oval(74.5, 55, 2, 3, b.deep, on=True)
    b.oval(81.5, 55, 2, 3, b.deep, on=True)
    b.oval(65, 56, 3, 2.2, PINK, on=True, alpha=0.7)
    b.eye(69, 45, 2.4)
    b.eye(87, 45, 2.4)


def monkey(b: Brush) -> None:
    t = b.rng.uniform(-7, 7)
    skin = mix(b.pale, (240, 196, 156), 0.6)
    b.line([(66, 84), (84, 88), (94, 74 + t), (86, 62 + t), (79, 68 + t), (84, 73 + t)], 4.6, b.base)
    b.flush()
    b.limb([(38, 60), (24, 66), (20 + t * 0.5, 80)], [9, 8, 7], b.dark)
    b.oval(20 + t * 0.5, 82, 5, 5, skin)
    b.limb([(62, 60), (74, 54), (77 - t * 0.5, 40 - abs(t))], [9, 8, 7], b.dark)
    b.oval(77 - t * 0.5, 37 - abs(t), 5, 5, skin)
    b.flush()
    b.blob([(37, 56), (50, 52), (63, 56), (68, 76), (62, 92), (38, 92), (32, 76)], b.base)
    b.oval(50, 76, 11, 14, skin, on=True)
    for x in (36, 64):
        b.oval(x, 88, 9, 7, b.base)
        b.oval(x + (x - 50) * 0.25, 93, 8, 3.6, skin)
    b.flush()
    for x in (25, 75):
        b.oval(x, 32, 8.5, 9, b.base)
        b.oval(x, 32, 5, 5.6, skin, on=True)
    b.blob([(27, 34), (33, 17), (50, 10), (67, 17), (73, 34), (66, 49), (50, 55), (34, 49)], b.base)
    b.blob([(33, 31), (41, 22), (50, 27), (59, 22), (67, 31), (64, 44), (50, 52), (36, 44)], skin, on=True)
    b.eye(43, 31, 2.8)
    b.eye(57, 31, 2.8)
    b.oval(48, 39, 1, 1.2, b.deep, on=True)
    b.oval(52, 39, 1, 1.2, b.deep, on=True)
    b.line([(42, 43), (50, 47), (58, 43)], 1.5, (130, 70, 60), on=True)


def bat(b: Brush) -> None:
    t = b.rng.uniform(-8, 8)
    for side in (-1, 1):
        x = lambda v, side=side: 50 + side * v  # noqa: E731
        b.poly(
            [
                (x(8), 46),
                (x(26), 26 + t),
                (x(48), 30 + t),
                (x(46), 56 + t * 0.5),
                (x(38), 50),
                (x(33), 62),
                (x(24), 55),
                (x(18), 67),
                (x(8), 62),
            ],
            b.dark,
        )
        b.line([(x(8), 48), (x(28), 32 + t), (x(38), 50)], 1.2, b.deep, on=True)
        b.line([(x(28), 32 + t), (x(24), 55)], 1.2, b.deep, on=True)
    b.flush()
    b.poly([(41, 36), (38, 18), (50, 30)], b.base)
    b.poly([(59, 36), (62, 18), (50, 30)], b.base)
    b.blob([(40, 40), (50, 30), (60, 40), (62, 58), (50, 72), (38, 58)], b.base)
    b.oval(50, 60, 7, 8, b.pale, on=True)
    b.eye(45, 41, 2.6, white=True)
    b.eye(55, 41, 2.6, white=True)
    b.poly([(47, 48), (49, 48), (48, 52)], WHITE, on=True)
    b.poly([(51, 48), (53, 48), (52, 52)], WHITE, on=True)


MAMMALS = {
    "fox": fox, "cat": cat, "dog": dog, "horse": horse, "unicorn": unicorn, "rabbit": rabbit, "bear": bear, "lion": lion,
    "elephant": elephant, "cow": cow, "pig": pig, "sheep": sheep, "deer": deer, "giraffe": giraffe, "mouse": mouse, "monkey": monkey,
    "bat": bat,
}  # fmt: skip
