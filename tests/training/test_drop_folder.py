"""What is dropped into `training_queue/` comes in by itself, once, with a report of what could not be read."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from thau_desktop.app import Thau
from thau_desktop.store.database import Database
from thau_desktop.store.examples import Examples
from thau_desktop.training.drop_folder import take_in_dropped, waiting


@pytest.fixture
def examples(tmp_path: Path) -> Iterator[Examples]:
    with Database(tmp_path / "thau.db") as database:
        yield Examples(database)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "training_queue").mkdir()
    return tmp_path / "training_queue"


def drop(path: Path, *lines: str) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_a_dropped_file_is_taken_in_and_put_aside(examples: Examples, folder: Path) -> None:
    drop(folder / "a.jsonl", json.dumps({"instruction": "q", "output": "a"}), "{broken")
    (folder / "notes.md").write_text("not for us")
    (done,) = take_in_dropped(examples, folder, settled_seconds=-1)
    assert (done.finished.added, done.finished.refused, done.problem) == (1, 1, "")
    assert done.path == folder / "taken" / "a.jsonl"
    assert (folder / "taken" / "a.jsonl.report.txt").read_text(encoding="utf-8").startswith("2: it is not whole JSON")
    assert sorted(entry.name for entry in folder.iterdir()) == ["notes.md", "taken"]


def test_a_file_of_the_same_name_replaces_none(examples: Examples, folder: Path) -> None:
    for answer in ("a", "b"):
        drop(folder / "a.jsonl", json.dumps({"instruction": "q", "output": answer}))
        list(take_in_dropped(examples, folder, settled_seconds=-1))
    assert len(list((folder / "taken").iterdir())) == 2


def test_a_file_that_can_not_be_read_does_not_stop_the_others(examples: Examples, folder: Path) -> None:
    drop(folder / "a.json", "just words")
    drop(folder / "b.json", json.dumps([{"instruction": "q", "output": "a"}]))
    first, second = take_in_dropped(examples, folder, settled_seconds=-1)
    assert "no examples that THAU can read" in first.problem
    assert first.path.parent == folder / "refused"
    assert second.finished.added == 1


def test_a_file_that_is_still_being_written_waits(folder: Path) -> None:
    drop(folder / "a.jsonl", "{}")
    assert waiting(folder, settled_seconds=60) == []
    assert waiting(folder, settled_seconds=-1) == [folder / "a.jsonl"]


def test_a_stop_leaves_the_file_for_the_next_time(examples: Examples, folder: Path) -> None:
    drop(folder / "a.jsonl", json.dumps({"instruction": "q", "output": "a"}))
    cancel = threading.Event()
    cancel.set()
    assert list(take_in_dropped(examples, folder, cancel, settled_seconds=-1)) == []
    assert (folder / "a.jsonl").exists()


def test_a_start_takes_in_what_was_dropped_meanwhile(home: Path) -> None:
    with Thau() as thau:
        queue = thau.paths.training_queue
    drop(queue / "a.jsonl", json.dumps({"instruction": "q", "output": "a"}))
    os.utime(queue / "a.jsonl", (1, 1))
    with Thau() as thau:
        thau.finish_chores()
        assert thau.examples.counts()["pending"] == 1
