"""Asks whether an Ollama server answers on this machine, quickly enough for `thau status`."""

from __future__ import annotations

import http.client
import json
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from thau_desktop.translation import _

_PORT = 11434
# Below 0.35.0 a pull can run code on this computer (CVE-2026-103663).
SAFE_VERSION = (0, 35, 0)


@dataclass(frozen=True, slots=True)
class OllamaServer:
    """A server that answered: where, and its version such as "0.35.1"."""

    url: str
    version: str

    @property
    def safe(self) -> bool:
        """False where the version has the known hole; an unreadable version (a development build) counts as safe."""
        numbers = self.version.split("-")[0].split(".")
        if not all(number.isdigit() for number in numbers):
            return True
        return tuple(map(int, numbers)) >= SAFE_VERSION or self.version.startswith("0.0.0")

    def hole(self) -> tuple[str, str]:
        """What is wrong with a version that is not `safe`, and what to do."""
        what = _("Ollama {version} at {url} has a hole: a model pulled from a stranger can run programs here.")
        advice = _("Update Ollama to {version} or newer.").format(version=".".join(map(str, SAFE_VERSION)))
        return what.format(version=self.version, url=self.url), advice


def probe(timeout: float = 0.3, environment: Mapping[str, str] = os.environ) -> OllamaServer | None:
    """The server that answers first among `addresses`, None when none does within `timeout` seconds."""
    urls = addresses(environment.get("OLLAMA_HOST", ""))
    answers: dict[str, str] = {}

    def ask(url: str) -> None:
        answers[url] = _version(url, timeout)

    # All at once and left behind when late: resolving a name has no timeout of its own.
    threads = [threading.Thread(target=ask, args=(url,), daemon=True) for url in urls]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + timeout
    for thread in threads:
        thread.join(max(0.0, deadline + 0.05 - time.monotonic()))
    return next((OllamaServer(url, answers[url]) for url in urls if answers.get(url)), None)


def addresses(host: str) -> list[str]:
    """Where a server may listen: what `OLLAMA_HOST` says, else 127.0.0.1 and localhost.

    `0.0.0.0` and `::` are addresses to listen on, not to call: this machine is meant.
    """
    host = host.strip().strip("\"'")
    if not host:
        return [f"http://127.0.0.1:{_PORT}", f"http://localhost:{_PORT}"]
    try:
        address = urlsplit(host if "://" in host else f"http://{host}")
        port = address.port or (443 if address.scheme == "https" else 80 if "://" in host else _PORT)
    except ValueError:
        return addresses("")
    name = address.hostname or ""
    if name in ("", "0.0.0.0", "::"):
        return [f"{address.scheme}://127.0.0.1:{port}", f"{address.scheme}://localhost:{port}"]
    return [f"{address.scheme}://{f'[{name}]' if ':' in name else name}:{port}"]


def _version(url: str, timeout: float) -> str:
    """The version of the server at `url`, "" when none answers as Ollama does."""
    address = urlsplit(url)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = kind(address.hostname or "", address.port, timeout=timeout)
    try:
        connection.request("GET", "/api/version")
        version = json.loads(connection.getresponse().read(10_000))["version"]
        return version if isinstance(version, str) else ""
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        return ""
    finally:
        connection.close()
