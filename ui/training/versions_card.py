"""The versions, newest first, and the trainings that led to none: scores, use, roll back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from thau_desktop.store.runs import Run
from thau_desktop.store.versions import Version, parsed
from thau_desktop.translation import _, ngettext_
from ui.theme import icon
from ui.times import moment
from ui.widgets.buttons import button, icon_button
from ui.widgets.card import Card
from ui.widgets.labels import label, pill
from ui.widgets.layouts import clear
from ui.widgets.scrolling import rolled, steady

if TYPE_CHECKING:
    from thau_desktop.app import Thau

_SUITES = ("new", "tools", "general")
_RUNS = 20


class VersionsCard(Card):
    """`use` asks for a version by name; `roll_back` for the one before; `compare` for two side by side; `export` and
    `push` for a version to be taken elsewhere."""

    use = Signal(str)
    export = Signal(str)
    push = Signal(str)
    compare = Signal()
    roll_back = Signal()

    def __init__(self, thau: Thau) -> None:
        super().__init__(spacing=12)
        self._thau = thau
        self._shown: tuple[str, list[Version], list[Run]] | None = None
        top = QHBoxLayout()
        top.addWidget(label(_("Versions"), "heading"))
        top.addStretch()
        top.addWidget(label(_("facts · tools · general"), "small"))
        self._list = QVBoxLayout()
        self._list.setSpacing(12)
        scroll = rolled(self._list)
        steady(scroll)
        self.back = button("", self.roll_back.emit, icon_name="arrow-counter-clockwise")
        self.column.addLayout(top)
        self.column.addWidget(scroll, 1)
        self.side_by_side = button(_("Compare"), self.compare.emit, icon_name="columns")
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.back)
        buttons.addWidget(self.side_by_side)
        buttons.addStretch()
        self.column.addLayout(buttons)

    def look_again(self) -> None:
        """Show what is in the store now; a few dozen rows at most."""
        used = self._thau.settings.model.name
        known = parsed(used)
        stored = self._thau.versions.list(known[0] if known else "")
        runs = [run for run in self._thau.runs.list(_RUNS) if run.ended_at is not None]
        if (used, stored, runs) == self._shown:
            return  # a training that runs writes its row every second
        self._shown = (used, stored, runs)
        clear(self._list)
        versions = {version.run_id: version for version in stored}
        for run in runs:
            if run.id in versions:
                self._list.addWidget(self._version(versions.pop(run.id), used))
            elif run.state in ("rejected", "failed"):
                self._list.addWidget(_without(run))
        for version in versions.values():
            self._list.addWidget(self._version(version, used))
        base = f"thau-{known[0]}-v1" if known else used
        first = _row(_short(base), _("first model"), "", used == base)
        if used != base:
            _add(first, _use_link(base, self.use.emit))
        _add(first, self._more(base))
        self._list.addWidget(first)
        current = self._thau.versions.find(used)
        self.back.setVisible(current is not None)
        self.side_by_side.setVisible(bool(stored))
        if current is not None:
            self.back.setText(_("Back to {version}").format(version=_short(current.parent)))

    def _version(self, version: Version, used: str) -> QWidget:
        learned = ngettext_("{n} example", "{n} examples", version.learned).format(n=version.learned)
        when = moment(datetime.fromisoformat(version.created_at).astimezone().replace(tzinfo=None))
        scores = " · ".join(f"{100 * version.scores[name]:.0f}" for name in _SUITES if name in version.scores)
        row = _row(_short(version.name), f"{learned} · {when}", scores, version.name == used)
        if version.name != used:
            _add(row, _use_link(version.name, self.use.emit))
        _add(row, self._more(version.name))
        return row

    def _more(self, name: str) -> QWidget:
        """A button with a menu: what else can be done with a version."""
        more = icon_button("dots-three-vertical", _("More about {version}").format(version=name))
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(more)
        menu.addAction(icon("export"), _("Export…"), lambda: self.export.emit(name))
        menu.addAction(icon("upload-simple"), _("Push to Ollama"), lambda: self.push.emit(name))
        more.setMenu(menu)
        return more


def _use_link(name: str, use: Callable[[str], object]) -> QWidget:
    """A link that lets a version answer."""
    link = button(_("Use"), lambda: use(name), kind="link")
    link.setAccessibleName(_("Use {version}").format(version=name))
    return link


def _add(row: QWidget, widget: QWidget) -> None:
    layout = row.layout()
    assert layout is not None
    layout.addWidget(widget)


def _without(run: Run) -> QWidget:
    """A training that led to no version."""
    why = run.problem.partition("\n")[0] if run.state == "failed" else " ".join(run.reasons)
    when = moment(datetime.fromisoformat(run.started_at).astimezone().replace(tzinfo=None))
    kind = (_("failed"), "bad") if run.state == "failed" else (_("rejected"), "warn")
    return _row("—", f"{when} · {why}", "", False, kind)


def _row(name: str, note: str, scores: str, in_use: bool, mark: tuple[str, str] | None = None) -> QWidget:
    row = QWidget()
    words = QVBoxLayout()
    words.setSpacing(2)
    top = QHBoxLayout()
    top.setSpacing(8)
    top.addWidget(label(name, "strong", select=True))
    if in_use:
        top.addWidget(pill(_("in use"), "good"))
    if mark is not None:
        top.addWidget(pill(*mark))
    top.addStretch()
    top.addWidget(label(scores))
    words.addLayout(top)
    words.addWidget(label(note, "small", wrap=True))
    across = QHBoxLayout(row)
    across.setContentsMargins(0, 0, 0, 0)
    across.addLayout(words, 1)
    return row


def _short(name: str) -> str:
    known = parsed(name)
    return f"v{known[1]}" if known else name
