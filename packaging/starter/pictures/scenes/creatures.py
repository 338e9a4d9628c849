"""Birds, fish, insects, reptiles and dragons, each facing right in a box of 100 × 100 units."""

from __future__ import annotations

import math

from .brush import INK, PINK, WHITE, Brush, Point, Rgb, luminance, mix

BEAK: Rgb = (246, 166, 50)
GLASS_WING: Rgb = (222, 238, 250)


def _mark(b: Brush) -> Rgb:
    """For stripes and dots that are black on all but black."""
    return INK if luminance(b.base) > 75 else b.pale


def bird(b: Brush) -> None:
    t = b.rng.uniform(-8, 8)
    if b.rng.random() < 0.5:
        b.poly([(26, 62), (4, 66 - t * 0.3), (0, 76 - t * 0.3), (24, 74)], b.dark)
        b.line([(48, 80), (47, 94), (53, 95)], 2, BEAK)
        b.line([(57, 80), (58, 94), (64, 95)], 2, BEAK)
        b.flush()
        b.poly([(83, 38), (99, 43), (83, 48)], BEAK)
        b.blob(
            [
                (20, 68),
                (32, 56),
                (50, 50),
                (56, 34),
                (70, 26),
                (84, 34),
                (87, 48),
                (80, 64),
                (66, 80),
                (46, 83),
                (30, 78),
            ],
            b.base,
        )
        b.blob([(62, 60), (78, 54), (82, 60), (66, 80), (50, 82)], b.pale, on=True)
        b.eye(75, 38, 2.8)
        b.flush()
        b.blob([(34, 58), (48, 55), (60, 62), (54, 73), (36, 76), (18, 78), (26, 68)], b.dark)
        b.line([(30, 71), (42, 70), (52, 66)], 1.2, on=True)
        return
    up = b.rng.choice((-1, 1))
    wing: list[Point] = [
        (44, 52),
        (34, 50 - up * 22),
        (24, 50 - up * 44),
        (44, 50 - up * 36),
        (62, 50 - up * 16),
        (62, 52),
    ]
    b.blob([(x + 9, y) for x, y in wing], b.dark)
    b.flush()
    b.poly([(24, 50), (2, 44), (6, 53), (0, 60), (24, 60)], b.dark)
    b.poly([(84, 44), (99, 48), (84, 53)], BEAK)
    b.blob([(20, 54), (36, 45), (56, 43), (70, 36), (84, 40), (88, 50), (78, 60), (58, 66), (36, 62)], b.base)
    b.blob([(40, 60), (60, 56), (84, 54), (72, 64), (52, 67)], b.pale, on=True)
    b.eye(78, 46, 2.5)
    b.flush()
    b.blob(wing, b.base)
    for k in (0.2, 0.5, 0.8):
        b.line([(34 + 22 * k, 52 - up * (32 - 8 * k)), (48 + 8 * k, 52 - up * (14 - 4 * k))], 1.2, b.deep, on=True)


def owl(b: Brush) -> None:
    t = b.rng.uniform(-3, 3)
    b.limb([(4, 93), (50, 95), (96, 93)], [4, 5, 3], (124, 88, 58))
    b.flush()
    b.blob([(26, 30), (50, 20), (74, 30), (81, 58), (70, 86), (50, 93), (30, 86), (19, 58)], b.base)
    b.poly([(25, 36), (20, 8), (44, 22)], b.base)
    b.poly([(75, 36), (80, 8), (56, 22)], b.base)
    b.blob([(34, 62), (50, 54), (66, 62), (64, 82), (50, 90), (36, 82)], b.pale, on=True)
    for y in (64, 71, 78):
        for x in (41, 50, 59):
            b.line([(x - 3, y), (x, y + 3), (x + 3, y)], 1.2, b.dark, on=True)
    for x in (36, 64):
        b.oval(x, 38, 14.5, 15, b.pale, on=True)
        b.oval(x, 38, 10, 10.5, (252, 206, 70), on=True)
        b.oval(x + t, 38, 5.6, 6, INK, on=True)
        b.oval(x + t + 2, 35.5, 1.8, 1.8, WHITE, on=True)
    b.poly([(45, 44), (55, 44), (50, 55)], BEAK)
    b.flush()
    for s in (-1, 1):
        x = 50 + s * 27
        b.blob([(x - s * 4, 46), (x + s * 4, 56), (x + s * 2, 74), (x - s * 8, 84), (x - s * 9, 66)], b.dark)
        for k in (-4, 0, 4):
            b.oval(50 + s * 9 + k, 92, 2.3, 3.6, BEAK)


