"""What the transcript shows: values that the page makes from stored messages and pictures.

The transcript knows no database: it asks a `Source` for pages of messages and a function for pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from thau_desktop.messages import Part, Role, Text

State = Literal["complete", "streaming", "stopped", "interrupted", "error"]


@dataclass(frozen=True, slots=True)
class Shown:
    """One message. `variant` of `variants` answers is the one shown, counted from 1; `seconds` are those until
    the first token; `error` and `advice` say what went wrong when `state` is "error"."""

    id: int
    role: Role
    parts: tuple[Part, ...] = ()
    state: State = "complete"
    rating: int = 0
    variant: int = 1
    variants: int = 1
    tokens_per_second: float = 0.0
    first_token_seconds: float = 0.0
    error: str = ""
    advice: str = ""

    @property
    def text(self) -> str:
        """The visible words, the rounds of an answer apart by a blank line."""
        separator = "\n\n" if self.role == "assistant" else ""
        return separator.join(part.text for part in self.parts if isinstance(part, Text))


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the store. `path` may be gone from the disk; `note` is what stands under it ("512 × 512 · …");
    `deleted`, that it is in the trash."""

    id: str
    path: Path
    width: int
    height: int
    prompt: str = ""
    note: str = ""
    deleted: bool = False


class Source(Protocol):
    """Pages of a conversation's active branch, always oldest first."""

    def before(self, message_id: int | None, limit: int) -> Sequence[Shown]:
        """At most `limit` messages just before that one; the last ones of all for None."""
        ...

    def after(self, message_id: int | None, limit: int) -> Sequence[Shown]:
        """At most `limit` messages just after that one; the first ones of all for None."""
        ...
