"""What two versions say to the same words, one after the other, with the persona in use."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from thau_desktop.app import Thau
from thau_desktop.inference.backend import GenerationRequest
from thau_desktop.messages import Message, Sampling, Text, TextDelta

LONGEST = 256  # tokens


@dataclass(frozen=True, slots=True)
class Said:
    """More of what a version says; `done` with the last of it."""

    name: str
    text: str
    done: bool = False


def compare(thau: Thau, names: Sequence[str], prompt: str, cancel: threading.Event) -> Iterator[Said]:
    """Ask each, taking the likeliest words. Nothing of it is kept. Raises what reading a model raises."""
    system = thau.personas.get_or_default(thau.settings.chat.persona).system_prompt
    messages = (Message("system", (Text(system),)), Message("user", (Text(prompt),)))
    request = GenerationRequest(messages, Sampling(temperature=0.0, max_new_tokens=LONGEST))
    for name in names:
        if cancel.is_set():
            return
        for event in thau.backend(name).stream(request, cancel):
            if isinstance(event, TextDelta):
                yield Said(name, event.text)
        yield Said(name, "", done=True)
