"""How soon a key shows: keys that arrive at a field from outside the event loop, as a person's do."""

from __future__ import annotations

import threading
import time
from itertools import cycle

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QInputDevice, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit

_LETTERS = "the words of a person who goes on writing "


class Typist(QObject):
    """Types into a field from a thread of its own until `stop`. `seconds`: of each key, until it was painted."""

    def __init__(self, field: QPlainTextEdit, every: float = 0.13) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self._field = field
        QInputDevice.primaryKeyboard()  # made at the first key event, in whose thread it would then live
        self._every = every
        self._posted: list[float] = []
        self._handled: list[float] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._type, daemon=True)
        field.installEventFilter(self)
        field.viewport().installEventFilter(self)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop, and let go of the field."""
        self._stopped.set()
        self._thread.join()
        self._field.removeEventFilter(self)
        self._field.viewport().removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and self._posted:
            self._handled.append(self._posted.pop(0))
        elif event.type() == QEvent.Type.Paint and self._handled:
            now = time.perf_counter()
            self.seconds += [now - at for at in self._handled]
            self._handled.clear()
        return False

    def _type(self) -> None:
        for letter in cycle(_LETTERS):
            if self._stopped.wait(self._every):
                return
            self._posted.append(time.perf_counter())
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, letter)
                QCoreApplication.postEvent(self._field, event)
