"""What happens in the API, for whoever watches: the window's list, `thau start --json`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Serving:
    """The API listens at `url`."""

    url: str


@dataclass(frozen=True, slots=True)
class RequestBegan:
    """Request `number` has arrived. `path` holds no words of anybody: what follows “?” is left out."""

    number: int
    method: str
    path: str
    began_at: str


@dataclass(frozen=True, slots=True)
class RequestEnded:
    """Request `number` was answered with `status` after `seconds`; 0 where its client went away before."""

    number: int
    status: int
    seconds: float


ApiEvent = Serving | RequestBegan | RequestEnded
