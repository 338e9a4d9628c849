"""Copies of the database that are known to be whole: one a day, one before each migration, one on demand.

A copy is made with SQLite's backup interface, so that it is consistent while others write, and it is checked
before it takes its name: a damaged database can't push the good copies out.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal

from thau_desktop.errors import DiskFull, StoreError
from thau_desktop.paths import disk_full, no_room
from thau_desktop.store.failures import explain, is_damage
from thau_desktop.translation import _

log = logging.getLogger(__name__)

Kind = Literal["daily", "migration", "manual"]
KEEP: dict[Kind, int] = {"daily": 7, "migration": 3}


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy on disk. `made` is local time, `size` in bytes."""

    path: Path
    made: datetime
    kind: str
    size: int


def backup_now(source: Path, folder: Path, kind: Kind = "manual") -> Path:
    """Copy the database `source` into `folder` and return the copy's path.

    Raises `DiskFull` or `StoreError`: nowhere to write, or the database is damaged.
    """
    target = folder / f"thau-{datetime.now():%Y%m%d-%H%M%S}-{kind}.db"
    temporary = target.with_suffix(".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _copy(source, temporary)
        reason = damage(temporary)
        if reason:
            raise StoreError(
                _("The database {path} is damaged, so no backup was made of it.").format(path=source),
                _("Restart THAU: it keeps the damaged file and goes back to the latest good backup."),
                details=reason,
            )
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(target)
    except sqlite3.Error as error:
        raise explain(error, target) from error
    except OSError as error:
        if no_room(error):
            raise disk_full(target, str(error)) from error
        raise StoreError(
            _("No backup can be written in {folder}.").format(folder=folder),
            _("Check that you may write there and that the disk has room."),
            details=str(error),
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    _rotate(folder, kind)
    return target


def daily(source: Path, folder: Path, today: date | None = None) -> Path | None:
    """Make today's backup unless there is one; None if there was, or if it can't be written now.

    Raises `StoreError` where the database is damaged, because a person has to know that.
    """
    today = today or date.today()
    if any(backup.kind == "daily" and backup.made.date() == today for backup in backups(folder)):
        return None
    try:
        return backup_now(source, folder, "daily")
    except (StoreError, DiskFull) as error:
        if isinstance(error, StoreError) and source.exists() and damage(source):
            raise
        log.warning("no daily backup: %s (%s)", error, error.details)
        return None


def backups(folder: Path) -> list[Backup]:
    """The copies in `folder`, newest first. What was made while the clock was ahead by days counts as oldest."""
    found: list[tuple[bool, datetime, int, Backup]] = []
    tomorrow = datetime.now() + timedelta(days=1)
    with contextlib.suppress(OSError):
        for path in folder.glob("thau-*-*-*.db"):
            _name, day, time, kind = path.stem.split("-", 3)
            with contextlib.suppress(ValueError, OSError):
                made, about = datetime.strptime(day + time, "%Y%m%d%H%M%S"), path.stat()
                # Two of the same second are told apart by when their files were written.
                found.append((made <= tomorrow, made, about.st_mtime_ns, Backup(path, made, kind, about.st_size)))
    return [backup for *_order, backup in sorted(found, key=lambda entry: entry[:3], reverse=True)]


def newest_good(folder: Path) -> Backup | None:
    """The newest copy that passes SQLite's check, if there is one."""
    return next((backup for backup in backups(folder) if backup.size and not damage(backup.path)), None)


def damage(path: Path) -> str:
    """Why the database at `path` is not whole, or "". Raises `sqlite3.Error` where it can't be asked."""
    connection = sqlite3.connect(path, timeout=10)
    try:
        answer = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return str(error)
        raise
    except UnicodeDecodeError:  # Python can't even say what SQLite found: it names what is broken
        return "names in it are not text"
    finally:
        connection.close()
    return "" if answer == "ok" else answer


def _copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    original = sqlite3.connect(source, timeout=10)
    try:
        copy = sqlite3.connect(target)
        try:
            original.backup(copy)
            # A lone file, readable in a folder that can't be written.
            copy.execute("PRAGMA journal_mode = DELETE")
        finally:
            copy.close()
    finally:
        original.close()


def _rotate(folder: Path, kind: Kind) -> None:
    if kind not in KEEP:
        return
    old = [backup for backup in backups(folder) if backup.kind == kind][KEEP[kind] :]
    for backup in old:
        try:
            backup.path.unlink()
        except OSError as error:
            log.warning("an old backup stays: %s", error)
