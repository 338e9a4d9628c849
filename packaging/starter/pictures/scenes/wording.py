"""The prompts of pictures, written as thau-nano writes them: subject, place, tags; and read back."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from .places import PLACES
from .words import (
    NATURAL,
    NUMBERS,
    category_of,
    color_of,
    homes,
    nouns_of,
    phrases,
    place_of,
    shades,
    style_tags,
    subject_of,
    vocabulary,
)

OWN_TAGS: dict[str, tuple[str, ...]] = {
    "flat illustration": (
        "flat illustration",
        "flat illustration, clean shapes",
        "vector illustration, flat colors, clean shapes",
        "cartoon style, bold outlines",
    ),
    "watercolor": ("watercolor painting, soft washes", "watercolor"),
    "pixel art": ("pixel art, 8-bit, crisp pixels", "pixel art"),
    "pencil sketch": (
        "pencil sketch, fine lines, graphite",
        "pencil sketch",
        "colored pencil drawing, soft shading, paper texture",
    ),
    "oil painting": ("oil painting, rich brushstrokes", "oil painting"),
}
"""What a style is mostly called."""


@dataclass(frozen=True)
class Reading:
    """What a prompt asks for; None where it says nothing of it. `count` is the least of what it says."""

    subject: str | None
    color: str | None
    place: str | None
    style: str | None
    count: int | None


def write(subject: str, color: str, place: str, style: str, count: int, rng: random.Random) -> str:
    """A prompt for the scene. It may leave out what the scene shows, never say what it does not."""
    noun = _noun(subject, rng)
    thing = _thing(noun, color if _says_color(subject, color, rng) else None, count, rng)
    if rng.random() < 0.1:
        thing = f"{thing} {rng.choice(_actions())}"
    where = _where(subject, place, rng)
    tags = _tags(noun, subject, style, rng)
    order = rng.random()
    if where and order < 0.06:
        return ", ".join(filter(None, [where, thing, tags]))
    if tags and order < 0.1 and style != "flat illustration":
        return f"{style} of {thing} {where}".strip()
    return ", ".join(filter(None, [f"{thing} {where}".strip(), tags]))


def read(prompt: str) -> Reading:
    """What a prompt asks for, by the same tables; of several subjects or places the first counts."""
    text = prompt.lower().strip()
    style = next((ours for said, ours in _style_names() if said in text), None)
    for said, _ in _style_names():
        text = re.sub(rf"{re.escape(said)}( of)?", " ", text)
    text = re.sub(_any(_extras()), " ", text)
    place = None
    for found in sorted(_places().finditer(text), key=lambda hit: hit.start()):
        place = place or place_of(found[0])
        text = text.replace(found[0], " ")
    head = next((piece for piece in text.split(",") if piece.strip() and not _is_detail(piece)), "")
    inner = [range(found.start() + 1, found.end()) for found in _nouns().finditer(head)]  # "cream" in "ice cream"
    colors = [found for found in _colors().finditer(head) if not any(found.start() in part for part in inner)]
    blank = head
    for found in colors:
        blank = blank[: found.start()] + "_" * len(found[0]) + blank[found.end() :]
    noun = _nouns().search(blank) or _nouns().search(head)
    subject, plural, where = None, False, len(head)
    if noun:
        singular, plural = _plurals()[noun[0]]
        subject, where = subject_of()[singular], noun.start()
    number = next((word for word in NUMBERS if re.search(rf"\b{word}\b", head[:where])), None)
    count = NUMBERS[number][0] if number else None if plural else 1
    color = next((color_of()[found[0]] for found in colors if found.start() < where), None)
    return Reading(subject, color, place, style, count)


# --- writing -----------------------------------------------------------------------------------------


def _noun(subject: str, rng: random.Random) -> str:
    near, far = nouns_of(subject)
    kind = rng.random()
    if kind < 0.28 and near:
        return near[min(int(rng.expovariate(1) * len(near) / 2.5), len(near) - 1)]
    return rng.choice(far) if kind < 0.33 and far else subject


def _says_color(subject: str, color: str, rng: random.Random) -> bool:
    return rng.random() > (0.34 if color in NATURAL[subject].split() else 0.03)


def _thing(noun: str, color: str | None, count: int, rng: random.Random) -> str:
    words = vocabulary()
    adjectives = []
    if rng.random() < 0.22:
        adjectives.append(rng.choices(*_adjectives())[0])
    said = None
    if color:
        said = rng.choice(shades(color)) if rng.random() < 0.2 else color
    before = " ".join([*adjectives, *([said] if said else [])])
    if count == 1:
        body = f"{before} {noun}".strip()
        form = rng.random()
        return body if form < 0.09 else f"the {body}" if form < 0.14 else words.with_article(body)
    number = rng.choice([word for word, (low, high) in NUMBERS.items() if low <= count <= high])
    if count > 2 and rng.random() < 0.12:
        number = ""
    return " ".join(filter(None, [number, before, words.english_plural(noun)]))


def _where(subject: str, place: str, rng: random.Random) -> str:
    left_out = 0.3 if place in homes().get(subject, ()) else 0.5 if place == "on a plain background" else 0.07
    if rng.random() < left_out:
        return ""
    said = place
    options, weights = phrases()[place]
    if rng.random() < 0.42 and options:
        said = rng.choices(options, weights)[0]
    if rng.random() < 0.05:
        said = f"{said} {rng.choice(_extras())}"
    return said


def _tags(noun: str, subject: str, style: str, rng: random.Random) -> str:
    if style != "flat illustration":
        if rng.random() < 0.02:
            return ""
        return rng.choice(OWN_TAGS[style]) if rng.random() < 0.6 else rng.choice(style_tags()[style])
    kind = rng.random()
    if kind < 0.14:
        return ""
    if kind < 0.24:
        return rng.choice(OWN_TAGS[style])
    if kind < 0.34:
        return rng.choice(style_tags()[style])
    details = _words().details
    category = category_of().get(noun) or category_of().get(subject, "other")
    lines = details.get(category) or details["other"]
    return lines[0] if rng.random() < 0.6 else rng.choice(lines)


# --- tables ------------------------------------------------------------------------------------------


@cache
def _words() -> Any:
    return vocabulary().Vocabulary()


@cache
def _adjectives() -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Adjectives that do not show and stand before a colour, and how common they are."""
    colors = set(color_of())
    rows = [
        (a.english, weight)
        for a, weight in zip(_words().adjectives, _words().adjective_weights, strict=True)
        if a.kind in ("size", "appearance", "mood", "personality", "state", "age")
        and not _nouns().search(a.english)
        and not colors & set(a.english.split())
        and "-" not in a.english
    ]
    return tuple(row[0] for row in rows), tuple(row[1] for row in rows)


