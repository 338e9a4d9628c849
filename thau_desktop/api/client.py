"""Talking with a THAU that serves its API, here or elsewhere: the turns of `thau chat --api URL`."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import socket
import threading
from collections.abc import Generator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from thau_desktop.api.access import LOOPBACK
from thau_desktop.api.token import Token
from thau_desktop.errors import ThauError
from thau_desktop.event_records import turn_event
from thau_desktop.messages import Finished, TextDelta, TurnEvent, TurnStarted
from thau_desktop.paths import Paths
from thau_desktop.translation import _

if TYPE_CHECKING:
    import httpx

TOKEN_VARIABLE = "THAU_API_TOKEN"
_CONNECT_SECONDS = 5.0
_SILENCE_SECONDS = 60.0  # the server lets itself be heard every 15
_LOOK_SECONDS = 0.1  # how often a waiting turn looks at its cancel event


class RemoteChat:
    """The chat of another process. Raises `ThauError` where the address can't be one."""

    def __init__(self, url: str, paths: Paths) -> None:
        address = urlsplit(url if "://" in url else f"http://{url}")
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ThauError(_("{url} is no address.").format(url=url), _("Write it like http://127.0.0.1:8000."))
        self._url = f"{address.scheme}://{address.netloc}"
        self._token = os.environ.get(TOKEN_VARIABLE, "")
        if not self._token and address.hostname in LOOPBACK:  # the token of this computer is for no other
            self._token = Token(paths).known()

    def turn(self, said: dict[str, Any], cancel: threading.Event) -> Generator[TurnEvent, None, None]:
        """Say what the body of `POST /chat` has, and yield the answer as it is made; the last event is `Finished`.

        Raises `ThauError` where nobody answers there, and with what the other side says is wrong.
        """
        import httpx  # late: only who talks elsewhere needs it

        timeout = httpx.Timeout(_SILENCE_SECONDS, connect=_CONNECT_SECONDS)
        headers = {"Authorization": f"Bearer {self._token}"}
        try:
            with (
                httpx.Client(base_url=self._url, headers=headers, timeout=timeout, trust_env=False) as client,
                client.stream("POST", "/chat", json=said) as response,
            ):
                if response.status_code != httpx.codes.OK:
                    response.read()
                    raise _refused(response)
                yield from _events(response, cancel)
        except httpx.HTTPError as problem:
            raise ThauError(
                _("No THAU answers at {url}: {reason}.").format(url=self._url, reason=str(problem).rstrip(".")),
                _("Start it there with `thau start`, or leave out --api to talk with the one here."),
            ) from problem


def _events(response: httpx.Response, cancel: threading.Event) -> Generator[TurnEvent, None, None]:
    """The events of a response. Cancelling breaks the connection, which stops the answer there."""
    lines: queue.SimpleQueue[str | Exception | None] = queue.SimpleQueue()

    def read() -> None:
        try:
            for line in response.iter_lines():
                lines.put(line)
            lines.put(None)
        except Exception as problem:  # noqa: BLE001 - raised again in the thread that iterates
            lines.put(problem)

    reader = threading.Thread(target=read, name="chat elsewhere", daemon=True)
    reader.start()
    started, words = TurnStarted(0, 0, 0), ""
    try:
        while True:
            if cancel.is_set():
                yield Finished(started.conversation_id, started.assistant_message_id, "stopped", words)
                return
            try:
                line = lines.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                continue
            if isinstance(line, Exception):
                raise line
            if line is None:
                return
            event = _event(line)
            if isinstance(event, TurnStarted):
                started = event
            elif isinstance(event, TextDelta):
                words += event.text
            if event is not None:
                yield event
            if isinstance(event, Finished):
                return
    finally:
        with contextlib.suppress(OSError, AttributeError, KeyError):  # it is closed already
            response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        reader.join()


def _event(line: str) -> TurnEvent | None:
    if not line.startswith("data:"):
        return None
    record = json.loads(line.removeprefix("data:"))
    if record.get("type") == "problem":
        raise ThauError(str(record.get("detail")), str(record.get("advice", "")))
    return turn_event(record)


def _refused(response: httpx.Response) -> ThauError:
    try:
        problem = response.json()
        return ThauError(str(problem["detail"]), str(problem.get("advice", "")))
    except (ValueError, LookupError, TypeError):
        return ThauError(_("What answers there is no THAU (status {status}).").format(status=response.status_code))
