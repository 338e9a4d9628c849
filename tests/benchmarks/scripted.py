"""A model that says what is in a script, at a real model's speed, from a real child process."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from thau_desktop.inference.backend import GenerationRequest, TokenCounts
from thau_desktop.inference.local import LocalBackend
from thau_desktop.inference.model_folder import InstalledModel
from thau_desktop.messages import BackendEvent, GenerationDone, Message, ModelReady, TextDelta
from thau_desktop.process import Child

TOKEN = 4  # characters
CONTEXT = 2048
_PART = """## Part {n}: what it is about

The quick **brown** fox jumps over the `lazy` dog, and [nobody](https://example.org/{n}) minds at all. It is *said* that
this happened {n} times before; each time the dog slept on, and ~~nobody~~ hardly anybody wrote it down.

1. first, look at `value_{n}` and at what was **there** before
2. then compare it with the one after it
   - a smaller one goes to the left
   - a larger one stays where it is

```python
def part_{n}(values: list[int], other: int = {n}) -> dict[str, int]:
    \"\"\"Adds up what is larger.\"\"\"
    total = sum(value for value in values if value > other)  # comment number {n}
    return {{"total": total, "limit": {n}}}
```

| step | what is *done* | seconds |
|------|----------------|--------:|
| one  | read **all** of it | 0.{n} |
| two  | write `part_{n}`   | 1.{n} |

> Whoever quotes this, quotes part {n}.

"""


def answer_of(characters: int) -> str:
    """A Markdown text of that length with everything that answers have."""
    text = "".join(_PART.format(n=number) for number in range(characters // len(_PART) + 2))
    return text[:characters]


class Script:
    """Lives in the child in the place of `Host`. A question is the number of characters to answer with."""

    def __init__(self, rate: float) -> None:
        self._rate = rate

    def load(self, *, cancel: threading.Event) -> Iterator[BackendEvent]:
        """Yield ModelReady at once."""
        yield ModelReady("script", "cpu", "float32", 0.0, 1, 1, CONTEXT, 1)

    def stream(self, request: GenerationRequest, *, cancel: threading.Event) -> Iterator[BackendEvent]:
        """Yield the answer token by token, each when it is due."""
        text = answer_of(int(request.messages[-1].text))
        started = time.perf_counter()
        count = 0
        for count, at in enumerate(range(0, len(text), TOKEN), start=1):
            wait = started + count / self._rate - time.perf_counter()
            if wait > 0:
                time.sleep(wait)
            if cancel.is_set():
                break
            yield TextDelta(text[at : at + TOKEN])
        yield GenerationDone("stop", count, time.perf_counter() - started, 1 / self._rate)

    def count_tokens(
        self, messages: Sequence[Message], tools: Sequence[dict[str, Any]], *, cancel: threading.Event
    ) -> Iterator[TokenCounts]:
        """Yield one TokenCounts, of four characters a token."""
        counts = tuple(4 + len(message.text) // TOKEN for message in messages)
        yield TokenCounts(counts, sum(counts) + 3, CONTEXT)

    def close(self) -> None:
        """Nothing to free."""


class ScriptedBackend(LocalBackend):
    """The client is the real one; only what lives in its child is not."""

    def __init__(self, model: InstalledModel, rate: float) -> None:
        super().__init__(model)
        self._child = Child(partial(Script, rate), name="scripted model")
