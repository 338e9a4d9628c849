"""One group of settings as cards of rows, with what the group needs besides fields."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from thau_desktop.settings import Settings, field_of, groups
from thau_desktop.translation import _
from ui.settings import labels
from ui.settings.fields import FieldRow, Sources, fold
from ui.widgets.buttons import button
from ui.widgets.card import Card, line
from ui.widgets.labels import label

_ABOVE = 2  # the title and the sentence come before the cards
_WORDS = 96  # pixels of a row's sentence, at least


class GroupPage(QWidget):
    """Title, sentence, cards. `reset_group` asks for all of the group's defaults.

    Attributes: `group`; `rows`, in reading order.
    """

    reset_group = Signal(str)

    def __init__(self, group: str, sources: Sources) -> None:
        super().__init__()
        self.group = group
        named = labels.GROUPS[group]
        self._sentence = label(_(named.sentence), "dim", wrap=True)
        self._reset = button(_("Reset all"), self._on_reset, kind="flat")
        self._reset.setToolTip(_("Give everything on this page its default back"))
        keep = self._reset.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(keep)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(label(_(named.name), "title", select=True))
        top.addStretch()
        top.addWidget(self._reset)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self._sentence)
        self.rows: list[FieldRow] = []
        self._parts: list[Part] = []
        for heading, keys in cards_of(group):
            rows = [FieldRow(group, key, sources) for key in keys]
            self.rows += rows
            self.add(_FieldCard(_(heading), rows))

    def add(self, part: Part, *, first: bool = False) -> None:
        """Put one more card at the foot of the page, or before all others."""
        self._parts.insert(0 if first else len(self._parts), part)
        self._column.insertWidget(_ABOVE if first else self._column.count(), part)

    def put(self, part: Part, place: int) -> None:
        """Put one more card before the one that stands at `place`."""
        self._parts.insert(place, part)
        self._column.insertWidget(_ABOVE + place, part)

    def show_settings(self, settings: Settings, only: str = "") -> None:
        """Show the values in use; with `only`, that one, so that what was refused elsewhere can still be mended."""
        values = getattr(settings, self.group, None)
        changed = False
        for row in self.rows:
            value = getattr(values, row.key)
            if only in ("", row.key):
                row.show_value(value)
            changed = changed or value != field_of(self.group, row.key).default
        self._reset.setVisible(changed)

    def set_narrow(self, narrow: bool) -> None:
        """Whether the page has less room than words and editors need beside each other."""
        for row in self.rows:
            row.set_narrow(narrow)

    def search(self, words: list[str]) -> int:
        """Leave only what has all of `words`, with the rows marked; everything again without any. How much."""
        found = sum(part.search(words) for part in self._parts)
        self._sentence.setVisible(not words)
        if words:
            self._reset.hide()
        return found

    @Slot()
    def _on_reset(self) -> None:
        self.reset_group.emit(self.group)


class Part(QWidget):
    """A heading over a card; `words` are what a search finds it by. Attributes: `inside`, the card's layout."""

    def __init__(self, heading: str, words: str = "") -> None:
        super().__init__()
        self._haystack = fold(f"{heading} {words}")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(8)
        if heading:
            column.addWidget(label(heading, "section"))
        frame = Card(margin=0, spacing=0)
        frame.column.setContentsMargins(0, 4, 0, 4)
        self.inside = frame.column
        column.addWidget(frame)

    def search(self, words: list[str]) -> int:
        """Show the part if it has all of `words`; how many things in it do."""
        shown = all(word in self._haystack for word in words)
        self.setVisible(shown)
        return int(shown)


class _FieldCard(Part):
    """Rows parted by lines."""

    def __init__(self, heading: str, rows: list[FieldRow]) -> None:
        super().__init__(heading)
        self._rows = rows
        self._lines: list[QFrame] = []
        for number, row in enumerate(rows):
            above = line()
            self._lines.append(above)
            self.inside.addWidget(above)
            self.inside.addWidget(row)
            above.setVisible(number > 0)  # once it has a parent: before, it would be a window of its own

    def search(self, words: list[str]) -> int:
        found = 0
        for row, above in zip(self._rows, self._lines, strict=True):
            shown = row.matches(words)
            row.setVisible(shown)
            above.setVisible(shown and found > 0)
            row.highlight(words)
            found += shown
        self.setVisible(found > 0)
        return found


def cards_of(group: str) -> list[tuple[str, tuple[str, ...]]]:
    """The cards of a group; a field that no card names comes last, so that none is ever lost."""
    cards = list(labels.GROUPS[group].cards)
    named = {key for _heading, keys in cards for key in keys}
    fields = groups()[group].model_fields if group in groups() else {}
    rest = tuple(key for key in fields if key not in named and f"{group}.{key}" not in labels.HIDDEN)
    return [*cards, ("", rest)] if rest else cards


def action_row(title: str, text: str, *controls: QWidget) -> QWidget:
    """A name, what it is in a dim sentence, and what can be done about it at the right."""
    row = QWidget()
    words = QVBoxLayout()
    words.setSpacing(2)
    words.addWidget(label(title, "strong", wrap=True))
    sentence = label(text, "small", wrap=True)
    sentence.setMinimumWidth(_WORDS)  # a long path must not make the page wider than the window
    words.addWidget(sentence)
    across = QHBoxLayout(row)
    across.setContentsMargins(16, 10, 16, 10)
    across.setSpacing(12)
    across.addLayout(words, 1)
    for control in controls:
        across.addWidget(control)
    return row


def open_folder(path: Path) -> None:
    """Show a folder, or the folder that a file is in, in the system's file manager."""
    folder = path if path.is_dir() else path.parent
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def raise_bug(trace: str) -> None:
    """Hand a worker's traceback to the application's hook, which logs and shows it."""
    raise RuntimeError(trace)
