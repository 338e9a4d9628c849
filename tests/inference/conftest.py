"""Model folders: the tiny one, made once a session, and the starter model where it is built."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import tiny_model as tiny
from thau_desktop.models.catalog import InstalledModel

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.build(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def tiny_model(tiny_folder: Path) -> InstalledModel:
    return InstalledModel("tiny", tiny_folder)


@pytest.fixture(scope="session")
def starter_folder() -> Path:
    folder = ROOT / "resources" / "starter" / "thau-nano-v1"
    if not (folder / "config.json").exists():
        pytest.skip("the starter model is not built yet")
    return folder
