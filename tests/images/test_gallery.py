"""Pictures with their files: coming, going, being found again after a kill, and what a bad disk does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.full_disk import full_disk
from tests.images.conftest import NOISE, pixels
from thau_desktop.errors import DiskFull, StoreError
from thau_desktop.images import files, trash
from thau_desktop.images.gallery import ExportFinished, Gallery, ImportFinished, PictureImported, PictureRefused
from thau_desktop.images.metadata import PictureUnreadable
from thau_desktop.store.database import Database
from thau_desktop.store.parts import now
from thau_desktop.store.pictures import Picture, PictureFilter, Pictures

NEVER = threading.Event()


def draw(gallery: Gallery, prompt: str = "A red fox", seed: int = 1, **columns: Any) -> Picture:
    parameters = {"prompt": prompt, "width": 64, "height": 64, "seed": seed, "model": "tiny", "created": now()}
    parameters["origin"] = columns.get("source", "gallery")
    return gallery.keep_drawn(pixels(seed=seed), parameters, **columns)


def shown(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


# --- coming ---------------------------------------------------------------------------------------------------


def test_a_drawn_picture_is_a_file_a_row_and_a_thumbnail(gallery: Gallery) -> None:
    picture = draw(gallery, "¡Ñandú rojo! in the snow, at night, by a very old lighthouse", source="chat")
    assert re.fullmatch(r"\d{8}_\d{6}_nandu_rojo_in_the_snow_at_night_by_a_very_old\.png", picture.file)
    path = gallery.path(picture)
    assert path.parent == gallery.folder and path.stat().st_size == picture.bytes
    with Image.open(path) as image:
        assert json.loads(image.info["thau"])["seed"] == 1 and "Seed: 1" in image.info["parameters"]
    with Image.open(gallery.thumbnail(picture)) as small:
        assert small.format == "JPEG" and max(small.size) <= 256
    assert gallery.thumbnail(picture) == gallery.thumbnail_path(picture.id)
    assert gallery.pictures.get(picture.id) == picture and picture.source == "chat"


def test_pictures_of_the_same_second_and_words_have_names_of_their_own(gallery: Gallery) -> None:
    at = "2026-11-21T01:02:03+00:00"
    made = [
        gallery.keep_drawn(pixels(seed=n), {"prompt": "🦊", "width": 64, "height": 64, "created": at}) for n in range(3)
    ]
    first, second, third = (picture.file for picture in made)
    assert first.endswith("_picture.png") and second.endswith("_picture_2.png") and third.endswith("_picture_3.png")
    gallery.delete([made[1].id])
    again = gallery.keep_drawn(pixels(), {"prompt": "🦊", "width": 64, "height": 64, "created": at})
    assert again.file.endswith("_picture_4.png"), "the trash keeps its names"


def test_a_thumbnail_that_is_missing_is_made_again(gallery: Gallery) -> None:
    picture = draw(gallery)
    gallery.thumbnail_path(picture.id).unlink()
    assert gallery.thumbnail(picture).stat().st_size > 0


@pytest.mark.skipif(sys.platform == "win32", reason="no limit to set")
def test_a_full_disk_is_said_and_leaves_nothing_behind(gallery: Gallery) -> None:
    asked = {"prompt": "fox", "width": 256, "height": 256, "created": now()}
    draw(gallery)
    with full_disk(100_000), pytest.raises(DiskFull, match="disk is full"):
        gallery.keep_drawn(NOISE, asked)
    assert len(shown(gallery.folder)) == gallery.pictures.count() == 1
    assert gallery.keep_drawn(NOISE, asked).bytes > 100_000


@pytest.mark.skipif(sys.platform == "win32", reason="no limit to set")
def test_a_thumbnail_without_room_is_made_later(gallery: Gallery) -> None:
    picture = draw(gallery)
    target = gallery.thumbnail_path(picture.id)
    target.unlink()
    with full_disk(10), pytest.raises(DiskFull):
        gallery.thumbnail(picture)
    assert shown(target.parent) == []
    assert gallery.thumbnail(picture).exists()


def test_where_only_the_row_fails_the_picture_is_adopted_later(gallery: Gallery) -> None:
    connection = gallery.pictures.database.connection()
    connection.execute("CREATE TRIGGER refusal BEFORE INSERT ON pictures BEGIN SELECT RAISE(ABORT, 'refused'); END")
    with pytest.raises(Exception, match="refused"):
        draw(gallery, source="chat")
    connection.execute("DROP TRIGGER refusal")
    gallery.tidy()
    (picture,) = gallery.pictures.rows(gallery.pictures.ids())
    assert (picture.prompt, picture.seed, picture.source) == ("A red fox", 1, "chat")


# --- after a kill -----------------------------------------------------------------------------------------------

KILLED = """
import os, sys
from pathlib import Path
from thau_desktop.images.gallery import Gallery
from thau_desktop.store.database import Database
from thau_desktop.store.parts import now
from thau_desktop.store.pictures import Pictures
home, moment = Path(sys.argv[1]), sys.argv[2]
gallery = Gallery(Pictures(Database(home / "thau.db").open()), home / "generated_images")
if moment == "before the rename":
    Path.rename = lambda self, target: os._exit(9)