@cache
def _actions() -> tuple[str, ...]:
    """What subjects may do in a prompt; nothing of it is drawn, so none names a place."""
    return tuple(
        english for _, english in _words().actions if not _places().search(english) and not _nouns().search(english)
    )


@cache
def _extras() -> tuple[str, ...]:
    """Lights and company that a prompt may mention and no picture shows."""
    return tuple(
        english
        for _, english, kind in _words().places
        if kind in ("light", "company") and not _places().search(english)
    )


@cache
def _style_names() -> tuple[tuple[str, str], ...]:
    names = {tag: style for style, tags in OWN_TAGS.items() for tag in tags} | {style: style for style in OWN_TAGS}
    names |= {tags: style for style, listed in style_tags().items() for tags in listed}
    names |= {
        "watercolor": "watercolor",
        "pixel art": "pixel art",
        "pencil": "pencil sketch",
        "oil painting": "oil painting",
    }
    return tuple(sorted(names.items(), key=lambda pair: -len(pair[0])))


@cache
def _places() -> re.Pattern[str]:
    listed = {*PLACES, *(phrase for options, _ in phrases().values() for phrase in options)}
    return _any(listed)


@cache
def _colors() -> re.Pattern[str]:
    return _any(color_of())


@cache
def _plurals() -> dict[str, tuple[str, bool]]:
    """Every noun in singular and plural → the singular, and whether it was the plural."""
    plural = vocabulary().english_plural
    return {noun: (noun, False) for noun in subject_of()} | {
        plural(noun): (noun, True) for noun in subject_of() if plural(noun) != noun
    }


@cache
def _nouns() -> re.Pattern[str]:
    return _any(noun for noun in _plurals() if noun not in color_of())


@cache
def _details() -> frozenset[str]:
    return frozenset(part.strip() for lines in _words().details.values() for line in lines for part in line.split(","))


def _is_detail(piece: str) -> bool:
    return piece.strip() in _details()


def _any(words: Iterable[str]) -> re.Pattern[str]:
    """Matches any of the words, the longest that fits."""
    return re.compile(r"\b(?:" + "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True)) + r")\b")