def duck(b: Brush) -> None:
    t = b.rng.uniform(-5, 5)
    b.line([(44, 84), (42, 95), (51, 95)], 2.8, BEAK)
    b.line([(56, 84), (56, 95), (65, 95)], 2.8, BEAK)
    b.flush()
    b.blob([(82, 30), (92, 32), (101, 37), (92, 42), (81, 40)], BEAK)
    b.flush()
    b.blob(
        [
            (5, 52 - t),
            (16, 60),
            (36, 58),
            (54, 56),
            (57, 42),
            (55, 26),
            (66, 15),
            (80, 19),
            (85, 32),
            (78, 44),
            (77, 58),
            (80, 70),
            (70, 83),
            (46, 88),
            (22, 82),
            (10, 68),
        ],
        b.base,
    )
    b.blob([(58, 46), (68, 49), (79, 45), (79, 51), (68, 55), (57, 52)], b.pale, on=True)
    b.eye(74, 28, 2.7)
    b.flush()
    b.blob([(26, 64), (42, 60), (60, 66), (54, 78), (36, 80), (16, 70)], b.dark)
    b.line([(26, 70), (38, 73), (50, 72)], 1.3, on=True)


def penguin(b: Brush) -> None:
    t = b.rng.uniform(-7, 7)
    for x in (38, 62):
        b.blob([(x - 9, 94), (x - 4, 88), (x + 5, 88), (x + 10, 94), (x, 97)], BEAK)
    b.flush()
    b.limb([(27, 46), (17 - t * 0.5, 58), (12 - t, 72)], [10, 11, 5], b.dark)
    b.limb([(73, 46), (83 + t * 0.5, 58), (88 + t, 72)], [10, 11, 5], b.dark)
    b.flush()
    b.blob([(31, 22), (50, 7), (69, 22), (74, 44), (78, 68), (68, 89), (50, 94), (32, 89), (22, 68), (26, 44)], b.base)
    b.blob(
        [
            (50, 24),
            (62, 18),
            (66, 32),
            (60, 44),
            (68, 62),
            (62, 84),
            (50, 90),
            (38, 84),
            (32, 62),
            (40, 44),
            (34, 32),
            (38, 18),
        ],
        WHITE,
        on=True,
    )
    b.eye(43, 29, 2.7)
    b.eye(57, 29, 2.7)
    b.poly([(43, 36), (57, 36), (50, 46)], BEAK)


def chicken(b: Brush) -> None:
    t = b.rng.uniform(-5, 5)
    b.line([(44, 80), (44, 94), (52, 95)], 2.2, BEAK)
    b.line([(56, 80), (57, 94), (65, 95)], 2.2, BEAK)
    b.flush()
    for k in range(4):
        b.limb([(28, 62), (14 - k, 52 - k * 5), (2 + k * 6, 50 - k * 9 + t)], [12, 10, 3], b.deep if k % 2 else b.dark)
    b.flush()
    for x, y in ((66, 17), (72, 13), (79, 17)):
        b.oval(x, y, 4.5, 6, (220, 48, 48))
    b.oval(84, 41, 4, 6.5, (220, 48, 48))
    b.poly([(84, 27), (98, 32), (84, 36)], BEAK)
    b.flush()
    b.blob(
        [
            (18, 58),
            (34, 56),
            (52, 52),
            (60, 38),
            (63, 24),
            (74, 18),
            (85, 26),
            (84, 40),
            (83, 58),
            (74, 76),
            (54, 85),
            (34, 80),
        ],
        b.base,
    )
    b.blob([(62, 44), (84, 44), (82, 60), (70, 66)], b.light, on=True)
    b.eye(77, 28, 2.3)
    b.flush()
    b.blob([(34, 62), (50, 58), (64, 64), (58, 76), (42, 76), (28, 68)], b.dark)


