"""What SQLite's errors mean to a person. Errors that only a bug can cause stay what they are."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from thau_desktop.errors import StoreError
from thau_desktop.paths import disk_full
from thau_desktop.translation import _

_NEARLY_NOTHING = 1 << 20  # bytes: less than this free, and a failed write was for want of room


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's result code without the extended bits; 0 where the error did not come from SQLite itself.

    https://www.sqlite.org/rescode.html
    """
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the error says that the file itself is broken."""
    return primary_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def explain(error: sqlite3.Error, path: Path) -> Exception:
    """The `StoreError` or `DiskFull` for `error` in the database at `path`, or `error` itself if it is a bug."""
    code = primary_code(error)
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _no_room(path)):
        return disk_full(path, str(error))
    if is_damage(error):
        what = _("The database {path} is damaged.")
        advice = _("Restart THAU: it keeps the damaged file and goes back to the latest good backup.")
    elif code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        what = _("Another program keeps the database {path} busy.")
        advice = _("Close other windows of THAU or tools that have it open, then try again.")
    elif code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        what = _("The database {path} can't be opened for writing.")
        advice = _("Check that you may write in its folder, or set THAU_HOME to another one.")
    elif code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOLFS, sqlite3.SQLITE_PROTOCOL):
        what = _("The disk did not let THAU read or write the database {path}.")
        advice = _("Check the disk and its free space, then try again. Nothing saved before was lost.")
    else:
        return error
    return StoreError(what.format(path=path), advice, details=str(error))


def _no_room(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _NEARLY_NOTHING
    except OSError:
        return False
