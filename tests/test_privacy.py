"""What is stored where, all of it in one zip, all of it gone, and back to a backup."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import zipfile
from pathlib import Path

import pytest

from tests.full_disk import full_disk, needs_limits
from thau_desktop.chat.transfer import import_file
from thau_desktop.errors import DiskFull, StoreError
from thau_desktop.licences import packages
from thau_desktop.messages import Text
from thau_desktop.paths import Paths
from thau_desktop.privacy import PLACES, delete_everything, files_of, measure
from thau_desktop.settings import SettingsFile
from thau_desktop.store.backup import backup_now
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.database import Database
from thau_desktop.store.examples import Examples
from thau_desktop.store.restore import restore
from thau_desktop.takeout import ExportFinished, ExportProgress, export_everything

NEVER = threading.Event()


@pytest.fixture
def paths(home: Path) -> Paths:
    """A home with a conversation, an example, a picture, a setting, a model and a log."""
    paths = Paths.find(home).create()
    with Database(paths.database) as database:
        conversations = Conversations(database)
        conversation = conversations.create("Zorro en la nieve")
        conversations.add_message(conversation.id, "user", (Text("Dibuja un zorro"),))
        Examples(database).add("What is the port?", "7443")
    SettingsFile(paths.settings).change("chat", "temperature", 1.0)
    paths.generated_images.mkdir(exist_ok=True)
    (paths.generated_images / "fox.png").write_bytes(b"picture" * 1000)
    (paths.models / "large").mkdir(parents=True)
    (paths.models / "large" / "model.safetensors").write_bytes(b"weights")
    (paths.logs / "thau.log").write_text("started\n")
    return paths


def export(paths: Paths, target: Path) -> ExportFinished:
    *progress, finished = export_everything(paths, target, NEVER)
    assert isinstance(finished, ExportFinished)
    assert progress and all(isinstance(event, ExportProgress) and 0 <= event.fraction <= 1 for event in progress)
    return finished


def test_every_place_is_measured(paths: Paths) -> None:
    found = {event.place: event for event in measure(paths, NEVER)}
    assert list(found) == [place.name for place in PLACES]
    assert (found["pictures"].size, found["pictures"].files) == (7000, 1)
    assert found["conversations"].size >= paths.database.stat().st_size
    assert found["exports"].files == 0


def test_a_cancelled_measuring_stops(paths: Paths) -> None:
    cancel = threading.Event()
    cancel.set()
    assert list(measure(paths, cancel)) == []


def test_an_export_holds_what_a_person_made_and_leaves_out_the_models(paths: Paths, tmp_path: Path) -> None:
    finished = export(paths, tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        names = set(archive.namelist())
        assert archive.testzip() is None
        assert archive.read("generated_images/fox.png") == b"picture" * 1000
        assert json.loads(archive.read("conversations.json"))["conversations"][0]["title"] == "Zorro en la nieve"
        assert json.loads(archive.read("examples.jsonl").splitlines()[0])["output"] == "7443"
    assert {"README.txt", "thau.db", "settings.toml", "logs/thau.log"} <= names
    assert not any(name.startswith(("models/", "backups/")) for name in names)
    assert (finished.files, finished.skipped) == (len(names), ())
    assert finished.size == (tmp_path / "all.zip").stat().st_size
    assert [path.name for path in tmp_path.iterdir()] == ["all.zip"]


def test_an_exported_zip_can_be_imported_elsewhere(paths: Paths, tmp_path: Path) -> None:
    export(paths, tmp_path / "all.zip")
    with Database(tmp_path / "other" / "thau.db") as database:
        conversations = Conversations(database)
        list(import_file(conversations, tmp_path / "all.zip"))
        assert [conversation.title for conversation in conversations.list()] == ["Zorro en la nieve"]


def test_an_export_into_the_home_does_not_swallow_itself(paths: Paths) -> None:
    target = paths.generated_images / "all.zip"
    export(paths, target)
    export(paths, target)
    with zipfile.ZipFile(target) as archive:
        assert not any(name.endswith((".zip", ".part")) for name in archive.namelist())


def test_an_export_of_an_empty_home_is_small_but_whole(home: Path, tmp_path: Path) -> None:
    *_progress, finished = export_everything(Paths.find(home / "nothing"), tmp_path / "all.zip", NEVER)
    assert isinstance(finished, ExportFinished) and finished.files == 1


def test_a_cancelled_export_leaves_the_old_zip_and_no_crumbs(paths: Paths, tmp_path: Path) -> None:
    target, cancel = tmp_path / "all.zip", threading.Event()
    target.write_bytes(b"last week's")
    events = []
    for event in export_everything(paths, target, cancel):
        events.append(event)
        cancel.set()
    assert events and not any(isinstance(event, ExportFinished) for event in events)
    assert target.read_bytes() == b"last week's"
    assert list(tmp_path.iterdir()) == [target]


@needs_limits
def test_a_full_disk_is_said_and_leaves_the_old_zip(paths: Paths, tmp_path: Path) -> None:
    target = tmp_path / "all.zip"
    target.write_bytes(b"last week's")
    (paths.generated_images / "large.png").write_bytes(os.urandom(3_000_000))
    with full_disk(1_000_000), pytest.raises(DiskFull, match="full"):
        list(export_everything(paths, target, NEVER))
    assert target.read_bytes() == b"last week's"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_that_vanishes_meanwhile_is_skipped_and_named(paths: Paths, tmp_path: Path) -> None:
    events = export_everything(paths, tmp_path / "all.zip", NEVER)
    next(events)
    (paths.generated_images / "fox.png").unlink()
    *_progress, finished = events
    assert isinstance(finished, ExportFinished) and finished.skipped == ("generated_images/fox.png",)


def test_a_folder_that_can_not_be_written_is_explained(paths: Paths, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="can't be written"):
        list(export_everything(paths, tmp_path / "file" / "all.zip", NEVER))


def test_deleting_everything_leaves_no_home(paths: Paths) -> None:
    (deleted,) = delete_everything(paths)
    assert (deleted.left, deleted.home_gone) == ((), True)
    assert not paths.home.exists()


def test_deleting_spares_what_is_not_ours(paths: Paths, tmp_path: Path) -> None:
    (paths.home / "holiday.txt").write_text("mine")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept.png").touch()
    (paths.datasets).mkdir(exist_ok=True)
    (paths.datasets / "link").symlink_to(elsewhere, target_is_directory=True)
    (deleted,) = delete_everything(paths)
    assert [path.name for path in paths.home.iterdir()] == ["holiday.txt"]
    assert (elsewhere / "kept.png").exists()
    assert (deleted.left, deleted.home_gone) == ((), False)


def test_models_may_be_kept(paths: Paths) -> None:
    list(delete_everything(paths, keep=("models",)))
    assert [path.name for path in paths.home.iterdir()] == ["models"]


def test_a_cancelled_deletion_deletes_nothing(paths: Paths) -> None:
    cancel = threading.Event()
    cancel.set()
    assert list(delete_everything(paths, cancel)) == []
    assert paths.database.exists()


def test_links_are_counted_but_never_followed(paths: Paths, tmp_path: Path) -> None:
    (tmp_path / "big.png").write_bytes(b"x" * 100000)
    (paths.generated_images / "link.png").symlink_to(tmp_path / "big.png")
    place = next(place for place in PLACES if place.name == "pictures")
    assert [file.name for file in files_of(paths, place)] == ["fox.png", "link.png"]
    assert {event.place: event.size for event in measure(paths, NEVER)}["pictures"] < 10000


def test_a_backup_is_restored_under_an_open_database_and_the_present_is_kept(paths: Paths) -> None:
    chosen = backup_now(paths.database, paths.backups)
    with Database(paths.database) as database:
        conversations = Conversations(database)
        conversations.create("Later")
        kept = restore(paths.database, chosen, paths.backups)
        assert [conversation.title for conversation in conversations.list()] == ["Zorro en la nieve"]
    assert kept is not None
    with Database(kept) as database:
        assert len(Conversations(database).list()) == 2


def test_a_damaged_backup_changes_nothing(paths: Paths) -> None:
    broken = paths.backups / "thau-20260101-000000-manual.db"
    broken.write_bytes(b"not a database" * 100)
    before = paths.database.read_bytes()
    with pytest.raises(StoreError, match="can't be used"):
        restore(paths.database, broken, paths.backups)
    assert paths.database.read_bytes() == before


def test_a_restore_does_not_wait_for_ever_for_another_writer(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thau_desktop.store.restore._BUSY_SECONDS", 0.2)
    chosen = backup_now(paths.database, paths.backups)
    other = sqlite3.connect(paths.database, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="busy"):
            restore(paths.database, chosen, paths.backups)
    finally:
        other.close()


def test_the_licences_name_what_the_program_is_built_on() -> None:
    found = {package.name.lower(): package for package in packages()}
    assert "MIT" in found["pydantic"].licence
    assert "LGPL" in found["pyside6_essentials"].licence
    assert "typing_extensions" in found, "what the roots need is found, too"
    assert all(package.version for package in found.values())
