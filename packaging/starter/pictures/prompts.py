"""The prompts that a picture is trained with.

In some of them the subject's name gives way to a word that nobody knows, so that of an unknown subject the model still draws
the colour, the place and the style.
"""

from __future__ import annotations

import random
import re

from scenes import Scene, prompt

EACH = 8  # prompts a picture
UNKNOWN = 0.06  # share of them with an unknown subject
SYLLABLES = ["ba", "bo", "cra", "dil", "dor", "ef", "fen", "fli", "gor", "gu", "hox", "im", "ja", "ki", "kla", "lum", "mer", "mo", "nak", "ni", "ob", "pli", "qua", "rem", "ro", "sa", "shu", "tek", "to", "ul", "vor", "wi", "xan", "yo", "zet"]


def written(scene: Scene, rng: random.Random, count: int = EACH) -> list[str]:
    """`count` prompts for a scene."""
    return [unknown(scene, text, rng) if rng.random() < UNKNOWN else text for text in (prompt(scene, rng) for _ in range(count))]


def unknown(scene: Scene, text: str, rng: random.Random) -> str:
    """The prompt with an invented word in the subject's place, where its name stands there."""
    word = "".join(rng.choices(SYLLABLES, k=rng.randint(1, 3)))
    return re.sub(rf"\b{re.escape(scene.subject)}(s|es)?\b", lambda found: word + (found[1] or ""), text)
