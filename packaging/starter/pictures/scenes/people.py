"""People and beings like them, from the front, in a box of 100 × 100 units, feet at y = 96; their clothes have the colour."""

from __future__ import annotations

from .brush import GOLD, HAIR, INK, METAL, PINK, RED, SKINS, STEEL, WHITE, WOOD, Brush, Point, Rgb, mix
from .things import circle


def _face(b: Brush, y: float, skin: Rgb, radius: float = 15) -> None:
    """A head around (50, y), without hair."""
    b.oval(50 - radius, y + 1, 3, 4, skin)
    b.oval(50 + radius, y + 1, 3, 4, skin)
    b.oval(50, y, radius, radius * 1.05, skin)
    _features(b, y, radius)


def _features(b: Brush, y: float, radius: float = 15) -> None:
    u = radius / 15
    for side in (-1, 1):
        b.oval(50 + side * 5.6 * u, y + 0.5, 1.9 * u, 2.5 * u, INK, on=True)
        b.oval(50 + side * 5.6 * u + 0.7, y - 0.6, 0.7, 0.8, WHITE, on=True)
        b.oval(50 + side * 9 * u, y + 6 * u, 2.6 * u, 1.7 * u, (236, 120, 110), on=True, alpha=0.5)
    b.line([(50 - 4 * u, y + 7.4 * u), (50, y + 9.4 * u), (50 + 4 * u, y + 7.4 * u)], 1.4, (150, 62, 60), on=True)


def _arms(
    b: Brush, top: float, sleeve: Rgb, skin: Rgb, *, reach: float = 27, low: float = 70, width: float = 8
) -> list[Point]:
    """Two arms from the shoulders, each raised or hanging; returns where the hands are."""
    hands: list[Point] = []
    for side in (-1, 1):
        raised = b.rng.random() < 0.3
        y = top - 6 + b.rng.uniform(-3, 3) if raised else low + b.rng.uniform(-4, 4)
        x = 50 + side * (reach + (5 if raised else 0))
        b.limb(
            [(50 + side * 12, top), (50 + side * (reach - 3), (top + y) / 2 + (7 if raised else 0)), (x, y)],
            [width, width * 0.95, width * 0.8],
            sleeve,
        )
        b.oval(x, y + (-2 if raised else 2), width * 0.47, width * 0.5, skin)
        hands.append((x, y))
    return hands


def _look(b: Brush) -> tuple[Rgb, Rgb]:
    """Skin and hair."""
    return b.rng.choice(SKINS), b.rng.choice(HAIR)


def man(b: Brush) -> None:
    skin, hair = _look(b)
    s = b.rng.uniform(0, 4)
    for side in (-1, 1):
        b.limb([(50 + side * 7, 64), (50 + side * (8 + s * 0.6), 80), (50 + side * (8 + s), 92)], [12, 10, 9], b.deep)
        b.blob(
            [
                (50 + side * (3 + s), 96),
                (50 + side * (4 + s), 90),
                (50 + side * (13 + s), 90),
                (50 + side * (17 + s), 96),
            ],
            INK,
        )
    b.flush()
    _arms(b, 45, b.base, skin)
    b.blob([(36, 42), (50, 39), (64, 42), (65, 56), (63, 71), (50, 72), (37, 71), (35, 56)], b.base)
    b.poly([(44, 38), (56, 38), (50, 48)], skin, on=True)
    b.line([(50, 48), (50, 71)], 1.4, b.dark, on=True)
    for y in (54, 61):
        b.oval(52.5, y, 1.1, 1.1, b.pale, on=True)
    b.flush()
    _face(b, 23, skin)
    b.blob([(34, 22), (35, 10), (50, 3), (64, 9), (66, 22), (60, 15), (48, 14), (40, 15)], hair)
    if b.rng.random() < 0.3:
        b.blob([(36, 26), (42, 30), (50, 29), (58, 30), (64, 26), (60, 38), (50, 42), (40, 38)], hair)
        b.line([(46, 33), (50, 34.4), (54, 33)], 1.4, (170, 80, 76), on=True)


