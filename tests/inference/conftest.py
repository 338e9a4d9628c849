"""The tiny model, as one that is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from thau_desktop.models.catalog import InstalledModel


@pytest.fixture(scope="session")
def tiny_model(tiny_folder: Path) -> InstalledModel:
    return InstalledModel("tiny", tiny_folder)
