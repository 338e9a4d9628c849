"""What must be refused, with the right status, and with nothing written: each request is sent byte by byte."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.conftest import PATIENCE, Service, raw
from thau_desktop.api.serving import Address, Server
from thau_desktop.app import Thau

TOKEN, PORT = "{token}", "{port}"
ADD = b'{"instruction": "hostile", "output": "hostile"}'


def request(
    line: str = "POST /training/add HTTP/1.1",
    *headers: str,
    body: bytes = ADD,
    host: str = f"Host: 127.0.0.1:{PORT}",
    token: str = f"Authorization: Bearer {TOKEN}",
    kind: str = "Content-Type: application/json",
    length: str | None = None,
) -> bytes:
    """A request whose headers are as they should be but for what a test changes; "" leaves one out."""
    told = f"Content-Length: {len(body)}" if length is None else length
    lines = [line, *(header for header in (host, token, kind, told, *headers) if header)]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def picture(name: str) -> bytes:
    return request(f"GET /vision/image/{name} HTTP/1.1", body=b"")


DEEP = b"[" * 20_000 + b"]" * 20_000
HOSTILE: dict[str, tuple[int, bytes]] = {
    # names that a page's DNS gives to this computer
    "rebinding: a page's own name": (403, request(host="Host: evil.example")),
    "rebinding: with our port": (403, request(host=f"Host: evil.example:{PORT}")),
    "rebinding: our address as a part of the name": (403, request(host="Host: 127.0.0.1.evil.example")),
    "rebinding: our name as a user": (403, request(host="Host: localhost@evil.example")),
    "rebinding: a name that ends like ours": (403, request(host="Host: notlocalhost")),
    "rebinding: every address": (403, request(host=f"Host: 0.0.0.0:{PORT}")),
    "rebinding: a port that is none": (403, request(host="Host: 127.0.0.1:80:80")),
    "rebinding: an empty name": (403, request(host="Host: ")),
    "rebinding: on the open page, too": (403, request("GET /health HTTP/1.1", host="Host: evil.example", body=b"")),
    "rebinding: what a proxy would say does not count": (
        403,
        request("POST /training/add HTTP/1.1", f"X-Forwarded-Host: 127.0.0.1:{PORT}", host="Host: evil.example"),
    ),
    # web pages
    "origin: a page": (403, request("POST /training/add HTTP/1.1", "Origin: https://evil.example")),
    "origin: a file or a sandboxed page": (403, request("POST /training/add HTTP/1.1", "Origin: null")),
    "origin: this computer, another port": (403, request("POST /training/add HTTP/1.1", "Origin: http://127.0.0.1:1")),
    "origin: ours, but https": (403, request("POST /training/add HTTP/1.1", f"Origin: https://127.0.0.1:{PORT}")),
    "origin: empty": (403, request("POST /training/add HTTP/1.1", "Origin: ")),
    "origin: a preflight": (
        403,
        request(
            "OPTIONS /training/add HTTP/1.1",
            "Origin: https://evil.example",
            "Access-Control-Request-Method: POST",
            body=b"",
        ),
    ),
    "origin: a form that needs no preflight": (
        422,
        request(kind="Content-Type: text/plain"),
    ),
    # tokens
    "token: none": (401, request(token="")),
    "token: empty": (401, request(token="Authorization: Bearer ")),
    "token: another": (401, request(token=f"Authorization: Bearer thau-{'a' * 43}")),
    "token: one letter too many": (401, request(token=f"Authorization: Bearer {TOKEN}x")),
    "token: as a password": (401, request(token="Authorization: Basic dTp0")),
    "token: no letters at all": (401, request(token="Authorization: Bearer \udcff\udcfe")),
    "token: twice": (400, request("POST /training/add HTTP/1.1", f"Authorization: Bearer {TOKEN}")),
    "token: in the address": (401, request("POST /training/add?token={token} HTTP/1.1", token="")),
    # headers that two readers understand in two ways
    "smuggling: two lengths": (400, request("POST /training/add HTTP/1.1", "Content-Length: 5")),
    "smuggling: length and chunks": (400, request("POST /training/add HTTP/1.1", "Transfer-Encoding: chunked")),
    "smuggling: an unknown encoding": (400, request(length="Transfer-Encoding: chunked, identity")),
    "smuggling: an encoding spelled with a tab": (400, request(length="Transfer-Encoding:\x0bchunked")),
    "smuggling: two hosts": (400, request("POST /training/add HTTP/1.1", "Host: evil.example")),
    "smuggling: a space before the colon": (400, request(host="Host : 127.0.0.1")),
    "smuggling: a length with a sign": (400, request(length="Content-Length: +47")),
    "smuggling: a header with an underscore": (400, request("POST /training/add HTTP/1.1", "Content_Length: 5")),
    "smuggling: no host": (400, request(host="")),
    "smuggling: an address of elsewhere": (400, request("POST http://evil.example/training/add HTTP/1.1")),
    "smuggling: chunks that are none": (400, request(length="Transfer-Encoding: chunked", body=b"zz\r\nhello\r\n")),
    "smuggling: lines that end in half": (400, b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\nX: a\rb\r\n\r\n"),
    # no HTTP
    "no http: noise": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
    "no http: a header of 100 kB": (431, request("POST /training/add HTTP/1.1", f"X: {'a' * 100_000}")),
    # ways out of the folder of pictures
    "path: dots": (404, picture("../settings.toml")),
    "path: encoded dots": (404, picture("%2e%2e%2fsettings.toml")),
    "path: encoded twice": (404, picture("%252e%252e%252fsettings.toml")),
    "path: half encoded": (404, picture("..%2fsettings.toml")),
    "path: backslashes": (404, picture("..%5csettings.toml")),
    "path: four dots": (404, picture("....//settings.toml")),
    "path: long UTF-8": (404, picture("%c0%ae%c0%ae%c0%afsettings.toml")),
    "path: absolute": (404, picture("%2fetc%2fpasswd")),
    "path: with a zero": (404, picture("..%00.png")),
    "path: a file beside the pictures": (404, picture("%2e%2e/api_token")),
    "path: an address of a file": (404, picture("file:%2f%2f%2fetc%2fpasswd")),
    "path: a hidden folder": (404, picture(".thumbnails%2f1.jpg")),
    # bodies
    "body: broken JSON": (400, request(body=b'{"instruction": "a", "output": ')),
    "body: no JSON": (400, request(body=b"\x89PNG\r\n\x1a\n")),
    "body: broken UTF-8": (400, request(body=b'{"instruction": "\xff\xfe", "output": "a"}')),
    "body: half a surrogate pair": (422, request(body=b'{"instruction": "\\ud800", "output": "a"}')),
    "body: deeper than anybody reads": (400, request(body=DEEP)),
    "body: a number of 10,000 digits": (400, request(body=b'{"instruction": ' + b"9" * 10_000 + b"}")),
    "body: not a number": (422, request(body=b'{"instruction": "a", "output": "b", "metadata": {"x": NaN}}')),
    "body: empty": (422, request(body=b"")),
    "body: a list": (422, request(body=b"[]")),
    "body: nothing but space": (422, request(body=b'{"instruction": " \\n", "output": "b"}')),
    "body: a field that is not known": (422, request(body=b'{"instruction": "a", "output": "b", "state": "trained"}')),
    "body: larger than it may be": (413, request(length="Content-Length: 99999999", body=b"")),
    "body: chunks larger than they may be": (
        413,
        request(
            "POST /service/stop HTTP/1.1",
            length="Transfer-Encoding: chunked",
            body=b"100000\r\n" + b"a" * 0x100000 + b"\r\n",
        ),
    ),
    "method: unknown": (405, request("BREW /training/add HTTP/1.1")),
    "method: overridden": (
        405,
        request("GET /training/add HTTP/1.1", "X-HTTP-Method-Override: POST", body=b""),
    ),
    "address: of nothing": (404, request("POST /admin HTTP/1.1")),
}


def state_of(service: Service) -> tuple[Any, ...]:
    """Everything that a request could have written."""
    with service.client() as client:
        status, stats = client.get("/status").json(), client.get("/stats").json()
    files = sorted(
        (str(path), path.stat().st_size)
        for path in service.home.rglob("*")
        if path.is_file() and path.suffix != ".log" and not path.name.startswith("thau.db")
    )
    return status["total"], stats["pictures"], stats["examples"], files


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_and_nothing_is_written(service: Service, name: str) -> None:
    status, sent = HOSTILE[name]
    sent = sent.replace(b"{token}", service.token.encode()).replace(b"{port}", str(service.port).encode())
    before = state_of(service)
    got, headers, body = raw(service.port, sent)
    assert got == status, body
    assert headers["content-type"] == "application/problem+json"
    problem = json.loads(body)
    assert problem["status"] == status and problem["detail"] and problem["code"]
    assert "access-control-allow-origin" not in headers and service.token not in body.decode()
    assert state_of(service) == before
    assert service.process.poll() is None


def test_a_name_that_another_setting_gives_is_still_not_let_in(service: Service) -> None:
    """The list of hosts is its own setting: neither `--host` nor the listed origins widen it."""
    file = service.home / "settings.toml"
    before = file.read_text()
    file.write_text(before + '\n[api]\nallowed_origins = "http://page.example"\n')
    try:
        stranger = request(host="Host: page.example").replace(b"{token}", service.token.encode())
        assert raw(service.port, stranger)[0] == 403
        listed = {"Origin": "http://page.example", **service.headers}
        answer = httpx.get(f"{service.url}/status", headers=listed)
        assert answer.status_code == 200 and answer.headers["access-control-allow-origin"] == "http://page.example"
        preflight = httpx.options(
            f"{service.url}/status", headers={"Origin": "http://page.example", "Access-Control-Request-Method": "GET"}
        )
        assert preflight.status_code == 204 and "authorization" in preflight.headers["access-control-allow-headers"]
    finally:
        file.write_text(before)
    assert httpx.get(f"{service.url}/status", headers=listed).status_code == 403


def test_what_writes_is_logged_without_its_content(service: Service) -> None:
    words = {"instruction": "a sentence that no log may hold", "output": "nor may it hold this one"}
    with service.client() as client:
        client.post("/training/add", json=words)
    log, end = "", time.monotonic() + PATIENCE  # the line is written after the answer
    while "POST /training/add: 200" not in log and time.monotonic() < end:
        log = (service.home / "logs" / "thau_service.log").read_text()
    assert "POST /training/add: 200" in log
    assert not any(text in log for text in (*words.values(), service.token))


@pytest.fixture
def hurried(home: Path) -> Iterator[Server]:
    """A server that waits for nobody longer than half a second."""
    with Thau() as thau:
        server = Server(thau, Address(port=0), body_seconds=0.5, header_seconds=0.5)
        server.start()
        yield server
        server.stop()


def test_headers_that_trickle_in_are_not_waited_for(hurried: Server) -> None:
    port = int(hurried.url.rpartition(":")[2])
    assert raw(port, b"GET /health HTTP/1.1\r\nHost: 127")[0] == 408
    assert raw(port, b"")[0] == 408


def test_a_body_that_trickles_in_is_not_waited_for(hurried: Server) -> None:
    port = hurried.url.rpartition(":")[2]
    begun = request(length="Content-Length: 4000", body=b'{"instruction": "slo')
    begun = begun.replace(b"{token}", hurried.api.token.value().encode()).replace(b"{port}", port.encode())
    status, _headers, body = raw(int(port), begun)
    assert status == 408 and json.loads(body)["code"] == "too_slow"
