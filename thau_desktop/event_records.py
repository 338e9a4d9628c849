"""Typed events as JSON objects and back: `type` is the event's class in snake_case, then come its fields."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any, get_args

from thau_desktop.messages import TurnEvent

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def record_of(event: Any) -> dict[str, Any]:
    """An event as JSON has it."""
    return {"type": _name(type(event)), **dataclasses.asdict(event)}


def turn_event(record: Mapping[str, Any]) -> TurnEvent | None:
    """The event of a turn that `record_of` wrote; None for one that this version does not know. Raises ValueError."""
    from pydantic import TypeAdapter  # late: only who reads them needs it

    kind = _TURN.get(str(record.get("type")))
    if kind is None:
        return None
    known = {field.name for field in dataclasses.fields(kind)}
    event: TurnEvent = TypeAdapter(kind).validate_python({name: record[name] for name in record if name in known})
    return event


def _name(kind: type) -> str:
    return _WORD_START.sub("_", kind.__name__).lower()


_TURN: dict[str, Any] = {_name(kind): kind for kind in get_args(TurnEvent)}
