"""What a failing disk and a wrong clock do to the store: nothing is a crash, and nothing good is passed over."""

from __future__ import annotations

import os
import random
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from thau_desktop.errors import StoreError, ThauError
from thau_desktop.messages import Text
from thau_desktop.store.backup import backup_now, backups, daily, damage, newest_good
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.database import Database


def talk(path: Path) -> Path:
    """A closed database with a few conversations."""
    with Database(path) as database:
        conversations = Conversations(database)
        for number in range(12):
            one = conversations.create(f"título {number}")
            conversations.add_message(one.id, "user", (Text(f"palabras {number} " * 30),))
            conversations.add_message(one.id, "assistant", (Text(f"respuesta {number} " * 30),))
    return path


def change(database: Database, sql: str, *values: object) -> None:
    database.connection().execute(sql, values)


def test_parts_that_can_not_be_read_are_shown_as_they_stand(database: Database) -> None:
    conversations = Conversations(database)
    stored = conversations.add_message(conversations.create().id, "user", (Text("hola"),))
    for broken in ('[{"type": "text", "te', "[1]", '{"type": "text"}', "null"):
        change(database, "UPDATE messages SET parts = ? WHERE id = ?", broken, stored.id)
        assert conversations.message(stored.id).text == broken


def test_letters_that_are_no_utf8_are_read_as_a_sign(database: Database) -> None:
    conversations = Conversations(database)
    one = conversations.create("good")
    change(database, "UPDATE conversations SET title = CAST(x'676f6fff64' AS TEXT) WHERE id = ?", one.id)
    assert conversations.get(one.id).title == "goo\ufffdd"
    assert [found.title for found in conversations.list()] == ["goo\ufffdd"]


@pytest.mark.parametrize("seed", range(30))
def test_any_damage_is_mended_or_told_in_a_sentence(tmp_path: Path, seed: int) -> None:
    path = talk(tmp_path / "thau.db")
    content, chance = bytearray(path.read_bytes()), random.Random(seed)
    for _byte in range(chance.choice([3, 10, 40])):
        content[chance.randrange(100, len(content))] = chance.randrange(256)
    path.write_bytes(content)
    database = Database(path)
    try:
        with database:
            conversations = Conversations(database)
            for one in conversations.list():
                conversations.path(one.id)
            conversations.search("palabras")
    except ThauError as error:
        assert error.advice
    aside = [found for found in tmp_path.iterdir() if ".damaged-" in found.name]
    assert bool(aside) == bool(database.problems)
    assert not aside or aside[0].read_bytes() == content


def test_names_that_are_no_text_are_damage(tmp_path: Path) -> None:
    path = talk(tmp_path / "thau.db")
    # SQLite names what is broken in it, and Python can't read that name.
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE conversations", b"CREATE TABLE \xff\xfe\xfdversations"))
    assert damage(path)
    with Database(path) as database:
        assert "kept as" in database.problems[0]


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everything")
def test_a_database_that_can_only_be_read_is_refused_at_once(tmp_path: Path) -> None:
    path = talk(tmp_path / "thau.db")
    path.chmod(0o444)
    with pytest.raises(StoreError, match="opened for writing"):
        Database(path).open()


def test_titles_are_one_line_of_characters_that_can_be_seen(database: Database) -> None:
    conversations = Conversations(database)
    one = conversations.create("  two\nlines\x07 and \x1b[31m colour \u202eturned ")
    assert one.title == "two lines and [31m colour turned"
    conversations.rename(one.id, "a\r\n\tb \x00")
    assert conversations.get(one.id).title == "a b"


def test_a_backup_of_a_day_when_the_clock_was_ahead_counts_as_the_oldest(database: Database) -> None:
    conversations = Conversations(database)
    conversations.create("when the clock was wrong")
    wrong = backup_now(database.path, database.backups, "daily")
    ahead = f"thau-{datetime.now() + timedelta(days=900):%Y%m%d-%H%M%S}-daily.db"
    wrong = wrong.rename(wrong.with_name(ahead))
    conversations.create("since then")
    right = daily(database.path, database.backups)
    assert right is not None
    assert [copy.path for copy in backups(database.backups)] == [right, wrong]
    newest = newest_good(database.backups)
    assert newest and newest.path == right


def test_a_wrong_clock_at_the_last_message_keeps_the_order_of_a_conversation(database: Database) -> None:
    conversations = Conversations(database)
    one = conversations.create()
    first = conversations.add_message(one.id, "user", (Text("before"),))
    change(database, "UPDATE messages SET created_at = '2199-01-01T00:00:00+00:00'")
    change(database, "UPDATE conversations SET updated_at = '2199-01-01T00:00:00+00:00'")
    second = conversations.add_message(one.id, "assistant", (Text("after"),))
    assert [message.id for message in conversations.path(one.id)] == [first.id, second.id]
    assert conversations.get(one.id).updated_at < "2199"
    with sqlite3.connect(database.path) as reader:
        assert reader.execute("PRAGMA quick_check").fetchone() == ("ok",)
    reader.close()
