"""The starter model's figures on the hand-written sets: with the system prompt that users have, and with none.

Users have the default persona's words, in the language of their window; each question gets those in its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from tests.benchmarks import starter_quality
from tests.benchmarks.report import Figure
from tests.benchmarks.starter_quality import ROOT, Greedy
from thau_desktop.models.catalog import DEFAULT_MODEL

BOUNDS = {"decisions": 97, "valid": 100, "subject": 90, "copied": 80, "concepts": 90}  # %
WORDS = {
    "decisions": "draws or answers as it should",
    "valid": "valid calls",
    "subject": "what was asked for is in the call",
    "copied": "unknown words copied into the call",
    "concepts": "concepts explained",
}


def measure(quick: bool) -> Iterator[Figure]:
    """Percents of right answers, greedy."""
    model = Greedy(ROOT / "resources" / "starter" / DEFAULT_MODEL)
    read = starter_quality.read
    if quick:
        starter_quality.read = lambda name: list(islice(read(name), 0, None, 10))
    for name, system in (("default persona", starter_quality.personas()), ("no system prompt", {})):
        model.system = system
        for what, share in (starter_quality.tool_calling(model) | starter_quality.concepts(model)).items():
            yield Figure(f"{name}: {WORDS.get(what, what)}", 100 * share, "%", least=BOUNDS.get(what))