def fish(b: Brush) -> None:
    t = b.rng.uniform(-5, 5)
    b.blob([(28, 50), (14, 40), (2, 26 + t), (5, 50), (0, 74 + t), (14, 60)], b.dark)
    b.blob([(36, 32), (48, 14), (68, 16), (72, 30)], b.dark)
    b.blob([(46, 68), (42, 84), (54, 84), (62, 70)], b.dark)
    b.flush()
    b.blob([(22, 50), (36, 34), (58, 26), (80, 33), (96, 50), (80, 67), (58, 74), (36, 66)], b.base)
    b.blob([(30, 58), (56, 64), (92, 54), (80, 70), (58, 78), (36, 70)], b.pale, on=True, alpha=0.8)
    stripes = b.rng.random() < 0.5
    for x in (38, 49, 60):
        if stripes:
            b.limb([(x, 26), (x + 3, 50), (x, 76)], [4, 5, 4], b.pale if x != 49 else b.deep, on=True)
        else:
            for y in (43, 51, 59):
                b.line([(x + 2, y - 4), (x - 2, y), (x + 2, y + 4)], 1.4, b.deep, on=True)
    b.line([(74, 36), (69, 50), (74, 64)], 1.4, b.deep, on=True)
    b.oval(83, 45, 5.2, 5.2, WHITE, on=True)
    b.oval(84, 45, 2.8, 3, INK, on=True)
    b.line([(94, 55), (89, 56)], 1.3, on=True)
    b.flush()
    b.blob([(54, 54), (64, 54), (60, 65), (50, 66)], b.dark)


def whale(b: Brush) -> None:
    t = b.rng.uniform(-6, 6)
    for s in (-1, 1):
        b.line([(66, 24), (66 + s * 5, 9), (66 + s * 15, 8), (66 + s * 17, 16)], 3, (126, 196, 236), alpha=0.95)
    b.flush()
    b.blob(
        [(16, 44), (4, 34 + t), (-4, 22 + t), (10, 22 + t), (18, 30), (24, 18 + t), (38, 16 + t), (30, 30), (24, 42)],
        b.dark,
    )
    b.flush()
    b.blob(
        [
            (16, 38),
            (24, 42),
            (34, 44),
            (48, 31),
            (68, 26),
            (88, 33),
            (99, 52),
            (95, 72),
            (76, 85),
            (52, 86),
            (30, 76),
            (18, 58),
        ],
        b.base,
    )
    b.blob([(30, 72), (50, 66), (76, 66), (104, 60), (100, 78), (78, 92), (48, 92)], b.pale, on=True)
    for k in range(4):
        b.line([(46 + 2 * k, 71 + k * 4), (68, 71 + k * 4), (94 - 4 * k, 67 + k * 4.6)], 1, b.dark, on=True)
    b.line([(98, 60), (86, 65), (76, 63)], 1.4, on=True)
    b.eye(77, 55, 2.8)
    b.flush()
    b.blob([(54, 72), (64, 72), (60, 88), (48, 96), (46, 88)], b.dark)


def shark(b: Brush) -> None:
    t = b.rng.uniform(-5, 5)
    b.poly([(18, 52), (0, 24 + t), (16, 30 + t), (28, 48)], b.dark)
    b.poly([(18, 54), (4, 76 + t), (16, 70 + t), (28, 56)], b.dark)
    b.blob([(46, 38), (44, 20), (42, 10), (56, 18), (66, 36)], b.dark)
    b.flush()
    b.blob([(14, 53), (32, 42), (56, 33), (80, 36), (100, 48), (92, 58), (70, 66), (42, 62), (24, 56)], b.base)
    b.blob([(20, 58), (48, 57), (74, 58), (102, 50), (92, 64), (66, 72), (36, 68)], WHITE, on=True)
    for x in (64, 68, 72):
        b.line([(x, 44), (x - 2, 54)], 1.2, b.deep, on=True)
    b.poly([(80, 57), (94, 53), (90, 61), (83, 62)], (150, 50, 60), on=True)
    for x in (82, 86, 90):
        b.poly(
            [(x - 1.8, 57.2 - (x - 80) * 0.28), (x + 1.8, 56.2 - (x - 80) * 0.28), (x, 60.5 - (x - 80) * 0.2)],
            WHITE,
            on=True,
        )
    b.eye(83, 46, 2.4)
    b.flush()
    b.blob([(52, 60), (66, 60), (56, 82), (44, 90), (46, 76)], b.dark)


