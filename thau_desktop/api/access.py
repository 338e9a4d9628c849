"""Who may ask: the first thing that every request meets.

In this order: a request that proxies could read in two ways, a name that this computer is not called by (DNS
rebinding), a web page that is not listed (CORS), a missing or wrong token. Nothing of the body has been read by then.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from thau_desktop.api.problems import MEDIA_TYPE, Problem
from thau_desktop.api.token import Token
from thau_desktop.translation import _

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
OPEN = frozenset({"/health"})  # answered without a token
HEADER_BYTES = 32 << 10
_PREFLIGHT_SECONDS = "600"


@dataclass(frozen=True, slots=True)
class Rules:
    """Attributes: `hosts`, names that this computer may be called by; `origins`, web pages that may use the API."""

    hosts: frozenset[str] = frozenset(LOOPBACK)
    origins: frozenset[str] = frozenset()

    @classmethod
    def listed(cls, hosts: str, origins: str) -> Rules:
        """The loopback names and what a person has listed, separated by commas."""
        return cls(frozenset(LOOPBACK) | _parts(hosts), _parts(origins))


class Guard:
    """The outermost ASGI application. Rules are asked anew for each request.

    `pages` are the paths that a browser reads: it can't send a bearer token, but asks for a password, which is the
    token as well. What `is_open` needs neither.
    """

    def __init__(
        self,
        inside: Application,
        token: Token,
        rules: Callable[[], Rules],
        pages: Callable[[str], bool] = frozenset({"/docs", "/openapi.json"}).__contains__,
        is_open: Callable[[str], bool] = OPEN.__contains__,
    ) -> None:
        self._inside = inside
        self._token = token
        self._rules = rules
        self._pages = pages
        self._open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._inside(scope, receive, send)
            return
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        origin = ""
        try:
            _refuse_large(headers)
            _refuse_ambiguous(scope, headers)
            rules = self._rules()
            host = _refuse_foreign_host(_one(headers, b"host"), rules)
            origin = _refuse_foreign_origin(headers, host, rules)
            if origin and scope["method"] == "OPTIONS":
                await _answer_preflight(send, origin)
                return
            if not self._open(scope["path"]):
                self._refuse_stranger(headers, scope["path"])
        except Problem as problem:
            await refuse(send, problem, scope["path"])
            return
        await self._inside(scope, receive, _with_origin(send, origin) if origin else send)

    def _refuse_stranger(self, headers: list[tuple[bytes, bytes]], path: str) -> None:
        kind, _space, given = _one(headers, b"authorization").decode("latin-1").partition(" ")
        if kind.lower() == "bearer" and self._token.matches(given.strip()):
            return
        page = self._pages(path)
        if page and kind.lower() == "basic" and self._token.matches(_password(given)):
            return
        challenge = 'Basic realm="THAU: the token is the password"' if page else 'Bearer realm="THAU"'
        raise Problem(
            401,
            "wrong_token" if given else "no_token",
            _("The API's token is missing or wrong."),
            _("Send the header “Authorization: Bearer …”; the settings and `thau api token` show the token."),
            {"WWW-Authenticate": challenge},
        )


async def refuse(send: Send, problem: Problem, path: str) -> None:
    """Answer with a problem; what the client still sends is not read."""
    body = problem.encoded(path)
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        *((name.lower().encode(), value.encode("latin-1", "replace")) for name, value in problem.headers.items()),
    ]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _refuse_large(headers: list[tuple[bytes, bytes]]) -> None:
    if sum(len(name) + len(value) for name, value in headers) > HEADER_BYTES:
        raise Problem(431, "large_headers", _("The headers are too large."), _("Send fewer cookies and headers."))


def _refuse_ambiguous(scope: Scope, headers: list[tuple[bytes, bytes]]) -> None:
    names = [name for name, _value in headers]
    twice = {name for name in (b"host", b"origin", b"authorization", b"content-type") if names.count(name) > 1}
    lengths = [value for name, value in headers if name == b"content-length"]
    both = b"transfer-encoding" in names and bool(lengths)
    # Underscores are hyphens to some proxies: such a name would pass one check and mean something to another.
    disguised = any(name.replace(b"_", b"-") in (b"host", b"content-length", b"transfer-encoding", b"authorization")
                    for name in names if b"_" in name)  # fmt: skip
    if twice or both or len(lengths) > 1 or disguised or not scope["path"].startswith("/"):
        raise Problem(
            400,
            "ambiguous_request",
            _("The request can be read in two ways."),
            _("Send each of Host, Origin, Authorization and Content-Length once, and no Transfer-Encoding beside it."),
        )


def _refuse_foreign_host(given: bytes, rules: Rules) -> str:
    """The host and port as given, for the comparison with an origin."""
    host = given.decode("latin-1").lower()
    try:
        parts = urlsplit(f"//{host}")
        name, _port = parts.hostname or "", parts.port
    except ValueError:
        name = ""
    if name not in rules.hosts or parts.netloc != host or "@" in host:
        raise Problem(
            403,
            "wrong_host",
            _("This computer is not called that here."),
            _("Use 127.0.0.1, or list the name in the settings of the API."),
        )
    return host


def _refuse_foreign_origin(headers: list[tuple[bytes, bytes]], host: str, rules: Rules) -> str:
    """The origin to answer to, "" where none is needed: no browser, or THAU's own pages."""
    origin = _one(headers, b"origin").decode("latin-1")
    if not any(name == b"origin" for name, _value in headers) or origin.lower() == f"http://{host}":
        return ""
    if origin not in rules.origins:
        raise Problem(
            403,
            "wrong_origin",
            _("Web pages may not use this API."),
            _("List the page's origin in the settings of the API if you trust it."),
        )
    return origin


async def _answer_preflight(send: Send, origin: str) -> None:
    headers = [
        *_cors(origin),
        (b"access-control-allow-methods", b"GET, POST"),
        (b"access-control-allow-headers", b"authorization, content-type"),
        (b"access-control-max-age", _PREFLIGHT_SECONDS.encode()),
        (b"content-length", b"0"),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _with_origin(send: Send, origin: str) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *_cors(origin)]}
        await send(message)

    return sending


def _cors(origin: str) -> list[tuple[bytes, bytes]]:
    return [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"Origin")]


def _one(headers: list[tuple[bytes, bytes]], wanted: bytes) -> bytes:
    return next((value for name, value in headers if name == wanted), b"")


def _password(given: str) -> str:
    try:
        return base64.b64decode(given, validate=True).decode("latin-1").partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _parts(listed: str) -> frozenset[str]:
    return frozenset(part.strip().rstrip("/") for part in listed.split(",") if part.strip())
