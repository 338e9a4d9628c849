"""Everything that is known of a picture: the words it was drawn from, and the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from thau_desktop.store.pictures import Picture
from thau_desktop.translation import N_, _
from ui.theme import restyle, theme
from ui.times import local, moment
from ui.tokens import LIGHT
from ui.widgets.buttons import button, icon_button
from ui.widgets.labels import label
from ui.widgets.layouts import clear
from ui.words import decimal, size_of

SOURCES = {
    "chat": N_("A conversation"),
    "gallery": N_("The gallery"),
    "cli": N_("The command line"),
    "api": N_("Another program"),
    "import": N_("Imported"),
    "adopted": N_("Found in the folder"),
}
OF_THE_FILE = {"file", "created", "bytes", "seconds", "source"}  # different in every two pictures
_BOTH = 440  # pixels of two columns of facts
_NAMES = 92  # pixels of the column of names


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: `key` says which ("seed"), so that it can be compared and copied."""

    key: str
    name: str
    value: str


def facts(picture: Picture) -> list[Fact]:
    """What is known beside the prompts, in reading order; what is not known is left out."""
    more = picture.parameters
    lines = [
        ("model", _("Model"), picture.model),
        ("size", _("Size"), f"{picture.width} × {picture.height}"),
        ("steps", _("Steps"), str(picture.steps or "")),
        ("guidance", _("Guidance"), number(picture.guidance) if picture.steps else ""),
        ("seed", _("Seed"), str(picture.seed) if picture.steps else ""),
        ("scheduler", _("Scheduler"), picture.scheduler),
        ("begun", _("Begun with"), _base(more)),
        ("strength", _("Strength"), _share(more.get("strength")) if _base(more) else ""),
        ("loras", _("LoRA"), _loras(more)),
        ("seconds", _("Drawn in"), duration(picture.seconds)),
        ("created", _("Date"), date(picture.created_at)),
        ("source", _("Made by"), _(SOURCES.get(picture.source, picture.source))),
        ("file", _("File"), picture.file),
        ("bytes", _("File size"), size_of(picture.bytes) if picture.bytes else ""),
    ]
    return [Fact(key, name, value) for key, name, value in lines if value]


def number(value: float) -> str:
    """A guidance as people read it: 7.5, 8."""
    return decimal(value, 0 if value == round(value) else 1 if round(value, 1) == round(value, 4) else 2)