def turtle(b: Brush) -> None:
    s = b.rng.uniform(-4, 4)
    skin = mix(b.light, (200, 210, 130), 0.45)
    b.poly([(12, 76), (2, 82), (14, 84)], skin)
    b.limb([(28, 80), (22 + s, 92)], [11, 11], mix(skin, INK, 0.12))
    b.limb([(62, 80), (66 - s, 92)], [11, 11], mix(skin, INK, 0.12))
    b.limb([(68, 74), (80, 66), (86, 58)], [13, 11, 10], skin)
    b.blob([(78, 56), (84, 46), (94, 47), (100, 56), (94, 64), (82, 65)], skin)
    b.line([(98, 59), (91, 61)], 1.1, on=True)
    b.eye(91, 53, 2.2)
    b.limb([(38, 82), (34 - s, 93)], [12, 12], skin)
    b.limb([(56, 82), (58 + s, 93)], [12, 12], skin)
    b.flush()
    b.blob([(8, 80), (10, 58), (24, 38), (44, 31), (62, 38), (75, 58), (76, 80), (42, 85)], b.base)
    for points in (
        [(34, 44), (50, 44), (56, 57), (42, 66), (28, 57)],
        [(20, 50), (28, 46), (23, 57), (35, 68), (28, 76), (12, 74), (14, 60)],
        [(64, 50), (57, 46), (62, 57), (50, 68), (56, 76), (72, 74), (70, 60)],
    ):
        b.poly(points, b.dark, on=True)
    b.line([(40, 70), (44, 70)], 1, b.dark, on=True)
    b.flush()
    b.limb([(6, 80), (42, 84), (77, 79)], [6, 7, 6], b.pale)


def snake(b: Brush) -> None:
    t = b.rng.uniform(-5, 5)
    coil: list[Point] = [
        (4, 78),
        (12, 88),
        (28, 90),
        (50, 90),
        (74, 90),
        (84, 80),
        (74, 71),
        (54, 71),
        (34, 70),
        (27, 60),
        (37, 51),
        (56, 50),
        (68, 44),
        (66, 32 + t * 0.4),
        (60 + t * 0.3, 22),
    ]
    b.limb(coil[:6], [2, 7, 11, 13, 13, 13], b.dark)
    b.limb(coil[4:], [13, 13, 13, 13, 13, 13, 13, 13, 12.5, 12, 11], b.base)
    path = coil[6:14]
    for k, (x, y) in enumerate(path):
        b.oval(x, y, 3.6, 3.6, b.deep if k % 2 else b.pale, on=True)
    for x in (28, 40, 52, 64):
        b.oval(x, 90, 3.4, 3, b.deep, on=True)
    b.flush()
    x, y = 60 + t * 0.3, 19.0
    b.line([(x + 14, y + 1), (x + 25, y + 2), (x + 31, y - 2)], 1.5, (216, 44, 60))
    b.line([(x + 25, y + 2), (x + 31, y + 6)], 1.5, (216, 44, 60))
    b.flush()
    b.blob(
        [
            (x - 11, y),
            (x - 6, y - 10),
            (x + 7, y - 10),
            (x + 19, y - 3),
            (x + 19, y + 5),
            (x + 6, y + 9),
            (x - 7, y + 9),
        ],
        b.base,
    )
    b.line([(x + 19, y + 3), (x + 8, y + 4)], 1.1, on=True)
    b.oval(x + 4, y - 4, 3.4, 3.6, (250, 230, 110), on=True)
    b.oval(x + 4.6, y - 4, 1.3, 3.2, INK, on=True)


def frog(b: Brush) -> None:
    t = b.rng.uniform(-3, 3)
    for s in (-1, 1):
        x = lambda v, s=s: 50 + s * v  # noqa: E731
        b.blob([(x(20), 64), (x(38), 58 + t), (x(46), 74), (x(40), 90), (x(24), 90)], b.dark)
        b.blob([(x(26), 93), (x(34), 88), (x(50), 91), (x(48), 96), (x(30), 96)], b.base)
    b.flush()
    b.blob([(26, 56), (50, 46), (74, 56), (80, 74), (68, 90), (50, 93), (32, 90), (20, 74)], b.base)
    b.blob([(36, 66), (50, 62), (64, 66), (68, 80), (50, 91), (32, 80)], b.pale, on=True)
    for s in (-1, 1):
        b.limb([(50 + s * 15, 74), (50 + s * 13, 92)], [8, 6], b.base)
        for k in (-5, 0, 5):
            b.oval(50 + s * 14 + k, 95, 2.8, 2.2, b.light)
    b.flush()
    for x in (31, 69):
        b.oval(x, 29, 11.5, 12, b.base)
    b.blob([(16, 50), (22, 37), (38, 31), (50, 32), (62, 31), (78, 37), (84, 50), (70, 62), (50, 65), (30, 62)], b.base)
    for x in (31, 69):
        b.oval(x, 28, 8.2, 8.6, (252, 250, 226), on=True)
        b.oval(x + t, 28, 3.4, 5.4, INK, on=True)
    b.line([(22, 51), (36, 57), (50, 59), (64, 57), (78, 51)], 1.8, on=True)
    b.oval(46, 44, 0.9, 0.9, b.deep, on=True)
    b.oval(54, 44, 0.9, 0.9, b.deep, on=True)


