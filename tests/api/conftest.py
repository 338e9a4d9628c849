"""A real `thau start` in a process of its own, shared by the tests of this folder, and raw requests to it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import tiny_pictures
from tests.conftest import ROOT

PATIENCE = 240  # seconds: a child that imports torch beside other work takes its time
SETTINGS = """
version = 1
[chat]
max_new_tokens = 120
[images]
model = "tiny"
width = 256
height = 256
steps = 10
"""


@dataclass
class Service:
    """One running `thau start`. `events` are its lines of JSON so far."""

    home: Path
    process: subprocess.Popen[str]
    url: str
    token: str
    events: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reader = threading.Thread(target=self._read, name="service's events", daemon=True)
        self.reader.start()

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers=self.headers, timeout=PATIENCE, trust_env=False)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)
        self._forget()

    def end(self) -> int:
        """Ask it to end as the system does; its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        status = self.process.wait(PATIENCE)
        self._forget()
        return status

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.events.append(json.loads(line))

    def _forget(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.reader.join(PATIENCE)


def raw(port: int, *pieces: bytes, seconds: float = PATIENCE) -> tuple[int, dict[str, str], bytes]:
    """Send bytes as they are and read the answer: status, headers, body."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        for piece in pieces:
            connection.sendall(piece)
        answer = b""
        while True:
            head, separator, body = answer.partition(b"\r\n\r\n")
            if separator:
                lines = head.decode("latin-1").split("\r\n")
                headers = {n.lower(): v for n, _c, v in (line.partition(": ") for line in lines[1:])}
                if len(body) >= int(headers.get("content-length", 1 << 60)):
                    return int(lines[0].split()[1]), headers, body
            piece = connection.recv(65536)
            if not piece:
                raise AssertionError(f"the connection ended after {answer[:200]!r}")
            answer += piece


def begin(home: Path, *arguments: str, **environment: str) -> Service:
    """Start a service in `home` and wait until it listens."""
    with (home / "stderr").open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "main.py"), "start", "--port", "0", "--json", *arguments],
            env={**os.environ, "THAU_HOME": str(home), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    assert process.stdout is not None
    first = process.stdout.readline()
    if not first:
        raise AssertionError((home / "stderr").read_text())
    event = json.loads(first)
    return Service(home, process, event["url"], (home / "api_token").read_text().strip(), [event])


@pytest.fixture(scope="session")
def pictures_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_pictures.sd(tmp_path_factory.mktemp("image-models") / "tiny")


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, pictures_folder: Path) -> Iterator[Service]:
    """With the starter language model, and a tiny model that draws."""
    home = tmp_path_factory.mktemp("served")
    (home / "settings.toml").write_text(SETTINGS)
    (home / "models").mkdir()
    (home / "models" / "tiny").symlink_to(pictures_folder)
    running = begin(home)
    try:
        yield running
    finally:
        assert running.end() == 0, (home / "stderr").read_text()
        assert (home / "stderr").read_text() == ""


@pytest.fixture
def client(service: Service) -> Iterator[httpx.Client]:
    with service.client() as client:
        yield client