def duration(seconds: float) -> str:
    """How long drawing took; "" where nobody knows."""
    if seconds <= 0:
        return ""
    if seconds < 60:
        return _("{n} s").format(n=decimal(seconds))
    return _("{minutes} min {seconds} s").format(minutes=int(seconds // 60), seconds=round(seconds % 60))


def date(stored: str) -> str:
    """A stored moment in local time; as it is stored where it is not one."""
    try:
        return moment(local(stored))
    except ValueError:
        return stored


def summary(picture: Picture) -> str:
    """The line under a picture: "512 × 512 · 30 steps · seed 4127 · 8.2 s"."""
    words = [f"{picture.width} × {picture.height}"]
    if picture.steps:
        words += [_("{n} steps").format(n=picture.steps), _("seed {n}").format(n=picture.seed)]
    if picture.seconds:
        words.append(duration(picture.seconds))
    return " · ".join(words)


def _base(parameters: Mapping[str, Any]) -> str:
    """The name of the picture that this one began with."""
    found = parameters.get("source_picture")
    return Path(found).name if isinstance(found, str) else ""


def _share(value: object) -> str:
    return f"{round(value * 100)} %" if isinstance(value, int | float) else ""


def _loras(parameters: Mapping[str, Any]) -> str:
    found = parameters.get("loras")
    names = []
    for lora in found if isinstance(found, list) else []:
        if isinstance(lora, Mapping) and isinstance(lora.get("file"), str):
            strength = lora.get("strength", 1.0)
            share = f" {_share(strength)}" if strength != 1.0 else ""
            names.append(Path(lora["file"]).stem + share)
    return ", ".join(names)


class Metadata(QScrollArea):
    """Shows one picture's prompts and facts.

    Signals: `copy` with the words to copy and what they are; `open_picture` with the id of the picture it came from.
    """

    copy = Signal(str, str)
    open_picture = Signal(int)

    def __init__(self, parent: QWidget | None = None, *, brief: bool = False) -> None:
        """`brief`: only what it was drawn with, in two columns where there is room."""
        super().__init__(parent)
        self._brief = brief
        self._columns = 1
        self._shown: tuple[Picture, frozenset[str]] | None = None
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(_("About this picture"))
        inside = QWidget()
        inside.setProperty("plain", True)
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(16, 0 if brief else 16, 16, 16)
        self._column.setSpacing(4)
        self.setWidget(inside)
        self._values: dict[str, QLabel] = {}

    def show_picture(self, picture: Picture, different: frozenset[str] = frozenset()) -> None:
        """Show another one; `different` are the keys ("prompt", "seed") to mark."""
        self._shown = (picture, different)
        self._columns = self._room()
        clear(self._column)
        self._values = {}
        self._add_words("prompt", _("Prompt"), picture.prompt or _("Not known."), picture.prompt)
        if picture.negative_prompt:
            self._add_words("negative_prompt", _("Avoid"), picture.negative_prompt, picture.negative_prompt)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        shown = [fact for fact in facts(picture) if not self._brief or fact.key not in OF_THE_FILE]
        rows = max(1, -(-len(shown) // self._columns))
        for place, fact in enumerate(shown):
            self._add_fact(grid, place % rows, 2 * (place // rows), fact)
        for column in range(0, grid.columnCount(), 2):
            grid.setColumnMinimumWidth(column, _NAMES)
            grid.setColumnStretch(column + 1, 1)
        if picture.parent_id is not None and not self._brief:
            self._add_parent(grid, grid.rowCount(), picture.parent_id)
        self._column.addSpacing(4)
        self._column.addLayout(grid)
        self._column.addStretch(1)
        for key in different & self._values.keys():
            self._values[key].setProperty("pill", "warn")
            restyle(self._values[key])

    def _room(self) -> int:
        """How many columns of facts there is room for."""
        return 2 if self._brief and self.width() >= _BOTH * theme().tokens.type_body / LIGHT.type_body else 1

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._shown is not None and self._room() != self._columns:
            self.show_picture(*self._shown)

    def value(self, key: str) -> str:
        """The words that stand there for that key ("seed"); "" where there are none."""
        found = self._values.get(key)
        return found.text() if found is not None else ""

    def marked(self) -> set[str]:
        """The keys whose values are marked as different."""
        return {key for key, shown in self._values.items() if shown.property("pill")}

    def _add_words(self, key: str, name: str, words: str, to_copy: str) -> None:
        head = QHBoxLayout()
        head.addWidget(label(name, "section"), 1)
        if to_copy:
            copying = _("Copy the prompt") if key == "prompt" else _("Copy what to avoid")
            head.addWidget(icon_button("copy", copying, lambda: self.copy.emit(to_copy, key), size=16))
        self._column.addLayout(head)
        shown = label(words, "" if to_copy else "dim", wrap=True)
        self._values[key] = shown
        self._column.addWidget(shown)
        self._column.addSpacing(8)

    def _add_fact(self, grid: QGridLayout, row: int, column: int, fact: Fact) -> None:
        name = label(fact.name, "dim")
        shown = label(fact.value, wrap=True)
        shown.setAccessibleName(f"{fact.name}: {fact.value}")
        self._values[fact.key] = shown
        top = Qt.AlignmentFlag.AlignTop
        if fact.key == "seed" and not self._brief:
            grid.addWidget(name, row, column, Qt.AlignmentFlag.AlignVCenter)
            across = QHBoxLayout()
            across.setSpacing(4)
            across.setContentsMargins(0, 0, 0, 0)
            across.addWidget(shown)
            across.addWidget(
                icon_button("copy", _("Copy the seed"), lambda: self.copy.emit(fact.value, "seed"), size=14)
            )
            across.addStretch(1)
            shown.setWordWrap(False)
            grid.addLayout(across, row, column + 1)
            return
        if fact.key == "file":
            shown.setText(_breakable(fact.value))
        grid.addWidget(name, row, column, top)
        grid.addWidget(shown, row, column + 1, top | Qt.AlignmentFlag.AlignLeft if self._brief else top)

    def _add_parent(self, grid: QGridLayout, row: int, parent_id: int) -> None:
        grid.addWidget(label(_("Variation of"), "dim"), row, 0, Qt.AlignmentFlag.AlignVCenter)
        shown = button(_("Show the original"), lambda: self.open_picture.emit(parent_id), kind="link")
        grid.addWidget(shown, row, 1, Qt.AlignmentFlag.AlignLeft)


def _breakable(name: str) -> str:
    """A file name that may be broken after each part of it."""
    return name.replace("_", "_\u200b").replace("-", "-\u200b")
