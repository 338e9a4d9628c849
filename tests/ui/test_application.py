"""The process of the window: one instance, the window before the core, bugs shown, everything closed in order."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from thau_desktop.app import Thau
from thau_desktop.errors import ModelMissing
from ui.application import Application, Session
from ui.closing import CloseDialog
from ui.crash import CrashReporter
from ui.single_instance import SingleInstance
from ui.theme import Theme
from ui.worker import Worker, workers

ROOT = Path(__file__).parents[2]


def _started(qtbot, session: Session) -> Session:
    session.start()
    qtbot.waitUntil(lambda: session.thau is not None)
    return session


def test_the_window_is_there_before_the_core(qtbot, session: Session) -> None:
    with qtbot.waitSignal(session.window.painted):
        session.start()
        assert session.thau is None
    qtbot.waitUntil(lambda: session.thau is not None)
    assert session.window.thau is session.thau


def test_closing_ends_the_workers_and_then_the_core(qtbot, session: Session) -> None:
    thau = _started(qtbot, session).thau
    order: list[str] = []

    def events(cancel: threading.Event) -> Iterator[str]:
        cancel.wait(100)
        order.append("worker")
        yield "last words"

    seen: list[object] = []
    worker = Worker(events, session.window)
    worker.event.connect(seen.append)
    close = thau.close
    thau.close = lambda: (order.append("core"), close())
    session.close()
    assert order == ["worker", "core"] and seen == ["last words"]
    assert not workers().running and session.thau is None


@pytest.mark.parametrize("opened", ["while it leaves", "before it is heard"])
def test_a_core_that_opens_while_the_application_leaves_is_closed(
    qtbot, session: Session, monkeypatch: pytest.MonkeyPatch, opened: str
) -> None:
    inside, release, cores = threading.Event(), threading.Event(), []

    def slow(home: Path) -> Thau:
        inside.set()
        if opened == "while it leaves":
            release.wait(60)
        cores.append(Thau(home))
        return cores[0]

    monkeypatch.setattr("ui.application._open", slow)
    session.open_core()
    assert inside.wait(60)
    if opened == "before it is heard":
        assert workers().stop_all(60)
    session.close()
    release.set()
    assert workers().stop_all(60)
    assert cores[0]._closed and session.thau is None


def test_a_missing_model_is_told_by_the_pill_and_not_by_a_crash(
    qtbot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    thau = _started(qtbot, session).thau

    def backend(name: str = "") -> None:
        raise ModelMissing("No model.", "Get one.")

    monkeypatch.setattr(thau, "backend", backend)
    session.warm_up()
    qtbot.waitUntil(lambda: session.window.rail.status.problem is not None)
    assert "No model." in session.window.rail.status.toolTip()


def test_closing_asks_while_something_runs(qtbot, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    _started(qtbot, session)
    qtbot.waitUntil(lambda: not session._due())
    answers = iter(["stay", "quit"])
    asked: list[list[str]] = []

    def run(dialog: CloseDialog) -> int:
        dialog.choice = next(answers)
        asked.append(dialog.running)
        return 1

    monkeypatch.setattr(CloseDialog, "exec", run)
    worker = Worker(lambda cancel: iter([cancel.wait(100)]), session.window, "Drawing a fox")
    with qtbot.assertNotEmitted(session.window.closing):
        session.window.close()
    assert session.window.isVisible()
    with qtbot.waitSignal(session.window.closing):
        session.window.close()
    assert asked == [["Drawing a fox"]] * 2
    worker.stop()


def test_a_chosen_language_reaches_qts_own_words(qtbot, session: Session) -> None:
    _started(qtbot, session).thau.change("general", "language", "es")
    session.window.language_changed.emit()
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancelar"
    assert QLocale().language() == QLocale.Language.Spanish
    session.thau.change("general", "language", "en")
    session.window.language_changed.emit()
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"


def test_a_second_start_hands_its_arguments_to_the_first(qtbot, home: Path) -> None:
    first = SingleInstance(home)
    assert first.claim()
    code = (
        "import sys, json; from pathlib import Path; from PySide6.QtCore import QCoreApplication\n"
        "from ui.single_instance import SingleInstance\n"
        "app = QCoreApplication([]); second = SingleInstance(Path(sys.argv[1]))\n"
        "print(json.dumps([second.claim(), second.ask_first(['--page', 'models'])]))"
    )
    command = [sys.executable, "-c", code, str(home)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        with qtbot.waitSignal(first.asked) as asked:
            pass
        output, _errors = process.communicate(timeout=60)
    assert asked.args == [["--page", "models"]]
    assert json.loads(output) == [False, True]
    first.release()
    again = SingleInstance(home)
    assert again.claim()
    again.release()


def test_a_file_that_the_system_wants_open_is_told(qtbot, qapp: Application) -> None:
    for asked, told in (
        (QFileOpenEvent("/tmp/some.gguf"), "/tmp/some.gguf"),
        (QFileOpenEvent(QUrl("thau://chat")), "thau://chat"),
    ):
        with qtbot.waitSignal(qapp.opened) as opened:
            QCoreApplication.sendEvent(qapp, asked)
        assert opened.args == [told]


def test_two_homes_are_two_windows(qapp: QApplication, tmp_path: Path) -> None:
    homes = [tmp_path / "one", tmp_path / "two"]
    for home in homes:
        home.mkdir()
    instances = [SingleInstance(home) for home in homes]
    assert all(instance.claim() for instance in instances)
    for instance in instances:
        instance.release()


def test_a_bug_is_logged_and_shown_once(qtbot, theme: Theme, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    reporter = CrashReporter(tmp_path)
    with caplog.at_level(logging.CRITICAL):
        thread = threading.Thread(target=lambda: reporter.report("ZeroDivisionError: a bug"))
        thread.start()
        thread.join()
        qtbot.waitUntil(lambda: reporter.dialog is not None)
    assert "ZeroDivisionError: a bug" in caplog.text
    reporter.dialog.copy()
    assert QApplication.clipboard().text() == "ZeroDivisionError: a bug"
    reporter.dialog.accept()
    reporter.report("ZeroDivisionError: a bug")
    QApplication.processEvents()
    assert reporter.dialog is None


@pytest.mark.skipif(os.name == "nt", reason="no signals")
@pytest.mark.parametrize("moment", ["start", "_on_open", "warm_up"])
def test_the_whole_application_starts_and_ends_with_sigterm_whenever_it_comes(home: Path, moment: str) -> None:
    code = (
        "import os, signal, sys; from PySide6.QtCore import QTimer\n"
        "from ui import application as a\n"
        f"before = a.Session.{moment}\n"
        "def then_end(session, *more):\n"
        "    before(session, *more); QTimer.singleShot(0, session, lambda: os.kill(os.getpid(), signal.SIGTERM))\n"
        f"a.Session.{moment} = then_end\n"
        "sys.exit(a.run(['thau']))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert result.returncode == 0, result.stderr
    assert (home / "window.lock").exists() is False
    log = (home / "logs" / "thau.log").read_text(encoding="utf-8") if (home / "logs" / "thau.log").exists() else ""
    assert "a bug" not in log and "Qt" not in result.stderr
    assert "Traceback" not in result.stderr
