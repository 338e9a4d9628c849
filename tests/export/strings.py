"""Five hundred texts on which two tokenizers are to agree: accents, emoji, code, runs of whitespace, special tokens."""

from __future__ import annotations

import random
from collections.abc import Sequence

_PARTS = [
    *["¿Qué tal, niño? El pingüino cruzó el río Ñuñoa en camión.", "¡Olé! Ya está; «así» fue —dijo— ayer."],
    *["The quick brown fox can't won't we've I'd they'll he's", "Don'T SHOUT: I'M HERE, WE'RE FINE"],
    *["🐱🌵👩\u200d👩\u200d👧\u200d👦🏳️\u200d🌈", "𝓗ola 你好 мир مرحبا עולם ไทย", "naïve façade Ångström ß ﬁ ½ ² Ⅷ"],
    'def f(x: int) -> str:\n    return f"{x!r}"  # comentario\n',
    "for (let i = 0; i < 10; i++) {\n\tconsole.log(`${i}`);\n}\r\n",
    '{"prompt": "un gato azul", "num_inference_steps": 30, "seed": -12.5e-3}',
    "SELECT * FROM t WHERE a='b' AND c >= 3.14; -- ok",
    "https://example.org/a_b-c?d=e&f=%20#g user@example.org C:\\Users\\niña\\x",
    "1 22 333 4444 55555 666666 1,234,567.89 0x1F 2026-11-28 03:00",
    *[" ", "  ", "   ", "    ", "     ", "\t", "\t\t", "\n", "\n\n", "\n\n\n", "\r\n", " \n ", "\xa0", "\u2003"],
    *[
        "a",
        "A",
        "é",
        "ñ",
        ".",
        "...",
        "!?",
        "'",
        '"',
        "`",
        "~~~",
        "_",
        "__init__",
        "--",
        "=>",
        "::",
        "/",
        "\\",
        "###",
        "**x**",
        "<b>",
        "</b>",
        "&amp;",
    ],
    "### Instrucción:\nDibuja un gato\n### Asistente:\n",
    "\x00\x07\x7f",
]


def five_hundred(special: Sequence[str]) -> list[str]:
    """The same ones each time; every token of `special` is in several."""
    dice = random.Random(7)
    parts = [*_PARTS, *special]
    texts = [*parts]
    texts += [f"{before}{token}{after}" for token in special for before, after in (("Hola ", " gato"), ("a", "b"))]
    while len(texts) < 500:
        texts.append("".join(dice.choice(parts) for _number in range(dice.randint(2, 6))))
    return [text for text in texts if text][:500]
