"""What a version says to some words, with the persona in use: how two are compared."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from thau_desktop.app import Thau
from thau_desktop.inference.backend import GenerationRequest
from thau_desktop.messages import Message, Sampling, Text, TextDelta

LONGEST = 256  # tokens


def said(thau: Thau, name: str, prompt: str, cancel: threading.Event) -> Iterator[str]:
    """Ask a version, taking the likeliest words: its answer, a few words at a time. Nothing of it is kept.

    Raises what reading a model raises.
    """
    system = thau.personas.get_or_default(thau.settings.chat.persona).system_prompt
    messages = (Message("system", (Text(system),)), Message("user", (Text(prompt),)))
    request = GenerationRequest(messages, Sampling(temperature=0.0, max_new_tokens=LONGEST))
    for event in thau.backend(name).stream(request, cancel):
        if isinstance(event, TextDelta):
            yield event.text
