"""Vehicles, each going right in a box of 100 × 100 units, wheels at y = 95 or so."""

from __future__ import annotations

from .brush import GLASS, GOLD, INK, METAL, RED, STEEL, WHITE, WOOD, Brush, Rgb, mix

TYRE: Rgb = (46, 46, 54)


def wheel(b: Brush, x: float, y: float, radius: float) -> None:
    b.oval(x, y, radius, radius, TYRE)
    b.oval(x, y, radius * 0.52, radius * 0.52, METAL, on=True)
    b.oval(x, y, radius * 0.2, radius * 0.2, STEEL, on=True)


def boat(b: Brush) -> None:
    """A small sailing boat: hull and one sail in the colour."""
    t = b.rng.uniform(-4, 4)
    b.line([(48, 72), (48, 6)], 3, WOOD, straight=True)
    b.poly([(48, 4), (62, 8 + t * 0.3), (48, 12)], b.deep)
    b.flush()
    b.blob([(52, 14), (68, 32), (82 + t, 62), (66, 64), (52, 65), (53, 40)], b.base, tension=0.7)
    b.blob([(52, 62), (64, 60), (80 + t, 60), (66, 66), (52, 67)], b.light, on=True)
    b.poly([(45, 20), (42, 64), (20 - t * 0.5, 64)], b.light)
    b.flush()
    b.poly([(4, 70), (98, 70), (84, 92), (20, 92)], b.base)
    b.poly([(0, 70), (100, 70), (97, 76), (3, 76)], b.deep, on=True)
    for x in (34, 50, 66):
        b.oval(x, 83, 3.4, 3.4, GLASS, on=True)


def ship(b: Brush) -> None:
    """A galleon: dark hull, three masts of sails."""
    t = b.rng.uniform(-2, 2)
    for x, top in ((26, 18), (52, 4), (76, 18)):
        b.line([(x, 74), (x, top)], 2.6, WOOD, straight=True)
        b.poly([(x, top - 3), (x - 11, top + t * 0.4), (x, top + 4)], b.deep)
    b.line([(92, 66), (104, 54)], 2.6, WOOD, straight=True)
    b.flush()
    sail = b.light if sum(b.base) < 600 else b.base
    for x, top, wide, tall in (
        (26, 26, 10, 19),
        (26, 47, 12, 17),
        (52, 13, 10, 16),
        (52, 31, 13, 18),
        (52, 51, 15, 14),
        (76, 26, 9, 18),
        (76, 46, 11, 17),
    ):
        b.blob(
            [
                (x - wide, top),
                (x + wide, top),
                (x + wide + 5, top + tall * 0.5),
                (x + wide * 1.0, top + tall),
                (x - wide, top + tall),
                (x - wide + 4, top + tall * 0.5),
            ],
            sail if top not in (31, 26) else b.base,
            tension=0.7,
        )
    b.flush()
    b.blob(
        [(2, 58), (14, 60), (18, 68), (50, 72), (82, 70), (98, 62), (95, 76), (84, 91), (50, 94), (18, 91), (6, 78)],
        b.base,
        tension=0.7,
    )
    b.limb([(0, 70), (18, 77), (50, 80), (84, 78), (98, 70)], [3, 3, 3, 3, 3], b.deep, on=True)
    for x in (24, 38, 52, 66, 80):
        b.box(x - 2.6, 83, x + 2.6, 88, INK, on=True)
    b.box(4, 62, 9, 67, GOLD, on=True)


def car(b: Brush) -> None:
    b.blob(
        [
            (2, 74),
            (5, 62),
            (18, 57),
            (28, 42),
            (44, 36),
            (60, 37),
            (73, 47),
            (80, 57),
            (95, 62),
            (99, 74),
            (97, 84),
            (50, 85),
            (4, 84),
        ],
        b.base,
        tension=0.75,
    )
    b.poly([(2, 78), (99, 78), (99, 86), (2, 86)], b.dark, on=True)
    b.blob([(25, 57), (32, 45), (46, 41), (46, 57)], GLASS, on=True, tension=0.4)
    b.blob([(50, 57), (50, 41), (60, 42), (73, 57)], GLASS, on=True, tension=0.4)
    b.line([(48, 42), (48, 78)], 1.2, b.deep, on=True)
    b.line([(53, 64), (59, 64)], 1.8, b.deep, on=True)
    b.oval(95, 68, 3.6, 3.2, (255, 236, 150), on=True)
    b.box(1, 64, 5, 70, RED, on=True)
    b.flush()
    wheel(b, 24, 84, 11.5)
    wheel(b, 77, 84, 11.5)


