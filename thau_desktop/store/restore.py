"""Going back to a backup that a person chose, with a copy of what is there now kept first."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from pathlib import Path

from thau_desktop.errors import StoreError
from thau_desktop.store import backup
from thau_desktop.store.failures import explain
from thau_desktop.translation import _

_BUSY_SECONDS = 10.0


def restore(database: Path, chosen: Path, folder: Path) -> Path | None:
    """Give `database` the contents of the backup `chosen`; returns the copy made of the old contents in `folder`.

    SQLite's backup interface writes it as one transaction, so whoever has it open reads the old contents or the
    new. What they keep in memory is stale then, and an older layout is only migrated when the database is next
    opened: restart at once. Raises `StoreError` or `DiskFull`; nothing is changed then.
    """
    try:
        reason = backup.damage(chosen) if chosen.is_file() else "no such file"
    except sqlite3.Error as error:
        reason = str(error)
    if reason:
        raise StoreError(
            _("The backup {name} can't be used.").format(name=chosen.name),
            _("Choose another one. Nothing was changed."),
            details=reason,
        )
    try:
        # Held open from here: the copy of the present may take the same name when both are of the same second.
        with contextlib.closing(sqlite3.connect(f"{chosen.absolute().as_uri()}?mode=ro", uri=True)) as source:
            source.execute("PRAGMA schema_version").fetchone()
            kept = backup.backup_now(database, folder) if database.exists() else None
            with contextlib.closing(sqlite3.connect(database, timeout=_BUSY_SECONDS)) as target:
                source.backup(target, progress=_Patience())
    except sqlite3.Error as error:
        raise explain(error, database) from error
    return kept


class _Patience:
    """Ends a backup that waits too long for another writer; `Connection.backup` alone would wait for ever."""

    def __init__(self) -> None:
        self._end = time.monotonic() + _BUSY_SECONDS

    def __call__(self, status: int, remaining: int, total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > self._end:
            raise StoreError(
                _("Another program keeps the database busy."),
                _("Close other windows of THAU or tools that have it open, then try again."),
            )
