"""What the model is to learn: what a person says, perhaps after other turns, and the answer that is wanted."""

from __future__ import annotations

import builtins
import hashlib
import json
import sqlite3
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from thau_desktop.errors import StoreError
from thau_desktop.messages import Role
from thau_desktop.store.database import Database
from thau_desktop.store.parts import clean, fingerprint, now
from thau_desktop.translation import _

ExampleState = Literal["pending", "held_out", "trained", "rejected", "excluded"]
STATES: tuple[ExampleState, ...] = get_args(ExampleState)
Flag = Literal["secret", "personal", "untrusted", "proposed", "contradiction", "near_duplicate", "allowed"]
FLAGS: tuple[Flag, ...] = get_args(Flag)
FOR_REVIEW: frozenset[Flag] = frozenset({"secret", "personal", "untrusted", "proposed"})
"""What is never learned before a person has looked at it."""
Turn = tuple[Role, str]

_AT_ONCE = 500  # values in one SELECT


@dataclass(frozen=True, slots=True)
class NewExample:
    """An example that is not in the store yet. `history` are the turns before the instruction, (role, text)."""

    instruction: str
    output: str
    source: str = ""
    history: tuple[Turn, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    message_id: int | None = None
    flags: tuple[Flag, ...] = ()
    state: ExampleState = "pending"

    @property
    def question(self) -> int:
        """What is asked, with all that was said before, as a fingerprint (see `parts.fingerprint`)."""
        return _question(self.instruction, self.history)


@dataclass(frozen=True, slots=True)
class Example:
    """One example. `held_out` ones a person pinned: each version is asked them, and none is trained on them; `excluded`
    ones a person ruled out.

    Attributes: `review` is true while a person has to allow it; `reason` says why it was rejected or left out;
    `version` is the model that learned it, "" while none did.
    """

    id: int
    instruction: str
    output: str
    source: str
    state: ExampleState
    metadata: dict[str, Any]
    message_id: int | None
    created_at: str
    history: tuple[Turn, ...] = ()
    flags: tuple[Flag, ...] = ()
    review: bool = False
    reason: str = ""
    version: str = ""

    @property
    def question(self) -> int:
        """As `NewExample.question`."""
        return _question(self.instruction, self.history)

    @property
    def allowed(self) -> bool:
        """Whether a person has looked at it and wants it learned."""
        return "allowed" in self.flags


_COLUMNS = (
    "id, instruction, output, source, state, metadata, message_id, created_at, history, flags, review, reason, version"
)


class Examples:
    """All examples of a database. The same example is kept once, in whatever state it is."""

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
        """The example, and whether it is new; False where the same was there already, which stays as it is.

        Raises `StoreError` where a side is empty.
        """
        new = NewExample(instruction, output, source, (), metadata or {}, message_id, (), state)
        ((identity, added),) = self.insert([new])
        return self.get(identity), added

    def insert(
        self, new: Sequence[NewExample], questions: Sequence[int] | None = None
    ) -> builtins.list[tuple[int, bool]]:
        """Take in many at once, all or none: of each its id, and whether it is new.

        `questions` are their fingerprints, where they are known. Raises `StoreError` where a side of one is empty.
        """
        at = now()
        rows: builtins.list[tuple[Any, ...]] = []
        taken: builtins.list[tuple[int, bool]] = []
        sides = [(clean(one.instruction).strip(), clean(one.output).strip()) for one in new]
        for instruction, output in sides:
            _complete(instruction, output)
        digests = [_digest(*side, one.history) for side, one in zip(sides, new, strict=True)]
        asked = questions if questions is not None else [one.question for one in new]
        with self.database.transaction() as connection:
            known = self._ids(asked)
            last = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'examples'").fetchone()
            identity = int(last["seq"]) if last else 0
            for one, (instruction, output), digest, question in zip(new, sides, digests, asked, strict=True):
                if (same := known.get((question, digest))) is not None:
                    taken.append((same, False))
                    continue
                identity += 1
                known[question, digest] = identity
                taken.append((identity, True))
                rows.append(
                    (
                        identity,
                        instruction,
                        output,
                        clean(one.source),
                        one.state,
                        clean(json.dumps(dict(one.metadata))) if one.metadata else "{}",
                        one.message_id,
                        digest,
                        at,
                        _written(one.history),
                        question,
                        " ".join(one.flags),
                        not FOR_REVIEW.isdisjoint(one.flags),
                    )
                )
            connection.executemany(
                "INSERT INTO examples (id, instruction, output, source, state, metadata, message_id, digest,"
                " created_at, history, question, flags, review) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
        return taken

    def _ids(self, questions: Sequence[int]) -> dict[tuple[int, str], int]:
        """The ids of all examples that ask these, by question and digest."""
        wanted = builtins.list(dict.fromkeys(questions))
        found: dict[tuple[int, str], int] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(some))
            rows = self.database.rows(f"SELECT question, digest, id FROM examples WHERE question IN ({marks})", some)
            found.update(((row["question"], row["digest"]), row["id"]) for row in rows)
        return found

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

    def ids(self, search: str = "", state: ExampleState | None = None) -> array[int]:
        """The ids of the examples of a state, or of all, that have these words on either side, newest first.

        Reads every row for a search.
        """
        wanted = clean(search).strip()
        conditions = ["instr(casefold(instruction || char(10) || output), casefold(:search))"] if wanted else []
        conditions += ["state = :state"] if state else []
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        rows = self.database.connection().execute(
            f"SELECT id FROM examples {where} ORDER BY id DESC", {"search": wanted, "state": state}
        )
        return array("q", (row[0] for row in rows))

    def some(self, example_ids: Sequence[int]) -> dict[int, Example]:
        """Examples by id; those that are gone are missing."""
        marks = ", ".join("?" * len(example_ids))
        rows = self.database.rows(f"SELECT {_COLUMNS} FROM examples WHERE id IN ({marks})", tuple(example_ids))
        return {row["id"]: _example(row) for row in rows}

    def asking(self, questions: Iterable[int]) -> dict[int, builtins.list[tuple[int, str]]]:
        """By fingerprint of the question, the ids and answers of the examples that ask it and were not ruled out."""
        wanted = builtins.list(dict.fromkeys(questions))
        found: dict[int, builtins.list[tuple[int, str]]] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            for row in self.database.rows(
                f"SELECT id, question, output FROM examples WHERE question IN ({', '.join('?' * len(some))})"
                " AND state NOT IN ('rejected', 'excluded') ORDER BY id",
                some,
            ):
                found.setdefault(row["question"], []).append((row["id"], row["output"]))
        return found

    def counts(self) -> dict[str, int]:
        """How many examples are in each state; every state is there. As quick for a million as for none."""
        found = dict.fromkeys(STATES, 0)
        for row in self.database.rows("SELECT state, sum(many) AS many FROM example_counts GROUP BY state"):
            found[row["state"]] = row["many"]
        return {str(state): many for state, many in found.items()}

    def for_review(self) -> int:
        """How many pending examples a person has to look at before they can be learned."""
        row = self.database.row("SELECT many FROM example_counts WHERE state = 'pending' AND review = 1")
        return int(row["many"]) if row else 0

    def update(self, example_id: int, instruction: str, output: str, flags: Sequence[Flag] = ()) -> Example:
        """Write an example anew, with what is to be said of it; it is pending again.

        Raises `StoreError`: empty, gone, or the same as another.
        """
        instruction, output = clean(instruction).strip(), clean(output).strip()
        _complete(instruction, output)
        with self.database.transaction() as connection:
            history = self.get(example_id).history
            digest, question = _digest(instruction, output, history), _question(instruction, history)
            if connection.execute(
                "SELECT 1 FROM examples WHERE question = ? AND digest = ? AND id <> ?", (question, digest, example_id)
            ).fetchone():
                raise StoreError(_("There is already an example with the same words."))
            connection.execute(
                "UPDATE examples SET instruction = ?, output = ?, digest = ?, question = ?, state = 'pending',"
                " reason = '', version = '', flags = ?, review = ? WHERE id = ? AND digest <> ?",
                (
                    instruction,
                    output,
                    digest,
                    question,
                    " ".join(flags),
                    not FOR_REVIEW.isdisjoint(flags),
                    example_id,
                    digest,
                ),
            )
            return self.get(example_id)

    def set_state(self, example_ids: Iterable[int], state: ExampleState) -> int:
        """Move examples to a state, all or none; returns how many there were."""
        with self.database.transaction() as connection:
            return connection.executemany(
                "UPDATE examples SET state = ? WHERE id = ?", [(state, example_id) for example_id in example_ids]
            ).rowcount

    def learned(self, example_ids: Iterable[int], version: str) -> int:
        """These were learned by a version; returns how many there were."""
        with self.database.transaction() as connection:
            return connection.executemany(
                "UPDATE examples SET state = 'trained', version = ?, reason = '' WHERE id = ?",
                [(version, example_id) for example_id in example_ids],
            ).rowcount

    def leave_out(self, reasons: Mapping[int, str]) -> None:
        """These are not to be learned, each for its reason, until a person edits or allows them."""
        with self.database.transaction() as connection:
            connection.executemany(
                "UPDATE examples SET state = 'rejected', reason = ? WHERE id = ?",
                [(reason, example_id) for example_id, reason in reasons.items()],
            )

    def replace_learned(self, example_ids: Iterable[int], reason: str) -> None:
        """What was learned before and holds no longer: it is not repeated any more."""
        with self.database.transaction() as connection:
            connection.executemany(
                "UPDATE examples SET state = 'excluded', reason = ? WHERE id = ? AND state = 'trained'",
                [(reason, example_id) for example_id in example_ids],
            )

    def give_reason(self, example_ids: Iterable[int], reason: str) -> int:
        """Why a training on these was rejected; they wait on. Returns how many there were."""
        with self.database.transaction() as connection:
            return connection.executemany(
                "UPDATE examples SET reason = ? WHERE id = ?", [(reason, example_id) for example_id in example_ids]
            ).rowcount

    def allow(self, example_ids: Iterable[int]) -> int:
        """A person has looked at what was flagged, left out or pinned: it may be learned. Returns how many."""
        with self.database.transaction() as connection:
            return connection.executemany(
                "UPDATE examples SET review = 0, reason = '',"
                " state = CASE state WHEN 'trained' THEN state ELSE 'pending' END,"
                " flags = trim(replace(flags, 'allowed', '') || ' allowed') WHERE id = ?",
                [(example_id,) for example_id in example_ids],
            ).rowcount

    def exclude(self, example_ids: Iterable[int]) -> int:
        """A person does not want these learned. Returns how many there were."""
        return self.set_state(example_ids, "excluded")

    def restore(self, examples: Iterable[Example]) -> None:
        """Put examples back as they were, deleted ones too. One with the same words that came since stays instead."""
        columns = [*_COLUMNS.split(", "), "digest", "question"]
        with self.database.transaction() as connection:
            for one in examples:
                values = {name: getattr(one, name) for name in columns if name != "digest"} | {
                    "metadata": json.dumps(one.metadata),
                    "history": _written(one.history),
                    "flags": " ".join(one.flags),
                    "digest": _digest(one.instruction, one.output, one.history),
                }
                changes = ", ".join(f"{name} = :{name}" for name in columns)
                changed = connection.execute(f"UPDATE OR IGNORE examples SET {changes} WHERE id = :id", values).rowcount
                if not changed:
                    marks = ", ".join(f":{name}" for name in columns)
                    connection.execute(
                        f"INSERT OR IGNORE INTO examples ({', '.join(columns)}) VALUES ({marks})", values
                    )

    def withdraw(self, source: str, message_ids: Iterable[int]) -> int:
        """Forget what came from these messages by this way and still waits for a person. Returns how many."""
        with self.database.transaction() as connection:
            return connection.executemany(
                "DELETE FROM examples WHERE message_id = ? AND source = ? AND review = 1 AND state = 'pending'",
                [(message_id, source) for message_id in message_ids],
            ).rowcount

    def delete(self, example_ids: Iterable[int]) -> int:
        """Forget examples for good; returns how many there were."""
        with self.database.transaction() as connection:
            return connection.executemany(
                "DELETE FROM examples WHERE id = ?", [(example_id,) for example_id in example_ids]
            ).rowcount


def _example(row: sqlite3.Row) -> Example:
    values = dict(row)
    return Example(
        **{
            **values,
            "metadata": json.loads(values["metadata"]),
            "history": tuple((turn["role"], turn["content"]) for turn in json.loads(values["history"])),
            "flags": tuple(values["flags"].split()),
            "review": bool(values["review"]),
        }
    )


def _question(instruction: str, history: Sequence[Turn]) -> int:
    if not history:
        return fingerprint(instruction)
    return fingerprint("\n".join([*(text for _role, text in history), instruction]))


def _written(history: Sequence[Turn]) -> str:
    if not history:
        return "[]"
    return clean(json.dumps([{"role": role, "content": text} for role, text in history], ensure_ascii=False))


def _digest(instruction: str, output: str, history: Sequence[Turn] = ()) -> str:
    """64 bits, that tell apart those which ask the same."""
    before = f"{_written(history)}\0" if history else ""
    return hashlib.sha256(f"{before}{instruction}\0{output}".encode()).hexdigest()[:16]


def _complete(instruction: str, output: str) -> None:
    if not instruction or not output:
        raise StoreError(
            _("An example needs an instruction and an answer."), _("Write both, then add the example again.")
        )
