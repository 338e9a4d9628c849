"""Whether an Ollama is found, at every address that people give it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from thau_desktop.inference.ollama_probe import OllamaServer, addresses, probe


class _Answer(BaseHTTPRequestHandler):
    """Answers /api/version as Ollama does."""

    def do_GET(self) -> None:
        body = json.dumps({"version": "0.35.1"} if self.path == "/api/version" else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Nothing on stderr."""


@pytest.fixture
def port() -> Iterator[int]:
    """A stand-in for Ollama on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost", "http://127.0.0.1"])
def test_a_server_is_found_however_its_host_is_written(port: int, host: str) -> None:
    server = probe(2.0, {"OLLAMA_HOST": f"{host}:{port}"})
    assert server is not None
    assert server.version == "0.35.1"


def test_something_else_on_the_port_is_no_ollama(port: int) -> None:
    assert probe(2.0, {"OLLAMA_HOST": f"https://127.0.0.1:{port}"}) is None


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("", ["http://127.0.0.1:11434", "http://localhost:11434"]),
        ("0.0.0.0", ["http://127.0.0.1:11434", "http://localhost:11434"]),
        (":99", ["http://127.0.0.1:99", "http://localhost:99"]),
        ("[::]:99", ["http://127.0.0.1:99", "http://localhost:99"]),
        ("box.lan", ["http://box.lan:11434"]),
        ("https://box.lan", ["https://box.lan:443"]),
        ("http://[broken", ["http://127.0.0.1:11434", "http://localhost:11434"]),
    ],
)
def test_addresses_to_call_follow_from_the_address_to_listen_on(host: str, expected: list[str]) -> None:
    assert addresses(host) == expected


@pytest.mark.parametrize(
    ("version", "safe"),
    [("0.34.9", False), ("0.9.0", False), ("0.35.0", True), ("0.35.0-rc1", True), ("1.0.0", True), ("0.0.0", True)],
)
def test_versions_with_the_known_hole_are_told(version: str, safe: bool) -> None:
    assert OllamaServer("http://127.0.0.1:11434", version).safe is safe
