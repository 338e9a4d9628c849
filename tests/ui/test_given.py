"""Files and addresses that a desktop hands over."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from ui.application import Session
from ui.given import Given, given, whole


@pytest.mark.parametrize("argument", ["thau://training", "thau:training", "thau://training/"])
def test_an_address_shows_a_page(argument: str) -> None:
    assert given(argument) == Given("training")


def test_files_go_to_the_page_that_knows_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    examples, model = tmp_path / "ocho años.jsonl", tmp_path / "MODEL.GGUF"
    examples.write_text("")
    model.write_bytes(b"GGUF")
    assert given(str(examples)) == Given("training", examples)
    assert given(examples.as_uri()) == Given("training", examples)
    assert given(str(model)) == Given("models", model)
    monkeypatch.chdir(tmp_path)
    assert whole(examples.name) == str(examples)
    assert whole("thau://training") == "thau://training"


@pytest.mark.parametrize("argument", ["thau://nowhere", "/nothing/here.jsonl", "chat", "--message", ""])
def test_what_is_nothing_of_ours_is_nothing(argument: str) -> None:
    assert given(argument) is None


def test_a_file_given_to_a_second_start_is_taken_in_by_the_first(qtbot, session: Session, tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text('{"instruction": "Who sings?", "output": "Mercedes"}\n')
    session.on_asked([str(path), "thau://nowhere"])  # before the core is open: it waits
    session.start()
    qtbot.waitUntil(lambda: session.thau is not None, timeout=60_000)
    thau = session.thau
    assert thau is not None
    qtbot.waitUntil(lambda: thau.examples.counts()["pending"] == 1, timeout=60_000)
    assert session.window.page_name == "training"
    session.on_asked(["thau://gallery"])
    assert session.window.page_name == "gallery"


def test_the_windows_program_takes_no_commands(home: Path, tmp_path: Path) -> None:
    program = tmp_path / "thau-desktop"
    program.symlink_to(ROOT / "main.py")
    code = "import runpy, sys; sys.argv = sys.argv[1:]; import main; print(main._opens_what_it_is_given())"
    for name, opens in ((str(program), "True"), (str(ROOT / "main.py"), "False")):
        done = subprocess.run(
            [sys.executable, "-c", code, name, "status"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == opens
