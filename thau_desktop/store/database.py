"""The database file: one connection a thread, transactions, and whether anyone changed it.

WAL lets every face read while one writes. With `synchronous = NORMAL` a commit outlives the death of the process
at once, and a power cut up to the last checkpoint, without ever damaging the file
(https://www.sqlite.org/pragma.html#pragma_synchronous).
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from thau_desktop.errors import StoreError
from thau_desktop.paths import disk_full, no_room
from thau_desktop.store import recovery, schema
from thau_desktop.store.failures import explain
from thau_desktop.store.parts import fingerprint
from thau_desktop.translation import _

BUSY_SECONDS = 10
_OPENING_SECONDS = 120  # another process may be checking, migrating and backing up first

_BULK = (("cache_size", -256 << 10), ("wal_autocheckpoint", 16_000))  # KiB (as a negative number), pages
_USUAL = (("cache_size", -2 << 10), ("wal_autocheckpoint", 1000))

Values = Sequence[Any] | Mapping[str, Any]


class Database:
    """`thau.db`. Every face and thread shares one of these per process.

    Attributes: `path`; `backups`, the folder of its copies; `problems`, sentences about what opening had to mend.
    """

    def __init__(self, path: Path, backups: Path | None = None) -> None:
        self.path = path
        self.backups = backups or path.parent / "backups"
        self.problems: list[str] = []
        self._lock = threading.Lock()
        self._open = False
        # By thread id: a new thread that is given a finished one's id takes over its connection, so there are
        # never more than there were threads at once. (`threading.local` would forget it between two slots of a
        # QThread.)
        self._connections: dict[int, sqlite3.Connection] = {}
        self._watcher: sqlite3.Connection | None = None

    def open(self) -> Database:
        """Check, mend, migrate. Raises `StoreError`, `NewerDatabase` or `DiskFull`."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self.path}.lock", timeout=_OPENING_SECONDS):
                schema.refuse_newer(self.path)
                self.problems = recovery.recover(self.path, self.backups)
                if not os.access(self.path, os.W_OK) and self.path.exists():
                    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))  # SQLite would open it for reading
                self._open = True
                connection = self.connection()
                schema.migrate(connection, self.path, self.backups)
                connection.execute("PRAGMA journal_mode = WAL")
                self._watcher = self._connect()
        except sqlite3.Error as error:
            self.close()
            raise explain(error, self.path) from error
        except Timeout as error:
            self.close()
            raise StoreError(
                _("Another THAU has been opening the database {path} for too long.").format(path=self.path),
                _("Close other windows of THAU, then try again."),
            ) from error
        except OSError as error:
            self.close()
            if no_room(error):
                raise disk_full(self.path, str(error)) from error
            raise StoreError(
                _("The database {path} can't be opened for writing.").format(path=self.path),
                _("Check that you may write in its folder, or set THAU_HOME to another one."),
                details=str(error),
            ) from error
        except BaseException:
            self.close()
            raise
        return self

    def connection(self) -> sqlite3.Connection:
        """This thread's connection, in autocommit mode with `sqlite3.Row` rows. Raises `StoreError` once closed."""
        thread = threading.get_ident()
        with self._lock:
            if not self._open:
                raise StoreError(_("The database is closed."))
            connection = self._connections.get(thread)
            if connection is None:
                try:
                    connection = self._connections[thread] = self._connect()
                except sqlite3.Error as error:
                    raise explain(error, self.path) from error
            return connection

    @contextlib.contextmanager
    def bulk(self) -> Iterator[None]:
        """Many rows come in this thread: more of the indexes stays in memory, the log is emptied less often."""
        connection = self.connection()
        for pragma, value in _BULK:
            connection.execute(f"PRAGMA {pragma} = {value}")
        try:
            yield
        finally:
            for pragma, value in _USUAL:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute(f"PRAGMA {pragma} = {value}")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; inside another transaction of this thread it is a part of that one.

        Raises `StoreError` or `DiskFull` where SQLite can't do it; nothing is changed then.
        """
        connection = self.connection()
        if connection.in_transaction:
            yield connection
            return
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # SQLite may have rolled back by itself, on a full disk for one
                    with contextlib.suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    def rows(self, sql: str, values: Values = ()) -> list[sqlite3.Row]:
        """Everything that a SELECT finds. Raises `StoreError`."""
        connection = self.connection()
        try:
            try:
                return connection.execute(sql, values).fetchall()
            except sqlite3.OperationalError as error:
                if "decode to UTF-8" not in str(error):
                    raise
                # Text that a disk has damaged: its other letters can still be read.
                connection.text_factory = _tolerant
                return connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    def row(self, sql: str, values: Values = ()) -> sqlite3.Row | None:
        """The first row that a SELECT finds. Raises `StoreError`."""
        found = self.rows(sql, values)
        return found[0] if found else None

    def data_version(self) -> int:
        """A number that changes whenever any thread or process commits a change. Raises `StoreError` once closed.

        It is asked on a connection that never writes, because SQLite does not count a connection's own commits.
        """
        with self._lock:
            if self._watcher is None:
                raise StoreError(_("The database is closed."))
            try:
                return int(self._watcher.execute("PRAGMA data_version").fetchone()[0])
            except sqlite3.Error as error:
                raise explain(error, self.path) from error

    def close(self) -> None:
        """Close the connections of all threads; call it when the workers have stopped. May be called twice."""
        with self._lock:
            self._open = False
            connections = [*self._connections.values()]
            if self._watcher is not None:
                connections.append(self._watcher)
            self._connections.clear()
            self._watcher = None
            for connection in connections:
                connection.close()

    def __enter__(self) -> Database:
        return self if self._open else self.open()

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            connection.row_factory = sqlite3.Row
            connection.create_function("casefold", 1, str.casefold, deterministic=True)  # SQLite's lower() is ASCII
            connection.create_function("fingerprint", 1, fingerprint, deterministic=True)
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            connection.close()
            raise
        return connection


def _tolerant(text: bytes) -> str:
    return text.decode("utf-8", "replace")
