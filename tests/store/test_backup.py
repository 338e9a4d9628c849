"""Backups: whole, rotated, and never in the way."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime
from pathlib import Path

import pytest

from thau_desktop.errors import StoreError
from thau_desktop.store import backup
from thau_desktop.store.backup import Kind, backup_now, backups, daily, damage, newest_good
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.database import Database


def test_a_backup_holds_everything_while_the_database_is_in_use(database: Database) -> None:
    conversations = Conversations(database)
    conversations.create("one")
    path = backup_now(database.path, database.backups)
    conversations.create("two")
    assert damage(path) == ""
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT title FROM conversations").fetchall() == [("one",)]
    connection.close()
    assert [entry.name for entry in database.backups.iterdir()] == [path.name]
    [listed] = backups(database.backups)
    assert (listed.path, listed.kind, listed.size) == (path, "manual", path.stat().st_size)


def test_there_is_one_backup_a_day(database: Database) -> None:
    first = daily(database.path, database.backups)
    assert first and daily(database.path, database.backups) is None
    assert daily(database.path, database.backups, today=date(2100, 1, 1)) is not None


def test_seven_daily_backups_are_kept_and_those_made_by_hand_all(database: Database) -> None:
    database.backups.mkdir()
    for day in range(1, 11):
        for kind in ("daily", "manual"):
            (database.backups / f"thau-202501{day:02}-030000-{kind}.db").write_bytes(b"old")
    (database.backups / "thau-not-a-date.db").write_bytes(b"")
    newest = daily(database.path, database.backups)
    kept = [copy for copy in backups(database.backups) if copy.kind == "daily"]
    assert len(kept) == 7 and kept[0].path == newest and kept[-1].made == datetime(2025, 1, 5, 3)
    assert len([copy for copy in backups(database.backups) if copy.kind == "manual"]) == 10


def test_a_folder_that_can_not_be_written_does_not_stop_the_day(database: Database) -> None:
    database.backups.write_text("a file in the place of the folder")
    assert daily(database.path, database.backups) is None
    with pytest.raises(StoreError, match="backup"):
        backup_now(database.path, database.backups)


@pytest.mark.parametrize("kind", ["daily", "manual"])
def test_a_damaged_database_pushes_no_good_backup_out(tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / "thau.db"
    with Database(path) as database:
        Conversations(database).create("saved")
        folder = database.backups
    good = backup_now(path, folder)
    content = bytearray(path.read_bytes())
    for page in range(1, len(content) // 4096):
        content[page * 4096 : page * 4096 + 200] = b"\xa5" * 200
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        if kind == "daily":
            daily(path, folder)
        else:
            backup_now(path, folder)
    assert [copy.path for copy in backups(folder)] == [good]
    found = newest_good(folder)
    assert found and found.path == good


def test_no_folder_means_no_backups(tmp_path: Path) -> None:
    assert backups(tmp_path / "nowhere") == [] and newest_good(tmp_path / "nowhere") is None
    assert backup.KEEP["daily"] == 7
