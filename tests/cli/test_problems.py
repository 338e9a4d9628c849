"""What had to be mended is told on stderr, in the words that the window uses; the command does its work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome
from thau_desktop.app import Thau
from thau_desktop.store.backup import backup_now

Here = Callable[..., Outcome]


def test_broken_settings_are_kept_and_told(here: Here, home: Path) -> None:
    (home / "settings.toml").write_text("[general\nlanguage = ")
    outcome = here("models", "list")
    assert outcome.status == 0 and outcome.err.startswith("The settings file was damaged")
    [kept] = home.glob("settings.toml.broken-*")
    assert kept.read_text() == "[general\nlanguage = " and str(kept) in outcome.err
    assert here("models", "list").err == ""


def test_settings_that_can_not_be_used_are_told_once(here: Here, home: Path) -> None:
    (home / "settings.toml").write_text('chat = 5\n[model]\nthreads = "many"\n')
    lines = here("models", "list").err.splitlines()
    assert len(lines) == 2 and "chat" in lines[0] and "model.threads" in lines[1]


def test_a_damaged_database_is_kept_and_told(here: Here, home: Path) -> None:
    with Thau(home) as thau:
        thau._chores.join()  # the day's own, of the same second perhaps
        thau.conversations.create("Kept in the backup")
        backup_now(thau.paths.database, thau.paths.backups)
    (home / "thau.db").write_bytes(b"\xa5" * 40_000)
    outcome = here("conversations", "list")
    assert outcome.status == 0 and "Kept in the backup" in outcome.out
    assert outcome.err.startswith("The database was damaged.") and outcome.err.count("\n") == 1
    [kept] = home.glob("thau.db.damaged-*")
    assert kept.read_bytes() == b"\xa5" * 40_000


@pytest.mark.parametrize("place", ["settings.toml", "logs", "models"])
def test_something_else_in_the_place_of_a_file_or_a_folder(here: Here, home: Path, place: str) -> None:
    if place == "settings.toml":
        (home / place).mkdir()
    else:
        (home / place).write_text("in the way")
    outcome = here("models", "list")
    assert outcome.status == (0 if place == "settings.toml" else 1)
    assert outcome.err.count("\n") == 1 and str(home / place) in outcome.err
