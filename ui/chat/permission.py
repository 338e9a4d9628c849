"""Asking before a tool runs: the gate at which the turn's thread waits, and the card on which a person answers."""

from __future__ import annotations

import json
import threading

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from thau_desktop.messages import ToolCall
from thau_desktop.translation import _
from ui.theme import theme
from ui.widgets.buttons import button
from ui.widgets.card import Card
from ui.widgets.labels import IconLabel, label

_LOOK_EVERY = 0.1  # seconds between two looks at whether the turn was stopped meanwhile


class Question:
    """One call that waits for an answer. `conversation_id` says where it is shown."""

    def __init__(self, conversation_id: int, call: ToolCall) -> None:
        self.conversation_id = conversation_id
        self.call = call
        self.allowed = False
        self._answered = threading.Event()

    @property
    def open(self) -> bool:
        """Whether it still waits."""
        return not self._answered.is_set()

    def answer(self, allowed: bool) -> None:
        """Let the turn go on."""
        self.allowed = allowed
        self._answered.set()

    def wait(self, cancel: threading.Event) -> bool:
        """Block the turn's thread until a person answered; False when the turn was stopped instead."""
        while not self._answered.wait(_LOOK_EVERY):
            if cancel.is_set():
                self.answer(False)
        return self.allowed


class Permissions(QObject):
    """Hands questions from the turn's thread to the window's.

    Attributes: `always`, the tools that need no asking any more, until the application ends; `question`, the one
    that waits.
    """

    asked = Signal(object)  # Question, in the window's thread

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.always: set[str] = set()
        self.question: Question | None = None
        self._gone = threading.Event()
        gone = self._gone  # not self: it is being destroyed then
        self.destroyed.connect(lambda: gone.set())
        self.asked.connect(self._keep)

    def ask(self, conversation_id: int, call: ToolCall, cancel: threading.Event) -> bool:
        """Whether that call may run. Called in the turn's thread, which it blocks; the window goes on."""
        if call.name in self.always:
            return True
        if self._gone.is_set():
            return False
        question = Question(conversation_id, call)
        self.asked.emit(question)
        return question.wait(cancel)

    @Slot(object)
    def _keep(self, question: Question) -> None:
        self.question = question


class PermissionCard(Card):
    """The question, in the column of the transcript. `answered` when it can be taken away."""

    answered = Signal()

    def __init__(self, question: Question, permissions: Permissions, parent: QWidget | None = None) -> None:
        super().__init__(parent, margin=14, spacing=8)
        self._question = question
        self._permissions = permissions
        call = question.call
        title = QHBoxLayout()
        title.setSpacing(8)
        title.addWidget(IconLabel("shield-check", "accent", 18))
        title.addWidget(label(_("May THAU use “{tool}”?").format(tool=tool_title(call.name)), "strong"), 1)
        self.column.addLayout(title)
        words = QLabel(_arguments(call))
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        words.setFont(theme().mono(12))
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.setProperty("role", "dim")
        if words.text():
            self.column.addWidget(words)
        self.allow = button(_("Allow once"), lambda: self._answer(True), kind="accent")
        self.always = button(_("Always allow"), self._allow_always)
        self.always.setToolTip(_("Until THAU is closed, this tool runs without asking"))
        self.refuse = button(_("Refuse"), lambda: self._answer(False))
        row = QHBoxLayout()
        row.setSpacing(8)
        for made in (self.allow, self.always, self.refuse):
            row.addWidget(made)
        row.addStretch(1)
        self.column.addLayout(row)
        self.setAccessibleName(_("May THAU use “{tool}”?").format(tool=tool_title(call.name)))

    def _allow_always(self) -> None:
        self._permissions.always.add(self._question.call.name)
        self._answer(True)

    def _answer(self, allowed: bool) -> None:
        self._question.answer(allowed)
        self.answered.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._answer(False)
            return
        super().keyPressEvent(event)


def tool_title(name: str) -> str:
    """What people call a tool."""
    return {
        "generate_image": _("Draw a picture"),
        "web_search": _("Search the web"),
        "code_execution": _("Run code"),
    }.get(name, name)


def _arguments(call: ToolCall) -> str:
    """What the tool would be given, a line each."""
    lines = []
    for key, value in call.arguments.items():
        words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        lines.append(f"{key}: {words}")
    text = "\n".join(lines)
    return text if len(text) <= 1200 else text[:1200] + "…"
