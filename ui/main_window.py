"""The window: rail, pages made when first shown, banners for problems, a toast, and the keys that work anywhere."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDesktopServices, QKeyEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from thau_desktop.errors import Action, ThauError
from thau_desktop.translation import _
from ui import focus, shortcuts
from ui.fade import Fade
from ui.given import given
from ui.pages import PAGES, entry, own
from ui.rail import Rail
from ui.starting import StartingPage
from ui.theme import Theme, theme
from ui.widgets.banner import Banner
from ui.widgets.overlay import Overlay
from ui.widgets.toast import Toast
from ui.worker import workers

if TYPE_CHECKING:
    from thau_desktop.app import Thau

_logger = logging.getLogger(__name__)
_WIDE = 800  # pixels of a window whose rail may show names


class MainWindow(QMainWindow):
    """Made without a `Thau`, so that it is on screen at once; `set_thau` brings the pages to life.

    Attributes: `thau`, None until it is there; `rail`; `page`, the page in view; `state`, what is remembered of it.
    Signals: `painted` after the first picture; `closing` once the window was asked to close and agreed; `retry`
    when a start that failed is to be tried again; `quit_asked` by key or palette; `language_changed`.
    """

    painted = Signal()
    closing = Signal()
    retry = Signal()
    quit_asked = Signal()
    language_changed = Signal()

    def __init__(self, home: Path) -> None:
        super().__init__()
        self.thau: Thau | None = None
        self.may_close: Callable[[], bool] = lambda: True
        self._pages: dict[str, QWidget] = {}
        self._name = ""
        self._stale_language = False
        self._painted = False
        self._told: set[str] = set()  # problems of the start
        self.state = QSettings(str(home / "window.ini"), QSettings.Format.IniFormat)
        self.setWindowTitle("THAU")
        self.setMinimumSize(640, 400)  # a small screen at 200 %
        self.rail = Rail(self.state)
        self.rail.chosen.connect(self.show_page)
        self._banners = QVBoxLayout()
        self._banners.setSpacing(0)
        self._stack = QStackedWidget()
        self._starting = StartingPage()
        self._stack.addWidget(self._starting)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addLayout(self._banners)
        right.addWidget(self._stack, 1)
        inside = QWidget()
        row = QHBoxLayout(inside)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addLayout(right, 1)
        self.setCentralWidget(inside)
        self._toast = Toast(inside)
        shortcuts.install(self, self._key_actions())
        workers().changed.connect(self._on_workers_changed)
        self._restore()
        self.rail.show_current("chat")

    @property
    def theme(self) -> Theme:
        """The application's theme."""
        return theme()

    @property
    def page(self) -> QWidget:
        """The page in view."""
        page = self._stack.currentWidget()
        assert page is not None
        return page

    @property
    def page_name(self) -> str:
        """The name of the page in view; "" while the window starts or greets."""
        return self._name

    # --- pages -----------------------------------------------------------------------------------------

    def set_thau(self, thau: Thau) -> None:
        """The core is there: show its problems, and the first page or the welcome."""
        self.thau = thau
        self.show_problems(getattr(thau, "problems", ()))
        if thau.settings.general.first_run_done:
            self.show_page("chat")
        else:
            self._welcome()
        self._stack.removeWidget(self._starting)
        self._starting.deleteLater()

    def show_page(self, name: str) -> QWidget | None:
        """Bring that page into view, made now if this is the first time; None while there is no core yet."""
        if self.thau is None:
            self.rail.show_current("chat")
            return None
        if name not in self._pages:
            page = entry(name).make(self.thau, self)
            page.setProperty("page", True)
            self._pages[name] = page
            self._stack.addWidget(page)
            if name == "settings" and hasattr(page, "changed"):
                page.changed.connect(self._on_setting_changed)
        for sheet in self.findChildren(Overlay):
            sheet.close()
        page = self._pages[name]
        self._name = name
        self.rail.show_current(name)
        self._bring(page)
        activate = own(page, "activate")
        if activate is not None:
            activate()
        return page

    def _bring(self, page: QWidget) -> None:
        before = self.page
        if before is page:
            return
        picture = before.grab() if self.theme.motion and self.isVisible() and before is not self._starting else None
        self._stack.setCurrentWidget(page)
        foot = getattr(page, "foot", None)
        self._toast.stand_over(foot if isinstance(foot, QWidget) else None)
        if picture is not None:
            Fade(self._stack, picture)

    def _welcome(self) -> None:
        from ui.first_run import FirstRun

        assert self.thau is not None
        page = FirstRun(self.thau, self)
        page.finished.connect(self._welcomed)
        self._name = ""
        self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)
        self.rail.show_current("")

    @Slot()
    def _welcomed(self) -> None:
        page = self.sender()
        self.rail.retranslate()
        self.show_page("chat")
        if isinstance(page, QWidget):
            self._stack.removeWidget(page)
            page.deleteLater()

    @Slot(str, str)
    def _on_setting_changed(self, group: str, key: str) -> None:
        if (group, key) == ("general", "language"):
            self._stale_language = True
            self.language_changed.emit()
            self._retranslate()

    def _retranslate(self) -> None:
        """Drop the pages that speak the old language; they are made anew when shown. Not while something runs."""
        self.rail.retranslate()
        if workers().running:
            return
        self._stale_language = False
        for name in [name for name in self._pages if name not in (self._name, "settings")]:
            page = self._pages.pop(name)
            self._stack.removeWidget(page)
            page.deleteLater()

    @Slot()
    def _on_workers_changed(self) -> None:
        if self._stale_language:
            QTimer.singleShot(0, self, self._catch_up_with_language)  # what waited its turn may start before

    @Slot()
    def _catch_up_with_language(self) -> None:
        if self._stale_language:
            self._retranslate()

    # --- what the pages ask of the window -------------------------------------------------------------------

    def toast(self, text: str, action: str = "", on_action: Callable[[], object] | None = None) -> None:
        """Say something short; `action` ("Undo") calls `on_action`, and so does Ctrl+Z while it is seen."""
        self._toast.say(text, action, on_action)

    def show_banner(self, what: str, advice: str = "", kind: str = "warn") -> Banner:
        """Keep a problem in view at the top until it is put away."""
        return self.add_banner(Banner(what, advice, kind=kind))

    def add_banner(self, banner: Banner) -> Banner:
        """Keep it in view at the top until it is put away."""
        self._banners.addWidget(banner)
        return banner

    def show_problems(self, problems: Iterable[str]) -> None:
        """Keep what opening had to mend in view, in one banner; what was told before is not told again."""
        new = [problem for problem in problems if problem not in self._told]
        self._told.update(new)
        if new:
            self.show_banner("\n".join(new))

    @Slot(object)
    def show_error(self, error: ThauError) -> Banner:
        """Keep an error in view at the top, with the button that it offers; once, however often it happens."""
        for shown in self.findChildren(Banner):
            if shown.accessibleName() == str(error):
                return shown
        _logger.warning("%s\n%s", error, error.details)
        return self.add_banner(Banner.for_error(error, lambda failed: self.act(failed.action)))

    def act(self, action: Action | None) -> None:
        """Do what the button of an error offers."""
        if action is None:
            return
        if action.name == "open_folder":
            QDesktopServices.openUrl(QUrl.fromLocalFile(action.argument))
        elif action.name == "retry":
            self.retry.emit()
        elif action.name == "hub_token":
            self._ask_page("models", "give_token")
        elif action.name.startswith("open_") and action.name[5:] in {page.name for page in PAGES}:
            page = self.show_page(action.name[5:])
            group = own(page, "open_group") if page is not None else None
            if action.argument and group is not None:
                group(action.argument)
        else:
            _logger.error("no button for the action %s", action.name)

    def start_failed(self, error: ThauError) -> None:
        """The core could not be opened: say why where the page would be."""
        self._starting.show_error(error, self.act, self._try_again)

    def _try_again(self) -> None:
        self._starting.show_waiting()
        self.retry.emit()

    # --- keys ------------------------------------------------------------------------------------------

    def _key_actions(self) -> dict[str, Callable[[], object]]:
        actions: dict[str, Callable[[], object]] = {
            "new_chat": self.new_chat,
            "palette": self.open_palette,
            "find": self.find_here,
            "keys": self.show_keys,
            "undo": self._toast.undo,
            "quit": self.quit_asked.emit,
        }
        for page in PAGES:
            actions[f"page:{page.name}"] = partial(self.show_page, page.name)
        return actions

    @Slot()
    def new_chat(self) -> None:
        """Ctrl+N: the chat page with a conversation that is not written yet."""
        self._ask_page("chat", "new_conversation", "new_chat")

    def open_conversation(self, conversation_id: int) -> None:
        """Show that conversation on the chat page."""
        page = self.show_page("chat")
        method = own(page, "open_conversation") if page is not None else None
        if method is not None:
            method(conversation_id)

    @Slot()
    def find_here(self) -> None:
        """Ctrl+F: whatever finding means on the page in view."""
        if self._name:
            self._ask_page(self._name, "find", "focus_search")

    @Slot()
    def open_palette(self) -> None:
        """Ctrl+K."""
        from ui.command_palette import CommandPalette
        from ui.entries import conversations, everything

        for sheet in self.findChildren(Overlay):
            sheet.close()
        palette = CommandPalette(self, everything(self))
        palette.open(palette.field)
        conversations(self, palette)

    @Slot()
    def show_keys(self) -> None:
        """F1."""
        dialog = shortcuts.KeysDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def stop(self) -> None:
        """Esc: what the page in view runs, otherwise what started last."""
        running = workers().running
        stop = own(self.page, "stop")
        if stop is not None:
            stop()
        elif running:
            running[-1].stop()

    def focusNextPrevChild(self, forward: bool) -> bool:
        return focus.step(self, forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Not a shortcut: fields and sheets that use Escape must get it first.
        if event.key() == Qt.Key.Key_Escape:
            self.stop()
            return
        super().keyPressEvent(event)

    def _ask_page(self, name: str, *methods: str) -> None:
        page = self.show_page(name)
        method = own(page, *methods) if page is not None else None
        if method is not None:
            method()

    # --- the frame --------------------------------------------------------------------------------------

    def come_to_front(self) -> None:
        """A second start, or the tray, asks for the window."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()

    def open_given(self, arguments: Iterable[str]) -> None:
        """Show the pages that these files and addresses are for, and let them take the files in."""
        for argument in arguments:
            wanted = given(argument)
            if wanted is None:
                self.toast(_("THAU can't open {what}.").format(what=argument))
                continue
            page = self.show_page(wanted.page)
            take = own(page, "take") if page is not None else None
            if wanted.path is not None and take is not None:
                take(wanted.path)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._remember()
        if not self.may_close():
            event.ignore()
            return
        event.accept()
        self.closing.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.rail.set_room(self.width() >= _WIDE)

    def _restore(self) -> None:
        geometry = self.state.value("geometry")
        if geometry is None or not self.restoreGeometry(geometry):
            room = self.screen().availableSize()
            self.resize(min(1280, room.width()), min(800, room.height()))

    def _remember(self) -> None:
        self.state.setValue("geometry", self.saveGeometry())
        self.state.sync()
