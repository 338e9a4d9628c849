"""Trainings as rows, so that every face sees the one that runs, whoever started it."""

from __future__ import annotations

import builtins
import json
import os
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import psutil

from thau_desktop.errors import StoreError
from thau_desktop.store.database import Database
from thau_desktop.store.parts import clean, now
from thau_desktop.store.records import alive
from thau_desktop.translation import _

RunState = Literal["running", "promoted", "rejected", "skipped", "stopped", "failed"]
Stage = Literal["", "training", "evaluating", "promoting"]


@dataclass(frozen=True, slots=True)
class Run:
    """One training. Times are ISO 8601 in UTC; `loss` in nats a token; None is what is not known yet.

    Attributes: `cause` is who asked ("person", "schedule"); `folder` is a name in the folder of checkpoints; `reasons`
    are the gate's sentences; `scores` by model and suite the share of right answers; `problem` why it failed.
    """

    id: int
    state: RunState
    stage: Stage
    cause: str
    base: str
    incumbent: str
    version: str
    recipe: dict[str, Any]
    folder: str
    step: int
    steps: int
    loss: float | None
    tokens_per_second: float | None
    reasons: tuple[str, ...]
    scores: dict[str, dict[str, float]]
    problem: str
    started_at: str
    ended_at: str | None
    writer_pid: int | None
    writer_started: float | None

    @property
    def is_orphan(self) -> bool:
        """Whether it still counts as running while the process that trained is gone."""
        return self.state == "running" and not alive(self.writer_pid, self.writer_started)


_COLUMNS = (
    "id, state, stage, cause, base, incumbent, version, recipe, folder, step, steps, loss, tokens_per_second, reasons,"
    " scores, problem, started_at, ended_at, writer_pid, writer_started"
)


class Runs:
    """All trainings of a database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def begin(
        self, cause: str, base: str, incumbent: str, recipe: Mapping[str, Any], example_ids: Iterable[int] = ()
    ) -> Run:
        """A run of this process, with the examples that it is about."""
        with self.database.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO runs (state, cause, base, incumbent, recipe, started_at, writer_pid, writer_started)"
                " VALUES ('running', ?, ?, ?, ?, ?, ?, ?)",
                (cause, base, incumbent, json.dumps(dict(recipe)), now(), *_me()),
            )
            number = cursor.lastrowid
            assert number is not None
            connection.execute("UPDATE runs SET folder = ? WHERE id = ?", (f"run-{number:04d}", number))
            connection.executemany(
                "INSERT INTO run_examples (run_id, example_id) VALUES (?, ?)", [(number, one) for one in example_ids]
            )
        return self.get(number)

    def take_over(self, run_id: int) -> Run:
        """Make this process the writer of a run that was cut off or stopped: it runs again."""
        pid, started = _me()
        self._set(run_id, state="running", ended_at=None, writer_pid=pid, writer_started=started)
        return self.get(run_id)

    def progress(
        self,
        run_id: int,
        stage: Stage,
        step: int | None = None,
        steps: int | None = None,
        loss: float | None = None,
        tokens_per_second: float | None = None,
    ) -> None:
        """Keep how far it is; None leaves a number as it is."""
        told = {"step": step, "steps": steps, "loss": loss, "tokens_per_second": tokens_per_second}
        self._set(run_id, stage=stage, **{name: value for name, value in told.items() if value is not None})

    def promote(
        self, run_id: int, version: str, reasons: Iterable[str], scores: Mapping[str, Mapping[str, float]]
    ) -> None:
        """Its version exists; what is left to do is to use it and to `end`."""
        told = json.dumps(list(reasons), ensure_ascii=False)
        self._set(run_id, stage="promoting", version=version, reasons=told, scores=json.dumps(scores))

    def end(
        self,
        run_id: int,
        state: RunState,
        *,
        reasons: Iterable[str] = (),
        scores: Mapping[str, Mapping[str, float]] | None = None,
        version: str = "",
        problem: str = "",
    ) -> Run:
        """How it ended."""
        self._set(
            run_id,
            state=state,
            stage="",
            reasons=json.dumps(list(reasons), ensure_ascii=False),
            scores=json.dumps(scores or {}),
            version=version,
            problem=clean(problem),
            ended_at=now(),
            writer_pid=None,
            writer_started=None,
        )
        return self.get(run_id)

    def get(self, run_id: int) -> Run:
        """One run. Raises `StoreError` where it is gone."""
        row = self.database.row(f"SELECT {_COLUMNS} FROM runs WHERE id = ?", (run_id,))
        if row is None:
            raise StoreError(_("That training no longer exists."))
        return _run(row)

    def list(self, limit: int = 100) -> builtins.list[Run]:
        """The latest first."""
        rows = self.database.rows(f"SELECT {_COLUMNS} FROM runs ORDER BY id DESC LIMIT ?", (limit,))
        return [_run(row) for row in rows]

    def latest(self, cause: str) -> Run | None:
        """The latest that began for this cause."""
        row = self.database.row(f"SELECT {_COLUMNS} FROM runs WHERE cause = ? ORDER BY id DESC LIMIT 1", (cause,))
        return _run(row) if row else None

    def first_from(self, base: str) -> Run | None:
        """The first in which a base itself was measured: its scores are those of the incumbent."""
        row = self.database.row(
            f"SELECT {_COLUMNS} FROM runs WHERE incumbent = ? AND scores <> '{{}}' ORDER BY id LIMIT 1", (base,)
        )
        return _run(row) if row else None

    def running(self) -> Run | None:
        """The run that is not ended, None where there is none. Its writer may be gone: ask `is_orphan`."""
        row = self.database.row(f"SELECT {_COLUMNS} FROM runs WHERE state = 'running' ORDER BY id DESC LIMIT 1")
        return _run(row) if row else None

    def last_ended(self) -> Run | None:
        """The run that ended last."""
        row = self.database.row(
            f"SELECT {_COLUMNS} FROM runs WHERE ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT 1"
        )
        return _run(row) if row else None

    def example_ids(self, run_id: int) -> builtins.list[int]:
        """The new examples that a run is about."""
        rows = self.database.rows("SELECT example_id FROM run_examples WHERE run_id = ? ORDER BY example_id", (run_id,))
        return [int(row["example_id"]) for row in rows]

    def _set(self, run_id: int, **changes: Any) -> None:
        columns = ", ".join(f"{column} = :{column}" for column in changes)
        with self.database.transaction() as connection:
            connection.execute(f"UPDATE runs SET {columns} WHERE id = :id", {**changes, "id": run_id})


def _run(row: sqlite3.Row) -> Run:
    values = dict(row)
    return Run(
        **{
            **values,
            "recipe": json.loads(values["recipe"]),
            "reasons": tuple(json.loads(values["reasons"])),
            "scores": json.loads(values["scores"]),
        }
    )


def _me() -> tuple[int, float]:
    return os.getpid(), psutil.Process().create_time()
