"""A conversation between two homes: what an importer has read and the store has not taken in yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from thau_desktop.messages import Part, Role


class NotImportableError(Exception):
    """This conversation can't be taken in; the message is the reason, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class DraftMessage:
    """One message of a tree. `key` and `parent` (None: a root) name messages of the same draft.

    Attributes: `created` is ISO 8601 in UTC or ""; `extra` are further columns of the store by name.
    """

    key: str
    parent: str | None
    role: Role
    parts: tuple[Part, ...]
    created: str = ""
    model: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """A conversation to import, parents before their children.

    Attributes: `source` is where it comes from ("chatgpt:<id>"), "" when unknown: it can't be recognised as a
    duplicate then; `leaf` is the message at which the branch shown ends
    (None: there is no message).
    """

    source: str
    title: str
    messages: tuple[DraftMessage, ...]
    leaf: str | None
    created: str = ""
    updated: str = ""
    model: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
