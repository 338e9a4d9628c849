"""Versions of a model as rows: what each was trained from and on, and how it scored."""

from __future__ import annotations

import builtins
import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from thau_desktop.errors import StoreError
from thau_desktop.store.database import Database
from thau_desktop.store.parts import now
from thau_desktop.translation import _

_NAME = re.compile(r"thau-(?P<size>[a-z0-9.]+)-v(?P<number>\d+)")


@dataclass(frozen=True, slots=True)
class Version:
    """A base with an adapter.

    Attributes: `name` is `thau-<size>-v<number>`; `base` the name of the base's version 1 or folder; `base_digest`
    tells whether that is still the same; `parent` is the version that it was trained from; `folder` holds the adapter
    and is a name in the folder of checkpoints; `learned` counts its new examples; `scores` by suite, 0 to 1.
    """

    name: str
    size: str
    number: int
    base: str
    base_digest: str
    parent: str
    folder: str
    run_id: int | None
    data_digest: str
    learned: int
    scores: dict[str, float]
    created_at: str


_COLUMNS = "name, size, number, base, base_digest, parent, folder, run_id, data_digest, learned, scores, created_at"


def parsed(name: str) -> tuple[str, int] | None:
    """Size and number of a version's name, None for another name."""
    match = _NAME.fullmatch(name)
    return (match["size"], int(match["number"])) if match else None


class Versions:
    """All trained versions of a database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(
        self,
        name: str,
        *,
        base: str,
        base_digest: str,
        parent: str,
        folder: str,
        run_id: int | None,
        data_digest: str,
        learned: int,
        scores: Mapping[str, float],
    ) -> Version:
        """A new version. Raises `StoreError` where the name is no version's or is taken."""
        found = parsed(name)
        if found is None or found[1] < 2:
            raise StoreError(_("{name} is not the name of a trained version.").format(name=name))
        try:
            with self.database.transaction() as connection:
                values: tuple[Any, ...] = (
                    name,
                    *found,
                    base,
                    base_digest,
                    parent,
                    folder,
                    run_id,
                    data_digest,
                    learned,
                )
                connection.execute(
                    f"INSERT INTO versions ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (*values, json.dumps(dict(scores)), now()),
                )
        except StoreError as problem:
            if self.find(name) is None:
                raise
            raise StoreError(_("There is a version {name} already.").format(name=name)) from problem
        return self.get(name)

    def find(self, name: str) -> Version | None:
        """The trained version of that name."""
        row = self.database.row(f"SELECT {_COLUMNS} FROM versions WHERE name = ?", (name,))
        return _version(row) if row else None

    def get(self, name: str) -> Version:
        """The trained version of that name. Raises `StoreError` where there is none."""
        found = self.find(name)
        if found is None:
            known = ", ".join(version.name for version in self.list())
            advice = _("Choose one of these: {names}.").format(names=known) if known else ""
            raise StoreError(_("There is no version {name}.").format(name=name), advice)
        return found

    def list(self, size: str | None = None) -> builtins.list[Version]:
        """The newest first, of one size or of all."""
        rows = self.database.rows(
            f"SELECT {_COLUMNS} FROM versions WHERE (:size IS NULL OR size = :size) ORDER BY size, number DESC",
            {"size": size},
        )
        return [_version(row) for row in rows]

    def next_name(self, size: str) -> str:
        """The name of the version that comes next; a number is never given twice, also where the newest was deleted."""
        row = self.database.row(
            "SELECT max(number) AS newest FROM (SELECT number FROM versions WHERE size = :size UNION ALL"
            " SELECT CAST(substr(version, length(:start) + 1) AS INTEGER) FROM runs WHERE version LIKE :start || '%')",
            {"size": size, "start": f"thau-{size}-v"},
        )
        newest = row["newest"] if row and row["newest"] else 1
        return f"thau-{size}-v{newest + 1}"

    def delete(self, name: str) -> None:
        """Forget a version. Its files are the caller's."""
        with self.database.transaction() as connection:
            connection.execute("DELETE FROM versions WHERE name = ?", (name,))


def _version(row: sqlite3.Row) -> Version:
    return Version(**{**dict(row), "scores": json.loads(row["scores"])})
