"""The server: uvicorn in a thread of its own, with a protocol that no slow or garbled client can hold.

It listens before `start` returns, and ends within `GRACE` seconds: answers in the making may come to their end.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import socket
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from thau_desktop.api.access import HEADER_BYTES, Application
from thau_desktop.api.application import application
from thau_desktop.api.core import Api
from thau_desktop.api.events import ApiEvent, Serving
from thau_desktop.api.limits import SECONDS
from thau_desktop.api.owner import Ownership
from thau_desktop.api.problems import MEDIA_TYPE, Problem
from thau_desktop.errors import ThauError
from thau_desktop.training.night import NightEvent
from thau_desktop.translation import _

if TYPE_CHECKING:
    from thau_desktop.app import Thau

GRACE = 8.0  # seconds that answers have to come to their end once the service is asked to end
HEADER_SECONDS = 10.0  # for the first line and the headers of a request
_KEEP_ALIVE = 15  # seconds that a silent connection stays open
_CONNECTIONS = 1024
_BACKLOG = 512
_BEAT = 1.0  # seconds

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen. `beyond`: also where others can reach it, which only a person can ask for, on the command line.

    Attributes: `port` 0 is any free one.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    beyond: bool = False


class Listener:
    """Serves an ASGI application in a thread of its own, from `start` to `stop`.

    `around` is entered in the event loop for as long as it serves. Attributes: `url`, "" before.
    """

    def __init__(
        self,
        application: Application,
        name: str,
        header_seconds: float = HEADER_SECONDS,
        lifespan: Literal["on", "off"] = "off",
        around: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
    ) -> None:
        self.url = ""
        self._name = name
        self._around = around
        _silence_uvicorn()
        config = uvicorn.Config(
            application,
            http=_patient(header_seconds),
            ws="none",
            lifespan=lifespan,
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            limit_concurrency=_CONNECTIONS,
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=int(GRACE),
            h11_max_incomplete_event_size=HEADER_BYTES,
        )
        self._server = uvicorn.Server(config)
        self._thread: threading.Thread | None = None

    def start(self, address: Address) -> str:
        """Listen and serve; returns the URL. Raises `ThauError` where it can't listen there."""
        listening = _listen(address)
        host, port = listening.getsockname()[:2]
        host = "127.0.0.1" if host == "0.0.0.0" else f"[{host}]" if ":" in host else host
        self.url = f"http://{host}:{port}"
        self._thread = threading.Thread(target=self._serve, args=(listening,), name=self._name, daemon=True)
        self._thread.start()
        _logger.info("%s listens at %s", self._name, self.url)
        return self.url

    def stop(self) -> None:
        """End: no new requests, those that run may finish, then are cancelled. Safe to call twice."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _serve(self, listening: socket.socket) -> None:
        async def serve() -> None:
            async with self._around():
                await self._server.serve(sockets=[listening])

        try:
            asyncio.run(serve())
        except Exception:  # a bug here is logged like any other problem
            _logger.critical("%s ended", self._name, exc_info=True)
        finally:
            listening.close()


class Server:
    """Serves the API of one `Thau` from `start` to `stop`.

    Attributes: `url`, "" before; `api`; `alive`, set again and again by the event loop as long as it turns.
    """

    def __init__(
        self,
        thau: Thau,
        address: Address,
        tell: Callable[[ApiEvent | NightEvent], None] = lambda event: None,
        body_seconds: float = SECONDS,
        header_seconds: float = HEADER_SECONDS,
    ) -> None:
        self.alive = threading.Event()
        self._address = address
        self._tell = tell
        self._stopping = threading.Event()
        self.api = Api(thau, self._stopping, tell)
        self._ownership = Ownership(thau.paths)
        self._listener = Listener(application(self.api, body_seconds), "api", header_seconds, around=self._beating)

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._listener.url

    def start(self) -> str:
        """Listen and serve; returns the URL. Raises `AlreadyServed`, or `ThauError` where it can't listen there."""
        self._ownership.claim()
        try:
            self.api.token.value()
            url = self._listener.start(self._address)
            self._ownership.tell(url)
        except BaseException:
            self.stop()
            raise
        self._tell(Serving(url))
        return url

    def stop(self) -> None:
        """End: no new requests, those that run may finish, then are cancelled. Safe to call twice."""
        self._stopping.set()
        self._listener.stop()
        self._ownership.release()

    @asynccontextmanager
    async def _beating(self) -> AsyncGenerator[None, None]:
        async def beat() -> None:
            while True:
                self.alive.set()
                await asyncio.sleep(_BEAT)

        beating = asyncio.create_task(beat())
        try:
            yield
            await self.api.end()
        finally:
            beating.cancel()


def _silence_uvicorn() -> None:
    """What matters of it is in our own log; noise from the net has no place on stderr."""
    logger = logging.getLogger("uvicorn")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _listen(address: Address) -> socket.socket:
    if not address.beyond and not _is_loopback(address.host):
        raise ThauError(
            _("The API listens on this computer only, and {host} can be reached from others.").format(
                host=address.host
            ),
            _("Use 127.0.0.1, and for other computers a tunnel such as `ssh -L`."),
        )
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    # Named, the protocol tells asyncio to send at once; unnamed, each answer would wait 40 ms for a delayed ACK.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name != "nt":  # there it would let two programs listen on one port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address.host, address.port))
        listening.listen(_BACKLOG)
    except OSError as problem:
        listening.close()
        raise ThauError(
            _("The API can't listen on {host}, port {port}: {reason}.").format(
                host=address.host, port=address.port, reason=problem.strerror or problem
            ),
            _("Another program may be using the port: end it, or choose another with --port or in the settings."),
        ) from problem
    return listening


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _patient(seconds: float) -> type[H11Protocol]:
    """uvicorn's protocol, with `seconds` for the headers of a request and refusals as problem+json."""

    class Patient(H11Protocol):
        _late: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._watch()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._watch()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            self._watch()

        def connection_lost(self, exc: Exception | None) -> None:
            self._unwatch()
            super().connection_lost(exc)

        def send_400_response(self, msg: str) -> None:
            self._refuse(
                Problem(400, "bad_request", _("The request is no valid HTTP."), _("Use an HTTP library to send it."))
            )

        def _watch(self) -> None:
            """Headers must be whole in time, counted from their first byte or from the connection's beginning."""
            if self.conn.their_state is not h11.IDLE:
                self._unwatch()
            elif self._late is None and not self.transport.is_closing():
                begun = bool(self.conn.trailing_data[0]) or self.cycle is None
                self._late = self.loop.call_later(seconds, self._too_late) if begun else None

        def _unwatch(self) -> None:
            if self._late is not None:
                self._late.cancel()
                self._late = None

        def _too_late(self) -> None:
            self._refuse(Problem(408, "too_slow", _("The request took too long to arrive."), _("Send it again.")))

        def _refuse(self, problem: Problem) -> None:
            body = problem.encoded()
            head = (
                f"HTTP/1.1 {problem.status} Refused\r\nContent-Type: {MEDIA_TYPE}\r\n"
                f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            )
            self.transport.write(head.encode("ascii") + body)
            self.transport.close()

    return Patient
