"""The transcript of a conversation: a window of at most 120 messages that moves over as many as there are.

The page gives a `Source`; near an end of what is loaded the transcript asks it for more. An answer that streams
is appended to, never rendered anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from thau_desktop.messages import ToolCall, ToolResult
from thau_desktop.translation import _
from ui.chat.actions import ActionRow
from ui.chat.answer import AnswerMessage
from ui.chat.buttons import RoundButton
from ui.chat.column import Column, point_in
from ui.chat.finding import Finder
from ui.chat.links import LinkDialog
from ui.chat.message_view import MessageView, UserMessage
from ui.chat.shown import Picture, Shown, Source
from ui.chat.stage import Stage
from ui.chat.text_view import TextView
from ui.chat.tool_card import ToolCard
from ui.theme import Theme

_MOST = 120
_PAGE = 6
# However tall the window, a conversation opens with no more messages than this.
_FIRST = 40


class Transcript(Column):
    """Signals carry the id of the message, or of a picture: `open_image`, `restore_image` out of the trash, and
    `image_menu` with a point of the screen. `link_requested` comes only after the person agreed to open it."""

    regenerate = Signal(int)
    choose_variant = Signal(int, int)
    rate = Signal(int, int)
    correct = Signal(int, str)
    edit = Signal(int, str)
    retry = Signal(int)
    link_requested = Signal(str)
    open_image = Signal(str)
    restore_image = Signal(str)
    image_menu = Signal(str, QPoint)
    copied = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setAccessibleName(_("Conversation"))
        self._stage = Stage(theme, self._texts, self)
        self._stage.link_clicked.connect(self._ask_link)
        self._stage.dragging.connect(self._follow_selection)
        self._stage.open_image.connect(self.open_image)
        self._stage.restore_image.connect(self.restore_image)
        self._stage.image_menu.connect(self.image_menu)
        self._stage.copied.connect(self.copied)
        self._source: Source | None = None
        self._more_before = self._more_after = False
        self._finder = Finder(self._texts, self.inner)
        self._load = QTimer(self, singleShot=True)
        self._load.timeout.connect(self._load_more)
        self._pull = QTimer(self, interval=30)
        self._pull.timeout.connect(self._scroll_with_selection)
        self._jump = RoundButton(self._stage.style, "arrow-down", _("Jump to the latest"), self)
        self._jump.clicked.connect(self.jump_to_latest)
        self._jump.hide()
        self.scrolled.connect(self._on_scrolled)
        theme.changed.connect(self._on_theme)

    # --- what is shown ------------------------------------------------------------------------------

    def set_pictures(self, lookup: Callable[[str], Picture | None]) -> None:
        """How pictures are found by their id."""
        self._stage.picture = lookup

    def refresh_pictures(self) -> None:
        """Pictures may have been deleted or restored since they were shown."""
        for message in self.messages:
            for card in message.findChildren(ToolCard):
                card.refresh_pictures()

    def show_speed(self, shown: bool) -> None:
        """Whether a line under each answer says how fast it came."""
        if shown != self._stage.show_speed:
            self._stage.show_speed = shown
            for message in self.messages:
                message.update()
                for child in message.findChildren(ActionRow):
                    child.update()

    def set_source(self, source: Source | None) -> None:
        """Show the end of another conversation, or nothing."""
        self._source = source
        self._show_window(source.before(None, 12) if source is not None else ())
        self._more_after = False
        self.scroll_to_end()
        self._fill_viewport()
        self._on_scrolled()

    def show_message(self, message_id: int) -> bool:
        """Scroll to a message, loading what is around it; returns whether it exists."""
        found = self._view(message_id)
        if found is None and self._source is not None:
            before = list(self._source.before(message_id, 8))
            after = list(self._source.after(before[-1].id if before else None, 12))
            if not any(shown.id == message_id for shown in after):
                return False
            self._show_window([*before, *after])
            self._more_after = len(after) == 12
            self.sticks = False
            found = self._view(message_id)
        if found is not None:
            self.scroll_to(found)
            self._on_scrolled()
        return found is not None

    @property
    def loaded(self) -> list[int]:
        """The ids of the messages that have a widget, in order."""
        return [message.shown.id for message in self.messages]

    def add_message(self, shown: Shown) -> None:
        """A message was added at the conversation's end: show it and scroll there."""
        if self._more_after:
            self._reload_end()
        if self._view(shown.id) is None:
            self.insert(len(self.messages), [self._make(shown)])
        self._trim_start()
        self.scroll_to_end()
        self._on_scrolled()

    def update_message(self, shown: Shown) -> None:
        """A message changed in the store: rating, variants, words."""
        if (view := self._view(shown.id)) is not None:
            view.set_shown(shown)

    def remove_from(self, message_id: int) -> None:
        """Take that message and all after it away: another branch follows."""
        if message_id in (loaded := self.loaded):
            self.remove(self.messages[loaded.index(message_id) :])
            self._more_after = False
            self._on_scrolled()

    # --- an answer that arrives ---------------------------------------------------------------------

    def begin_answer(self, message_id: int) -> None:
        """An answer will stream into the message of that id, at the conversation's end."""
        if self._view(message_id) is None:
            self.add_message(Shown(message_id, "assistant", state="streaming"))

    def append_text(self, message_id: int, delta: str) -> None:
        """More words of that answer."""
        if (answer := self._answer(message_id)) is not None:
            answer.append_text(delta)

    def append_reasoning(self, message_id: int, delta: str) -> None:
        """More thoughts of that answer."""
        if (answer := self._answer(message_id)) is not None:
            answer.append_reasoning(delta)

    def tool_started(self, message_id: int, name: str) -> None:
        """The model began to write a call."""
        if (answer := self._answer(message_id)) is not None:
            answer.tool_started(name)

    def tool_ready(self, message_id: int, call: ToolCall) -> None:
        """A call is whole."""
        if (answer := self._answer(message_id)) is not None:
            answer.tool_ready(call)

    def tool_progress(
        self, message_id: int, call_id: str, fraction: float, note: str = "", preview: bytes = b""
    ) -> None:
        """A tool is at `fraction` of its work."""
        if (answer := self._answer(message_id)) is not None:
            answer.tool_progress(call_id, fraction, note, preview)

    def tool_finished(self, message_id: int, result: ToolResult) -> None:
        """A tool answered."""
        if (answer := self._answer(message_id)) is not None:
            answer.tool_finished(result)

    def finish_answer(self, shown: Shown) -> None:
        """The answer is over, as it is stored."""
        self.update_message(shown)

    def edit_message(self, message_id: int) -> bool:
        """Open the editor of a message; returns whether it is loaded."""
        if (view := self._view(message_id)) is None:
            return False
        self.scroll_to(view)
        view.begin_edit()
        return True

    # --- finding ------------------------------------------------------------------------------------

    def find(self, text: str, backwards: bool = False) -> bool:  # type: ignore[override]
        """Mark `text` in what is loaded and go to the next place from here; False if there is none that way."""
        found = self._finder.go(text, backwards, self.verticalScrollBar().value())
        if found is None:
            return False
        view, y = found
        message = self._message_of(view)
        if message is not None:
            self.scroll_to(message, point_in(message, view, y))
        return True

    def clear_find(self) -> None:
        """Take the marks away."""
        self._finder.clear()

    def matches(self) -> tuple[int, int]:
        """Which place is the present one, counted from 1, and how many there are in what is loaded."""
        return self._finder.counts()

    # --- the window of loaded messages --------------------------------------------------------------

    def _make(self, shown: Shown) -> MessageView:
        view: MessageView
        if shown.role == "user":
            question = UserMessage(self._stage, shown)
            question.edited.connect(lambda text: self.edit.emit(question.shown.id, text))
            question.step.connect(lambda step: self.choose_variant.emit(question.shown.id, step))
            view = question
        else:
            answer = AnswerMessage(self._stage, shown)
            answer.edited.connect(lambda text: self.correct.emit(answer.shown.id, text))
            answer.regenerate.connect(lambda: self.regenerate.emit(answer.shown.id))
            answer.step.connect(lambda step: self.choose_variant.emit(answer.shown.id, step))
            answer.rate.connect(lambda value: self.rate.emit(answer.shown.id, value))
            answer.retry.connect(lambda: self.retry.emit(answer.shown.id))
            view = answer
        for text in view.texts() if self._finder.needle else ():
            text.mark(self._finder.needle)
        return view

    def _show_window(self, messages: Sequence[Shown]) -> None:
        self.remove(self.messages)
        self._more_before = bool(messages)
        self.insert(0, [self._make(shown) for shown in messages])

    def _reload_end(self) -> None:
        if self._source is not None:
            self._show_window(self._source.before(None, 12))
            self._more_after = False

    def _fill_viewport(self) -> None:
        while self._more_before and self.inner.height() < 2 * self.viewport().height() and len(self.messages) < _FIRST:
            self._load_before()

    def _load_before(self) -> None:
        first = self.messages[0].shown.id if self.messages else None
        earlier = self._source.before(first, _PAGE) if self._source is not None else ()
        self._more_before = len(earlier) == _PAGE
        self.insert(0, [self._make(shown) for shown in earlier])
        surplus = len(self.messages) - _MOST
        if surplus > 0 and not self._streams(self.messages[-surplus:]):
            self.remove(self.messages[-surplus:])
            self._more_after = True

    def _load_after(self) -> None:
        last = self.messages[-1].shown.id if self.messages else None
        later = self._source.after(last, _PAGE) if self._source is not None else ()
        self._more_after = len(later) == _PAGE
        self.insert(len(self.messages), [self._make(shown) for shown in later])
        self._trim_start()

    def _trim_start(self) -> None:
        surplus = len(self.messages) - _MOST
        if surplus > 0:
            self.remove(self.messages[:surplus])
            self._more_before = True

    @staticmethod
    def _streams(messages: Sequence[MessageView]) -> bool:
        return any(isinstance(message, AnswerMessage) and message.streaming for message in messages)

    @Slot()
    def _load_more(self) -> None:
        bar = self.verticalScrollBar()
        reach = self.viewport().height()
        if self._more_before and bar.value() < reach:
            self._load_before()
        elif self._more_after and bar.value() > bar.maximum() - reach:
            self.sticks = False
            self._load_after()
        self._on_scrolled()

    @Slot()
    def _on_scrolled(self) -> None:
        bar = self.verticalScrollBar()
        reach = self.viewport().height()
        wanted = (self._more_before and bar.value() < reach) or (
            self._more_after and bar.value() > bar.maximum() - reach
        )
        if wanted and not self._load.isActive():
            self._load.start(0)
        away = self._more_after or (not self.sticks and bar.maximum() - bar.value() > 60)
        self._jump.setVisible(away)
        if away:
            size = self._jump.width()
            place = self.viewport().geometry()
            self._jump.move(place.x() + (place.width() - size) // 2, place.bottom() - size - 11)
            self._jump.raise_()

    @Slot()
    def jump_to_latest(self) -> None:
        """Scroll to the conversation's end and follow it."""
        if self._more_after:
            self._reload_end()
        self.scroll_to_end()
        self._fill_viewport()
        self._on_scrolled()

    # --- inside -------------------------------------------------------------------------------------

    def _view(self, message_id: int) -> MessageView | None:
        return next((view for view in reversed(self.messages) if view.shown.id == message_id), None)

    def _answer(self, message_id: int) -> AnswerMessage | None:
        view = self._view(message_id)
        return view if isinstance(view, AnswerMessage) and view.streaming else None

    def _texts(self) -> list[TextView]:
        return [text for message in self.messages for text in message.texts()]

    def _message_of(self, view: QWidget) -> MessageView | None:
        return next((message for message in self.messages if message.isAncestorOf(view)), None)

    @Slot()
    def _on_theme(self) -> None:
        self._stage.style.refresh()
        self._jump.update()
        self.restyle()

    @Slot(str)
    def _ask_link(self, url: str) -> None:
        dialog = LinkDialog(self._stage.style, url, self.window())
        dialog.accepted.connect(lambda: self.link_requested.emit(url))
        dialog.open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_End:
            self.jump_to_latest()
        elif event.key() == Qt.Key.Key_Home:
            self.verticalScrollBar().setValue(0)
        else:
            super().keyPressEvent(event)

    # --- selecting beyond the edges -----------------------------------------------------------------

    @Slot()
    def _follow_selection(self) -> None:
        """The pointer drags a selection: scroll while it is beyond an edge."""
        if not self._pull.isActive():
            self._pull.start()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._stage.selection.clear()
        super().mousePressEvent(event)

    @Slot()
    def _scroll_with_selection(self) -> None:
        if not QApplication.mouseButtons() & Qt.MouseButton.LeftButton:
            self._pull.stop()
            return
        pointer = self.cursor().pos()
        y = self.viewport().mapFromGlobal(pointer).y()
        beyond = y if y < 0 else max(0, y - self.viewport().height())
        if beyond:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + max(-60, min(60, beyond)))
            self._stage.selection.extend(pointer)
