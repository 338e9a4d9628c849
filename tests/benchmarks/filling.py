"""Conversations as long as nobody wants to write them: real rows, the same ones each time."""

from __future__ import annotations

import random
from itertools import accumulate

from thau_desktop.messages import Text
from thau_desktop.store.conversations import Conversations

RARE = "quetzalcoatlus"  # a word of one message in a thousand
COMMON = "model"  # a word of about every third message
_SYLLABLES = ["ka", "mo", "ri", "tes", "la", "nu", "pe", "so", "val", "dor", "mi", "en", "cu", "ran", "to", "bi"]
_KINDS = ("# {0}\n\n{1}", "{1}\n\n- {0}\n- **{0}**", "{1}\n\n```python\nprint('{0}')\n```")


def fill(conversations: Conversations, messages: int, title: str) -> int:
    """A conversation with that many messages, questions and answers in turn; returns its id."""
    rng = random.Random(messages)
    words = ["".join(rng.choices(_SYLLABLES, k=rng.randint(1, 4))) for _word in range(4000)]
    # Words are as frequent as in real texts: the n-th one 1/n times as often as the first (Zipf's law).
    weights = list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
    with conversations.database.transaction():
        made = conversations.create(title)
        for number in range(messages):
            chosen = rng.choices(words, cum_weights=weights, k=12 if number % 2 == 0 else 60)
            if number % 3 == 0:
                chosen[5] = COMMON
            if number % 1000 == 7:
                chosen[3] = RARE
            if number % 2 == 0:
                conversations.add_message(made.id, "user", [Text(f"{' '.join(chosen)}?")])
            else:
                text = _KINDS[number % len(_KINDS)].format(" ".join(chosen[:3]), " ".join(chosen))
                conversations.add_message(made.id, "assistant", [Text(text)], tokens=80, tokens_per_second=90.0)
    return made.id