def bus(b: Brush) -> None:
    b.box(2, 26, 98, 86, b.base, round=7)
    b.box(0, 66, 100, 72, b.light, on=True)
    b.box(0, 78, 100, 90, b.dark, on=True)
    for x in (8, 24, 40, 56):
        b.box(x, 36, x + 13, 56, GLASS, round=2, on=True)
        b.poly([(x + 2, 55), (x + 8, 37), (x + 11, 37), (x + 5, 55)], WHITE, on=True, alpha=0.6)
    b.box(73, 36, 83, 80, GLASS, round=1.5, on=True)
    b.line([(78, 36), (78, 80)], 1.2, b.deep, on=True)
    b.box(87, 36, 101, 60, GLASS, round=2, on=True)
    b.oval(96, 75, 2.6, 3, (255, 236, 150), on=True)
    b.flush()
    wheel(b, 23, 86, 10.5)
    wheel(b, 66, 86, 10.5)


def truck(b: Brush) -> None:
    cargo = b.rng.random() < 0.5
    b.box(2, 26, 62, 80, b.base if cargo else b.light, round=2)
    for x in (12, 22, 32, 42, 52):
        b.line([(x, 30), (x, 77)], 1.2, b.dark, on=True)
    b.flush()
    b.box(60, 76, 70, 84, STEEL)
    b.poly([(66, 40), (84, 40), (93, 58), (99, 62), (99, 84), (66, 84)], b.base)
    b.poly([(72, 45), (82, 45), (89, 59), (72, 59)], GLASS, on=True)
    b.line([(70, 64), (76, 64)], 1.6, b.deep, on=True)
    b.oval(96, 70, 3, 3.2, (255, 236, 150), on=True)
    b.box(66, 79, 101, 86, b.deep, on=True)
    b.box(2, 78, 66, 85, STEEL)
    b.flush()
    for x in (17, 40, 82):
        wheel(b, x, 86, 10)


def train(b: Brush) -> None:
    """A steam locomotive."""
    smoke = mix(WHITE, (200, 204, 214), b.rng.random())
    t = b.rng.uniform(-4, 4)
    for x, y, r in ((74 + t, 14, 6), (64 + t * 1.5, 7, 8), (50 + t * 2, 4, 9)):
        b.oval(x, y, r, r * 0.8, smoke, alpha=0.92)
    b.poly([(72, 44), (74, 24), (70, 20), (86, 20), (82, 24), (84, 44)], b.deep)
    b.box(53, 32, 63, 44, GOLD, round=4)
    b.flush()
    b.box(8, 74, 94, 84, STEEL)
    b.box(36, 40, 92, 76, b.base, round=7)
    b.box(34, 46, 96, 51, b.light, on=True)
    for x in (52, 68):
        b.line([(x, 40), (x, 76)], 2.4, GOLD, on=True)
    b.box(6, 24, 42, 78, b.base)
    b.box(12, 34, 36, 52, GLASS, round=2, on=True)
    b.box(6, 62, 42, 66, GOLD, on=True)
    b.box(1, 18, 46, 26, b.deep, round=2)
    b.oval(93, 58, 5, 5, (255, 236, 150))
    b.poly([(88, 78), (94, 78), (103, 94), (86, 94)], b.dark)
    b.flush()
    wheel(b, 23, 84, 11.5)
    for x in (50, 67, 83):
        wheel(b, x, 87, 8)
    b.flush()
    b.line([(23, 87), (67, 89), (83, 89)], 2.6, METAL, straight=True)


