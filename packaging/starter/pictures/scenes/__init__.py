"""Scenes that the starter image model learns from: drawn pictures with the prompts that ask for them.

    scene = random_scene(rng)
    picture = draw(scene, rng)  # numpy.uint8, (256, 256, 3)
    text = prompt(scene, rng)  # "a red fox in the snow, detailed fur, soft light"

Everything comes from the `random.Random` that is passed: the same seed, the same pictures. Needs skia-python.
"""

from __future__ import annotations

import random
import zlib
from dataclasses import astuple, dataclass

import numpy as np

from .composition import COLORS
from .composition import draw as _draw
from .places import PLACES as _PLACES
from .styles import STYLES as _STYLES
from .styles import Picture
from .wording import Reading, read
from .wording import write as _write
from .words import NATURAL, TAUGHT, homes, place_of, style_of, subject_of

SUBJECTS: tuple[str, ...] = TAUGHT
PLACES: tuple[str, ...] = tuple(_PLACES)
STYLES: tuple[str, ...] = tuple(_STYLES)
HELD_OUT = 0.04
"""Share of the combinations of subject, colour and place that training never sees."""

__all__ = [
    "COLORS",
    "HELD_OUT",
    "PLACES",
    "STYLES",
    "SUBJECTS",
    "Reading",
    "Scene",
    "draw",
    "draw_and_show",
    "held_out",
    "place_of",
    "prompt",
    "random_scene",
    "read",
    "style_of",
    "subject_of",
]


@dataclass(frozen=True)
class Scene:
    """`count` of a subject (1 to 6) in a colour, somewhere, in a style; each a name from the tables of this package."""

    subject: str
    color: str
    place: str
    style: str
    count: int


def random_scene(rng: random.Random) -> Scene:
    """Any scene, also a held-out one. All values are likely; natural colours, homes, one subject and the plain style more so."""
    subject = rng.choice(SUBJECTS)
    color = rng.choice(NATURAL[subject].split()) if rng.random() < 0.25 else rng.choice(tuple(COLORS))
    home = homes().get(subject)
    place = rng.choice(home) if home and rng.random() < 0.15 else rng.choice(PLACES)
    style = rng.choices(STYLES, (60, 10, 10, 10, 10))[0]
    return Scene(subject, color, place, style, rng.choices((1, 2, 3, 4, 5, 6), (76, 10, 6, 3, 3, 2))[0])


def held_out(scene: Scene) -> bool:
    """Whether training must not see the scene: a fixed share of (subject, colour, place)."""
    return zlib.crc32(f"{scene.subject}|{scene.color}|{scene.place}".encode()) % 10_000 < HELD_OUT * 10_000


def draw(scene: Scene, rng: random.Random, side: int = 256) -> Picture:
    """A picture of the scene, numpy.uint8 of (side, side, 3); `side` is a multiple of 64. Never the same twice."""
    return draw_and_show(scene, rng, side)[0]


def draw_and_show(scene: Scene, rng: random.Random, side: int = 256) -> tuple[Picture, np.ndarray]:
    """The picture that `draw` gives, and where its subjects stand with their shadows: (side, side) bool."""
    return _draw(*astuple(scene), rng, side)


def prompt(scene: Scene, rng: random.Random) -> str:
    """A prompt for the scene, as thau-nano writes them; never the same for long."""
    return _write(*astuple(scene), rng)
