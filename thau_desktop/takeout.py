"""Everything a person made here in one zip that other programs can read, too.

Conversations and examples are written as JSON, pictures and learned adapters as the files they are, and the
database itself comes along so that nothing is missing. Models, backups and exports can be had again and stay.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import sqlite3
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from thau_desktop.chat.transfer import export_json
from thau_desktop.errors import StoreError
from thau_desktop.paths import Paths, disk_full, no_room
from thau_desktop.privacy import PLACES, Place, files_of
from thau_desktop.store.backup import backup_now
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.database import Database
from thau_desktop.store.examples import Examples
from thau_desktop.store.failures import explain
from thau_desktop.store.personas import Personas
from thau_desktop.training.formats import written
from thau_desktop.translation import _

_CHUNK = 1 << 20  # bytes between two looks at `cancel`
_PACKED = {".png", ".jpg", ".jpeg", ".webp", ".gz", ".zip", ".safetensors"}  # deflating these again wins nothing


@dataclass(frozen=True, slots=True)
class ExportProgress:
    """`done` of `total` bytes are in the zip; `name` is the file that is being written."""

    done: int
    total: int
    name: str

    @property
    def fraction(self) -> float:
        """0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


@dataclass(frozen=True, slots=True)
class ExportFinished:
    """The zip is at `path`: `size` bytes, `files` entries. `skipped` could not be read."""

    path: Path
    size: int
    files: int
    skipped: tuple[str, ...] = ()


def export_everything(paths: Paths, target: Path, cancel: threading.Event) -> Iterator[ExportProgress | ExportFinished]:
    """Write everything into the zip `target`, which is either whole or untouched.

    Ends without `ExportFinished` when cancelled. Raises `DiskFull`, or `StoreError` where the database can't be
    read or the zip can't be written.
    """
    temporary: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", strict_timestamps=False) as archive:
            export = _Export(paths, archive, cancel, without={target.absolute(), temporary.absolute()})
            # Beside the zip: where that has room, the copy of the database has, too.
            with tempfile.TemporaryDirectory(prefix=".thau-export-", dir=target.parent) as folder:
                yield from export.write(Path(folder))
            if cancel.is_set():
                return
            archive.close()
            file.flush()
            os.fsync(file.fileno())
        size = temporary.stat().st_size
        temporary.replace(target)
        temporary = None
        yield ExportFinished(target, size, export.files, tuple(export.skipped))
    except OSError as error:
        if no_room(error):
            raise disk_full(target, str(error)) from error
        raise StoreError(
            _("The export can't be written to {path}.").format(path=target),
            _("Choose another folder, or check that you may write there."),
            details=str(error),
        ) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


class _Export:
    """One run. Attributes: `files`, entries written; `skipped`, names that could not be read."""

    def __init__(self, paths: Paths, archive: zipfile.ZipFile, cancel: threading.Event, without: set[Path]) -> None:
        self.files = 0
        self.skipped: list[str] = []
        self._paths = paths
        self._archive = archive
        self._cancel = cancel
        self._without = without
        self._done = 0
        self._total = 0

    def write(self, folder: Path) -> Iterator[ExportProgress]:
        """Fill the archive; `folder` is for copies on the way."""
        found = [
            (file, str(file.relative_to(self._paths.home)).replace(os.sep, "/"))
            for place in PLACES
            if place.exported and place.name != "conversations"
            for file in files_of(self._paths, place)
            if file not in self._without and not file.is_symlink() and not self._is_derived(file, place)
        ]
        database = self._copy_database(folder)
        if database is not None:
            found.insert(0, (database, "thau.db"))
        self._total = sum(_size(file) for file, _name in found)
        self._add("README.txt", _readme().encode())
        if database is not None:
            yield from self._documents(database, folder)
        for file, name in found:
            yield from self._copy(file, name)
            if self._cancel.is_set():
                return

    def _is_derived(self, file: Path, place: Place) -> bool:
        return any(file.is_relative_to(self._paths.home / folder) for folder in place.derived)

    def _copy_database(self, folder: Path) -> Path | None:
        """A consistent copy of the database, because others may be writing to it."""
        if not self._paths.database.exists():
            return None
        try:
            return backup_now(self._paths.database, folder)
        except sqlite3.Error as error:
            raise explain(error, self._paths.database) from error

    def _documents(self, copy: Path, folder: Path) -> Iterator[ExportProgress]:
        """Conversations, personas and examples as JSON, read from the copy."""
        with Database(copy, folder) as database:
            conversations, personas, examples = Conversations(database), Personas(database), Examples(database)
            ids = [conversation.id for conversation in conversations.list()]
            file = folder / "conversations.json"
            with file.open("w", encoding="utf-8", errors="replace") as text:
                export_json(conversations, itertools.takewhile(lambda _id: not self._cancel.is_set(), ids), text)
            yield from self._copy(file, file.name)
            file = folder / "examples.jsonl"
            with file.open("w", encoding="utf-8", errors="replace") as text:
                text.writelines(json.dumps(written(example), ensure_ascii=False) + "\n" for example in examples.list())
            yield from self._copy(file, file.name)
            own = [persona for persona in personas.list() if persona.edited or not persona.builtin]
            for persona in own:
                self._add(f"personas/{_plain(persona.name)}.json", personas.export(persona.name).encode())

    def _copy(self, file: Path, name: str) -> Iterator[ExportProgress]:
        yield ExportProgress(self._done, self._total, name)
        try:
            source = file.open("rb")
        except OSError:
            self.skipped.append(name)  # deleted meanwhile, or kept busy by another program
            return
        with source:
            info = zipfile.ZipInfo.from_file(file, name, strict_timestamps=False)
            info.compress_type = zipfile.ZIP_STORED if file.suffix.lower() in _PACKED else zipfile.ZIP_DEFLATED
            with self._archive.open(info, "w") as entry:
                while chunk := source.read(_CHUNK):
                    if self._cancel.is_set():
                        return
                    entry.write(chunk)
                    self._done += len(chunk)
                    yield ExportProgress(self._done, max(self._done, self._total), name)
        self.files += 1

    def _add(self, name: str, data: bytes) -> None:
        self._archive.writestr(name, data, zipfile.ZIP_DEFLATED)
        self.files += 1


def _plain(name: str) -> str:
    """A name that can be a file's on every system."""
    return re.sub(r"[^\w-]+", "_", name) or "_"


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _readme() -> str:
    lines = [_("Everything you made with THAU."), ""]
    lines += [f"{place.label}: {', '.join(place.targets)}" for place in PLACES if place.exported]
    return "\n".join(lines) + "\n"
