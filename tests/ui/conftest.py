"""What the window's tests share: a theme, patience, and no worker that outlives its test."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QLocale
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from pytestqt.wait_signal import SignalBlocker

from thau_desktop.app import Thau
from thau_desktop.paths import Paths
from thau_desktop.settings import Settings
from ui.application import Application, Session
from ui.main_window import MainWindow
from ui.theme import Theme
from ui.worker import workers

PATIENCE = 60_000  # milliseconds: a deadline only keeps a test from hanging


class PatientBot(QtBot):
    """A qtbot whose deadlines a slow machine does not miss."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: object, *, timeout: int = PATIENCE, **more: Any) -> SignalBlocker:
        return super().waitSignal(signal, timeout=timeout, **more)

    def waitActive(self, widget: QWidget, *, timeout: int = PATIENCE) -> Any:
        return super().waitActive(widget, timeout=timeout)

    def waitExposed(self, widget: QWidget, *, timeout: int = PATIENCE) -> Any:
        return super().waitExposed(widget, timeout=timeout)


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    """The application's own class."""
    return Application


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """pytest-qt's own, but patient."""
    return PatientBot(request)


@pytest.fixture(autouse=True)
def workers_end(nothing_left_behind: None, qapp: QApplication) -> Iterator[None]:
    """Ends the workers and the call threads of a test before it is asked what it left behind."""
    QLocale.setDefault(QLocale("en"))  # whatever this machine speaks, or the test before
    yield
    workers().stop_all(60)
    qapp.processEvents()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def thau(home: Path, workers_end: None) -> Iterator[Thau]:
    """Thau in this test's home; it is closed when nothing works with it any more."""
    with Thau(home) as opened:
        yield opened
        workers().stop_all(60)


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The application's theme, as it is without any settings."""
    made = Theme(Settings())
    yield made
    workers().stop_all(60)
    qapp.processEvents()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # widgets that were closed still ask it for colours
    qapp.setStyleSheet("")
    made.setParent(None)


@pytest.fixture
def session(qtbot, home: Path) -> Iterator[Session]:
    """What lives between the start and the end of the window."""
    hook = sys.excepthook
    made = Session(Paths(home).create())
    made.crashes.uninstall()
    sys.excepthook = hook
    yield made
    made.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # the window, which has nothing to show any more
    made.theme.setParent(None)
    QApplication.instance().setStyleSheet("")


@pytest.fixture
def window(home: Path, thau: Thau, theme: Theme, qtbot: QtBot) -> Iterator[MainWindow]:
    """A window over an opened Thau, as on any day but the first."""
    thau.change("general", "first_run_done", True)
    made = MainWindow(home)
    made.resize(1280, 800)
    qtbot.addWidget(made)
    made.set_thau(thau)
    made.show()
    yield made
    made.hide()
