"""What the window's tests share: a theme, and no worker that outlives its test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from thau_desktop.settings import Settings
from thau_desktop.translation import set_language
from ui.theme import Theme
from ui.worker import workers


@pytest.fixture(autouse=True)
def workers_end(nothing_left_behind: None, qapp: QApplication) -> Iterator[None]:
    """Ends the workers and the call threads of a test before it is asked what it left behind."""
    set_language("en")
    yield
    workers().stop_all(5)
    qapp.processEvents()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The application's theme, as it is without any settings."""
    made = Theme(Settings())
    yield made
    workers().stop_all(5)
    qapp.processEvents()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # widgets that were closed still ask it for colours
    qapp.setStyleSheet("")
    made.setParent(None)