def woman(b: Brush) -> None:
    skin, hair = _look(b)
    b.blob([(30, 26), (34, 8), (50, 2), (66, 8), (70, 26), (72, 46), (62, 52), (38, 52), (28, 46)], hair)
    b.flush()
    for side in (-1, 1):
        b.limb([(50 + side * 6, 74), (50 + side * 6, 91)], [6, 5], skin)
        b.blob([(50 + side * 2, 96), (50 + side * 3, 91), (50 + side * 9, 91), (50 + side * 12, 96)], b.deep)
    b.flush()
    _arms(b, 46, skin, skin, width=6.4)
    b.blob(
        [
            (39, 41),
            (50, 43),
            (61, 41),
            (62, 50),
            (59, 57),
            (66, 70),
            (73, 82),
            (50, 86),
            (27, 82),
            (34, 70),
            (41, 57),
            (38, 50),
        ],
        b.base,
    )
    b.limb([(40, 57), (50, 58), (60, 57)], [4, 4, 4], b.deep, on=True)
    for x0, x1 in ((46, 40), (54, 60)):
        b.line([(x0, 62), (x1, 84)], 1.5, b.dark, on=True)
    b.limb([(27, 81), (50, 85), (73, 81)], [3, 3, 3], b.light, on=True)
    b.flush()
    _face(b, 24, skin)
    b.blob([(34, 28), (34, 12), (50, 5), (66, 12), (66, 28), (62, 18), (52, 13), (42, 17)], hair)


def child(b: Brush) -> None:
    skin, hair = _look(b)
    girl = b.rng.random() < 0.5
    if girl:
        for side in (-1, 1):
            b.blob(
                [
                    (50 + side * 19, 30),
                    (50 + side * 31, 28),
                    (50 + side * 34, 42),
                    (50 + side * 27, 50),
                    (50 + side * 22, 42),
                ],
                hair,
            )
    for side in (-1, 1):
        b.limb([(50 + side * 7, 78), (50 + side * 8, 92)], [9, 8], skin if girl else b.deep)
        b.blob([(50 + side * 3, 97), (50 + side * 4, 91), (50 + side * 13, 91), (50 + side * 16, 97)], WHITE)
    b.flush()
    _arms(b, 63, b.base, skin, reach=25, low=78, width=7.4)
    if girl:
        b.blob([(40, 58), (50, 57), (60, 58), (63, 70), (70, 84), (50, 88), (30, 84), (37, 70)], b.base)
    else:
        b.blob([(38, 58), (50, 57), (62, 58), (64, 72), (63, 83), (50, 84), (37, 83), (36, 72)], b.base)
        b.box(34, 67, 66, 72, b.pale, on=True)
    b.flush()
    _face(b, 34, skin, 20)
    if girl:
        b.blob([(29, 36), (29, 20), (50, 8), (71, 20), (71, 36), (64, 25), (50, 22), (36, 25)], hair)
        for side in (-1, 1):
            b.oval(50 + side * 22, 31, 4, 4, b.base)
    else:
        b.blob([(29, 34), (31, 18), (50, 12), (69, 18), (71, 34), (60, 28), (40, 28)], hair)
        b.blob([(28, 24), (34, 11), (50, 5), (66, 11), (72, 24), (50, 20)], b.base)
        b.limb([(50, 22), (66, 22), (82, 26)], [5, 6, 4], b.dark)


def wizard(b: Brush) -> None:
    skin = b.rng.choice(SKINS)
    beard = mix(WHITE, (196, 200, 212), b.rng.random())
    b.line([(84, 22), (86, 97)], 3.6, WOOD, straight=True)
    b.poly(circle(84, 16, 9, 8, wobble=2.5), GOLD if b.base[2] > 100 or b.base[0] < 180 else (120, 220, 240))
    b.flush()
    b.blob([(36, 50), (50, 46), (64, 50), (70, 72), (78, 96), (50, 98), (22, 96), (30, 72)], b.base)
    b.blob([(60, 60), (66, 74), (76, 99), (58, 99)], b.dark, on=True)
    for x, y in ((34, 84), (42, 92), (30, 92)):
        b.poly(circle(x, y, 3.4, 10, wobble=1.9), GOLD if b.base[0] < 200 else WHITE, on=True)
    b.flush()
    b.limb([(38, 54), (26, 64), (22, 72)], [10, 12, 14], b.dark)
    b.oval(21, 78, 4, 4, skin)
    b.limb([(62, 54), (74, 60), (82, 58)], [10, 12, 12], b.dark)
    b.oval(86, 58, 4, 4, skin)
    b.flush()
    b.oval(50, 37, 14, 13, skin)
    for x in (44.5, 55.5):
        b.oval(x, 36, 1.9, 2.4, INK, on=True)
    b.blob([(35, 38), (41, 43), (50, 41), (59, 43), (65, 38), (64, 56), (56, 70), (50, 80), (44, 70), (36, 56)], beard)
    b.oval(50, 41, 3, 2.6, mix(skin, RED, 0.2))
    b.line([(45, 54), (47, 66)], 1, (160, 166, 180), on=True)
    b.line([(55, 54), (53, 66)], 1, (160, 166, 180), on=True)
    b.flush()
    t = b.rng.uniform(-10, 10)
    b.blob(
        [(32, 31), (40, 14), (46 + t * 0.5, 0), (52 + t, -12), (56 + t * 0.3, 2), (61, 15), (68, 31), (50, 27)],
        b.base,
        tension=0.8,
    )
    b.poly(circle(48, 15, 4.6, 10, wobble=2.6), GOLD if b.base[0] < 200 else WHITE, on=True)
    b.blob([(20, 33), (36, 27), (50, 29), (64, 27), (80, 33), (66, 36), (50, 34), (34, 36)], b.deep)


