"""Pictures as rows: what was asked, what came of it, and in which file it lies.

A gallery works on an array of ids, which stays small and quick at 100,000 pictures, and reads the rows of those that
it shows. A deleted picture stays as a row, so that a conversation that links to it knows what it was.
"""

from __future__ import annotations

import builtins
import json
import sqlite3
import threading
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Literal

from thau_desktop.errors import StoreError
from thau_desktop.store.database import Database
from thau_desktop.store.failures import explain
from thau_desktop.store.parts import clean, now
from thau_desktop.store.search import match
from thau_desktop.translation import _

Source = Literal["chat", "gallery", "cli", "api", "import", "adopted"]

_COLUMNS = (
    "id, file, prompt, negative_prompt, model, width, height, steps, guidance, seed, scheduler, parameters, source,"
    " parent_id, conversation_id, message_id, favourite, bytes, seconds, created_at, deleted_at"
)
_BIGGEST = (1 << 63) - 1  # what SQLite and `array("q")` hold
_ORDERS_KEPT = 8


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture. `file` is its name in the folder of pictures; times are ISO 8601 in UTC.

    Attributes:
        parameters: everything that was asked, as the file's own text has it.
        parent_id: the picture that this is a variation of.
        seconds: how long it was drawn.
        deleted_at: since when it is in the trash; None for one that is there.
    """

    id: int
    file: str
    prompt: str
    negative_prompt: str
    model: str
    width: int
    height: int
    steps: int
    guidance: float
    seed: int
    scheduler: str
    parameters: dict[str, Any]
    source: str
    parent_id: int | None
    conversation_id: int | None
    message_id: int | None
    favourite: bool
    bytes: int
    seconds: float
    created_at: str
    deleted_at: str | None


@dataclass(frozen=True, slots=True)
class PictureFilter:
    """Which pictures are shown. Empty fields do not restrict.

    Attributes:
        text: words that the prompt must have, in any order; the last may be unfinished.
        since: ISO 8601 in UTC, itself included; a date alone is its midnight.
        until: likewise, itself not included.
        trash: the deleted ones instead of those that are there.
    """

    text: str = ""
    model: str = ""
    size: tuple[int, int] | None = None
    since: str = ""
    until: str = ""
    favourite: bool = False
    source: str = ""
    trash: bool = False
    oldest_first: bool = False


class Pictures:
    """All pictures of a database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._orders: dict[PictureFilter, array[int]] = {}  # what `ids` found without words, at `_orders_at`
        self._orders_at = -1
        self._lock = threading.Lock()

    # --- one picture ------------------------------------------------------------------------------------------

    def add(
        self,
        *,
        file: str,
        prompt: str = "",
        negative_prompt: str = "",
        model: str = "",
        width: int = 0,
        height: int = 0,
        steps: int = 0,
        guidance: float = 0.0,
        seed: int = 0,
        scheduler: str = "",
        parameters: Mapping[str, Any] | None = None,
        source: Source = "gallery",
        parent_id: int | None = None,
        conversation_id: int | None = None,
        message_id: int | None = None,
        favourite: bool = False,
        bytes: int = 0,
        seconds: float = 0.0,
        created_at: str = "",
    ) -> Picture:
        """A new row. What it refers to and is gone is left out. Raises `StoreError` where its file has a row already,
        `DiskFull` where there is no room."""
        with self.database.transaction() as connection:
            if connection.execute("SELECT 1 FROM pictures WHERE file = ?", (clean(file),)).fetchone():
                raise StoreError(_("The picture {file} is in the gallery already.").format(file=file))
            cursor = connection.execute(
                "INSERT INTO pictures (file, prompt, negative_prompt, model, width, height, steps, guidance, seed,"
                " scheduler, parameters, source, parent_id, conversation_id, message_id, favourite, bytes, seconds,"
                " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT id FROM pictures WHERE id = ?),"
                " (SELECT id FROM conversations WHERE id = ?), (SELECT id FROM messages WHERE id = ?), ?, ?, ?, ?)",
                (
                    clean(file),
                    clean(prompt),
                    clean(negative_prompt),
                    clean(model),
                    width,
                    height,
                    steps,
                    guidance,
                    max(-_BIGGEST, min(seed, _BIGGEST)),
                    clean(scheduler),
                    clean(json.dumps(dict(parameters or {}), ensure_ascii=False)),
                    source,
                    parent_id,
                    conversation_id,
                    message_id,
                    int(favourite),
                    bytes,
                    seconds,
                    created_at or now(),
                ),
            )
            return self.get(int(cursor.lastrowid or 0))

    def get(self, picture_id: int) -> Picture:
        """One picture, also a deleted one. Raises `StoreError` where there is none."""
        found = self.find(picture_id)
        if found is None:
            raise StoreError(_("That picture no longer exists."))
        return found

    def find(self, picture_id: int) -> Picture | None:
        """One picture, also a deleted one; None where there is none."""
        if abs(picture_id) > _BIGGEST:
            return None
        row = self.database.row(f"SELECT {_COLUMNS} FROM pictures WHERE id = ?", (picture_id,))
        return None if row is None else _picture(row)

    def by_file(self, file: str) -> Picture | None:
        """The picture in that file, also a deleted one."""
        row = self.database.row(f"SELECT {_COLUMNS} FROM pictures WHERE file = ?", (clean(file),))
        return None if row is None else _picture(row)

    # --- many -------------------------------------------------------------------------------------------------

    def changes(self) -> int:
        """A number that grows with every change of any picture, by whichever process."""
        row = self.database.row("SELECT many FROM pictures_changes")
        return int(row[0]) if row else 0

    def ids(self, filter: PictureFilter = PictureFilter()) -> array[int]:
        """The ids of all that match, newest first; of the trash, last deleted first."""
        order = self._order(replace(filter, text=""))
        text = clean(filter.text).strip()
        if not text:
            return order[:]
        words = match(text)
        if words:  # FTS5 gives ids far quicker than SQLite sorts them
            found = self._all("SELECT rowid AS id FROM pictures_fts WHERE pictures_fts MATCH :text", words)
        else:
            found = self._all("SELECT id FROM pictures WHERE instr(prompt, :text)", text)
        return array("q", builtins.filter(found.__contains__, order))

    def rows(self, ids: Iterable[int]) -> list[Picture]:
        """The pictures of these ids in the order given; those that are gone are left out."""
        wanted = list(ids)
        found = self.database.rows(
            f"SELECT {_COLUMNS} FROM pictures WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(wanted),)
        )
        pictures = {row["id"]: _picture(row) for row in found}
        return [pictures[picture_id] for picture_id in wanted if picture_id in pictures]

    def count(self, filter: PictureFilter = PictureFilter()) -> int:
        """How many match."""
        if filter.text.strip():
            return len(self.ids(filter))
        where, values = _where(filter)
        row = self.database.row(f"SELECT count(*) FROM pictures WHERE {where}", values)
        return int(row[0]) if row else 0

    def models(self) -> list[str]:
        """The models that the pictures were drawn with, by name; unknown ones are left out."""
        # Jumps from name to name in the index: DISTINCT would read all of it.
        rows = self.database.rows(
            "WITH RECURSIVE names (model) AS ("
            " SELECT min(model) FROM pictures WHERE deleted_at IS NULL UNION ALL"
            " SELECT (SELECT min(p.model) FROM pictures p WHERE p.model > names.model AND p.deleted_at IS NULL)"
            " FROM names WHERE names.model IS NOT NULL)"
            " SELECT model FROM names WHERE model <> ''"
        )
        return [row["model"] for row in rows]

    def sizes(self) -> list[tuple[int, int]]:
        """The widths and heights that there are, smallest first."""
        rows = self.database.rows(
            "SELECT DISTINCT width, height FROM pictures WHERE deleted_at IS NULL ORDER BY width, height"
        )
        return [(row["width"], row["height"]) for row in rows]

    def files(self) -> set[str]:
        """The names of all files that have a row, also of deleted pictures."""
        return set(self._column("SELECT file FROM pictures"))

    def set_favourite(self, ids: Sequence[int], favourite: bool = True) -> int:
        """Mark pictures; returns how many there were."""
        return self._change("UPDATE pictures SET favourite = ? WHERE id IN", (int(favourite),), ids)

    def delete(self, ids: Sequence[int]) -> int:
        """Put pictures in the trash; returns how many were not there yet. Their files are the gallery's business."""
        return self._change("UPDATE pictures SET deleted_at = ? WHERE deleted_at IS NULL AND id IN", (now(),), ids)

    def restore(self, ids: Sequence[int]) -> int:
        """Take pictures out of the trash; returns how many were in it."""
        return self._change("UPDATE pictures SET deleted_at = NULL WHERE deleted_at IS NOT NULL AND id IN", (), ids)

    def expired(self, before: str) -> list[Picture]:
        """Those that were put in the trash before that time (ISO 8601, UTC), or at it."""
        rows = self.database.rows(f"SELECT {_COLUMNS} FROM pictures WHERE deleted_at <= ? ORDER BY id", (before,))
        return [_picture(row) for row in rows]

    def forget(self, ids: Sequence[int]) -> int:
        """Remove rows for good; returns how many there were."""
        return self._change("DELETE FROM pictures WHERE id IN", (), ids)

    def _order(self, filter: PictureFilter) -> array[int]:
        """What a filter without words finds. Kept until a picture changes: reading 100,000 ids takes a while."""
        at = self.changes()
        with self._lock:
            if at != self._orders_at:
                self._orders.clear()
                self._orders_at = at
            known = self._orders.get(filter)
        if known is not None:
            return known
        where, values = _where(filter)
        direction = "ASC" if filter.oldest_first else "DESC"
        time = "deleted_at" if filter.trash else "created_at"
        order = self._ids(f"SELECT id FROM pictures WHERE {where} ORDER BY {time} {direction}, id {direction}", values)
        with self._lock:
            if at == self._orders_at:
                if len(self._orders) >= _ORDERS_KEPT:
                    self._orders.clear()
                self._orders[filter] = order
        return order

    def _all(self, sql: str, text: str) -> set[int]:
        """The ids that a search finds, in one row: for each row of its own a window that draws would have to wait."""
        (found,) = self._column(f"SELECT json_group_array(id) FROM ({sql})", {"text": text})
        return set(json.loads(found))

    def _ids(self, sql: str, values: dict[str, Any]) -> array[int]:
        return array("q", self._column(sql, values))

    def _column(self, sql: str, values: Mapping[str, Any] | None = None) -> list[Any]:
        """The only column of a SELECT, as plain values: a third of the time of rows."""
        cursor = self.database.connection().cursor()
        cursor.row_factory = None
        try:
            return [*chain.from_iterable(cursor.execute(sql, values or {}))]
        except sqlite3.Error as error:
            raise explain(error, self.database.path) from error

    def _change(self, sql: str, values: tuple[Any, ...], ids: Sequence[int]) -> int:
        with self.database.transaction() as connection:
            return connection.execute(
                f"{sql} (SELECT value FROM json_each(?))", (*values, json.dumps(list(ids)))
            ).rowcount


def _where(filter: PictureFilter) -> tuple[str, dict[str, Any]]:
    """The condition that all but the words make, and its values."""
    conditions = [f"deleted_at IS {'NOT' if filter.trash else ''} NULL"]
    values: dict[str, Any] = {}

    def demand(condition: str, **given: Any) -> None:
        conditions.append(condition)
        values.update(given)

    if filter.model:
        demand("model = :model", model=clean(filter.model))
    if filter.size is not None:
        demand("width = :width AND height = :height", width=filter.size[0], height=filter.size[1])
    if filter.since:
        demand("created_at >= :since", since=filter.since)
    if filter.until:
        demand("created_at < :until", until=filter.until)
    if filter.favourite:
        demand("favourite = 1")
    if filter.source:
        demand("source = :source", source=filter.source)
    return " AND ".join(conditions), values


def _picture(row: sqlite3.Row) -> Picture:
    return Picture(**{**dict(row), "favourite": bool(row["favourite"]), "parameters": _parameters(row["parameters"])})


def _parameters(stored: str) -> dict[str, Any]:
    """What was asked; empty where a disk has damaged it."""
    try:
        read = json.loads(stored)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
