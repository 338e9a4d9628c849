"""Exit statuses, one readable line for a problem, and a start that does not load what it does not need."""

from __future__ import annotations

import gettext
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome
from tests.conftest import ROOT
from thau_desktop import __version__
from thau_desktop.errors import StoreError
from thau_desktop.store.examples import Examples

Thau = Callable[..., Outcome]

COMMANDS = (
    *("chat", "status", "add", "import-data", "parse-logs", "train", "version", "versions", "start", "init"),
    *("doctor", "models", "conversations", "images", "export", "ollama"),
)


def test_help_names_every_command_and_no_command_that_does_not_exist_yet(here: Thau) -> None:
    helped = here("--help")
    assert helped.status == 0
    assert all(command in helped.out for command in COMMANDS)
    assert here("deploy").status == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["add", "only one"],
        ["chat", "--tools", "perhaps"],
        ["chat", "--temperature", "9", "--message", "x"],
        ["chat", "--message", "  "],
        ["chat", "--fresh", "--conversation", "1"],
        ["conversations", "export"],
        ["conversations", "export", "1", "--all"],
    ],
)
def test_wrong_usage_ends_with_2_and_nothing_on_stdout(here: Thau, arguments: list[str]) -> None:
    wrong = here(*arguments)
    assert (wrong.status, wrong.out) == (2, "")
    assert wrong.err
    assert "Traceback" not in wrong.err


def test_a_problem_is_one_readable_line_and_status_1(here: Thau) -> None:
    failed = here("conversations", "export", "99")
    assert failed.status == 1
    assert failed.out == ""
    assert failed.err.count("\n") == 1
    assert "no longer exists" in failed.err


def test_a_bug_is_one_line_and_its_traceback_is_in_the_log(
    here: Thau, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_self: Examples) -> dict[str, int]:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(Examples, "counts", broken)
    failed = here("status")
    assert (failed.status, failed.out) == (1, "")
    assert failed.err.count("\n") == 1
    assert "boom" in failed.err
    assert "Traceback" in (home / "logs" / "thau_service.log").read_text(encoding="utf-8")


def test_the_details_of_a_problem_are_in_the_log(here: Thau, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_self: Examples) -> dict[str, int]:
        raise StoreError("It is damaged.", "Mend it.", details="page 7")

    monkeypatch.setattr(Examples, "counts", broken)
    assert here("status").err == "Error: It is damaged. Mend it.\n"
    assert "page 7" in (home / "logs" / "thau_service.log").read_text(encoding="utf-8")


def test_the_language_of_the_settings_is_spoken(thau: Thau, home: Path) -> None:
    (home / "settings.toml").write_text('[general]\nlanguage = "es"\n', encoding="utf-8")
    spanish = gettext.translation("thau", ROOT / "resources" / "locale", ["es"])
    english = "Talk with the model, or send it one message."
    assert spanish.gettext(english) != english
    assert spanish.gettext(english)[:30] in thau("--help").out


def test_a_pipe_that_closes_early_is_no_traceback(home: Path) -> None:
    with subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), "doctor", "--help"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "THAU_HOME": str(home)},
    ) as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.close()
        errors = running.stderr.read().decode()
    assert "Traceback" not in errors
    assert "BrokenPipe" not in errors


# --- add, status, version, models ------------------------------------------------------------------------


def test_an_added_example_waits_and_the_same_one_is_not_added_twice(here: Thau) -> None:
    first = here("add", "¿Capital de Perú?", "Lima", "--source", "prueba")
    assert first.status == 0, first.err
    again = here("add", "¿Capital de Perú?", "Lima")
    assert again.status == 0
    assert "already" in again.out
    status = here("status", "--json").json
    assert (status["pending"], status["trained"], status["total"]) == (1, 0, 1)


def test_an_empty_example_is_refused(here: Thau) -> None:
    refused = here("add", " ", "Lima")
    assert refused.status == 1
    assert refused.err.count("\n") == 1


def test_status_has_the_names_that_scripts_rely_on(here: Thau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    told = here("status", "--json")
    assert told.status == 0
    assert told.err == ""
    status = told.json
    assert list(status) == [
        "model", "version", "pending", "trained", "total", "next_run", "last_run", "training", "device", "ollama",
    ]  # fmt: skip
    assert status["training"] == {"state": "idle", "step": None, "steps": None, "loss": None}
    assert (status["last_run"], status["ollama"]) == (None, None)
    assert datetime.fromisoformat(status["next_run"]).strftime("%H:%M") == "03:00"
    assert status["model"] == status["version"] == "thau-nano-v1"
    assert status["device"] in ("cpu", "cuda", "mps")


def test_the_version_needs_no_command_and_the_status_neither_torch_nor_qt(home: Path) -> None:
    code = (
        "import sys\nfrom thau_desktop.cli.main import run\n"
        "def loaded(*names): print(*[name for name in names if name in sys.modules], sep=' ', file=sys.stderr)\n"
        "first = run(['--version'])\nloaded('typer', 'pydantic', 'sqlite3')\n"
        "second = run(['status'])\nloaded('torch', 'transformers', 'numpy', 'PySide6', 'httpx')\n"
        "sys.exit(first or second)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stderr) == (0, "\n\n")
    assert done.stdout.startswith(f"thau {__version__}\n")


def test_the_version_says_that_it_is_the_base(here: Thau) -> None:
    assert here("version", "--json").json == {"model": "thau-nano-v1", "version": "thau-nano-v1", "base": True}
    assert "thau-nano-v1" in here("version").out


def test_models_on_disk_are_listed(here: Thau, home: Path) -> None:
    folder = home / "models" / "mine"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    models = {model["name"]: model for model in here("models", "list", "--json").json["models"]}
    assert (models["mine"]["bytes"], models["mine"]["starter"], models["mine"]["in_use"]) == (2, False, False)
    assert "mine" in here("models", "list").out


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_any_encoding_of_the_terminal_is_survived(home: Path, encoding: str) -> None:
    commands = [["--help"], ["status"], ["doctor", "--help"], ["add", "ñandú 🦊", "sí"], ["conversations", "list"]]
    done = subprocess.run(
        [sys.executable, "-c", f"from thau_desktop.cli.main import run; print([run(c) for c in {commands!a}])"],
        cwd=ROOT,
        capture_output=True,
        timeout=100,
        env={**os.environ, "THAU_HOME": str(home), "PYTHONIOENCODING": encoding},
        check=False,
    )
    assert done.stdout.decode(encoding).endswith("[0, 0, 0, 0, 0]" + os.linesep), done.stderr
