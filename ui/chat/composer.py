"""Where a message is written: text, attached files, whether tools may be used, send and stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QRectF, Signal, Slot
from PySide6.QtGui import QActionGroup, QDragEnterEvent, QDropEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from thau_desktop.errors import ThauError
from thau_desktop.messages import Attachment
from thau_desktop.translation import _
from ui.chat.attachments import AttachmentChip, read_attachment
from ui.chat.chip_button import ChipButton
from ui.chat.composer_editor import ComposerEditor
from ui.chat.flow import FlowRow
from ui.chat.note import Note
from ui.theme import theme
from ui.widgets.buttons import icon_button
from ui.widgets.labels import label

MAX_ATTACHMENTS = 10
_HINT = 460  # pixels of a composer that has room for a word about its keys


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the composer and was not sent."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text.strip() or self.attachments)

    @classmethod
    def joined(cls, drafts: Sequence[Draft]) -> Draft:
        """Several as one, their words apart by a blank line."""
        text = "\n\n".join(draft.text for draft in drafts if draft.text.strip())
        return cls(text, tuple(attachment for draft in drafts for attachment in draft.attachments))


class Composer(QFrame):
    """The box under the transcript.

    Attributes: `editor`, the field; `send_button` and `stop_button`; `tools`, the mode shown ("auto", "ask", "off");
    `note`, a sentence above the field.
    """

    send_requested = Signal(object)  # Draft
    stop_requested = Signal()
    edit_last_requested = Signal()
    escape_pressed = Signal()
    draft_changed = Signal()
    tools_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tools = "auto"
        self._streaming = False
        self._chips: list[AttachmentChip] = []
        self.setAcceptDrops(True)
        self.editor = ComposerEditor()
        self.editor.installEventFilter(self)
        self.setFocusProxy(self.editor)
        self.note = Note()
        self._attached = FlowRow()
        self._attached.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(13, 11, 11, 10)
        column.setSpacing(8)
        column.addWidget(self.note)
        column.addWidget(self._attached)
        column.addWidget(self.editor)
        column.addLayout(self._build_row())
        self._connect()
        self.set_send_with_enter(True)
        self._refresh()

    def _build_row(self) -> QHBoxLayout:
        self._attach = icon_button("paperclip", _("Attach text files"), self._choose_files)
        self._tools = ChipButton()
        self._tools.setMenu(self._tools_menu())
        self._hint = label("", "small")
        self.stop_button = icon_button(
            "stop-fill", _("Stop the answer (Esc)"), self.stop_requested.emit, accent=True, size=16
        )
        self.send_button = icon_button("arrow-up", _("Send"), self.send, accent=True, size=16)
        for big in (self.stop_button, self.send_button):
            big.setFixedSize(32, 32)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._attach)
        row.addWidget(self._tools)
        row.addStretch(1)
        for widget in (self._hint, self.stop_button, self.send_button):
            row.addWidget(widget)
        return row

    def _tools_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        self._modes = QActionGroup(menu)
        for mode, words in (
            ("auto", _("Use tools when they help")),
            ("ask", _("Ask me before each tool")),
            ("off", _("Never use tools")),
        ):
            action = menu.addAction(words)
            action.setCheckable(True)
            action.setData(mode)
            self._modes.addAction(action)
        self._modes.triggered.connect(lambda action: self.tools_changed.emit(action.data()))
        return menu

    def _connect(self) -> None:
        self.editor.textChanged.connect(self._on_text)
        self.editor.send_pressed.connect(self.send)
        self.editor.up_pressed_when_empty.connect(self.edit_last_requested)
        self.editor.escape_pressed.connect(self.escape_pressed)
        self.editor.files_dropped.connect(self.attach_files)
        self.editor.long_text_pasted.connect(self._attach_paste)
        theme().changed.connect(self.update)

    # --- what the page says -----------------------------------------------------------------------------

    def set_streaming(self, streaming: bool) -> None:
        """While an answer of the shown conversation arrives there is a stop button, and sending queues."""
        self._streaming = streaming
        self._refresh()

    def set_tools(self, mode: str) -> None:
        """Show which tools mode is in force."""
        self.tools = mode
        names = {"auto": _("Tools: auto"), "ask": _("Tools: ask"), "off": _("Tools: off")}
        self._tools.setText(names.get(mode, mode))
        self._tools.quiet = mode == "off"
        self._tools.setToolTip(_("Whether THAU may draw pictures and use other tools"))
        self._tools.setAccessibleName(self._tools.text())
        for action in self._modes.actions():
            action.setChecked(action.data() == mode)

    def set_send_with_enter(self, enter: bool) -> None:
        """Which keys send and which break the line."""
        self.editor.send_with_enter = enter
        self._hint.setText(
            _("Enter sends · Shift+Enter breaks the line") if enter else _("Ctrl+Enter sends · Enter breaks the line")
        )

    def draft(self) -> Draft:
        """What stands here now."""
        return Draft(self.editor.toPlainText(), tuple(chip.attachment for chip in self._chips))

    def set_draft(self, draft: Draft) -> None:
        """Show another draft, with the cursor at its end; it is not told as a change."""
        self.editor.blockSignals(True)
        self.editor.setPlainText(draft.text)
        self.editor.moveCursor(self.editor.textCursor().MoveOperation.End)
        self.editor.blockSignals(False)
        self._set_attachments(draft.attachments)
        self.note.clear()
        self._refresh()

    def say(self, words: str, button: str = "", action: object = None) -> None:
        """A sentence above the field, until it is dismissed or the draft is sent; "" takes it away."""
        self.note.say(words, button, action if callable(action) else None)

    @Slot()
    def send(self) -> None:
        """Hand the draft over, if there is one. The page clears it when it has taken it."""
        draft = self.draft()
        if draft:
            self.send_requested.emit(draft)

    # --- attachments ------------------------------------------------------------------------------------

    @Slot(list)
    def attach_files(self, files: Sequence[Path]) -> None:
        """Attach text files; says in a sentence what can't be attached and why."""
        attachments = [chip.attachment for chip in self._chips]
        problems: list[str] = []
        for file in files:
            if len(attachments) >= MAX_ATTACHMENTS:
                problems.append(_("A message can hold {count} files.").format(count=MAX_ATTACHMENTS))
                break
            try:
                attachment = read_attachment(file)
            except ThauError as error:
                problems.append(error.what)
            else:
                if attachment not in attachments:
                    attachments.append(attachment)
        self._set_attachments(attachments)
        self.note.say("\n".join(problems))
        self.draft_changed.emit()
        self.editor.setFocus()

    @Slot(str)
    def _attach_paste(self, text: str) -> None:
        attachment = Attachment(_("pasted text.txt"), text)
        kept = [chip.attachment for chip in self._chips]
        self._set_attachments([*kept, attachment])
        self.draft_changed.emit()

        def insert() -> None:
            self._set_attachments(kept)
            self.editor.insertPlainText(text)
            self.editor.ensureCursorVisible()

        self.note.say(_("The long text was attached as a file."), _("Put it in the message"), insert)

    def _set_attachments(self, attachments: Sequence[Attachment]) -> None:
        for chip in self._chips:
            self._attached.take(chip)
        self._chips = []
        for attachment in attachments:
            chip = AttachmentChip(attachment)
            chip.removed.connect(self._on_removed)
            self._attached.add(chip)
            self._chips.append(chip)
        self._attached.setVisible(bool(self._chips))
        self._refresh()

    @Slot()
    def _on_removed(self) -> None:
        gone = self.sender()
        self._set_attachments([chip.attachment for chip in self._chips if chip is not gone])
        self.draft_changed.emit()
        self.editor.setFocus()

    @Slot()
    def _choose_files(self) -> None:
        files, _filter = QFileDialog.getOpenFileNames(self, _("Attach text files"))
        if files:
            self.attach_files([Path(file) for file in files])

    # --- inside -----------------------------------------------------------------------------------------

    @Slot()
    def _on_text(self) -> None:
        self._refresh()
        self.draft_changed.emit()

    def _refresh(self) -> None:
        filled = bool(self._chips) or not self.editor.document().isEmpty()
        self.send_button.setEnabled(filled)
        self.stop_button.setVisible(self._streaming)
        self.send_button.setVisible(filled or not self._streaming)
        self.send_button.setToolTip(_("Send when this answer has ended") if self._streaming else _("Send"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._hint.setVisible(event.size().width() >= _HINT)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() or event.mimeData().hasText():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.editor.insertFromMimeData(event.mimeData())
        event.acceptProposedAction()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self.editor.hasFocus()
        width = 1.5 if focused else 1.0
        painter.setPen(QPen(theme().color("accent" if focused else "line"), width))
        painter.setBrush(theme().color("card"))
        inset = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 12, 12)
