"""A stand-in for Ollama that Thau finds where the environment says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.standins.ollama import Ollama, serving


@pytest.fixture
def ollama(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ollama]:
    """A server with no models."""
    with serving(Ollama()) as served:
        monkeypatch.setenv("OLLAMA_HOST", served.url)
        yield served