def octopus(b: Brush) -> None:
    for k, (x, lean) in enumerate(((24, -18), (38, -9), (62, 9), (76, 18), (31, -24), (69, 24), (46, -4), (54, 4))):
        t = b.rng.uniform(-4, 4)
        far = k < 4
        side = 1 if lean > 0 else -1
        b.limb(
            [
                (50 + (x - 50) * 0.6, 56),
                (x + lean * 0.5, 72 + t),
                (x + lean * 0.6 - side * 5, 86),
                (x + lean + side * 3, 92 + t),
                (x + lean + side * 5, 84 + t),
            ],
            [14, 10, 8, 6, 3],
            b.dark if far else b.base,
        )
        if far:
            continue
        for j, (dx, dy) in enumerate(((0.35, 66), (0.6, 74), (0.6, 82))):
            b.oval(50 + (x - 50) * 0.8 + lean * dx * 0.8, dy + t, 1.9 - j * 0.25, 1.9 - j * 0.25, b.pale, on=True)
        if k == 3:
            b.flush()
    b.blob([(22, 36), (28, 14), (50, 4), (72, 14), (78, 36), (70, 56), (62, 66), (38, 66), (30, 56)], b.base)
    b.oval(38, 18, 7, 4.6, b.light, turn=-30, on=True)
    for x in (39, 61):
        b.oval(x, 42, 7.2, 7.8, WHITE, on=True)
        b.oval(x + 1, 43, 3.8, 4.4, INK, on=True)
        b.oval(x + 2.4, 41, 1.4, 1.4, WHITE, on=True)
    b.line([(43, 55), (50, 58), (57, 55)], 1.5, on=True)


def crab(b: Brush) -> None:
    t = b.rng.uniform(-6, 6)
    for s in (-1, 1):
        for k in range(3):
            b.limb(
                [(50 + s * 24, 66 + k * 5), (50 + s * (42 - k * 3), 64 + k * 8), (50 + s * (47 - k * 5), 80 + k * 7)],
                [4.5, 4, 2],
                b.dark,
            )
        b.limb([(50 + s * 24, 58), (50 + s * 40, 52), (50 + s * 38, 40 + s * t * 0.3)], [6, 6, 6], b.dark)
        b.line([(50 + s * 9, 50), (50 + s * 10, 38)], 2.6, b.base)
    b.flush()
    for s in (-1, 1):
        y = 28 + s * t * 0.3
        b.blob(
            [
                (50 + s * 36, y + 14),
                (50 + s * 28, y + 2),
                (50 + s * 31, y - 14),
                (50 + s * 37, y - 4),
                (50 + s * 40, y - 3),
                (50 + s * 47, y - 13),
                (50 + s * 50, y + 3),
                (50 + s * 44, y + 14),
            ],
            b.base,
        )
        b.oval(50 + s * 10, 36, 5, 5.4, WHITE)
        b.oval(50 + s * 10 + 0.8, 36, 2.5, 2.8, INK, on=True)
    b.flush()
    b.blob([(18, 64), (28, 50), (50, 46), (72, 50), (82, 64), (72, 82), (50, 86), (28, 82)], b.base)
    b.blob([(30, 72), (50, 76), (70, 72), (66, 82), (50, 85), (34, 82)], b.pale, on=True, alpha=0.7)
    b.line([(40, 68), (50, 72), (60, 68)], 1.6, on=True)
    for x in (34, 66):
        b.oval(x, 58, 3.2, 2.4, b.light, on=True)


def snail(b: Brush) -> None:
    skin = mix(b.pale, (226, 196, 140), 0.65)
    b.line([(84, 62), (87, 44)], 2.2, skin)
    b.line([(92, 62), (99, 47)], 2.2, skin)
    b.oval(87, 42, 3.2, 3.2, skin)
    b.oval(99, 45, 3.2, 3.2, skin)
    b.oval(87.5, 42, 1.7, 1.7, INK, on=True)
    b.oval(99.5, 45, 1.7, 1.7, INK, on=True)
    b.blob([(2, 94), (16, 84), (44, 80), (72, 84), (78, 66), (88, 58), (97, 66), (95, 80), (84, 93), (44, 96)], skin)
    b.line([(96, 74), (89, 76)], 1.2, on=True)
    b.flush()
    b.blob([(14, 78), (12, 52), (28, 34), (48, 30), (68, 40), (76, 60), (68, 82), (40, 88)], b.base)
    spiral: list[Point] = []
    for k in range(15):
        radius = 24 - k * 1.6
        spiral.append((44 + radius * math.cos(k * 0.9 + 1.2), 60 + radius * math.sin(k * 0.9 + 1.2)))
    b.line(spiral, 3.4, b.deep, on=True)


