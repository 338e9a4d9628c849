"""An answer: reasoning, words, code, tool calls and pictures in their order, then what can be done with it."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from thau_desktop.messages import Part, Reasoning, Text, ToolCall, ToolResult
from thau_desktop.translation import _
from ui.chat.actions import ActionRow
from ui.chat.body import Body
from ui.chat.message_view import BLEED, MessageView
from ui.chat.problem import ProblemNote
from ui.chat.reasoning import ReasoningView
from ui.chat.shown import Shown
from ui.chat.stage import Stage
from ui.chat.text_view import TextView
from ui.chat.tool_card import ToolCard

Section = Body | ReasoningView | ToolCard
Kind = TypeVar("Kind", Body, ReasoningView, ToolCard)


class AnswerMessage(MessageView):
    """Shows a stored answer, or one that is arriving."""

    regenerate = Signal()
    step = Signal(int)
    rate = Signal(int)
    retry = Signal()

    def __init__(self, stage: Stage, shown: Shown, parent: QWidget | None = None) -> None:
        super().__init__(stage, shown, parent)
        self._sections: list[Section] = []
        self._calls: dict[str, ToolCard] = {}
        self._problem: ProblemNote | None = None
        self._actions: ActionRow | None = None
        self._fill(shown)

    @property
    def streaming(self) -> bool:
        """Whether more of it is to come."""
        return self.shown.state == "streaming"

    # --- a stored answer ----------------------------------------------------------------------------

    def set_shown(self, shown: Shown) -> None:
        """Show the stored message. What has streamed already stays as it is where it says the same."""
        if self.streaming and shown.state == "streaming":
            # The store is behind what has streamed.
            self.shown = shown
            return
        if self.streaming:
            self._finish_last()
        if _outline(shown.parts) != self._outline():
            self._clear()
            self._fill(shown)
            return
        self.shown = shown
        for section, part in zip(self._sections, _visible(shown.parts), strict=True):
            if isinstance(section, ReasoningView) and isinstance(part, Reasoning):
                section.finish(part.seconds)
        self._end()

    def _fill(self, shown: Shown) -> None:
        self.shown = shown
        for part in shown.parts:
            match part:
                case Reasoning():
                    reasoning = self._add(ReasoningView(self.stage, self))
                    reasoning.set_text(part.text, part.seconds)
                case Text() if part.text.strip():
                    body = self._add(Body(self.stage, self))
                    body.set_text(part.text)
                case ToolCall():
                    self._card(part.name).ready(part)
                    self._calls[part.id] = self._last_card()
                case ToolResult():
                    self.tool_finished(part)
        self._end()

    def _end(self) -> None:
        """What stands below the parts: a caret while it streams, then a note or nothing, and the actions."""
        shown = self.shown
        if self._problem is not None:
            self._problem.hide()
            self._problem.deleteLater()
            self._problem = None
        if self.streaming:
            self._caret()
        else:
            for card in self._sections:
                if isinstance(card, ToolCard):
                    card.stop(wanted=shown.state != "complete")
            if shown.state != "complete":
                self._problem = ProblemNote(self.stage, shown, self)
                self._problem.retry.connect(self.retry)
                self._problem.show()
            self._show_actions()
        self.setAccessibleName(_("Answer: {text}").format(text=shown.text[:300]))
        self.grew.emit()

    def _show_actions(self) -> None:
        if self._actions is None:
            self._actions = ActionRow(self.stage, self.shown, self)
            self._actions.copy.connect(lambda: self.stage.copy(self.shown.text))
            self._actions.regenerate.connect(self.regenerate)
            self._actions.step.connect(self.step)
            self._actions.rate.connect(self.rate)
            self._actions.correct.connect(self.begin_edit)
            self._actions.show()
        else:
            self._actions.set_shown(self.shown)

    def _clear(self) -> None:
        for section in self._sections:
            section.hide()
            section.deleteLater()
        self._sections, self._calls = [], {}

    def _outline(self) -> list[tuple[str, str]]:
        named = {ReasoningView: "reasoning", Body: "text", ToolCard: "tool"}
        found = []
        for section in self._sections:
            if isinstance(section, ToolCard):
                done = section.result is not None
                found.append(("tool", f"{section.call.id if section.call else ''}:{done}"))
            else:
                words = section.source if isinstance(section, Body) else section.text
                if words.strip():
                    found.append((named[type(section)], words.strip()))
        return found

    # --- an answer that arrives ---------------------------------------------------------------------

    def append_text(self, delta: str) -> None:
        """More words."""
        last = self._sections[-1] if self._sections else None
        if not isinstance(last, Body):
            if not delta.strip():
                return
            self._finish_last()
            last = self._add(Body(self.stage, self))
            last.set_caret(True)
            self.grew.emit()
        last.append(delta)

    def append_reasoning(self, delta: str) -> None:
        """More thoughts."""
        last = self._sections[-1] if self._sections else None
        if not isinstance(last, ReasoningView):
            self._finish_last()
            last = self._add(ReasoningView(self.stage, self, streaming=True))
            self.grew.emit()
        last.append(delta)

    def tool_started(self, name: str) -> None:
        """The model writes a call."""
        self._finish_last()
        self._card(name)
        self.grew.emit()

    def tool_ready(self, call: ToolCall) -> None:
        """A call is whole."""
        last = self._sections[-1] if self._sections else None
        card = last if isinstance(last, ToolCard) and last.call is None else self._card(call.name)
        self._calls[call.id] = card
        card.ready(call)

    def tool_progress(self, call_id: str, fraction: float, note: str, preview: bytes) -> None:
        """A tool works."""
        if card := self._calls.get(call_id):
            card.progress(fraction, note, preview)

    def tool_finished(self, result: ToolResult) -> None:
        """A tool answered."""
        if card := self._calls.get(result.call_id):
            card.finish(result)

    def _caret(self) -> None:
        last = self._sections[-1] if self._sections else None
        if last is None:
            last = self._add(Body(self.stage, self))
        if isinstance(last, Body):
            last.set_caret(True)

    def _finish_last(self) -> None:
        last = self._sections[-1] if self._sections else None
        if isinstance(last, ReasoningView):
            last.finish()
        elif isinstance(last, Body):
            last.finish()
            if not last.source.strip():
                last.hide()
                last.deleteLater()
                self._sections.pop()

    # --- sections -----------------------------------------------------------------------------------

    def _add(self, section: Kind) -> Kind:
        section.grew.connect(self.grew)
        section.show()
        self._sections.append(section)
        return section

    def _card(self, name: str) -> ToolCard:
        return self._add(ToolCard(self.stage, name, self))

    def _last_card(self) -> ToolCard:
        last = self._sections[-1]
        assert isinstance(last, ToolCard)
        return last

    def texts(self) -> list[TextView]:
        found = [text for section in self._sections for text in section.texts()]
        return found + (self._problem.texts() if self._problem is not None else [])

    def restyle(self) -> None:
        for section in self._sections:
            section.restyle()
        if self._problem is not None:
            self._problem.restyle()
        self.update()

    @Slot()
    def begin_edit(self) -> None:
        self.open_editor(self.shown.text, _("Save the correction"), _("Correct this answer"))

    def fit(self, width: int) -> int:
        y = 0
        before: QWidget | None = None
        for section in self._sections:
            hidden = self.editor is not None and isinstance(section, Body)
            section.setVisible(not hidden)
            if hidden:
                continue
            if before is not None:
                y += 7 if isinstance(before, ReasoningView) else 12
            height = section.fit(width)
            edge = BLEED if isinstance(section, ReasoningView) else 0
            section.setGeometry(BLEED - edge, y, width + edge, height)
            y += height
            before = section
        for below, gap in ((self.editor, 12), (self._problem, 12), (self._actions, 6)):
            if below is None:
                continue
            below.setVisible(self.editor is None or below is self.editor)
            if below.isVisibleTo(self):
                y += gap if y else 0
                height = below.fit(width)
                edge = BLEED if below is self._actions else 0
                below.setGeometry(BLEED - edge, y, width + edge, height)
                y += height
        return max(y, 1)


def _visible(parts: tuple[Part, ...]) -> list[Part]:
    return [
        part
        for part in parts
        if isinstance(part, ToolCall) or (isinstance(part, Text | Reasoning) and part.text.strip())
    ]


def _outline(parts: tuple[Part, ...]) -> list[tuple[str, str]]:
    """What kinds of parts follow each other, and what they say, to compare with what is shown."""
    answered = {part.call_id for part in parts if isinstance(part, ToolResult)}
    found = []
    for part in _visible(parts):
        match part:
            case Reasoning():
                found.append(("reasoning", part.text.strip()))
            case Text():
                found.append(("text", part.text.strip()))
            case ToolCall():
                found.append(("tool", f"{part.id}:{part.id in answered}"))
    return found
