"""Files of examples: every record comes in once, or is reported with its number and reason."""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from thau_desktop.errors import ThauError
from thau_desktop.store.database import Database
from thau_desktop.store.examples import Examples, NewExample
from thau_desktop.training import importers, intake
from thau_desktop.training.importers import ExampleRefused
from thau_desktop.training.intake import ExampleAlike, ExampleFlagged, IntakeFinished, IntakeProgress


@pytest.fixture
def examples(tmp_path: Path) -> Iterator[Examples]:
    with Database(tmp_path / "thau.db") as database:
        yield Examples(database)


def pair(number: int, answer: str = "a") -> dict[str, Any]:
    return {"instruction": f"question {number}", "output": f"{answer} {number}"}


def take(examples: Examples, path: Path) -> tuple[list[Any], IntakeFinished]:
    *events, last = intake.take_in(examples, path)
    assert isinstance(last, IntakeFinished)
    return [event for event in events if not isinstance(event, IntakeProgress)], last


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_every_line_comes_in_or_is_reported_with_its_number(examples: Examples, tmp_path: Path) -> None:
    lines = [json.dumps(pair(1)), "", "{broken", json.dumps({"instruction": "", "output": "x"}), json.dumps(pair(2))]
    events, done = take(examples, written(tmp_path / "set.jsonl", *lines))
    assert [event.number for event in events] == [3, 4]
    assert all(isinstance(event, ExampleRefused) for event in events)
    assert done == IntakeFinished(added=2, duplicates=0, refused=2)
    assert [one.source for one in examples.list()] == ["set.jsonl", "set.jsonl"]


