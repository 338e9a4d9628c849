"""A hub on loopback that offers a tiny model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.standins.hub import Hub, Repo


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The only hub that a child of this test knows."""
    with Hub() as made:
        monkeypatch.setenv("HF_ENDPOINT", made.address)
        monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
        for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield made


@pytest.fixture
def tiny_repo(hub: Hub, tiny_folder: Path) -> Repo:
    """`lab/tiny` on that hub."""
    repo = hub.repos["lab/tiny"] = Repo.of(tiny_folder)
    return repo
