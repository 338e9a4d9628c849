"""The starter model's figures on the hand-written sets: with the system prompt that users have, and with none.

Users have the default persona's words, in the language of their window; each question gets those in its own.
They also have the chat settings' sampling, which is freer than greedy: it has no bounds, but it is what they see.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from tests.benchmarks import starter_quality
from tests.benchmarks.report import Figure
from tests.benchmarks.starter_quality import ROOT, Greedy
from thau_desktop.models.catalog import DEFAULT_MODEL
from thau_desktop.settings import Settings

BOUNDS = {"decisions": 97, "valid": 100, "subject": 90, "copied": 80, "concepts": 90}  # %
WORDS = {
    "decisions": "draws or answers as it should",
    "valid": "valid calls",
    "subject": "what was asked for is in the call",
    "copied": "unknown words copied into the call",
    "concepts": "concepts explained",
}


def measure(quick: bool) -> Iterator[Figure]:
    """Percents of right answers."""
    model = Greedy(ROOT / "resources" / "starter" / DEFAULT_MODEL)
    read = starter_quality.read
    if quick:
        starter_quality.read = lambda name: list(islice(read(name), 0, None, 10))
    persona, chat = starter_quality.personas(), Settings().chat
    for name, system in (("default persona", persona), ("no system prompt", {})):
        model.system = system
        for what, share in _all(model).items():
            yield Figure(f"{name}: {WORDS.get(what, what)}", 100 * share, "%", least=BOUNDS.get(what))
    model.system = persona
    model.choosing = {"do_sample": True, "temperature": chat.temperature, "top_k": chat.top_k, "top_p": chat.top_p}
    model.torch.manual_seed(7)
    for what, share in _all(model).items():
        if what in BOUNDS:
            yield Figure(f"temperature {chat.temperature}: {WORDS[what]}", 100 * share, "%")


def _all(model: Greedy) -> dict[str, float]:
    return starter_quality.tool_calling(model) | starter_quality.concepts(model)
