"""What the model is to learn: pairs of an instruction and the answer that a person wants."""

from __future__ import annotations

import builtins
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from thau_desktop.errors import StoreError
from thau_desktop.store.database import Database
from thau_desktop.store.parts import clean, now
from thau_desktop.translation import _

ExampleState = Literal["pending", "held_out", "trained", "rejected", "excluded"]
STATES: tuple[ExampleState, ...] = get_args(ExampleState)


@dataclass(frozen=True, slots=True)
class Example:
    """One pair. `held_out` ones measure a training and are never trained on; `excluded` a person ruled out."""

    id: int
    instruction: str
    output: str
    source: str
    state: ExampleState
    metadata: dict[str, Any]
    message_id: int | None
    created_at: str


_COLUMNS = "id, instruction, output, source, state, metadata, message_id, created_at"


class Examples:
    """All examples of a database. The same pair is kept once, in whatever state it is."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(
        self,
        instruction: str,
        output: str,
        source: str = "",
        *,
        metadata: Mapping[str, Any] | None = None,
        message_id: int | None = None,
        state: ExampleState = "pending",
    ) -> tuple[Example, bool]:
        """The example, and whether it is new; False where the same pair was there already, which stays as it is.

        Raises `StoreError` where a side is empty. Many in one `database.transaction()` are quick.
        """
        instruction, output = clean(instruction).strip(), clean(output).strip()
        _complete(instruction, output)
        with self.database.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO examples (instruction, output, source, state, metadata, message_id, digest, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING",
                (
                    instruction,
                    output,
                    clean(source),
                    state,
                    json.dumps(dict(metadata or {})),
                    message_id,
                    _digest(instruction, output),
                    now(),
                ),
            )
            row = self.database.row(
                f"SELECT {_COLUMNS} FROM examples WHERE digest = ?", (_digest(instruction, output),)
            )
            assert row is not None
            return _example(row), cursor.rowcount > 0

    def get(self, example_id: int) -> Example:
        """One example. Raises `StoreError` where it is gone."""
        row = self.database.row(f"SELECT {_COLUMNS} FROM examples WHERE id = ?", (example_id,))
        if row is None:
            raise StoreError(_("That example no longer exists."))
        return _example(row)

    def list(
        self,
        state: ExampleState | None = None,
        *,
        source: str | None = None,
        search: str = "",
        limit: int | None = None,
        offset: int = 0,
    ) -> builtins.list[Example]:
        """Oldest first, as they are trained; `search` is looked for in both sides, upper or lower case."""
        rows = self.database.rows(
            f"SELECT {_COLUMNS} FROM examples WHERE (:state IS NULL OR state = :state)"
            " AND (:source IS NULL OR source = :source)"
            " AND (:search = '' OR instr(casefold(instruction || char(10) || output), casefold(:search)))"
            " ORDER BY id LIMIT :limit OFFSET :offset",
            {
                "state": state,
                "source": source,
                "search": clean(search).strip(),
                "limit": -1 if limit is None else limit,
                "offset": offset,
            },
        )
        return [_example(row) for row in rows]

    def counts(self) -> dict[str, int]:
        """How many examples are in each state; every state is there."""
        found = dict.fromkeys(STATES, 0)
        for row in self.database.rows("SELECT state, count(*) AS many FROM examples GROUP BY state"):
            found[row["state"]] = row["many"]
        return {str(state): many for state, many in found.items()}

    def update(self, example_id: int, instruction: str, output: str) -> Example:
        """Write an example anew; it is pending again. Raises `StoreError`: empty, gone, or the same as another."""
        instruction, output = clean(instruction).strip(), clean(output).strip()
        _complete(instruction, output)
        digest = _digest(instruction, output)
        with self.database.transaction() as connection:
            if connection.execute(
                "SELECT 1 FROM examples WHERE digest = ? AND id <> ?", (digest, example_id)
            ).fetchone():
                raise StoreError(_("There is already an example with the same words."))
            connection.execute(
                "UPDATE examples SET instruction = ?, output = ?, digest = ?, state = 'pending'"
                " WHERE id = ? AND digest <> ?",
                (instruction, output, digest, example_id, digest),
            )
            return self.get(example_id)

    def set_state(self, example_ids: Iterable[int], state: ExampleState) -> int:
        """Move examples to a state, all or none; returns how many there were."""
        with self.database.transaction() as connection:
            return connection.executemany(
                "UPDATE examples SET state = ? WHERE id = ?", [(state, example_id) for example_id in example_ids]
            ).rowcount

    def delete(self, example_ids: Iterable[int]) -> int:
        """Forget examples for good; returns how many there were."""
        with self.database.transaction() as connection:
            return connection.executemany(
                "DELETE FROM examples WHERE id = ?", [(example_id,) for example_id in example_ids]
            ).rowcount


def _example(row: sqlite3.Row) -> Example:
    return Example(**{**dict(row), "metadata": json.loads(row["metadata"])})


def _digest(instruction: str, output: str) -> str:
    return hashlib.sha256(f"{instruction}\0{output}".encode()).hexdigest()


def _complete(instruction: str, output: str) -> None:
    if not instruction or not output:
        raise StoreError(
            _("An example needs an instruction and an answer."), _("Write both, then add the example again.")
        )
