"""The timeline of versions, newest first, with the trainings that led to none: scores, use, report, roll back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from thau_desktop.store.runs import Run
from thau_desktop.store.versions import Version, parsed
from thau_desktop.translation import _, ngettext_
from ui.theme import icon
from ui.times import lasted, local, moment, seconds_between
from ui.training.timeline import TimelineRow
from ui.widgets.buttons import button, icon_button
from ui.widgets.card import Card
from ui.widgets.labels import label
from ui.widgets.layouts import clear
from ui.widgets.scrolling import rolled
from ui.words import grouped

if TYPE_CHECKING:
    from thau_desktop.app import Thau

_SUITES = ("new", "tools", "general")
_RUNS = 100


class VersionsCard(Card):
    """`use` asks for a version by name; `roll_back` for the one before; `compare` for two side by side; `export` and
    `push` for a version to be taken elsewhere, `delete` for it to be gone; `report` for what a training was, by the
    number of its run.

    Attributes: `rows`, those that are shown, newest first, with the training that runs in front.
    """

    use = Signal(str)
    export = Signal(str)
    push = Signal(str)
    delete = Signal(str)
    report = Signal(int)
    compare = Signal()
    roll_back = Signal()

    def __init__(self, thau: Thau) -> None:
        super().__init__(spacing=12)
        self._thau = thau
        self._shown: tuple[str, list[Version], list[Run], str] | None = None
        self._running: TimelineRow | None = None
        self.rows: list[TimelineRow] = []
        top = QHBoxLayout()
        top.addWidget(label(_("Versions"), "heading"))
        top.addStretch()
        top.addWidget(label(_("facts · tools · general"), "small"))
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self.back = button("", self.roll_back.emit, icon_name="arrow-counter-clockwise")
        self.column.addLayout(top)
        self.column.addWidget(rolled(self._list, room=8), 1)
        self.side_by_side = button(_("Compare"), self.compare.emit, icon_name="columns")
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.back)
        buttons.addWidget(self.side_by_side)
        buttons.addStretch()
        self.column.addLayout(buttons)

    def look_again(self) -> None:
        """Show what is in the store now; a hundred rows at most."""
        used = self._thau.settings.model.name
        known = parsed(used)
        stored = self._thau.versions.list(known[0] if known else "")
        runs = [run for run in self._thau.runs.list(_RUNS) if _size(run.incumbent) == _size(used)]
        ended = [run for run in runs if run.ended_at is not None]
        running = next((run for run in runs if run.state == "running" and not run.is_orphan), None)
        coming = _short(self._thau.versions.next_name(known[0])) if known and running else ""
        if (used, stored, ended, coming) != self._shown:  # a training that runs writes its row every second
            self._shown = (used, stored, ended, coming)
            self._show(used, stored, ended, coming)
        if self._running is not None and running is not None:
            self._running.note.setText(_progress(running))

    def _show(self, used: str, stored: list[Version], ended: list[Run], coming: str) -> None:
        clear(self._list)
        self._running = TimelineRow(coming, "", mark=(_("in training"), "accent"), lit=True) if coming else None
        base = f"thau-{_size(used)}-v1" if parsed(used) else used
        self.rows = [self._running] if self._running else []
        self.rows += self._history(used, stored, ended)
        self.rows.append(self._base(base, used))
        self.rows[0].first, self.rows[-1].last = True, True
        for row in self.rows:
            self._list.addWidget(row)
        current = next((version for version in stored if version.name == used), None)
        self.back.setVisible(current is not None)
        self.side_by_side.setVisible(bool(stored))
        if current is not None:
            self.back.setText(_("Back to {version}").format(version=_short(current.parent)))

    def _history(self, used: str, stored: list[Version], ended: list[Run]) -> Iterator[TimelineRow]:
        """What came of each training; those that were skipped one after the other are one row."""
        versions = {version.run_id: version for version in stored}
        for state, group in groupby(ended, lambda run: "skipped" if run.state == "skipped" else str(run.id)):
            runs = list(group)
            if state == "skipped":
                yield _skipped(runs)
            elif runs[0].id in versions:
                yield self._version(versions.pop(runs[0].id), used, runs[0])
            elif runs[0].state in ("rejected", "failed", "stopped"):
                yield self._without(runs[0])
        for version in versions.values():
            yield self._version(version, used, None)

    def _version(self, version: Version, used: str, run: Run | None) -> TimelineRow:
        learned = ngettext_("{n} example", "{n} examples", version.learned).format(n=grouped(version.learned))
        took = _took(run) if run else ""
        note = " · ".join(filter(None, (learned, moment(local(version.created_at)), took)))
        in_use = version.name == used
        mark = (_("in use"), "good") if in_use else None
        row = TimelineRow(_short(version.name), note, mark=mark, scores=_scores(version.scores), lit=in_use)
        row.add(self._more(version.name, version.run_id, deletable=not in_use))
        if not in_use:
            row.add(_use_link(version.name, self.use.emit), under=True)
        return row

    def _base(self, base: str, used: str) -> TimelineRow:
        measured = self._thau.runs.first_from(base)
        scores = _scores(measured.scores.get("incumbent", {})) if measured else ""
        in_use = base == used
        mark = (_("in use"), "good") if in_use else (_("base"), "plain")
        row = TimelineRow(_short(base), _("first model"), mark=mark, scores=scores, lit=in_use)
        row.add(self._more(base, None, deletable=False))
        if not in_use:
            row.add(_use_link(base, self.use.emit), under=True)
        return row

    def _without(self, run: Run) -> TimelineRow:
        """A training that led to no version."""
        why = run.problem.partition("\n")[0] if run.state == "failed" else next(iter(run.reasons), "")
        kinds = {
            "failed": (_("failed"), "bad"),
            "rejected": (_("rejected"), "warn"),
            "stopped": (_("stopped"), "plain"),
        }
        tint = {"failed": "bad", "rejected": "warn", "stopped": "faint"}[run.state]
        note = " · ".join(filter(None, (moment(local(run.started_at)), why)))
        row = TimelineRow("—", note, tint=tint, mark=kinds[run.state])
        link = button(_("Report"), partial(self.report.emit, run.id), kind="link")
        link.setAccessibleName(_("Report of the training: {when}").format(when=moment(local(run.started_at))))
        row.add(link)
        return row

    def _more(self, name: str, run_id: int | None, *, deletable: bool) -> QWidget:
        """A button with a menu: what else can be done with a version."""
        more = icon_button("dots-three-vertical", _("More about {version}").format(version=name))
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(more)
        if run_id is not None:
            menu.addAction(icon("file-text"), _("Report"), partial(self.report.emit, run_id))
        menu.addAction(icon("export"), _("Export…"), partial(self.export.emit, name))
        menu.addAction(icon("upload-simple"), _("Push to Ollama"), partial(self.push.emit, name))
        if deletable:
            menu.addAction(icon("trash"), _("Delete…"), partial(self.delete.emit, name))
        more.setMenu(menu)
        return more


def _use_link(name: str, use: Callable[[str], object]) -> QWidget:
    """A link that lets a version answer."""
    link = button(_("Use"), lambda: use(name), kind="link")
    link.setAccessibleName(_("Use {version}").format(version=name))
    return link


def _skipped(runs: list[Run]) -> TimelineRow:
    """Trainings that were skipped one after the other, the newest first: when, and why the last time."""
    times = "" if len(runs) == 1 else _("{n} times").format(n=grouped(len(runs)))
    note = " · ".join(filter(None, (times, moment(local(runs[0].started_at)), *runs[0].reasons)))
    return TimelineRow("—", note, tint="faint", mark=(_("skipped"), "plain"))


def _progress(run: Run) -> str:
    """How far a training is that runs, whichever process it runs in."""
    if run.stage == "training" and run.steps:
        return _("step {step} of {steps}").format(step=grouped(run.step), steps=grouped(run.steps))
    return _("compared with the version in use") if run.stage == "evaluating" else _("Preparing…")


def _scores(scores: dict[str, float]) -> str:
    return " · ".join(f"{100 * scores[name]:.0f}" if name in scores else "—" for name in _SUITES) if scores else ""


def _took(run: Run) -> str:
    return lasted(seconds_between(run.started_at, run.ended_at)) if run.ended_at else ""


def _size(name: str) -> str:
    known = parsed(name)
    return known[0] if known else name


def _short(name: str) -> str:
    known = parsed(name)
    return f"v{known[1]}" if known else name
