"""The window's process from the first line to the last: one instance, the window first, then the core, then the
model in its child; and back down in the opposite order.
"""

from __future__ import annotations

import faulthandler
import gc
import logging
import os
import signal
import socket
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEvent,
    QLibraryInfo,
    QLocale,
    QMessageLogContext,
    QObject,
    QSocketNotifier,
    QTimer,
    QtMsgType,
    QTranslator,
    Signal,
    Slot,
    qInstallMessageHandler,
)
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon

from thau_desktop.errors import StoreError, ThauError
from thau_desktop.log import LogFile
from thau_desktop.paths import Paths
from thau_desktop.settings import Settings, SettingsFile
from thau_desktop.translation import _, language, set_language
from ui.crash import CrashReporter
from ui.given import whole
from ui.logo import application_icon
from ui.main_window import MainWindow
from ui.pages import Ahead
from ui.settings.api_server import ApiServer
from ui.single_instance import SingleInstance
from ui.taskbar import Taskbar
from ui.theme import Theme
from ui.training.nights import Nights
from ui.updates import Updates
from ui.widgets.ask import Ask
from ui.worker import Worker, run_in_background, workers

if TYPE_CHECKING:
    from thau_desktop.app import Thau

_logger = logging.getLogger(__name__)
_LEAVING = 15.0  # seconds: a model that is being loaded may take its time to end
_AFTER_MS = 5000
_PATIENCE = 1.5  # seconds that what runs has to end by itself when the window closes
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def run(argv: list[str]) -> int:
    """Show the window and stay until it is quit; returns the exit status. `argv` as in `sys.argv`."""
    try:
        paths = Paths.find().create()
    except ThauError as error:
        return _no_home(argv, error)
    start_logging(paths.logs)
    application = Application(argv[:1])
    application.setApplicationName("THAU")
    application.setApplicationDisplayName("THAU")
    application.setDesktopFileName("thau")
    application.setQuitOnLastWindowClosed(False)
    instance = SingleInstance(paths.home, application)
    given = [whole(argument) for argument in argv[1:]]
    if not instance.claim():
        if instance.ask_first(given):
            return 0
        if not instance.claim(_LEAVING):  # the first is silent while it closes
            Theme(SettingsFile(paths.settings).load())
            _tell(_("THAU is already running in this folder, but it does not answer."))
            return 1
    session = Session(paths, application)
    instance.asked.connect(session.on_asked)
    _quit_on_signals(session)
    session.given = given
    application.opened.connect(lambda address: session.on_asked([address]))
    session.start()
    status = application.exec()
    session.close()
    instance.release()
    qInstallMessageHandler(None)
    if workers().running or workers().calling:
        _logger.error("a thread did not end in time; leaving without it")
        logging.shutdown()
        os._exit(1 if workers().running else status)
    return status


class Application(QApplication):
    """`opened` says which file or address the system wants open: macOS hands them over as events."""

    opened = Signal(str)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent):
            self.opened.emit(event.file() or event.url().toString())
            return True
        return super().event(event)


