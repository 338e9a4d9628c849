"""How large a body may be and how long it may take to come: an ASGI layer under the guard.

Whole bodies are read here, before anything is parsed, so that a refused one has changed nothing.
"""

from __future__ import annotations

import asyncio

from thau_desktop.api.access import Application, Message, Receive, Scope, Send, refuse
from thau_desktop.api.problems import Problem
from thau_desktop.translation import _

SECONDS = 30.0  # for a whole body
USUAL, BATCH, CHAT = 256 << 10, 32 << 20, 4 << 20  # bytes
_MOST = {
    "/training/batch": BATCH,
    "/training/add": 2 << 20,
    "/v1/chat/completions": CHAT,
    "/api/chat": CHAT,
    "/chat": CHAT,
}


class Limits:
    """Reads the body of each request within its bounds and hands it on in one piece.

    `most` bytes a body where its path has no bound of its own.
    """

    def __init__(self, inside: Application, seconds: float = SECONDS, most: int = USUAL) -> None:
        self._inside = inside
        self._seconds = seconds
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._inside(scope, receive, send)
            return
        most = _MOST.get(scope["path"], self._most)
        try:
            if _told(scope) > most:
                raise _too_large(most)
            async with asyncio.timeout(self._seconds):
                body = await _read(receive, most)
        except Problem as problem:
            await refuse(send, problem, scope["path"])
            return
        except TimeoutError:
            slow = Problem(408, "too_slow", _("The request took too long to arrive."), _("Send it again."))
            await refuse(send, slow, scope["path"])
            return
        if body is not None:
            await self._inside(scope, _handed_on(body, receive), send)


async def _read(receive: Receive, most: int) -> bytes | None:
    """The body; None where the client went away before its end."""
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        piece = message.get("body", b"")
        size += len(piece)
        if size > most:
            raise _too_large(most)
        pieces.append(piece)
        if not message.get("more_body", False):
            return b"".join(pieces)


def _handed_on(body: bytes, receive: Receive) -> Receive:
    handed = False

    async def receiving() -> Message:
        nonlocal handed
        if handed:
            return await receive()  # the next thing to be heard is that the client went away
        handed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receiving


def _told(scope: Scope) -> int:
    value = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(value) if value.isdigit() else 0


def _too_large(most: int) -> Problem:
    return Problem(
        413,
        "too_large",
        _("The request is larger than {most} bytes.").format(most=most),
        _("Send it in smaller parts."),
    )