else:
    Pictures.add = lambda self, **columns: os._exit(9)
asked = {"prompt": "a fox", "width": 64, "height": 64, "seed": 7, "created": now(), "origin": "cli"}
gallery.keep_drawn(bytes(64 * 64 * 3), asked)
"""


@pytest.mark.parametrize(("moment", "pictures"), [("before the rename", 0), ("before the row", 1)])
def test_after_a_kill_no_orphan_is_left(tmp_path: Path, moment: str, pictures: int) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), moment], cwd=ROOT, check=False)
    folder = tmp_path / "generated_images"
    assert killed.returncode == 9 and len(shown(folder)) == 1
    with Database(tmp_path / "thau.db") as database:
        gallery = Gallery(Pictures(database), folder)
        gallery.tidy()
        found = gallery.pictures.rows(gallery.pictures.ids())
        assert len(found) == len(shown(folder)) == pictures
        assert [(picture.prompt, picture.seed, picture.source) for picture in found] == [("a fox", 7, "cli")] * pictures


def test_another_processes_half_written_file_is_left_alone_until_it_is_old(gallery: Gallery) -> None:
    gallery.folder.mkdir()
    theirs = gallery.folder / f".{os.getppid()}-0.part"
    foreign = gallery.folder / ".all.zip.abc.part"
    for path in (theirs, foreign):
        path.touch()
    gallery.tidy()
    assert theirs.exists() and foreign.exists()
    long_ago = (datetime.now(UTC) - timedelta(days=1)).timestamp()
    for path in (theirs, foreign):
        os.utime(path, (long_ago, long_ago))
    gallery.tidy()
    assert not theirs.exists() and not foreign.exists()


def test_files_without_a_row_are_adopted_and_others_left(gallery: Gallery, tmp_path: Path) -> None:
    known = draw(gallery)
    Image.new("RGB", (30, 20)).save(gallery.folder / "holiday.jpg")
    (gallery.folder / "broken.png").write_bytes(b"no picture")
    (gallery.folder / "notes.txt").write_text("mine")
    (gallery.folder / "link.png").symlink_to(gallery.path(known))
    assert gallery.adopt() == 1 and gallery.adopt() == 0
    adopted = gallery.pictures.by_file("holiday.jpg")
    assert adopted is not None and (adopted.width, adopted.source) == (30, "adopted")
    assert gallery.pictures.count() == 2
    assert set(shown(gallery.folder)) == {known.file, "holiday.jpg", "broken.png", "notes.txt", "link.png"}


def test_a_cancelled_adoption_stops(gallery: Gallery) -> None:
    gallery.folder.mkdir()
    Image.new("RGB", (30, 20)).save(gallery.folder / "holiday.jpg")
    cancel = threading.Event()
    cancel.set()
    assert gallery.adopt(cancel) == 0


# --- going ------------------------------------------------------------------------------------------------------


def test_a_deleted_picture_waits_in_the_trash_and_comes_back(gallery: Gallery) -> None:
    picture = draw(gallery)
    assert gallery.delete([picture.id]) == 1 and gallery.delete([picture.id]) == 0
    deleted = gallery.pictures.get(picture.id)
    assert gallery.path(deleted) == trash.path_of(gallery.folder, picture.file) and gallery.path(deleted).exists()
    assert shown(gallery.folder) == [] and gallery.adopt() == 0
    assert gallery.facts(str(picture.id))["deleted"] is True
    assert gallery.thumbnail(deleted).exists()
    assert gallery.restore([picture.id]) == 1
    assert gallery.path(gallery.pictures.get(picture.id)) == gallery.folder / picture.file
    assert (gallery.folder / picture.file).exists() and gallery.facts(str(picture.id))["deleted"] is False


def test_the_trash_is_emptied_after_its_term(gallery: Gallery) -> None:
    old, new, kept = (draw(gallery, seed=seed) for seed in range(3))
    gallery.delete([old.id, new.id])
    before = (datetime.now(UTC) - timedelta(days=31)).isoformat()
    gallery.pictures.database.connection().execute("UPDATE pictures SET deleted_at = ? WHERE id = ?", (before, old.id))
    gallery.tidy()
    assert gallery.pictures.find(old.id) is None
    assert not trash.path_of(gallery.folder, old.file).exists() and not gallery.thumbnail_path(old.id).exists()
    assert list(gallery.pictures.ids(PictureFilter(trash=True))) == [new.id]
    assert gallery.facts(str(old.id)) == {"id": str(old.id), "path": "", "prompt": "", "deleted": True}
    assert gallery.erase([new.id, kept.id]) == 1 and list(gallery.pictures.ids()) == [kept.id]


def test_a_kill_between_row_and_trash_is_put_right(gallery: Gallery) -> None:
    deleted, restored, forgotten = (draw(gallery, seed=seed) for seed in range(3))
    gallery.delete([restored.id, forgotten.id])
    gallery.pictures.delete([deleted.id])
    gallery.pictures.restore([restored.id])
    gallery.pictures.forget([forgotten.id])  # as when an older backup took the database's place
    gallery.tidy()
    assert not (gallery.folder / deleted.file).exists() and gallery.path(gallery.pictures.get(deleted.id)).exists()
    assert gallery.path(gallery.pictures.get(restored.id)).exists()
    again = gallery.pictures.by_file(forgotten.file)
    assert again is not None and again.seed == forgotten.seed and gallery.path(again).exists()


def test_a_file_that_another_program_deleted_is_said(gallery: Gallery) -> None:
    picture = draw(gallery)
    gallery.path(picture).unlink()
    gallery.thumbnail_path(picture.id).unlink()
    with pytest.raises(PictureUnreadable, match="no longer on the disk"):
        gallery.thumbnail(picture)
    assert gallery.delete([picture.id]) == gallery.restore([picture.id]) == 1
    gallery.delete([picture.id])
    assert gallery.purge(days=0) == 1


def test_a_file_that_is_damaged_is_said(gallery: Gallery) -> None:
    picture = draw(gallery)
    gallery.thumbnail_path(picture.id).unlink()
    for damaged in (b"", b"\x89PNG\r\n\x1a\n", gallery.path(picture).read_bytes()[:200]):
        gallery.path(picture).write_bytes(damaged)
        with pytest.raises(PictureUnreadable, match="can't be read"):
            gallery.thumbnail(picture)


# --- import and export --------------------------------------------------------------------------------------------


def test_an_import_copies_refuses_with_a_reason_and_knows_what_it_has(gallery: Gallery, tmp_path: Path) -> None:
    folder = tmp_path / "from"
    folder.mkdir()
    (folder / "a.png").write_bytes(
        files.encode(pixels(), 64, 64, {"prompt": "a fox", "width": 64, "height": 64, "seed": 5, "created": now()})
    )
    Image.new("RGBA", (300, 400), (0, 0, 0, 0)).save(folder / "b.webp")
    (folder / "c.jpg").write_bytes(b"words")
    missing = tmp_path / "missing.png"
    *events, finished = gallery.import_files([folder, missing], NEVER)
    assert isinstance(finished, ImportFinished) and (len(finished.ids), finished.duplicates, finished.refused) == (
        2,
        0,
        2,
    )
    imported = [event for event in events if isinstance(event, PictureImported)]
    refused = [event for event in events if isinstance(event, PictureRefused)]
    assert [(event.number, event.of, event.path.name) for event in imported] == [(1, 4, "a.png"), (2, 4, "b.webp")]
    assert [(event.number, event.path.name) for event in refused] == [(3, "c.jpg"), (4, "missing.png")]
    assert "no PNG, JPEG or WebP" in refused[0].reason and "There is no file" in refused[1].reason
    fox, other = gallery.pictures.rows(finished.ids)
    assert (fox.prompt, fox.seed, fox.source, fox.file[15:]) == ("a fox", 5, "import", "_a_fox.png")
    assert other.file.endswith(".webp") and gallery.thumbnail_path(other.id).exists()
    assert sorted(path.name for path in folder.iterdir()) == ["a.png", "b.webp", "c.jpg"]
    again = list(gallery.import_files([folder / "a.png", gallery.path(fox)], NEVER))
    assert again[-1] == ImportFinished((), 2, 0) and gallery.pictures.count() == 2


def test_a_cancelled_import_keeps_what_it_has(gallery: Gallery, tmp_path: Path) -> None:
    for number in range(3):
        Image.new("RGB", (20, 20)).save(tmp_path / f"{number}.png")
    cancel = threading.Event()
    events = []
    for event in gallery.import_files([tmp_path / f"{number}.png" for number in range(3)], cancel):
        events.append(event)
        cancel.set()
    assert events[-1] == ImportFinished((gallery.pictures.ids()[0],)) and gallery.pictures.count() == 1


def test_an_export_copies_and_writes_nothing_over(gallery: Gallery, tmp_path: Path) -> None:
    first, second, gone = (draw(gallery, seed=seed) for seed in range(3))
    gallery.path(gone).unlink()
    target = tmp_path / "out" / "deeper"
    *copied, finished = gallery.export([first.id, gone.id, second.id], target, NEVER)
    assert finished == ExportFinished(2, (gone.id,)) and len(copied) == 2
    assert (target / first.file).read_bytes() == gallery.path(first).read_bytes()
    list(gallery.export([first.id], target, NEVER))
    assert len(shown(target)) == 3
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="can't be written"):
        list(gallery.export([first.id], tmp_path / "file", NEVER))
