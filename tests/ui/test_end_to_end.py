"""The window with its own model: a newcomer's first conversation, and the next morning."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.test_keyboard import idle, listed, texts
from thau_desktop.paths import Paths
from thau_desktop.settings import SettingsFile
from ui.application import Session
from ui.chat.page import ChatPage
from ui.chat.tool_card import ToolCard


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
    qtbot.waitUntil(lambda: idle(page) and until())


def test_a_conversation_with_the_starter_model_is_there_again_tomorrow(qtbot: QtBot, home: Path) -> None:
    settings = SettingsFile(Paths(home).create().settings)
    settings.change("general", "first_run_done", True)
    settings.change("general", "language", "es")
    settings.change("chat", "temperature", 0.0)
    with running(qtbot, home) as (_session, page):
        say(qtbot, page, "¿Qué es una variable?", lambda: len(page.transcript.messages) == 2)
        answer = texts(page)[1]
        assert "variable" in answer and "valor" in answer
        say(qtbot, page, "Dibuja un zorro rojo en la nieve", lambda: len(page.transcript.messages) == 4)
        (card,) = page.transcript.findChildren(ToolCard)
        assert card.call is not None and card.call.name == "generate_image"
        assert "fox" in card.call.arguments["prompt"] and "snow" in card.call.arguments["prompt"]
        said = texts(page)
    with running(qtbot, home) as (_session, page):
        qtbot.waitUntil(lambda: len(listed(page)) == 1)
        page.open_conversation(page.list.model.rows[1].id)
        qtbot.waitUntil(lambda: texts(page) == said)
        assert len(page.transcript.findChildren(ToolCard)) == 1
        say(qtbot, page, "Gracias", lambda: len(page.transcript.messages) == 6)
        assert texts(page)[-1]