def butterfly(b: Brush) -> None:
    t = b.rng.uniform(-5, 5)
    squeeze = b.rng.uniform(0.78, 1.0)
    for s in (-1, 1):
        x = lambda v, s=s: 50 + s * v * squeeze  # noqa: E731
        b.blob([(x(3), 54), (x(22), 56), (x(38), 66 + t), (x(34), 86 + t), (x(18), 90), (x(6), 72)], b.dark)
        b.blob([(x(3), 50), (x(8), 28), (x(26), 8 + t), (x(46), 8 + t), (x(49), 28), (x(38), 50), (x(18), 58)], b.base)
    b.flush()
    for s in (-1, 1):
        x = lambda v, s=s: 50 + s * v * squeeze  # noqa: E731
        b.blob([(x(14), 44), (x(18), 26), (x(32), 17 + t), (x(40), 24 + t), (x(34), 40), (x(22), 49)], b.light, on=True)
        b.oval(x(33), 26 + t, 4.6, 4.6, b.pale, on=True)
        b.oval(x(22), 38, 3.4, 3.4, b.pale, on=True)
        b.oval(x(25), 74, 5, 5, b.light, on=True)
        b.oval(x(25), 74, 2.2, 2.2, b.pale, on=True)
        b.line([(50, 30), (50 + s * 6, 18), (50 + s * 13, 12)], 1.4, INK, alpha=0.95)
        b.oval(50 + s * 13, 12, 2, 2, INK, alpha=0.95)
    b.limb([(50, 30), (50, 54), (50, 82)], [6, 7, 3], INK)
    b.oval(50, 30, 4.6, 4.8, INK)


def bee(b: Brush) -> None:
    t = b.rng.uniform(-6, 6)
    b.blob([(48, 46), (34, 30 + t), (30, 12 + t), (46, 10), (56, 28)], GLASS_WING)
    b.blob([(56, 46), (56, 28), (66, 10 - t), (80, 16), (72, 36)], GLASS_WING)
    b.flush()
    b.poly([(14, 56), (2, 62), (16, 66)], INK)
    b.blob([(12, 62), (22, 46), (46, 42), (66, 50), (70, 64), (60, 78), (34, 80), (18, 74)], b.base)
    for x in (26, 40, 54):
        b.limb([(x - 1, 38), (x + 3, 62), (x - 1, 84)], [6, 7, 6], _mark(b), on=True)
    b.flush()
    b.line([(84, 48), (88, 36), (95, 34)], 1.6, INK)
    b.line([(78, 46), (79, 34), (85, 29)], 1.6, INK)
    b.oval(78, 61, 15, 15, b.base)
    b.eye(83, 57, 3.4)
    b.oval(77, 67, 3, 2, PINK, on=True)
    b.line([(83, 68), (88, 67), (90, 64)], 1.3, on=True)


def ladybug(b: Brush) -> None:
    for s in (-1, 1):
        for y in (48, 62, 76):
            b.line(
                [(50 + s * 30, y), (50 + s * 44, y - 4 + (y - 60) * 0.4), (50 + s * 48, y + 4 + (y - 60) * 0.5)],
                2.4,
                INK,
            )
        b.line([(50 + s * 6, 16), (50 + s * 13, 6), (50 + s * 19, 5)], 1.8, INK)
    b.blob([(32, 30), (38, 14), (50, 10), (62, 14), (68, 30), (50, 38)], INK)
    b.oval(42, 20, 3.6, 3.6, WHITE, on=True)
    b.oval(58, 20, 3.6, 3.6, WHITE, on=True)
    b.flush()
    b.blob([(16, 60), (22, 38), (50, 26), (78, 38), (84, 60), (72, 86), (50, 94), (28, 86)], b.base)
    b.line([(50, 26), (50, 95)], 2, INK, on=True)
    for x, y, r in ((34, 46, 6), (66, 46, 6), (30, 66, 6), (70, 66, 6), (40, 82, 5), (60, 82, 5), (50, 34, 5)):
        b.oval(x, y, r, r, _mark(b), on=True)
    b.oval(34, 36, 8, 4, b.light, turn=-30, on=True, alpha=0.8)


