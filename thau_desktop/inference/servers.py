"""Servers that hold models: Ollama, and those that a person named in the settings. Asking them takes seconds.

`models_elsewhere` is for workers; `of_name` needs no network, so a conversation can be opened while a server is off.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from thau_desktop.errors import ThauError
from thau_desktop.inference import ollama_client, server_backend
from thau_desktop.inference.model_folder import InstalledModel, Manifest
from thau_desktop.inference.ollama_probe import addresses

OLLAMA = "ollama/"  # how the names of Ollama's models begin
_SECONDS = 3.0

Key = Callable[[str], str | None]
"""The key that is kept for the server of a name."""

_logger = logging.getLogger(__name__)


def named(setting: str) -> dict[str, str]:
    """Address by name, of a setting such as "lab=http://10.0.0.2:8000/v1 lms=http://127.0.0.1:1234/v1"."""
    return {name: url.rstrip("/") for name, _sign, url in (entry.partition("=") for entry in setting.split())}


def of_name(name: str, setting: str) -> InstalledModel | None:
    """The model of a name such as "ollama/qwen3:8b" or "lab/qwen"; None where that is no server's. Asks nobody."""
    server, _sign, model = name.partition("/")
    if not model:
        return None
    if name.startswith(OLLAMA):
        here = addresses(os.environ.get("OLLAMA_HOST", ""))[0]
        return InstalledModel(name, None, kind="ollama", address=here)
    url = named(setting).get(server)
    return InstalledModel(name, None, kind="server", address=url) if url else None


def models_elsewhere(setting: str, key: Key) -> list[InstalledModel]:
    """What all servers have, each asked in a thread of its own. One that does not answer has nothing."""
    asked = [lambda: _ollama_models(), *(_asking(name, url, key) for name, url in named(setting).items())]
    with ThreadPoolExecutor(len(asked), "servers") as threads:
        return [model for models in threads.map(lambda ask: ask(), asked) for model in models]


def _ollama_models() -> list[InstalledModel]:
    try:
        client = ollama_client.connect(_SECONDS)
        found = client.tags()
    except ThauError as problem:
        _logger.info("%s", problem)
        return []
    return [InstalledModel(f"{OLLAMA}{model.name}", None, kind="ollama", address=client.server.url) for model in found]


def _asking(name: str, url: str, key: Key) -> Callable[[], list[InstalledModel]]:
    def ask() -> list[InstalledModel]:
        try:
            found = server_backend.models_of(url, key(name) or "", _SECONDS)
        except ThauError as problem:
            _logger.info("%s", problem)
            return []
        return [
            InstalledModel(f"{name}/{model.name}", None, Manifest(context=model.context), kind="server", address=url)
            for model in found
        ]

    return ask
