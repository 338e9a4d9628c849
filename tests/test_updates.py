"""Whether there is a newer version: a real server on loopback is asked, in whatever mood it is."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from thau_desktop import updates
from thau_desktop.errors import ThauError
from thau_desktop.updates import Release, newer


@contextlib.contextmanager
def answering(body: bytes, status: int = 200) -> Iterator[tuple[str, list[Any]]]:
    """An address that always answers so, and the headers that it was sent."""
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(dict(self.headers))
            self.send_response(status)
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True, name="releases").start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/latest", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("found", "release"),
    [
        ({"version": "1.2.1", "page": "https://example.org/new"}, Release("1.2.1", "https://example.org/new")),
        ({"tag_name": "v1.10.0", "html_url": "https://example.org/r"}, Release("1.10.0", "https://example.org/r")),
        ({"version": "1.2.1", "page": "file:///etc/passwd"}, Release("1.2.1", "")),
        ({"version": "1.2.0"}, None),
        ({"version": "1.2.0rc1"}, None),
        ({"tag_name": "v0.9"}, None),
    ],
)
def test_a_newer_version_is_told_an_older_one_is_not(found: dict[str, str], release: Release | None) -> None:
    with answering(json.dumps(found).encode()) as (address, asked):
        assert newer(address, than="1.2.0") == release
    assert "thau" not in str(asked).lower() and len(asked) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"version": "soon"}', b'{"version": null}', b"\xff"])
def test_an_answer_without_a_version_is_a_sentence(body: bytes) -> None:
    with answering(body) as (address, _asked), pytest.raises(ThauError, match="does not name a version"):
        newer(address)


def test_an_endless_answer_is_left_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates, "LARGEST", 1000)
    body = b'{"version": "9"' + b" " * 5000 + b"}"
    with answering(body) as (address, _asked), pytest.raises(ThauError, match="does not name a version"):
        newer(address)


def test_no_server_and_a_server_that_fails_are_sentences() -> None:
    with answering(b"", 500) as (address, _asked), pytest.raises(ThauError, match="500"):
        newer(address)
    with pytest.raises(ThauError, match="whether there is a newer THAU"):
        newer(address)
    with pytest.raises(ThauError):
        newer("http://[")
