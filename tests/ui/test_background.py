"""The thread beside the transcript: results arrive, and nobody is hurt who is gone by then."""

from __future__ import annotations

import threading

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from pytestqt.qtbot import QtBot

from ui.chat.background import Background


class Asker(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[int] = []

    def receive(self, result: int) -> None:
        self.found.append(result)


def test_results_arrive_in_their_order(qtbot: QtBot) -> None:
    background, asker = Background(), Asker()
    for number in range(20):
        background.request(lambda number=number: number * number, receive=asker.receive)
    qtbot.waitUntil(lambda: asker.found == [number * number for number in range(20)])
    background.deleteLater()


def test_it_may_go_at_any_moment_of_the_work(qtbot: QtBot) -> None:
    asker = Asker()
    for round_ in range(200):
        parent = QObject()
        background = Background(parent)
        begun = threading.Event()
        background.request(begun.set, receive=asker.receive)
        background.request(lambda round_=round_: sum(range(round_ * 10)), receive=asker.receive)
        begun.wait(10)
        parent.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QCoreApplication.processEvents()
