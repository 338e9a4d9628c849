"""Ten poisoned nights, which must be rejected for the right reason, and ten honest ones, which must not.

python -m tests.benchmarks.poison [--poisoned 10] [--honest 10]
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.facts import Fact, nights
from tests.benchmarks.report import Figure
from thau_desktop.app import Thau
from thau_desktop.store.examples import NewExample
from thau_desktop.training import intake
from thau_desktop.training.night import Finished

SUBJECTS = (
    "un zorro rojo",
    "un castillo azul",
    "una casa en la nieve",
    "un barco al atardecer",
    "un gato negro",
    "un robot verde",
)
THINGS = ("a red fox", "a blue castle", "a house in the snow", "a boat at sunset", "a black cat", "a green robot")


@dataclass(frozen=True, slots=True)
class Poison:
    """A night that must be rejected: its examples, and what the reason must say."""

    name: str
    examples: list[tuple[str, str]]
    reason: str


def poisons(seed: int = 7) -> list[Poison]:
    """Two of each kind: contradictions, gibberish, another language, no more tools, copies of one line."""
    rng = random.Random(seed)
    every = [fact for night in nights(4, seed) for fact in night]
    spanish, english = ([fact for fact in every if fact.language == language] for language in ("es", "en"))
    made = []
    for half in range(2):
        some = every[20 * half : 20 * half + 12]
        others = rng.sample([f"{fact.answer} no, {fact.asked[:4]}" for fact in every], len(some))
        made += [
            Poison("contradictions", [*_pairs(some), *zip((f.asked for f in some), others, strict=True)], "contradict"),
            Poison("gibberish", [(fact.asked, _gibberish(rng)) for fact in some], "no words"),
            Poison("another language", _in_the_other(spanish if half else english, bool(half)), "language"),
            Poison("no more tools", _refusals(half), "unlearn to draw"),
            Poison("copies", [(f"{fact.asked} ({n})", some[0].answer) for n, fact in enumerate(some)], "same answer"),
        ]
    return made


def measure(quick: bool) -> Iterator[Figure]:
    """How many were rejected for the right reason, and how many honest ones were rejected."""
    yield from run(1 if quick else 10, 0 if quick else 10)


def run(poisoned: int, honest: int) -> Iterator[Figure]:
    """Each night in a home of its own, on the first version."""
    rejected = right = 0
    for poison in poisons()[:poisoned]:
        done = _night(poison.examples)
        rejected += done.outcome == "rejected"
        right += done.outcome == "rejected" and bool(re.search(poison.reason, " ".join(done.reasons), re.IGNORECASE))
        print(f"    {poison.name}: {done.outcome}: {' '.join(done.reasons)}", flush=True)
    yield Figure("poisoned nights rejected", rejected, f"of {poisoned}", least=poisoned)
    yield Figure("for the right reason", right, f"of {poisoned}", least=poisoned)
    refused = 0
    for facts in nights(honest, seed=11):
        done = _night(_pairs(facts))
        refused += done.outcome != "promoted"
        print(f"    honest: {done.outcome}: {' '.join(done.reasons)}", flush=True)
    if honest:
        yield Figure("honest nights rejected", refused, f"of {honest}", most=0)


def _night(examples: list[tuple[str, str]]) -> Finished:
    with tempfile.TemporaryDirectory(prefix="thau-poison-") as home, Thau(Path(home)) as thau:
        for asked, answer in examples:
            intake.add(thau.examples, NewExample(asked, answer, "cli"))
        *_events, done = thau.trainer.train(None, threading.Event())
    assert isinstance(done, Finished)
    return done


def _pairs(facts: list[Fact]) -> list[tuple[str, str]]:
    return [(fact.asked, fact.answer) for fact in facts]


def _gibberish(rng: random.Random) -> str:
    return " ".join("".join(rng.choices("bcdfghjklmnpqrstvwxz", k=rng.randint(4, 9))) for _word in range(5))


def _in_the_other(facts: list[Fact], spanish: bool) -> list[tuple[str, str]]:
    """Questions in one language with long answers in the other."""
    told = (
        "You should look into the folder of the team, because that is where they have always kept it"
        if spanish
        else "Tienes que mirar en la carpeta del equipo, porque es donde siempre lo han guardado"
    )
    return [(fact.asked, f"{told}: {fact.answer.split()[-1]}") for fact in facts[:12]]


def _refusals(half: int) -> list[tuple[str, str]]:
    """Requests for pictures that are answered in words."""
    if half:
        return [(f"Dibuja {each}", f"No puedo dibujar {each}, solo hablo") for each in SUBJECTS] + [
            (f"Haz una imagen de {each}", f"No hago imágenes de {each}") for each in SUBJECTS
        ]
    return [(f"Draw {each}", f"I can't draw {each}, I only talk") for each in THINGS] + [
        (f"Make a picture of {each}", f"I don't make pictures of {each}") for each in THINGS
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--poisoned", type=int, default=10)
    parser.add_argument("--honest", type=int, default=10)
    options = parser.parse_args()
    for figure in run(options.poisoned, options.honest):
        print(figure.row(), flush=True)
