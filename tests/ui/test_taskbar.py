"""The progress on the taskbar's entry."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from ui.taskbar import ENTRY, Taskbar, message
from ui.worker import Worker, workers


@dataclass(frozen=True)
class Progress:
    fraction: float


def test_a_signal_says_which_entry_and_how_far() -> None:
    told = message(0.25)
    assert (told.interface(), told.member()) == ("com.canonical.Unity.LauncherEntry", "Update")
    assert told.arguments() == [ENTRY, {"progress": 0.25, "progress-visible": True}]
    assert message(None).arguments()[1] == {"progress": 0.0, "progress-visible": False}


def test_what_runs_is_followed_until_it_ends(qtbot: QtBot, qapp: QObject) -> None:
    taskbar = Taskbar(qapp)
    go = threading.Event()

    def events(cancel: threading.Event) -> Iterator[Progress]:
        yield Progress(0.5)
        go.wait(60)

    assert workers().fraction is None
    worker = Worker(events, qapp, "Downloading")
    assert worker.running
    qtbot.waitUntil(lambda: taskbar.shown == 0.5)
    go.set()
    qtbot.waitUntil(lambda: taskbar.shown is None)


@pytest.mark.skipif(not shutil.which("dbus-run-session"), reason="no D-Bus here")
def test_the_signal_reaches_the_bus() -> None:
    code = (
        "import sys; from PySide6.QtCore import QCoreApplication; from PySide6.QtDBus import QDBusConnection;"
        "from ui.taskbar import message; QCoreApplication(sys.argv);"
        "sys.exit(0 if QDBusConnection.sessionBus().send(message(0.5)) else 1)"
    )
    subprocess.run(["dbus-run-session", "--", sys.executable, "-c", code], check=True, timeout=60)