def bicycle(b: Brush) -> None:
    for x in (22, 78):
        b.ring(x, 71, 20, 5, TYRE)
        b.ring(x, 71, 16.5, 2.6, b.base)
        for k in range(4):
            dx, dy = ((18, 0), (13, 13), (0, 18), (13, -13))[k]
            b.line([(x - dx, 71 - dy), (x + dx, 71 + dy)], 0.8, STEEL, straight=True, alpha=0.9)
    b.flush()
    for points in (
        [(22, 71), (36, 40), (66, 40), (48, 72), (22, 71)],
        [(36, 40), (48, 72)],
        [(78, 71), (66, 40), (63, 30)],
    ):
        b.line(points, 6.5, b.base, straight=True)
    b.flush()
    b.line([(35, 38), (33, 32)], 3, METAL, straight=True)
    b.blob([(20, 29), (33, 25), (46, 29), (34, 34)], b.dark)
    b.line([(63, 30), (62, 25), (72, 23), (77, 28)], 3, METAL)
    b.line([(75, 26), (78, 30)], 4, b.deep)
    b.ring(48, 72, 6, 2.6, METAL)
    b.line([(48, 72), (54, 82), (59, 82)], 2.4, STEEL, straight=True)


def motorcycle(b: Brush) -> None:
    b.line([(66, 40), (82, 72)], 4, METAL, straight=True)
    wheel(b, 19, 78, 17)
    wheel(b, 82, 78, 17)
    b.flush()
    b.line([(10, 66), (32, 80), (48, 80)], 4, METAL)
    b.blob([(30, 72), (40, 60), (58, 60), (64, 74), (52, 86), (36, 84)], b.dark)
    b.line([(39, 68), (57, 68)], 1.4, INK, on=True)
    b.line([(38, 74), (58, 74)], 1.4, INK, on=True)
    b.blob([(4, 54), (16, 52), (30, 58), (26, 66), (10, 62)], b.base)
    b.blob([(12, 50), (24, 44), (46, 54), (46, 62), (28, 62)], b.deep)
    b.blob([(38, 60), (44, 42), (62, 38), (73, 48), (64, 63)], b.base)
    b.blob([(46, 49), (62, 46), (62, 50), (48, 54)], b.light, on=True)
    b.blob([(70, 56), (84, 54), (96, 62), (82, 62), (74, 64)], b.base)
    b.line([(66, 40), (60, 30), (51, 31)], 3, INK)
    b.oval(74, 42, 6, 6, b.base)
    b.oval(77, 42, 3.6, 4.4, (255, 240, 170), on=True)


def plane(b: Brush) -> None:
    b.poly([(48, 46), (34, 16), (44, 16), (66, 44)], b.dark)
    b.poly([(12, 42), (0, 20), (12, 20), (28, 42)], b.base)
    b.flush()
    b.blob(
        [(2, 46), (18, 41), (50, 39), (80, 40), (96, 48), (98, 54), (86, 60), (50, 62), (18, 55)], b.base, tension=0.8
    )
    b.blob([(2, 50), (40, 56), (98, 55), (84, 66), (40, 68)], b.pale, on=True)
    for x in (30, 39, 48, 57, 66):
        b.oval(x, 48, 2.4, 2.8, GLASS, on=True)
    b.poly([(80, 42), (88, 43), (94, 48), (80, 48)], GLASS, on=True)
    b.flush()
    b.poly([(14, 50), (4, 60), (12, 60), (26, 51)], b.dark)
    b.poly([(46, 56), (20, 86), (32, 86), (68, 56)], b.dark)
    b.oval(44, 76, 7.5, 4, b.light, turn=-8)


def helicopter(b: Brush) -> None:
    t = b.rng.uniform(-2, 2)
    b.line([(8, 18 + t), (96, 16 - t)], 3, STEEL, straight=True)
    b.line([(56, 16), (56, 32)], 4, STEEL, straight=True)
    b.flush()
    b.line([(36, 88), (92, 88), (98, 84)], 3.4, STEEL)
    b.line([(48, 74), (44, 88)], 3, STEEL, straight=True)
    b.line([(74, 74), (78, 88)], 3, STEEL, straight=True)
    b.flush()
    b.poly([(44, 44), (8, 42), (4, 30), (-2, 30), (2, 52), (40, 60)], b.dark)
    b.flush()
    b.blob([(32, 52), (42, 36), (60, 30), (80, 36), (95, 54), (92, 70), (76, 77), (50, 77), (36, 68)], b.base)
    b.blob([(66, 36), (80, 38), (94, 54), (90, 62), (68, 60)], GLASS, on=True)
    b.poly([(72, 59), (80, 38), (84, 42), (78, 60)], WHITE, on=True, alpha=0.6)
    b.box(42, 44, 58, 58, GLASS, round=3, on=True)
    b.blob([(32, 68), (60, 70), (96, 66), (80, 82), (44, 82)], b.dark, on=True)
    b.flush()
    b.line([(-6, 24), (4, 40)], 2.4, STEEL, straight=True)
    b.line([(6, 24), (-8, 40)], 2.4, STEEL, straight=True)


