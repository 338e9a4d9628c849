"""What a turn needs of a language model, wherever it runs: load, stream, count tokens. Nothing heavy here."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from thau_desktop.messages import BackendEvent, Message, ModelReady, Sampling


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """One answer to generate.

    Attributes:
        tools: OpenAI-style function descriptions; empty means no tools.
        schema: a JSON schema that the answer's words must keep to, where the backend can (`keeps_schema`).
    """

    messages: tuple[Message, ...]
    sampling: Sampling = field(default_factory=Sampling)
    tools: tuple[dict[str, Any], ...] = ()
    schema: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """How many tokens a prompt takes.

    Attributes:
        messages: tokens of each message with its markers, in order; the sum may be off by a few where a
            template treats neighbours together.
        total: tokens of the whole rendered prompt, exact.
        limit: tokens that the model's context holds, prompt and answer together.
    """

    messages: tuple[int, ...]
    total: int
    limit: int

    @property
    def overhead(self) -> int:
        """Tokens that belong to no message: the start of the prompt, the answer's opening, the tools."""
        return self.total - sum(self.messages)


@dataclass(frozen=True, slots=True)
class Embedded:
    """Texts as vectors, in their order. Attributes: `tokens` that were read, 0 where nobody says."""

    vectors: tuple[tuple[float, ...], ...]
    tokens: int


class Backend(Protocol):
    """A language model that answers. Every method may raise a `ThauError` and may be called from any thread."""

    @property
    def name(self) -> str:
        """The model's name as people see it."""
        ...

    @property
    def ready(self) -> ModelReady | None:
        """What was loaded last; None before."""
        ...

    @property
    def keeps_schema(self) -> bool:
        """Whether answers can be held to a JSON schema."""
        ...

    def load(self, cancel: threading.Event) -> Iterator[BackendEvent]:
        """Make the model ready; yields ModelLoading and ModelReady, nothing when it already is."""
        ...

    def stream(self, request: GenerationRequest, cancel: threading.Event) -> Iterator[BackendEvent]:
        """Yield the answer as it is made; GenerationDone is the last event.

        TextDelta is raw text, which may hold calls and thoughts in the model's own marks. What a server has told apart
        already comes as ReasoningDelta and ToolCallReady.
        """
        ...

    def count_tokens(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]] = ()) -> TokenCounts:
        """Count the tokens of `messages` as `stream` would render them."""
        ...

    def unload(self) -> None:
        """Free the model's memory; the next call loads it again."""
        ...

    def close(self) -> None:
        """Free everything. Safe to call twice."""
        ...
