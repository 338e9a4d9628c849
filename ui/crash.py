"""Bugs never pass in silence: every uncaught exception goes to the log and into a sheet that can be copied."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, QSize, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from thau_desktop.errors import ThauError
from thau_desktop.translation import _
from ui.theme import theme
from ui.widgets.buttons import button
from ui.widgets.labels import IconLabel, label

_logger = logging.getLogger(__name__)


class CrashReporter(QObject):
    """Takes the place of Python's hooks, for every thread, until `uninstall`.

    One sheet at a time; the same bug again is only logged. `problem` carries a `ThauError` that nobody caught: it is
    no bug, and its sentences belong into the window.
    """

    problem = Signal(object)
    _caught = Signal(str)

    def __init__(self, logs: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._logs = logs
        self._seen: set[str] = set()
        self.dialog: CrashDialog | None = None
        self._caught.connect(self.show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        sys.excepthook = self._hook
        threading.excepthook = lambda args: self._hook(args.exc_type, args.exc_value, args.exc_traceback)

    def uninstall(self) -> None:
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__

    def _hook(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
        elif isinstance(error, ThauError):
            self.problem.emit(error)
        elif not issubclass(kind, SystemExit):
            self.report("".join(traceback.format_exception(kind, error, trace)))

    def report(self, trace: str) -> None:
        """Log a traceback and show it, from any thread."""
        _logger.critical("a bug: %s", trace)
        self._caught.emit(trace)

    @Slot(str)
    def show(self, trace: str) -> None:
        """Show a traceback, unless a sheet is open or it was shown before."""
        if trace in self._seen or self.dialog is not None:
            return
        self._seen.add(trace)
        self.dialog = CrashDialog(trace, self._logs, QApplication.activeWindow())
        self.dialog.finished.connect(self._on_closed)
        self.dialog.open()

    @Slot()
    def _on_closed(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
        self.dialog = None


class CrashDialog(QDialog):
    """What went wrong, for people and for those who mend it."""

    def __init__(self, trace: str, logs: Path, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Something went wrong"))
        self.resize(QSize(640, 400).boundedTo((parent or self).screen().availableSize() - QSize(40, 60)))
        self._trace = trace
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(IconLabel("bug", "bad", 24))
        top.addWidget(label(_("Something went wrong inside THAU"), "heading"), 1)
        column.addLayout(top)
        sentence = _(
            "This is a mistake of THAU's, not yours. What is saved stays saved, and you can go on. If it happens"
            " again, start THAU anew and send these details to its makers."
        )
        column.addWidget(label(sentence, "dim", wrap=True))
        details = QPlainTextEdit(trace)
        details.setReadOnly(True)
        details.setFont(theme().mono(12))
        details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        details.setAccessibleName(_("Details"))
        column.addWidget(details, 1)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(button(_("Copy details"), self.copy, icon_name="copy"))
        row.addWidget(button(_("Open the logs"), lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(logs)))))
        row.addStretch()
        go_on = button(_("Go on"), self.accept, kind="accent")
        go_on.setDefault(True)
        row.addWidget(go_on)
        column.addLayout(row)
        go_on.setFocus()

    def copy(self) -> None:
        """Put the details into the clipboard."""
        QApplication.clipboard().setText(self._trace)
