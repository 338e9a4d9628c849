"""A real database file and what lives in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from thau_desktop.store.conversations import Conversations
from thau_desktop.store.database import Database

Process = Callable[[str, str], "subprocess.Popen[str]"]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "thau.db") as opened:
        yield opened


@pytest.fixture
def conversations(database: Database) -> Conversations:
    return Conversations(database)


@pytest.fixture
def process() -> Iterator[Process]:
    """Starts another Python process with `database` (opened, at the given path) and `conversations` in its script."""
    started: list[subprocess.Popen[str]] = []

    def start(path: str, script: str) -> subprocess.Popen[str]:
        opening = (
            "import os, sys; from pathlib import Path\n"
            "from thau_desktop.errors import *; from thau_desktop.messages import *\n"
            "from thau_desktop.store.conversations import Conversations\n"
            "from thau_desktop.store.database import Database\n"
            "database = Database(Path(sys.argv[1])); conversations = Conversations(database)\n"
        )
        child = subprocess.Popen(
            [sys.executable, "-c", opening + script, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "THAU_LANGUAGE": "en"},
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill()
        child.communicate()
