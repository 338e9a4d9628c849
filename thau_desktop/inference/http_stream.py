"""Requests to servers of models. Answers come line by line, and a cancelled one ends at once, whatever it waits for.

Each request has an event loop of its own that the caller's thread steps: httpx's plain client can't be interrupted
while it waits for a model that is being read for a minute. httpx is imported by the first request, which takes 0.1 s.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from thau_desktop.errors import ServerRefused, ServerUnreachable, ThauError
from thau_desktop.inference.addresses import is_here
from thau_desktop.translation import _

if TYPE_CHECKING:
    import httpx

POLL_SECONDS = 0.03  # how often a request that waits looks at its cancel event
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
EMBED_SECONDS = 120.0  # that vectors may take: the server may have to read the model first
_CHUNK = 1 << 20  # bytes of a file that are sent at once
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: `body` is sent as JSON, or the bytes of `file`."""

    method: str
    url: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    file: Path | None = None


def answer(request: Request, seconds: float = ANSWER_SECONDS) -> Any:
    """The JSON that a server answers within `seconds`, None where it has no body.

    Raises `ServerUnreachable` or `ServerRefused`.
    """
    import httpx

    try:
        with httpx.Client(timeout=seconds, **_options(request.url)) as client:
            response = client.request(request.method, request.url, **_sent(request))
        if response.is_error:
            raise _refused(request, response)
        return response.json() if response.content else None
    except (httpx.HTTPError, ValueError) as problem:
        raise _unreachable(request, problem) from problem


def lines(request: Request, cancel: threading.Event) -> Iterator[str]:
    """Yield the lines of an answer as they arrive; ends early once `cancel` is set.

    Raises `ServerUnreachable` or `ServerRefused`.
    """
    return _stepped(_lines(request), cancel)


def upload(request: Request, cancel: threading.Event) -> Iterator[int]:
    """Send a file; yield now and then how many bytes are sent, at the end all. Raises as `lines`, and `OSError`."""
    return _stepped(_upload(request), cancel)


def error_words(body: str) -> str:
    """What a server says is wrong: `{"error": "…"}` of Ollama, `{"error": {"message": "…"}}` of OpenAI, or its text."""
    try:
        found = json.loads(body)
    except ValueError:
        return body.strip()[:500]
    for key in ("error", "message", "detail"):
        if isinstance(found, dict) and key in found:
            found = found[key]
    return found if isinstance(found, str) else json.dumps(found)[:500]


async def _lines(request: Request) -> AsyncGenerator[str, None]:
    import httpx

    try:
        async with (
            _client(request) as client,
            client.stream(request.method, request.url, **_sent(request)) as response,
        ):
            if response.is_error:
                await response.aread()
                raise _refused(request, response)
            async for line in response.aiter_lines():
                yield line
    except httpx.HTTPError as problem:
        raise _unreachable(request, problem) from problem


async def _upload(request: Request) -> AsyncGenerator[int, None]:
    import httpx

    assert request.file is not None
    sent, size = 0, request.file.stat().st_size

    async def content() -> AsyncGenerator[bytes, None]:
        nonlocal sent
        assert request.file is not None
        with request.file.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
                sent += len(chunk)

    headers = {**request.headers, "Content-Length": str(size)}
    try:
        async with _client(request) as client:
            sending = asyncio.ensure_future(
                client.request(request.method, request.url, content=content(), headers=headers)
            )
            try:
                while not (await asyncio.wait({sending}, timeout=0.1))[0]:
                    yield sent
                if sending.result().is_error:
                    raise _refused(request, sending.result())
                yield size
            finally:
                sending.cancel()
                await asyncio.wait({sending})
    except httpx.HTTPError as problem:
        raise _unreachable(request, problem) from problem


def _stepped(events: AsyncGenerator[_T, None], cancel: threading.Event) -> Iterator[_T]:
    """Iterate in this thread what is made in an event loop, with a look at `cancel` thirty times a second.

    The first event is handed on at once, later ones together: waking for each would take time from a fast model here.
    """
    loop = asyncio.new_event_loop()
    made: deque[_T] = deque()
    begun = asyncio.Event()

    async def make() -> None:
        async for event in events:
            made.append(event)
            begun.set()

    making, beginning = loop.create_task(make()), loop.create_task(begun.wait())
    try:
        while not cancel.is_set():
            waited_for = {making} if begun.is_set() else {making, beginning}
            first = asyncio.wait(waited_for, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            loop.run_until_complete(first)
            while made and not cancel.is_set():
                yield made.popleft()
            if making.done() and not made:
                making.result()
                return
    finally:
        making.cancel()
        beginning.cancel()
        while left := asyncio.all_tasks(loop):  # the generators inside httpx end after ours, one by one
            loop.run_until_complete(asyncio.wait(left))
        if not making.cancelled():
            making.exception()  # nobody asks any more: asyncio would complain
        loop.run_until_complete(events.aclose())
        loop.close()


def _sent(request: Request) -> dict[str, Any]:
    """Body and headers. Half a surrogate pair, which a model may have said, has no bytes."""
    if request.body is None:
        return {"headers": dict(request.headers)}
    body = json.dumps(request.body, ensure_ascii=False).encode("utf-8", "replace")
    return {"content": body, "headers": {"Content-Type": "application/json", **request.headers}}


def _client(request: Request) -> httpx.AsyncClient:
    import httpx

    # A model may take minutes until its first word; stopping is the person's.
    return httpx.AsyncClient(timeout=httpx.Timeout(None, connect=CONNECT_SECONDS), **_options(request.url))


def _options(url: str) -> dict[str, Any]:
    """Nothing of this computer's own goes through a proxy; reading certificates takes 0.06 s, plain HTTP has none."""
    return {"trust_env": not is_here(url), "verify": url.startswith("https:")}


def _refused(request: Request, response: httpx.Response) -> ServerRefused:
    refused = ServerRefused(
        _("The server at {address} refused: {why}.").format(
            address=_address(request.url), why=(error_words(response.text) or str(response.status_code)).rstrip(".")
        ),
        _("Check the model's name and the server's own log."),
        details=f"HTTP {response.status_code}",
    )
    refused.status = response.status_code
    return refused


def _unreachable(request: Request, problem: Exception) -> ThauError:
    return ServerUnreachable(
        _("The server at {address} does not answer, or stopped in the middle.").format(address=_address(request.url)),
        _("Check that it runs and that its address is right, then try again."),
        details=f"{type(problem).__name__}: {problem}",
    )


def _address(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
