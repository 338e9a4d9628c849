"""`thau conversations`: what goes out comes back in, and an import says what it left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome

Thau = Callable[..., Outcome]
CHATGPT = Path(__file__).parent.parent / "data" / "chatgpt_conversations.json"


@pytest.fixture
def filled(here: Thau) -> Thau:
    """A home that holds the sample of ChatGPT."""
    done = here("conversations", "import", str(CHATGPT))
    assert done.status == 0
    assert done.out == "4 imported, 0 already here, 2 left out\n"
    assert "“Broken”" in done.err
    return here


def test_conversations_are_listed_and_searched(filled: Thau) -> None:
    listed = filled("conversations", "list", "--json").json["conversations"]
    assert {entry["title"] for entry in listed} >= {"Branches", "After the broken ones"}
    assert {"id", "title", "created_at", "updated_at", "messages"} <= set(listed[0])
    found = filled("conversations", "list", "--search", "maroon").out
    assert "Branches" in found
    assert "After" not in found


def test_an_export_of_everything_is_known_when_it_is_imported_again(filled: Thau, tmp_path: Path) -> None:
    target = tmp_path / "all.json"
    assert filled("conversations", "export", "--all", "--output", str(target)).status == 0
    assert len(json.loads(target.read_text(encoding="utf-8"))["conversations"]) == 4
    again = filled("conversations", "import", str(target), "--json")
    assert again.lines[-1] == {"type": "import_finished", "imported": 0, "duplicates": 4, "skipped": 0}


def test_one_conversation_is_written_as_markdown_on_stdout(filled: Thau) -> None:
    number = filled("conversations", "list", "--search", "maroon", "--json").json["conversations"][0]["id"]
    written = filled("conversations", "export", str(number))
    assert written.out.startswith("# Branches\n")
    assert "Maroon" in written.out
    assert "Pink" not in written.out


def test_a_folder_gets_a_file_for_each_conversation(filled: Thau, tmp_path: Path) -> None:
    assert filled("conversations", "export", "--all", "--output", str(tmp_path)).status == 0
    assert len(list(tmp_path.glob("*.md"))) == 4


def test_an_export_to_nowhere_is_a_readable_problem(filled: Thau, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    failed = filled("conversations", "export", "--all", "--output", str(tmp_path / "file" / "x.md"))
    assert failed.status == 1
    assert failed.err.count("\n") == 1


def test_a_file_of_something_else_is_a_readable_problem(here: Thau, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text("hello")
    failed = here("conversations", "import", str(other))
    assert (failed.status, failed.out) == (1, "")
    assert failed.err.count("\n") == 1