def rocket(b: Brush) -> None:
    with b.turned(b.rng.choice((0, 0, 12, 25, 38)), 50, 55):
        t = b.rng.uniform(0, 6)
        b.blob([(40, 78), (36, 92), (45, 90), (50, 102 + t), (55, 90), (64, 92), (60, 78)], (252, 150, 40))
        b.blob([(44, 78), (43, 88), (50, 94), (57, 88), (56, 78)], (255, 230, 110), on=True)
        b.flush()
        b.poly([(36, 56), (18, 74), (20, 86), (38, 76)], b.dark)
        b.poly([(64, 56), (82, 74), (80, 86), (62, 76)], b.dark)
        b.poly([(40, 76), (60, 76), (57, 82), (43, 82)], STEEL)
        b.flush()
        b.blob([(50, 0), (62, 18), (67, 42), (64, 66), (60, 78), (40, 78), (36, 66), (33, 42), (38, 18)], b.base)
        b.blob([(50, -3), (60, 12), (64, 24), (50, 27), (36, 24), (40, 12)], b.deep, on=True)
        b.blob([(37, 28), (43, 28), (43, 74), (38, 74), (34, 50)], b.light, on=True)
        b.oval(50, 42, 10, 10, METAL)
        b.oval(50, 42, 7, 7, GLASS, on=True)
        b.oval(47, 39, 2.4, 2.4, WHITE, on=True)
        b.flush()
        b.blob([(47, 58), (50, 56), (53, 58), (53, 82), (50, 87), (47, 82)], b.deep)


def hot_air_balloon(b: Brush) -> None:
    b.line([(36, 62), (43, 80)], 1.2, WOOD, straight=True)
    b.line([(64, 62), (57, 80)], 1.2, WOOD, straight=True)
    b.line([(50, 66), (50, 80)], 1, WOOD, straight=True)
    b.box(41, 80, 59, 96, (186, 130, 76), round=2)
    for y in (85, 90):
        b.line([(41, y), (59, y)], 1.2, (136, 90, 50), on=True)
    b.box(40, 79, 60, 83, (136, 90, 50), round=1)
    b.flush()
    b.blob([(50, 0), (74, 8), (87, 30), (78, 52), (63, 68), (37, 68), (22, 52), (13, 30), (26, 8)], b.base)
    stripe = b.light if b.rng.random() < 0.6 else b.pale
    b.blob([(50, -3), (60, 10), (65, 32), (60, 54), (55, 70), (45, 70), (40, 54), (35, 32), (40, 10)], stripe, on=True)
    b.blob([(50, -3), (53, 12), (54, 32), (53, 54), (52, 70), (48, 70), (47, 54), (46, 32), (47, 12)], b.base, on=True)
    for s in (-1, 1):
        b.blob(
            [
                (50 + s * 20, 0),
                (50 + s * 34, 8),
                (50 + s * 42, 32),
                (50 + s * 26, 58),
                (50 + s * 16, 72),
                (50 + s * 24, 54),
                (50 + s * 31, 32),
            ],
            b.dark,
            on=True,
        )
    b.limb([(30, 64), (50, 67), (70, 64)], [3, 3, 3], b.deep, on=True)


VEHICLES = {
    "boat": boat, "ship": ship, "car": car, "bus": bus, "truck": truck, "train": train, "bicycle": bicycle, "motorcycle": motorcycle,
    "plane": plane, "helicopter": helicopter, "rocket": rocket, "hot air balloon": hot_air_balloon,
}  # fmt: skip