def test_a_second_import_adds_nothing(examples: Examples, tmp_path: Path) -> None:
    path = written(tmp_path / "set.jsonl", *(json.dumps(pair(n)) for n in range(5)))
    take(examples, path)
    events, done = take(examples, path)
    assert (done.added, done.duplicates) == (0, 5)
    assert {event.kind for event in events} == {"duplicate"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_arrays_objects_and_lines_are_read_in_the_encodings_of_windows_too(
    examples: Examples, tmp_path: Path, encoding: str
) -> None:
    listed = [pair(1, "ñ"), pair(2, "ñ")]
    for name, text in {
        "lines.jsonl": "\n".join(json.dumps(one, ensure_ascii=False) for one in listed),
        "array.json": json.dumps(listed, ensure_ascii=False, indent=1),
        "object.json": json.dumps({"version": 1, "data": listed}, ensure_ascii=False, indent=1),
    }.items():
        (tmp_path / name).write_text(text, encoding=encoding)
        found = [read.result for read in importers.read_file(tmp_path / name)]
        assert [one.output for one in found if isinstance(one, NewExample)] == ["ñ 1", "ñ 2"], name
    (tmp_path / "one.json").write_text(json.dumps(pair(3), indent=1), encoding=encoding)
    assert take(examples, tmp_path / "one.json")[1].added == 1


def test_a_zip_of_chatgpt_is_read(examples: Examples, tmp_path: Path) -> None:
    sample = Path(__file__).parent.parent / "data" / "chatgpt_conversations.json"
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.write(sample, "conversations.json")
    done = take(examples, tmp_path / "export.zip")[1]
    assert done.added >= 3
    assert all(one.source.startswith("chatgpt:") for one in examples.list())


def test_the_same_words_in_other_letters_and_another_answer_are_told_apart(examples: Examples, tmp_path: Path) -> None:
    first, _new = examples.add("¿Dónde está la lógica de pagos?", "En src/pay.py")
    lines = [
        json.dumps({"instruction": "donde esta la logica de pagos", "output": "en src/pay.py."}),
        json.dumps({"instruction": "¿Dónde está la lógica de pagos?", "output": "En src/cash.py"}),
        json.dumps({"instruction": "new", "output": "one"}),
        json.dumps({"instruction": "New!", "output": "two"}),
    ]
    events, done = take(examples, written(tmp_path / "set.jsonl", *lines))
    near, other, within = events
    assert isinstance(near, ExampleAlike) and (near.number, near.kind, near.other) == (1, "near_duplicate", first.id)
    assert isinstance(other, ExampleAlike) and (other.number, other.kind) == (2, "contradiction")
    assert isinstance(within, ExampleAlike) and (within.number, within.kind) == (4, "contradiction")
    assert examples.get(within.other).output == "one"
    assert (done.added, done.near_duplicates, done.contradictions) == (4, 1, 2)
    assert [one.flags for one in examples.list()] == [
        (),
        ("near_duplicate",),
        ("contradiction",),
        (),
        ("contradiction",),
    ]


def test_the_same_question_after_other_words_is_another_question(examples: Examples) -> None:
    intake.add(examples, NewExample("and now?", "blue", history=(("user", "sky"), ("assistant", "up"))))
    taken = intake.add(examples, NewExample("and now?", "green", history=(("user", "grass"), ("assistant", "down"))))
    assert taken.new and taken.findings == ()
    assert examples.get(taken.example_id).history == (("user", "grass"), ("assistant", "down"))


def test_what_holds_a_secret_waits_for_a_person(examples: Examples, tmp_path: Path) -> None:
    lines = [json.dumps({"instruction": "the key?", "output": "sk-abcdefghijklmnopqrstuvwx"}), json.dumps(pair(1))]
    events, done = take(examples, written(tmp_path / "set.jsonl", *lines))
    (flagged,) = events
    assert isinstance(flagged, ExampleFlagged) and flagged.flags == ("secret",)
    assert done.for_review == examples.for_review() == 1
    assert examples.get(flagged.example_id).review
    examples.allow([flagged.example_id])
    assert examples.for_review() == 0
    assert examples.get(flagged.example_id).flags == ("secret", "allowed")


def test_a_stopped_import_keeps_what_is_whole_and_can_be_started_again(examples: Examples, tmp_path: Path) -> None:
    path = written(tmp_path / "set.jsonl", *(json.dumps(pair(n)) for n in range(2 * intake.AT_ONCE + 500)))
    cancel = threading.Event()
    for event in intake.take_in(examples, path, cancel=cancel):
        if isinstance(event, IntakeProgress):
            cancel.set()
    assert examples.counts()["pending"] == intake.AT_ONCE
    done = take(examples, path)[1]
    assert (done.added, done.duplicates) == (intake.AT_ONCE + 500, intake.AT_ONCE)


def test_a_line_without_an_end_is_refused_and_the_next_is_read(
    examples: Examples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importers, "LONGEST_LINE", 100)
    long = json.dumps({"instruction": "x" * 500, "output": "y"})
    events, done = take(examples, written(tmp_path / "set.jsonl", json.dumps(pair(1)), long, json.dumps(pair(2))))
    assert [event.number for event in events] == [2]
    assert done.added == 2


@pytest.mark.parametrize("content", [b"", b"  \n", b"just words\n", b"\x89PNG\r\n"])
def test_a_file_of_something_else_is_explained(examples: Examples, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "set.jsonl").write_bytes(content)
    with pytest.raises(ThauError, match="no examples that THAU can read"):
        take(examples, tmp_path / "set.jsonl")


def test_a_file_that_is_not_there_is_explained(examples: Examples, tmp_path: Path) -> None:
    with pytest.raises(ThauError, match="can't be read"):
        take(examples, tmp_path / "none.jsonl")


def test_the_counts_follow_every_change(examples: Examples) -> None:
    ids = [intake.add(examples, NewExample(f"q{n}", f"a{n}")).example_id for n in range(6)]
    examples.set_state(ids[:2], "trained")
    examples.set_state(ids[2:3], "excluded")
    examples.delete(ids[5:])
    assert examples.counts() == {"pending": 2, "held_out": 0, "trained": 2, "rejected": 0, "excluded": 1}
    rows = examples.database.rows("SELECT state, count(*) AS many FROM examples GROUP BY state")
    assert {row["state"]: row["many"] for row in rows} == {"pending": 2, "trained": 2, "excluded": 1}
