"""The real window on the real core, offscreen, with a scripted model or the starter: what a benchmark does with it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

import ui.application
from tests.benchmarks.scripted import ScriptedBackend
from thau_desktop.app import Thau
from thau_desktop.paths import Paths
from ui.application import Session
from ui.chat.page import ChatPage

_PATIENCE = 600.0  # seconds


class Window:
    """A session in this process. Attributes: `session`, `thau`, `page` (of the chat)."""

    def __init__(self, home: Path, rate: float | None) -> None:
        """`rate` are the tokens a second of a scripted model; None is the starter itself."""
        self.application = QApplication.instance() or QApplication(["thau"])

        def open_(folder: Path) -> Thau:
            thau = Thau(folder)
            if rate is None:
                return thau
            scripted = ScriptedBackend(thau.models.find(), rate)
            thau._backend = scripted  # so that it is closed with the core
            thau.backend = lambda name="": scripted  # type: ignore[method-assign]
            return thau

        ui.application._open = open_  # type: ignore[assignment]
        self.session = Session(Paths.find(home).create())
        self.session.start()
        wait(lambda: self.session.thau is not None and self.session.window.rail.status.model is not None)
        assert self.session.thau is not None
        self.thau = self.session.thau
        page = self.session.window.show_page("chat")
        assert isinstance(page, ChatPage)
        self.page = page
        pause(0.5)

    def answer(self, characters: int) -> None:
        """Ask for an answer of that length in the conversation shown, and wait until it is there."""
        before = self.page.conversation_id
        self.page.answering.send_words(str(characters))
        wait_for(self.page.answering.turns.ended)
        pause(0.5)
        conversation = self.page.conversation_id
        assert conversation is not None and before in (None, conversation)
        last = self.thau.conversations.path(conversation, 1)[-1]
        words = len(last.message.text)
        if last.state != "complete" or words != characters or self.session.crashes.dialog is not None:
            raise RuntimeError(f"the answer is {last.state} with {words} of {characters} characters: {last.error}")

    def ask(self, words: str) -> float:
        """Send words in the conversation shown and wait for the answer; returns the seconds until it is there."""
        started = time.perf_counter()
        self.page.answering.send_words(words)
        wait_for(self.page.answering.turns.ended)
        seconds = time.perf_counter() - started
        conversation = self.page.conversation_id
        assert conversation is not None
        last = self.thau.conversations.path(conversation, 1)[-1]
        if last.state != "complete":
            raise RuntimeError(f"the answer is {last.state}: {last.error}")
        return seconds

    def open(self, conversation: int | None) -> float:
        """Show a conversation, a new one for None; returns the milliseconds until it is painted."""
        started = time.perf_counter()
        if conversation is None:
            self.page.new_conversation()
        else:
            self.page.open_conversation(conversation)
        QApplication.processEvents()
        return 1000 * (time.perf_counter() - started)

    def close(self) -> None:
        """End the session."""
        self.session.close()
        QApplication.processEvents()

    def __enter__(self) -> Window:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def wait(until: Callable[[], bool], seconds: float = 60.0) -> None:
    """Run the event loop until the condition holds. Raises `TimeoutError`."""
    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            raise TimeoutError(f"nothing happened within {seconds} s")
        pause(0.02)


def wait_for(signal: object) -> None:
    """Run the event loop, and nothing else, until the signal comes. Raises `TimeoutError`."""
    loop, late = QEventLoop(), QTimer(singleShot=True)
    late.timeout.connect(loop.quit)
    late.start(int(_PATIENCE * 1000))
    signal.connect(lambda *_: loop.quit())  # type: ignore[attr-defined]
    loop.exec()
    if not late.isActive():
        raise TimeoutError(f"nothing happened within {_PATIENCE} s")


def pause(seconds: float) -> None:
    """Run the event loop for so long."""
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()
