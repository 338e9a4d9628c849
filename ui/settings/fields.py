"""A field of the settings model as a row: name, description, editor, a way back to the default, and problems."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable, Mapping
from types import UnionType
from typing import Any, get_origin

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from thau_desktop.settings import bounds, choices, field_of
from thau_desktop.translation import _
from ui.settings import labels
from ui.settings.editors import ChoiceEditor, Editor, NumberEditor, SliderEditor, SwitchEditor, TextEditor, TimeEditor
from ui.theme import theme
from ui.widgets.buttons import icon_button
from ui.widgets.labels import label

# Choices that only this machine knows (personas, models, devices), by field name.
Sources = Mapping[str, Callable[[], Mapping[Any, str]]]


class FieldRow(QWidget):
    """One setting. `edited` asks for a new value, `reset` for the default; `show_value` answers.

    Attributes: `group`, `key`; `editor`; `problem` is the label under the row that says what was wrong.
    """

    edited = Signal(str, str, object)
    reset = Signal(str, str)

    def __init__(self, group: str, key: str, sources: Sources) -> None:
        super().__init__()
        self.group, self.key = group, key
        name = f"{group}.{key}"
        self._default = field_of(group, key).default
        self._label = _(labels.FIELDS.get(name, key))
        description = field_of(group, key).description
        self._description = _(description) if description else ""
        self.editor = make_editor(group, key, sources)
        self.editor.set_name(self._label, self._description)
        self.editor.edited.connect(self._on_edited)
        self.problem = label("", "error", wrap=True)
        self.problem.hide()
        self._back = icon_button("arrow-counter-clockwise", _("Reset {name}").format(name=self._label), self._on_reset)
        self._back.setToolTip(_("Back to {value}").format(value=self._in_words(self._default)))
        keep = self._back.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self._back.setSizePolicy(keep)
        self._lay_out()
        self._haystack = fold(" ".join([self._label, self._description, name, *self._words()]))

    def show_value(self, value: Any) -> None:
        """Show the value in use; any problem is over."""
        self.editor.show_value(value)
        self.editor.set_invalid(False)
        self.problem.hide()
        self._back.setVisible(value != self._default)

    def show_problem(self, sentence: str) -> None:
        """Say in place why the value was refused; it stays in the editor to be mended."""
        self.problem.setText(sentence)
        self.problem.show()
        self.editor.set_invalid(True)

    def matches(self, words: list[str]) -> bool:
        """Whether every one of these folded words is somewhere in the row."""
        return all(word in self._haystack for word in words)

    def highlight(self, words: list[str]) -> None:
        """Mark the words in the name and the description; none marks nothing."""
        style = f"background-color:{theme().tokens.accent_soft}; color:{theme().tokens.accent}"
        self._name_label.setText(highlighted(self._label, words, style))
        self._description_label.setText(highlighted(self._description, words, style))

    def _lay_out(self) -> None:
        self._name_label = label("", "strong")
        self._name_label.setBuddy(self.editor.control)
        self._description_label = label("", "small", wrap=True)
        for shown in (self._name_label, self._description_label):
            shown.setTextFormat(Qt.TextFormat.RichText)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.highlight([])
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._name_label)
        words.addWidget(self._description_label)
        if fold(self._description) == fold(self._label):
            self._description_label.hide()
        controls = QHBoxLayout()
        controls.setSpacing(8)
        controls.addStretch()
        controls.addWidget(self._back)
        controls.addWidget(self.editor)
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._line.setSpacing(8)
        self._line.addLayout(words, 1)
        self._line.addLayout(controls)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 16, 10)
        column.setSpacing(6)
        column.addLayout(self._line)
        column.addWidget(self.problem)

    def set_narrow(self, narrow: bool) -> None:
        """Put the editor under the words, or beside them."""
        if not isinstance(self.editor, SwitchEditor):
            self._line.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)

    def _words(self) -> list[str]:
        name = f"{self.group}.{self.key}"
        found = [_(word) for word in labels.CHOICES.get(name, {}).values()]
        return [*found, labels.ALSO.get(name, ""), _(labels.GROUPS[self.group].name)]

    def _in_words(self, value: Any) -> str:
        name = f"{self.group}.{self.key}"
        word = labels.CHOICES.get(name, {}).get(value)
        if word is not None:
            return _(word)
        if isinstance(value, bool):
            return _("on") if value else _("off")
        if name in labels.PERCENT:
            return f"{round(value * 100)} %"
        if name in labels.SPECIAL and value == bounds(field_of(self.group, self.key)).get("ge"):
            return _(labels.SPECIAL[name])
        return f"{value:g}" if isinstance(value, float) else f"{value} {_(labels.UNITS.get(name, ''))}".strip()

    @Slot(object)
    def _on_edited(self, value: object) -> None:
        self.edited.emit(self.group, self.key, value)

    @Slot()
    def _on_reset(self) -> None:
        self.editor.setFocus()  # the button is about to hide
        self.reset.emit(self.group, self.key)


def make_editor(group: str, key: str, sources: Sources) -> Editor:
    """The editor for the type and the bounds of a setting."""
    name, info = f"{group}.{key}", field_of(group, key)
    words = {value: _(word) for value, word in labels.CHOICES.get(name, {}).items()}
    if name in sources:
        return ChoiceEditor({**words, **sources[name]()})
    if choices(info) or get_origin(info.annotation) is UnionType:
        return ChoiceEditor({value: words.get(value, str(value)) for value in (words or choices(info))})
    kind = info.annotation
    if kind is bool:
        return SwitchEditor()
    if name in labels.TIMES:
        return TimeEditor()
    limits = bounds(info)
    if kind not in (int, float) or not limits:
        return TextEditor()
    lowest, highest = limits.get("ge", limits.get("gt", 0)), limits.get("le", limits.get("lt", 0))
    if name in labels.SLIDERS:
        step, scale = labels.SLIDERS[name], 100 if name in labels.PERCENT else 1
        return SliderEditor(kind is int, lowest or step * ("gt" in limits), highest, step, scale)
    if kind is float:
        return TextEditor(number=True)
    step = 64 if "multiple_of" in limits else 1
    return NumberEditor(True, lowest, highest, step, _(labels.UNITS.get(name, "")), _(labels.SPECIAL.get(name, "")))


def fold(text: str) -> str:
    """`text` without case and accents, letter for letter, so that places in it are places in the original."""
    return "".join((unicodedata.normalize("NFD", letter)[0].lower() or letter)[0] for letter in text)


def highlighted(text: str, words: list[str], style: str) -> str:
    """`text` as HTML with every occurrence of the folded `words` marked."""
    folded, marks = fold(text), [False] * len(text)
    for word in words:
        start = folded.find(word) if word else -1
        while start >= 0:
            marks[start : start + len(word)] = [True] * len(word)
            start = folded.find(word, start + 1)
    pieces: list[str] = []
    for place, letter in enumerate(text):
        if marks[place] and (place == 0 or not marks[place - 1]):
            pieces.append(f'<span style="{style}">')
        pieces.append(html.escape(letter))
        if marks[place] and (place + 1 == len(text) or not marks[place + 1]):
            pieces.append("</span>")
    return "".join(pieces)
