"""The window with its own model: a newcomer's first conversation, and the next morning."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests import tiny_pictures
from tests.ui.test_keyboard import idle, listed, texts
from thau_desktop.paths import Paths
from thau_desktop.settings import SettingsFile
from ui.application import Session
from ui.chat.page import ChatPage
from ui.chat.picture_view import PictureView
from ui.chat.tool_card import ToolCard
from ui.gallery.page import GalleryPage

_PATIENCE = 280_000  # milliseconds: two child processes import torch, which a busy machine takes its time for


@contextmanager
def running(qtbot: QtBot, home: Path) -> Iterator[tuple[Session, ChatPage]]:
    """The application from its start to its end, with the chat in view and the keyboard in the message."""
    hook = sys.excepthook
    session = Session(Paths(home).create())
    session.crashes.uninstall()
    sys.excepthook = hook
    session.start()
    qtbot.waitUntil(lambda: session.thau is not None)
    page = session.window.show_page("chat")
    assert isinstance(page, ChatPage)
    with qtbot.waitActive(session.window):
        session.window.activateWindow()
    try:
        yield session, page
    finally:
        session.close()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # the window, which still asks for its theme
        QApplication.instance().setStyleSheet("")
        session.theme.setParent(None)


def say(qtbot: QtBot, page: ChatPage, words: str, until: Callable[[], bool]) -> None:
    page.composer.editor.setFocus()
    page.composer.editor.insertPlainText(words)  # QTest types ASCII only
    qtbot.keyClick(page.composer.editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: idle(page) and until(), timeout=_PATIENCE)


@pytest.fixture
def newcomer(home: Path) -> Path:
    """A home in Spanish whose greedy model answers alike each time, with a small image model of random weights."""
    settings = SettingsFile(Paths(home).create().settings)
    settings.change("general", "first_run_done", True)
    settings.change("general", "language", "es")
    settings.change("chat", "temperature", 0.0)
    settings.change("images", "model", tiny_pictures.lcm(home / "models" / "tiny").name)
    settings.change("images", "steps", 10)
    for side in ("width", "height"):
        settings.change("images", side, 256)
    return home


@pytest.mark.timeout(900)
def test_what_was_said_and_drawn_is_there_again_tomorrow(qtbot: QtBot, newcomer: Path) -> None:
    with running(qtbot, newcomer) as (_session, page):
        say(qtbot, page, "¿Qué es una variable?", lambda: len(page.transcript.messages) == 2)
        answer = texts(page)[1]
        assert "variable" in answer and "valor" in answer
        say(qtbot, page, "Dibuja un zorro rojo en la nieve", lambda: len(page.transcript.messages) == 4)
        (card,) = page.transcript.findChildren(ToolCard)
        assert card.call is not None and card.call.name == "generate_image"
        assert "fox" in card.call.arguments["prompt"] and "snow" in card.call.arguments["prompt"]
        assert card.result is not None and not card.result.error
        (drawn,) = shown_pictures(qtbot, page)
        said = texts(page)
    with running(qtbot, newcomer) as (session, page):
        qtbot.waitUntil(lambda: len(listed(page)) == 1)
        page.open_conversation(page.list.model.rows[1].id)
        qtbot.waitUntil(lambda: texts(page) == said)
        assert shown_pictures(qtbot, page) == [drawn]
        gallery = session.window.show_page("gallery")
        assert isinstance(gallery, GalleryPage)
        qtbot.waitUntil(lambda: list(gallery.model.ids) == [int(drawn)])
        session.window.show_page("chat")
        say(qtbot, page, "Gracias", lambda: len(page.transcript.messages) == 6)
        assert texts(page)[-1]


def shown_pictures(qtbot: QtBot, page: ChatPage) -> list[str]:
    """The ids of the pictures on screen, once they are painted."""
    qtbot.waitUntil(lambda: bool(page.transcript.findChildren(PictureView)))
    views = page.transcript.findChildren(PictureView)
    qtbot.waitUntil(lambda: all(view._image is not None and not view._image.isNull() for view in views))
    return [view.picture.id for view in views]
