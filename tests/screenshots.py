"""Renders every page in light and dark, Spanish and English, into `docs/images/`: `make screenshots`.

The window, its store and the starter model are the real ones; the conversation is asked while you wait.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.conftest import ROOT
from thau_desktop.messages import Text
from thau_desktop.paths import Paths
from thau_desktop.settings import SettingsFile
from ui.application import Session

IMAGES = ROOT / "docs" / "images"
QUESTIONS = {
    "es": ["Dibuja un zorro rojo en la nieve al atardecer", "¿Qué es la recursión?", "¿Quién ganó el mundial de 1998?"],
    "en": ["Draw a red fox in the snow at sunset", "What is recursion?", "Who won the 1998 world cup?"],
}
EARLIER = {
    "es": ["Lógica de pagos del proyecto", "Optimizar consulta SQL", "Ideas para el logotipo", "Plan de estudio de ML"],
    "en": ["Payment logic of the project", "Optimise an SQL query", "Ideas for the logo", "ML study plan"],
}


def wait(until: Callable[[], bool], seconds: float = 120) -> None:
    """Run the event loop until the condition holds."""
    loop, end = QEventLoop(), time.monotonic() + seconds
    timer = QTimer()
    timer.timeout.connect(lambda: loop.quit() if until() or time.monotonic() > end else None)
    timer.start(20)
    loop.exec()
    timer.stop()
    if not until():
        sys.exit("timed out")


def pause(seconds: float) -> None:
    end = time.monotonic() + seconds
    wait(lambda: time.monotonic() > end)


def shoot(widget: QWidget, name: str) -> None:
    pause(0.3)
    widget.grab().save(str(IMAGES / f"{name}.png"), "PNG", 60)
    print(f"docs/images/{name}.png")


def render(application: QApplication, language: str, look: str) -> None:
    with tempfile.TemporaryDirectory() as home:
        paths = Paths.find(home).create()
        settings = SettingsFile(paths.settings)
        settings.load()
        settings.change("general", "language", language)
        settings.change("appearance", "theme", look)
        settings.change("appearance", "reduced_motion", True)
        settings.change("chat", "temperature", 0.0)
        session = Session(paths, application)
        session.window.resize(1280, 800)
        session.start()
        try:
            _pages(session, f"{language}-{look}", language)
        finally:
            session.close()


def _pages(session: Session, suffix: str, language: str) -> None:
    window = session.window
    wait(lambda: session.thau is not None)
    thau = session.thau
    assert thau is not None
    pause(1.0)
    shoot(window, f"first-run-{suffix}")
    for title in EARLIER[language]:
        conversation = thau.conversations.create(title)
        thau.conversations.add_message(conversation.id, "user", (Text(title),), state="complete")
    thau.change("general", "first_run_done", True)
    window.show_page("chat")
    pause(0.5)
    window.new_chat()
    shoot(window, f"welcome-{suffix}")
    page = window.page
    editor = page.composer.editor
    for number, question in enumerate(QUESTIONS[language], start=1):
        editor.setPlainText(question)
        QTest.keyClick(editor, Qt.Key.Key_Return)
        wait(lambda asked=number: _answered(session) >= asked)
    pause(0.5)
    shoot(window, f"chat-{suffix}")
    for name in ("gallery", "training", "models", "settings"):
        window.show_page(name)
        pause(0.6)
        shoot(window, f"{name}-{suffix}")
    window.show_page("chat")
    window.open_palette()
    shoot(window, f"palette-{suffix}")


def _answered(session: Session) -> int:
    """How many answers of the newest conversation are whole."""
    assert session.thau is not None
    newest = max(session.thau.conversations.list(), key=lambda c: c.id)
    return sum(m.role == "assistant" and m.state == "complete" for m in session.thau.conversations.path(newest.id))


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    if not sys.argv[1:]:  # a theme belongs to its application: a process for each
        for suffix in (f"{language}-{look}" for language in ("es", "en") for look in ("light", "dark")):
            subprocess.run([sys.executable, "-m", "tests.screenshots", suffix], check=True)
        return
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    render(application, *sys.argv[1].split("-"))


if __name__ == "__main__":
    main()
