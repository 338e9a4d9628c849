"""What is left out of a training before it begins, example by example, with the reason that a person reads.

One bad example costs only itself: it is set aside, and the rest of the night goes on. Whoever wants it all the same
allows it, and it is not looked at again.
"""

from __future__ import annotations

import functools
import json
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Literal

from thau_desktop.paths import data
from thau_desktop.store.examples import Example
from thau_desktop.store.parts import fingerprint
from thau_desktop.training.languages import in_other_language
from thau_desktop.translation import N_, _, ngettext_

Fault = Literal["contradiction", "copies", "language", "gibberish", "silenced"]

COPIES = 5  # so many questions with one answer are a pattern and no coincidence, where they are
COPIED_SHARE = 0.4  # so large a share of all
STRANGE = 0.5  # the share of a text's letter triples that no text here has, from which it is no language
_TRIPLES = 12  # fewer tell nothing: a name, a path, a number
_LETTERS = re.compile(r"[^\W\d_]{3,}")

REASONS: dict[Fault, str] = {
    "contradiction": N_("Another example that waits answers the same question differently: keep one of them."),
    "copies": N_("Many examples that wait have this very answer."),
    "language": N_("The answer is in another language than the question."),
    "gibberish": N_("The answer is made of no words."),
    "silenced": N_("It asks for a picture, and its answer draws none."),
}


def screen(new: Sequence[Example]) -> dict[int, Fault]:
    """By id, the examples that are not to be learned and why. Those that a person allowed are not among them."""
    found: dict[int, Fault] = {}
    asked: defaultdict[int, list[Example]] = defaultdict(list)
    answers = Counter(fingerprint(one.output) for one in new)
    for one in new:
        asked[one.question].append(one)
    for same in asked.values():
        if len({fingerprint(one.output) for one in same}) > 1:
            newest = same[-1]  # a correction takes the place of what it corrects
            losers = same[:-1] if newest.source == "correction" else same
            found |= dict.fromkeys((one.id for one in losers), "contradiction")
    for one in new:
        copies = answers[fingerprint(one.output)]
        if one.id in found:
            continue
        if copies >= COPIES and copies > COPIED_SHARE * len(new):
            found[one.id] = "copies"
        elif is_gibberish(one.output):
            found[one.id] = "gibberish"
        elif in_other_language(one.instruction, one.output):
            found[one.id] = "language"
    return {one.id: found[one.id] for one in new if one.id in found and not one.allowed}


def told(faults: Sequence[Fault]) -> list[str]:
    """A sentence for each kind of fault, with how many there were."""
    many = Counter(faults)
    said: dict[Fault, str] = {
        "contradiction": ngettext_(
            "{n} new example was left out: it contradicts another.",
            "{n} new examples were left out: they contradict one another.",
            many["contradiction"],
        ),
        "copies": ngettext_(
            "{n} new example was left out: many have its very answer.",
            "{n} new examples were left out: all have the very same answer.",
            many["copies"],
        ),
        "language": ngettext_(
            "{n} new example was left out: its answer is in another language than its question.",
            "{n} new examples were left out: their answers are in another language than their questions.",
            many["language"],
        ),
        "gibberish": ngettext_(
            "{n} new example was left out: its answer is made of no words.",
            "{n} new examples were left out: their answers are made of no words.",
            many["gibberish"],
        ),
    }
    return [said[fault].format(n=many[fault]) for fault in said if many[fault]]


def reason(fault: Fault) -> str:
    """What an example that was left out says of itself."""
    return _(REASONS[fault])


def is_gibberish(text: str) -> bool:
    """Whether most triples of its letters occur in no text that THAU knows. Short texts are never."""
    triples = [word[at : at + 3] for word in map(str.lower, _LETTERS.findall(text)) for at in range(len(word) - 2)]
    if len(triples) < _TRIPLES:
        return False
    return sum(triple not in _known() for triple in triples) > STRANGE * len(triples)


@functools.cache
def _known() -> frozenset[str]:
    """The triples of letters in Spanish and English text, as often as they are no accident."""
    text = (data() / "datasets" / "reminders.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    many = Counter(
        word[at : at + 3]
        for record in lines
        for word in _LETTERS.findall(f"{record['instruction']} {record['output']}".lower())
        for at in range(len(word) - 2)
    )
    return frozenset(triple for triple, times in many.items() if times > 1)