def spider(b: Brush) -> None:
    t = b.rng.uniform(-4, 4)
    for s in (-1, 1):
        for k, (up, out, down) in enumerate(((26, 32, 8), (40, 42, 34), (50, 44, 72), (60, 34, 94))):
            b.line(
                [
                    (50 + s * 12, 50 + k * 3),
                    (50 + s * out, up + s * t * 0.4),
                    (50 + s * (out + 6 - k), down + s * t * 0.6),
                ],
                2.8,
                b.dark,
            )
    if b.rng.random() < 0.5:
        b.line([(50, -8), (50, 36)], 0.8, (220, 220, 226), alpha=0.9)
    b.flush()
    b.oval(50, 68, 20, 21, b.base)
    b.poly([(50, 56), (56, 66), (50, 72), (44, 66)], b.pale, on=True)
    b.poly([(50, 84), (55, 77), (50, 72), (45, 77)], b.pale, on=True)
    b.oval(50, 42, 14, 12.5, b.base)
    for x, r in ((44, 4), (56, 4), (37.5, 2.2), (62.5, 2.2)):
        b.oval(x, 39, r, r, WHITE, on=True)
        b.oval(x, 39.5, r * 0.55, r * 0.55, INK, on=True)
    b.line([(45, 48), (50, 50), (55, 48)], 1.3, on=True)


def dragon(b: Brush) -> None:
    t = b.rng.uniform(-6, 6)
    b.blob([(44, 50), (34, 30), (14, 10 + t), (26, 30), (18, 34), (30, 42), (26, 48), (40, 56)], b.deep)
    b.flush()
    b.limb([(34, 76), (18, 86), (6, 78), (0, 62 + t)], [17, 12, 8, 3], b.base)
    b.poly([(-5, 66 + t), (-1, 50 + t), (7, 62 + t)], b.deep)
    b.limb([(42, 80), (38, 93)], [12, 8], b.dark)
    b.limb([(62, 80), (64, 93)], [10, 7], b.dark)
    b.flush()
    for x, y in ((48, 40), (54, 30), (59, 20), (28, 72), (15, 76)):
        b.poly([(x - 6, y + 4), (x - 6, y - 6), (x + 4, y + 4)], b.deep)
    b.blob([(28, 78), (34, 62), (48, 54), (60, 54), (68, 64), (68, 80), (56, 88), (38, 88)], b.base)
    b.limb([(58, 66), (58, 46), (66, 28)], [22, 16, 13], b.base)
    b.blob([(64, 58), (71, 66), (69, 82), (60, 87), (58, 70)], b.pale, on=True)
    for y in (66, 72, 78):
        b.line([(60, y), (71, y + 1)], 1, b.dark, on=True)
    b.limb([(34, 78), (30, 92)], [14, 9], b.base)
    b.limb([(62, 74), (70, 90)], [10, 8], b.base)
    for x in (27, 32, 37, 68, 73, 78):
        b.oval(x, 94, 2.6, 2.2, b.pale)
    b.flush()
    b.poly([(66, 16), (56, 3), (72, 11)], (244, 226, 186))
    b.poly([(73, 14), (70, -1), (79, 11)], (244, 226, 186))
    b.blob([(59, 26), (64, 14), (76, 11), (84, 17), (97, 21), (100, 28), (94, 33), (78, 36), (66, 36)], b.base)
    b.line([(99, 29), (88, 29), (80, 31)], 1.3, on=True)
    b.poly([(90, 29), (93, 29), (91.5, 33)], WHITE, on=True)
    b.oval(96, 22.5, 1.3, 1, INK, on=True)
    b.oval(78, 20, 3.3, 3.6, (252, 226, 90), on=True)
    b.oval(79, 20, 1.2, 3.2, INK, on=True)
    b.flush()
    if b.rng.random() < 0.4:
        b.blob([(99, 28), (108, 22), (118, 24), (113, 28), (120, 32), (108, 34)], (250, 150, 40))
        b.blob([(100, 28), (107, 25.5), (111, 28.5), (106, 31)], (254, 226, 110), on=True)
        b.flush()
    wing: list[Point] = [
        (48, 62),
        (40, 40),
        (30, 20 + t),
        (10, 24 + t),
        (-2, 44 + t),
        (8, 43),
        (12, 54),
        (20, 50),
        (26, 62),
        (36, 58),
        (42, 66),
    ]
    b.poly(wing, b.dark)
    for x, y in ((12, 54), (26, 62)):
        b.line([(30, 21 + t), (x, y)], 1.4, b.ink, on=True)
    b.limb([(47, 62), (40, 40), (30, 20 + t)], [5, 4, 3], b.base)


