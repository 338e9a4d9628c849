"""`thau add`, `import-data`, `parse-logs`: what comes in, what is refused and why."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Outcome

Thau = Callable[..., Outcome]


def test_an_import_counts_reports_and_can_be_repeated(here: Thau, tmp_path: Path) -> None:
    lines = [
        json.dumps({"instruction": "q", "output": "a"}),
        "{broken",
        json.dumps({"instruction": "my phone?", "output": "+34 612 345 678"}),
        json.dumps({"instruction": "Q?", "output": "b"}),
    ]
    (tmp_path / "set.jsonl").write_text("\n".join(lines))
    done = here("import-data", str(tmp_path / "set.jsonl"))
    assert (done.status, done.out) == (
        0,
        "3 added, 0 already here, 1 refused\n1 of them waits until you have looked at it.\n",
    )
    refused, looked_at, contradiction = done.err.splitlines()
    assert refused.startswith("2: refused, it is not whole JSON")
    assert looked_at == "3: not learned until you have looked at it: it seems to hold personal data"
    assert contradiction == "4: another answer to the same question as example 1"
    events = here("import-data", str(tmp_path / "set.jsonl"), "--json").lines
    assert events[-1]["type"] == "intake_finished"
    assert (events[-1]["added"], events[-1]["duplicates"], events[-1]["refused"]) == (0, 3, 1)


def test_a_format_that_does_not_fit_is_reported_for_each_line(here: Thau, tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_text(json.dumps({"instruction": "q", "output": "a"}))
    done = here("import-data", str(tmp_path / "set.jsonl"), "--format", "openai")
    assert done.out == "0 added, 0 already here, 1 refused\n"
    assert done.err == "1: refused, it has no messages\n"
    assert here("import-data", str(tmp_path / "set.jsonl"), "--format", "excel").status == 2


def test_a_file_that_is_not_there_is_one_sentence(here: Thau) -> None:
    done = here("import-data", "/nowhere/set.jsonl")
    assert done.status == 1
    assert "can't be read" in done.err and "Traceback" not in done.err


def test_a_parsed_log_can_be_imported(here: Thau, tmp_path: Path) -> None:
    (tmp_path / "chat.log").write_text("[10:00] User: hola\n[10:01] Assistant: ¡Hola!\nUser: adiós\nAssistant: Chao\n")
    parsed = here("parse-logs", str(tmp_path / "chat.log"))
    assert [line["instruction"] for line in parsed.lines] == ["hola", "adiós"]
    assert parsed.err == "2 examples found\n"
    (tmp_path / "set.jsonl").write_text(parsed.out)
    assert here("import-data", str(tmp_path / "set.jsonl")).out.startswith("2 added")


def test_a_log_of_something_else_is_explained(here: Thau, tmp_path: Path) -> None:
    (tmp_path / "chat.log").write_text("GET / 200\n")
    done = here("parse-logs", str(tmp_path / "chat.log"))
    assert (done.status, done.out) == (1, "")
    assert "no question with an answer" in done.err


def test_another_answer_is_added_and_said(here: Thau) -> None:
    assert here("add", "Where is it?", "Here").out == "Example 1 added; 1 waiting.\n"
    done = here("add", "where is it", "There")
    assert done.out == "Example 2 added; 2 waiting.\n"
    assert done.err == "another answer to the same question as example 1\n"


def test_examples_are_written_to_a_file(here: Thau, tmp_path: Path) -> None:
    here("add", "q", "a")
    path = tmp_path / "out.jsonl"
    assert here("export-data", str(path)).out == f"1 example written to {path}\n"
    assert json.loads(path.read_text())["output"] == "a"
    assert here("export-data", str(path), "--state", "trained").out.startswith("0 examples")
    assert here("export-data", str(path), "--state", "magic").status == 2