def witch(b: Brush) -> None:
    skin = b.rng.choice((*SKINS[:3], (150, 196, 120)))
    hair = b.rng.choice(((226, 110, 40), (60, 50, 60), (150, 90, 170)))
    b.line([(84, 40), (78, 78)], 3, WOOD, straight=True)
    b.blob([(72, 76), (83, 78), (86, 97), (76, 94), (64, 97)], (222, 176, 90))
    b.line([(72, 80), (84, 81)], 2, (150, 90, 50), on=True)
    b.flush()
    b.blob([(33, 34), (50, 26), (67, 34), (72, 58), (62, 62), (38, 62), (28, 58)], hair)
    b.flush()
    for side in (-1, 1):
        b.limb([(50 + side * 6, 84), (50 + side * 6, 93)], [5.6, 5.6], WHITE)
        b.line([(50 + side * 6 - 2.6, 88), (50 + side * 6 + 2.6, 88)], 1.8, b.deep, on=True)
        b.blob([(50 + side * 2, 97), (50 + side * 3, 92), (50 + side * 9, 92), (50 + side * 15, 97)], INK)
    b.flush()
    b.blob(
        [
            (40, 52),
            (50, 50),
            (60, 52),
            (60, 66),
            (74, 88),
            (62, 85),
            (56, 89),
            (50, 85),
            (44, 89),
            (38, 85),
            (26, 88),
            (40, 66),
        ],
        b.base,
        tension=0.7,
    )
    b.limb([(40, 66), (50, 67), (60, 66)], [4, 4, 4], b.deep, on=True)
    b.limb([(41, 55), (30, 62), (25, 70)], [7, 8, 9], b.dark)
    b.oval(24, 74, 3.4, 3.4, skin)
    b.limb([(59, 55), (72, 60), (79, 58)], [7, 8, 8], b.dark)
    b.oval(82, 57, 3.4, 3.4, skin)
    b.flush()
    b.oval(50, 39, 14, 14, skin)
    _features(b, 40, 14)
    b.blob([(36, 40), (37, 30), (50, 26), (63, 30), (64, 40), (58, 32), (50, 31), (42, 32)], hair)
    b.flush()
    t = b.rng.uniform(-9, 9)
    b.blob(
        [(34, 28), (41, 12), (46 + t * 0.5, 0), (58 + t, -10), (57 + t * 0.4, 2), (61, 12), (66, 28), (50, 26)],
        b.base,
        tension=0.7,
    )
    b.poly([(30, 22), (70, 22), (70, 30), (30, 30)], b.deep, on=True)
    b.box(46, 20, 54, 28, GOLD, on=True)
    b.blob([(16, 32), (34, 26), (50, 28), (66, 26), (84, 32), (66, 35), (50, 33), (34, 35)], b.dark)