def dinosaur(b: Brush) -> None:
    """A tyrannosaur or a long-necked one."""
    s, t = b.rng.uniform(-4, 4), b.rng.uniform(-5, 5)
    if b.rng.random() < 0.5:
        b.limb([(44, 60), (26, 66), (12, 62), (-2, 50 + t)], [26, 18, 10, 2], b.base)
        b.limb([(52, 66), (58 + s, 78), (50 + s, 92)], [16, 10, 8], b.dark)
        b.oval(54 + s, 93.5, 8, 3.2, b.dark)
        b.flush()
        b.blob([(34, 62), (42, 48), (54, 36), (68, 36), (74, 46), (70, 62), (58, 74), (42, 74)], b.base)
        b.blob([(66, 46), (76, 44), (72, 62), (58, 74), (56, 66)], b.pale, on=True)
        b.limb([(42, 66), (48 - s, 80), (39 - s, 92)], [21, 12, 9], b.base)
        b.oval(44 - s, 93.5, 9, 3.4, b.base)
        b.limb([(68, 52), (77, 56), (80, 51)], [6, 4.5, 3], b.base)
        b.blob([(54, 40), (54, 20), (62, 8), (78, 7), (94, 13), (99, 22), (96, 30), (82, 33), (74, 42)], b.base)
        b.blob([(78, 27), (99, 24), (97, 32), (84, 36), (76, 34)], b.pale, on=True)
        b.line([(99, 25), (86, 26), (76, 30)], 1.4, on=True)
        for x in (82, 87, 92, 96):
            b.poly([(x - 2, 26), (x + 2, 25.4), (x, 30)], WHITE, on=True)
        b.eye(72, 15, 2.8)
        b.oval(95, 17, 1.2, 1, b.deep, on=True)
        for x, y in ((38, 56), (47, 50), (30, 64), (52, 42)):
            b.oval(x, y, 2.8, 2.4, b.deep, on=True)
        return
    b.limb([(30, 62), (14, 70), (2, 62), (-4, 48 + t)], [24, 13, 7, 2], b.base)
    leg_x = ((34, -s, b.dark), (58, s, b.dark), (26, s, b.base), (64, -s, b.base))
    for x, lean, color in leg_x[:2]:
        b.limb([(x, 68), (x + lean, 93)], [13, 10], color)
    b.flush()
    b.blob([(16, 66), (24, 50), (44, 44), (62, 50), (72, 64), (62, 78), (42, 82), (24, 78)], b.base)
    for x, lean, color in leg_x[2:]:
        b.limb([(x, 68), (x + lean, 92)], [15, 11], color)
        for k in (-3, 1, 5):
            b.oval(x + lean + k, 96, 1.8, 1.8, b.pale, on=True)
    b.limb([(58, 62), (72, 50), (74, 28), (80, 13)], [28, 15, 10, 9], b.base)
    b.blob([(72, 14), (76, 5), (86, 4), (97, 10), (98, 16), (90, 20), (78, 20)], b.base)
    b.line([(98, 15), (90, 15)], 1.2, on=True)
    b.eye(84, 9.5, 2)
    for x, y in ((30, 54), (40, 50), (50, 53), (60, 57), (70, 44), (71, 34)):
        b.oval(x, y, 2.8, 2.4, b.deep, on=True)


def jellyfish(b: Brush) -> None:
    for x in (30, 40, 50, 60, 70):
        t = b.rng.uniform(-5, 5)
        b.line(
            [(x, 46), (x - 5 + t, 60), (x + 4 + t, 74), (x - 3 + t * 1.5, 94)],
            3.2 if x % 20 else 5,
            b.dark if x % 20 else b.light,
        )
    b.flush()
    b.blob(
        [
            (16, 48),
            (18, 26),
            (34, 9),
            (50, 6),
            (66, 9),
            (82, 26),
            (84, 48),
            (74, 52),
            (66, 47),
            (58, 53),
            (50, 48),
            (42, 53),
            (34, 47),
            (26, 52),
        ],
        b.base,
    )
    b.blob([(28, 30), (38, 16), (50, 14), (44, 26), (34, 40)], b.light, on=True)
    b.eye(41, 36, 2.6)
    b.eye(59, 36, 2.6)
    b.line([(46, 42), (50, 44), (54, 42)], 1.4, on=True)


CREATURES = {
    "bird": bird, "owl": owl, "duck": duck, "penguin": penguin, "chicken": chicken, "fish": fish, "whale": whale, "shark": shark,
    "turtle": turtle, "snake": snake, "frog": frog, "octopus": octopus, "jellyfish": jellyfish, "crab": crab, "snail": snail, "butterfly": butterfly, "bee": bee,
    "ladybug": ladybug, "spider": spider, "dragon": dragon, "dinosaur": dinosaur,
}  # fmt: skip
