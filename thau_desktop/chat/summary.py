"""Summaries of what a conversation lost, made by the model that answers, and kept so that each is made once."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence

from thau_desktop.inference.backend import Backend, GenerationRequest
from thau_desktop.messages import Message, Sampling, Text, TextDelta
from thau_desktop.translation import _

TOKENS = 200
KEPT = 32
_CHARACTERS_A_TOKEN = 2  # cautious: the transcript may take about half the context


class Summaries:
    """Remembers the last summaries by the words they are of."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, messages: Sequence[Message], backend: Backend, limit: int, cancel: threading.Event) -> str:
        """A summary in a few sentences; "" when it was cancelled. `limit` is the context in tokens."""
        transcript = "\n".join(f"{message.role}: {message.text}" for message in messages if message.text.strip())
        key = hashlib.sha256(f"{backend.name}\n{transcript}".encode("utf-8", "replace")).hexdigest()
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        summary = _summarise(transcript[-limit // 2 * _CHARACTERS_A_TOKEN :], backend, cancel)
        if cancel.is_set():
            return ""
        with self._lock:
            self._kept[key] = summary
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return summary


def _summarise(transcript: str, backend: Backend, cancel: threading.Event) -> str:
    instruction = _("Summarise this conversation in at most five sentences. Keep names, numbers and decisions.")
    prompt = Message("user", (Text(f"{instruction}\n\n{transcript}"),))
    request = GenerationRequest((prompt,), Sampling(temperature=0, max_new_tokens=TOKENS))
    return "".join(event.text for event in backend.stream(request, cancel) if isinstance(event, TextDelta))
