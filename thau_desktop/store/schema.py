"""The tables, as numbered migrations: one SQL file a step, each in its own transaction, a backup before the first."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from thau_desktop.errors import NewerDatabase
from thau_desktop.store import backup
from thau_desktop.translation import _

MIGRATIONS = Path(__file__).parent / "migrations"


def migrations(folder: Path = MIGRATIONS) -> dict[int, Path]:
    """Every step by its number: `0002_personas.sql` leads to `user_version` 2."""
    steps = {int(path.name[:4]): path for path in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))}
    assert list(steps) == list(range(1, len(steps) + 1)), f"migrations are missing or doubled in {folder}"
    return steps


def newest() -> int:
    """The number of the last step that this program knows."""
    return len(migrations())


def version(connection: sqlite3.Connection) -> int:
    """The number of the last step that this database went through; 0 is a new one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def refuse_newer(path: Path) -> None:
    """Raise `NewerDatabase` by the file's header alone, before SQLite reads a schema that it may call damaged.

    https://www.sqlite.org/fileformat2.html#the_database_header
    """
    if not path.is_file():
        return
    with path.open("rb") as file:
        header = file.read(64)
    if header.startswith(b"SQLite format 3\0"):
        at = int.from_bytes(header[60:64], "big")
        # Our numbers are small: anything else is damage, not the future.
        _refuse_newer(at if at < 10_000 else 0, path)


def migrate(connection: sqlite3.Connection, path: Path, backups: Path, folder: Path = MIGRATIONS) -> None:
    """Bring the database to the newest step.

    Raises `NewerDatabase`; `StoreError` or `DiskFull` where the backup can't be made (then nothing is changed);
    `sqlite3.Error` where a step fails (then that step is undone).
    """
    steps = migrations(folder)
    at = version(connection)
    _refuse_newer(at, path)
    if at and at < len(steps):
        backup.backup_now(path, backups, "migration")
    for number, step in steps.items():
        if number > at:
            _apply(connection, number, step.read_text(encoding="utf-8"))


def _refuse_newer(at: int, path: Path) -> None:
    if at > newest():
        raise NewerDatabase(
            _("{path} was written by a newer version of THAU.").format(path=path),
            _("Install the newest THAU, or set THAU_HOME to another folder."),
            details=f"database {at}, this program {newest()}",
        )


def _apply(connection: sqlite3.Connection, number: int, script: str) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if version(connection) < number:  # another process may have been quicker
            for statement in _statements(script):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _statements(script: str) -> Iterator[str]:
    """The statements of `script`; `executescript` would commit the transaction they belong to."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    assert not statement.strip(), f"unfinished statement: {statement.strip()[:80]}"