def knight(b: Brush) -> None:
    """Armour, plume and shield in the colour, tempered with steel."""
    t = b.rng.uniform(-6, 6)
    b.poly([(18.5, 58), (18.5, 14), (21, 6), (23.5, 14), (23.5, 58)], (226, 232, 240))
    b.line([(13, 58), (29, 58)], 3, GOLD, straight=True)
    b.line([(21, 58), (21, 67)], 3, WOOD, straight=True)
    b.flush()
    for side in (-1, 1):
        b.limb([(50 + side * 8, 66), (50 + side * 9, 91)], [12, 9], METAL)
        b.oval(50 + side * 9, 79, 5.4, 4.4, b.dark)
        b.blob([(50 + side * 3, 97), (50 + side * 4, 90), (50 + side * 14, 90), (50 + side * 17, 97)], STEEL)
    b.flush()
    b.limb([(38, 48), (27, 54), (22, 62)], [9, 8, 7], METAL)
    b.oval(21, 63, 4.6, 4.6, STEEL)
    b.limb([(62, 48), (72, 56), (72, 64)], [9, 8, 7], METAL)
    b.blob([(34, 44), (50, 41), (66, 44), (65, 60), (68, 78), (50, 80), (32, 78), (35, 60)], b.base)
    b.box(30, 62, 70, 66, b.deep, on=True)
    b.poly(circle(47, 53, 5.6, 4), GOLD if b.base[0] < 200 else WHITE, on=True)
    for side in (-1, 1):
        b.oval(50 + side * 16, 46, 7, 6, b.light)
    b.flush()
    b.blob([(48, 8), (54, -4), (70 + t, -6), (78 + t, 8), (68 + t * 0.5, 6), (56, 10)], b.base)
    b.flush()
    b.blob([(34, 26), (37, 12), (50, 6), (63, 12), (66, 26), (64, 40), (50, 45), (36, 40)], METAL)
    b.blob([(56, 8), (68, 20), (66, 42), (56, 46), (60, 26)], STEEL, on=True)
    b.box(36, 21, 64, 28, INK, on=True)
    b.oval(44, 24.5, 1.8, 1.8, WHITE, on=True)
    b.oval(56, 24.5, 1.8, 1.8, WHITE, on=True)
    b.line([(50, 28), (50, 44)], 1.6, STEEL, on=True)
    for x in (43, 47, 53, 57):
        b.line([(x, 33), (x, 37)], 1.2, INK, on=True)
    b.flush()
    b.blob([(62, 54), (76, 50), (90, 54), (90, 70), (85, 82), (76, 89), (67, 82), (62, 70)], b.base, tension=0.7)
    b.line([(76, 50), (76, 89)], 4, b.pale, on=True)
    b.line([(60, 66), (92, 66)], 4, b.pale, on=True)


def astronaut(b: Brush) -> None:
    b.box(30, 42, 70, 72, b.dark, round=6)
    b.flush()
    for side in (-1, 1):
        b.limb([(50 + side * 9, 66), (50 + side * 11, 90)], [14, 12], b.base)
        b.box(50 + side * 11 - 6, 80, 50 + side * 11 + 6, 83, b.dark, on=True)
        b.blob([(50 + side * 4, 97), (50 + side * 5, 88), (50 + side * 17, 88), (50 + side * 20, 97)], b.deep)
    b.flush()
    _arms(b, 48, b.base, b.deep, reach=29, low=68, width=11)
    b.blob([(34, 46), (50, 42), (66, 46), (67, 60), (64, 74), (50, 76), (36, 74), (33, 60)], b.base)
    b.box(40, 54, 60, 66, (232, 236, 242), round=2, on=True)
    for x, c in ((44, RED), (50, GOLD), (56, (80, 150, 220))):
        b.oval(x, 58, 1.9, 1.9, c, on=True)
    b.line([(43, 63), (57, 63)], 1.4, STEEL, on=True)
    b.flush()
    b.oval(50, 25, 23, 22, b.base)
    b.oval(50, 26, 17.5, 15.5, (40, 52, 82), on=True)
    if b.rng.random() < 0.5:
        b.oval(50, 28, 12, 12, b.rng.choice(SKINS), on=True)
        _features(b, 27, 11)
    b.blob([(36, 22), (42, 13), (52, 12), (44, 18), (39, 28)], (170, 210, 240), on=True, alpha=0.8)
    b.oval(73, 26, 3.4, 5, b.dark)
    b.oval(27, 26, 3.4, 5, b.dark)


def princess(b: Brush) -> None:
    skin, hair = _look(b)
    b.blob([(31, 28), (35, 12), (50, 6), (65, 12), (69, 28), (72, 52), (62, 60), (38, 60), (28, 52)], hair)
    b.flush()
    _arms(b, 49, skin, skin, reach=29, low=68, width=6)
    b.blob(
        [
            (41, 45),
            (50, 48),
            (59, 45),
            (60, 60),
            (78, 78),
            (90, 95),
            (68, 98),
            (50, 96),
            (32, 98),
            (10, 95),
            (22, 78),
            (40, 60),
        ],
        b.base,
        tension=0.75,
    )
    b.blob([(44, 60), (56, 60), (64, 80), (68, 100), (32, 100), (36, 80)], b.light, on=True)
    for x in (20, 80):
        b.line([(50 + (x - 50) * 0.3, 62), (x, 92)], 1.8, b.dark, on=True)
    b.limb(
        [(40, 59), (50, 61), (60, 59)], [3.4, 3.4, 3.4], GOLD if b.base[0] < 220 or b.base[2] > 100 else WHITE, on=True
    )
    for side in (-1, 1):
        b.oval(50 + side * 12, 50, 6, 5, b.light)
    b.flush()
    _face(b, 28, skin)
    b.blob([(34, 32), (34, 17), (50, 10), (66, 17), (66, 32), (62, 22), (50, 18), (38, 22)], hair)
    b.flush()
    b.poly([(37, 15), (35, -2), (43, 6), (50, -6), (57, 6), (65, -2), (63, 15)], GOLD)
    b.oval(50, 10, 2.2, 2.2, RED, on=True)