class Session(QObject):
    """What lives between the start and the end of the window.

    Attributes: `window`; `thau`, None until it is open; `theme`; `crashes`; `given`, what is to be opened.
    """

    def __init__(self, paths: Paths, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.paths = paths
        self.thau: Thau | None = None
        settings_file = SettingsFile(paths.settings)
        settings = settings_file.load()
        set_language(settings.general.language)
        self._translator = QTranslator(self)
        self._speak()
        self.theme = Theme(settings)
        self.crashes = CrashReporter(paths.logs, self)
        self.crashes.install()
        self._tray: QSystemTrayIcon | None = None
        self._warm_up: Worker | None = None
        self.window = MainWindow(paths.home)
        self.window.setWindowIcon(application_icon())
        self.window.may_close = self._may_close
        self.window.painted.connect(self.open_core)
        self.window.retry.connect(self.open_core)
        self.window.closing.connect(self.quit)
        self.window.quit_asked.connect(self.window.close)
        self.window.language_changed.connect(self._speak)
        self.window.show_problems(settings_file.problems)
        self.crashes.problem.connect(self.window.show_error)
        self._opening = self._leaving = self._left = False
        self._opened = threading.Lock()
        self.nights: Nights | None = None
        self.given: list[str] = []
        self.api: ApiServer | None = None
        self._core: Thau | None = None  # from the moment it is open, which the window hears a little later

    def start(self) -> None:
        """Show the window; the rest follows its first picture."""
        self.window.show()

    @Slot()
    def open_core(self) -> None:
        """Open settings and store in another thread; the window shows its pages when they are there."""
        if self.thau is None and not self._opening:
            self._opening = True
            run_in_background(self, self._open, self._on_open, self._on_not_open)

    def _open(self) -> Thau:
        """In another thread. What opens while the application leaves is closed again."""
        thau = _open(self.paths.home)
        with self._opened:
            self._core = thau
            if self._left:
                thau.close()
        return thau

    def _on_not_open(self, error: ThauError) -> None:
        self._opening = False
        self.window.start_failed(error)

    def _on_open(self, thau: Thau) -> None:
        self._opening = False
        self.thau = thau
        self.warm_up()  # its child starts while the pages are made here
        self.window.set_thau(thau)
        self.nights = Nights(thau, self.window, self)
        self.nights.told.connect(self._tell_of_the_night)
        self.nights.start()
        Updates(thau, self.window, self).start()
        Taskbar(self)
        self._open_given()
        self.api = ApiServer.of(thau, self.window)
        QTimer.singleShot(_AFTER_MS, self.api, self.api.follow)  # its imports would delay the first answer
        ahead = Ahead(self)
        QTimer.singleShot(_AFTER_MS, ahead, ahead.start)
        gc.collect()
        gc.freeze()  # what the start made stays: a full collection that walks it all stalls the window for 20 ms

    @Slot()
    def warm_up(self) -> None:
        """Load the model in its child, so that the first answer does not wait for it."""
        thau = self.thau
        if thau is None:
            return
        self._warm_up = Worker(lambda cancel: thau.backend().load(cancel), self, _("Loading the model"))
        self._warm_up.failed.connect(self.window.rail.status.show_problem)
        self._warm_up.crashed.connect(self.crashes.report)

    @Slot(str)
    def _tell_of_the_night(self, words: str) -> None:
        """It stays in the window until it is read; from the tray the system says it, too."""
        self.window.show_banner(words, kind="info")
        if self._tray is not None and self._tray.isVisible():
            self._tray.showMessage("THAU", words, application_icon())

    @Slot(list)
    def on_asked(self, arguments: list[str]) -> None:
        """A second start: come to the front, with what it was given."""
        _logger.info("a second start with %s", arguments)
        self.window.come_to_front()
        self.given += arguments
        self._open_given()

    def _open_given(self) -> None:
        """As soon as there are pages that can take it."""
        if self.thau is not None:
            given, self.given = self.given, []
            self.window.open_given(given)

    @Slot()
    def _speak(self) -> None:
        """Give Qt's own dialogs, and its numbers, the language in use."""
        application = QApplication.instance()
        assert application is not None
        application.removeTranslator(self._translator)
        QLocale.setDefault(QLocale(language()))
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if language() != "en" and self._translator.load(f"qtbase_{language()}", folder):
            application.installTranslator(self._translator)

    # --- the end ---------------------------------------------------------------------------------------

    def _due(self) -> list[Worker]:
        """What runs and would be missed."""
        return [worker for worker in workers().running if worker is not self._warm_up]

    def _may_close(self) -> bool:
        from ui.closing import CloseDialog

        due = self._due()
        if not due or self.thau is None or self._leaving:
            return True
        keep = self.thau.settings.general.keep_in_tray
        if keep is None or (keep and not QSystemTrayIcon.isSystemTrayAvailable()):
            dialog = CloseDialog([worker.title or _("Working…") for worker in due], self.window)
            dialog.exec()
            if dialog.choice == "stay":
                return self._leaving
            keep = dialog.choice == "tray"
            if dialog.remember.isChecked():
                self.thau.change("general", "keep_in_tray", keep)
        if keep:
            self._into_tray()
        return not keep

    def _into_tray(self) -> None:
        if self._tray is None:
            menu = QMenu(self.window)
            menu.addAction(_("Open THAU"), self._from_tray)
            menu.addSeparator()
            menu.addAction(_("Quit"), self.quit)
            self._tray = QSystemTrayIcon(application_icon(), self)
            self._tray.setToolTip("THAU")
            self._tray.setContextMenu(menu)
            self._tray.activated.connect(self._on_tray)
            self._tray.messageClicked.connect(self._from_tray)
            workers().changed.connect(self._on_workers_changed)
        self._tray.show()
        self.window.hide()

    @Slot()
    def _from_tray(self) -> None:
        if self._tray is not None:
            self._tray.hide()
        self.window.come_to_front()

    @Slot(QSystemTrayIcon.ActivationReason)
    def _on_tray(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason != QSystemTrayIcon.ActivationReason.Context:
            self._from_tray()

    @Slot()
    def _on_workers_changed(self) -> None:
        if self._tray is not None and self._tray.isVisible() and not self._due():
            self._tray.showMessage("THAU", _("What was running is done."), application_icon())

    @Slot()
    def quit(self) -> None:
        """End the application."""
        QApplication.quit()

    def leave(self) -> None:
        """End the application without asking: a system that shuts down does not wait for an answer."""
        self._leaving = True
        dialog = QApplication.activeModalWidget()
        if dialog is not None:
            dialog.close()
        self.quit()

    def close(self) -> None:
        """Stop the workers, hand over their last events, then close the core. Safe to call twice."""
        workers().closing = True
        self.window.hide()
        if self.nights is not None:
            self.nights.stop()
        if self.api is not None:
            self.api.stop()
        if self._warm_up is not None:
            self._warm_up.stop()
        # A model that is being loaded has nothing to lose: closing the core ends it.
        # While the core opens there is nothing to save, and a busy database may keep it for long.
        workers().stop_all(_PATIENCE if self.thau is not None else 1, but=self._warm_up)
        self._hand_over()
        if self.thau is not None:
            self.thau.end_model()  # an answer that did not stop ends now, and is kept as far as it came
            workers().stop_all(_PATIENCE)
            self._hand_over()
        self.thau = None
        with self._opened:
            self._left = True
            if self._core is not None:
                self._core.close()
        self.window.deleteLater()
        self.crashes.uninstall()
        workers().closing = False

    def _hand_over(self) -> None:
        """Deliver the last events of workers whose threads have ended."""
        end = time.monotonic() + 1.0
        while any(worker.wait(0) for worker in workers().running) and time.monotonic() < end:
            QApplication.processEvents()


def _open(home: Path) -> Thau:
    """Open everything, in another thread. A bug there is told where the page would be, too."""
    from thau_desktop.app import Thau

    try:
        return Thau(home)
    except ThauError:
        raise
    except Exception as bug:
        _logger.critical("the core did not open", exc_info=bug)
        raise StoreError(
            _("THAU ran into a bug: {bug}.").format(bug=repr(bug)),
            _("Try again. If it happens again, report it with the details."),
            details="".join(traceback.format_exception(bug)),
        ) from bug


def start_logging(folder: Path) -> None:
    """Log into `thau.log` (three old ones are kept), and hard crashes into `crash.log`."""
    root = logging.getLogger()
    root.addHandler(LogFile(folder / "thau.log"))
    root.setLevel(logging.INFO)
    qInstallMessageHandler(_on_qt_message)
    try:
        faulthandler.enable((folder / "crash.log").open("a", encoding="utf-8"))
    except OSError as error:
        _logger.warning("crashes are not logged: %s", error)


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    logging.getLogger("qt").log(_LEVELS[kind], "%s", message)
    if kind == QtMsgType.QtFatalMsg and sys.stderr is not None:  # no window can say it (no display, for one)
        sys.stderr.write(f"THAU: {message}\n")


def _quit_on_signals(session: Session) -> None:
    """Ctrl+C in a terminal and the system's request to end quit as a closed window does, but nothing is asked."""
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.fileno())
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read, session)
    notifier.setObjectName("signals")

    def quit_now() -> None:
        reader.recv(16)
        writer.fileno()  # kept alive as long as the notifier
        session.leave()

    notifier.activated.connect(quit_now)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: None)


def _no_home(argv: list[str], error: ThauError) -> int:
    application = QApplication(argv[:1])
    Theme(Settings())
    _tell(error.what, error.advice, error.details)
    del application
    return 1


def _tell(what: str, advice: str = "", details: str = "") -> None:
    """Say why there will be no window."""
    choices = ((_("Close"), "accent"),)
    Ask(None, "THAU", what, advice, choices=choices, icon="warning", tint="bad", details=details).exec()


if __name__ == "__main__":
    sys.exit(run(sys.argv))