def king(b: Brush) -> None:
    skin, hair = _look(b)
    b.blob([(32, 46), (50, 42), (68, 46), (80, 74), (88, 96), (50, 98), (12, 96), (20, 74)], b.base)
    b.limb([(14, 93), (50, 96), (86, 93)], [6, 6, 6], WHITE, on=True)
    b.blob([(42, 46), (58, 46), (62, 74), (64, 94), (36, 94), (38, 74)], b.dark, on=True)
    b.limb([(38, 68), (50, 69), (62, 68)], [4, 4, 4], GOLD, on=True)
    b.flush()
    b.limb([(34, 52), (25, 62), (24, 72)], [11, 10, 9], b.light)
    b.oval(24, 76, 4, 4, skin)
    b.limb([(66, 52), (76, 60), (80, 64)], [11, 10, 9], b.light)
    b.oval(82, 66, 4, 4, skin)
    b.line([(82, 84), (82, 46)], 2.6, GOLD, straight=True)
    b.oval(82, 43, 4.4, 4.4, RED if b.base[0] < 180 else (70, 130, 230))
    b.flush()
    b.blob([(28, 46), (40, 42), (50, 45), (60, 42), (72, 46), (66, 54), (50, 57), (34, 54)], WHITE)
    for x, y in ((36, 48), (50, 51), (64, 48)):
        b.oval(x, y, 1.2, 1.8, INK, on=True)
    b.flush()
    _face(b, 28, skin)
    b.blob([(35, 29), (41, 35), (50, 33), (59, 35), (65, 29), (64, 42), (50, 51), (36, 42)], hair)
    b.line([(46, 38), (50, 39.4), (54, 38)], 1.5, (170, 80, 76), on=True)
    b.flush()
    b.poly([(33, 19), (29, -4), (40, 7), (50, -8), (60, 7), (71, -4), (67, 19)], GOLD)
    b.box(33, 13, 67, 19, (206, 150, 40), on=True)
    for x in (42, 50, 58):
        b.oval(x, 16, 1.8, 1.8, RED if b.base[0] < 180 else (70, 130, 230), on=True)


def mermaid(b: Brush) -> None:
    skin, hair = _look(b)
    t = b.rng.uniform(-5, 5)
    if b.rng.random() < 0.5:
        hair = (214, 80, 60)
    b.blob([(30, 22), (36, 6), (50, 2), (64, 6), (70, 22), (74, 46), (64, 56), (36, 54), (26, 46)], hair)
    b.flush()
    _arms(b, 44, skin, skin, reach=27, low=60, width=6)
    b.blob([(41, 39), (50, 38), (59, 39), (59, 50), (61, 60), (39, 60), (41, 50)], skin)
    b.oval(45.5, 47, 4.4, 4, b.dark, on=True)
    b.oval(54.5, 47, 4.4, 4, b.dark, on=True)
    b.flush()
    b.blob([(64, 88), (60 + t, 80), (74, 74), (92, 70 + t), (90, 82), (96, 94 + t), (80, 95)], b.dark)
    b.flush()
    b.blob([(39, 57), (50, 60), (61, 57), (65, 70), (64, 82), (70, 89), (62, 95), (48, 90), (38, 76)], b.base)
    for x, y in ((46, 67), (54, 67), (50, 74), (58, 74), (46, 80), (56, 82)):
        b.line([(x - 3, y - 1), (x, y + 2), (x + 3, y - 1)], 1.2, b.deep, on=True)
    b.flush()
    _face(b, 22, skin)
    b.blob([(34, 26), (34, 11), (50, 3), (66, 11), (66, 26), (61, 16), (52, 12), (40, 16)], hair)
    b.poly(circle(61, 9, 5, 10, wobble=2.6), PINK)


PEOPLE = {
    "man": man, "woman": woman, "child": child, "wizard": wizard, "witch": witch, "knight": knight, "astronaut": astronaut,
    "princess": princess, "king": king, "mermaid": mermaid,
}  # fmt: skip
