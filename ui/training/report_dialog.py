"""What a training was: how the candidate did against the version in use and the base, and why it was taken or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from thau_desktop.store.runs import Run
from thau_desktop.training.gate import SUITES
from thau_desktop.translation import _, ngettext_
from ui.times import lasted, local, moment, seconds_between
from ui.widgets.buttons import button
from ui.widgets.card import line
from ui.widgets.labels import label, pill
from ui.widgets.scrolling import rolled
from ui.words import decimal, grouped, short

if TYPE_CHECKING:
    from thau_desktop.app import Thau

_WIDTH, _HEIGHT = 560, 480
_CHANGED = 0.005  # of a score, which is shown in whole points


class ReportDialog(QDialog):
    """Attributes: `words`, all of it as text, which is what is copied."""

    def __init__(self, thau: Thau, run: Run, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Report of a training"))
        self.resize(_WIDTH, _HEIGHT)
        self._run = run
        begun = moment(local(run.started_at))
        title = run.version or _("Training · {when}").format(when=begun)
        when, examples = (begun if run.version else ""), len(thau.runs.example_ids(run.id))
        facts, recipe = _facts(run, when, examples), _recipe(run)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(label(title, "title", select=True))
        top.addWidget(pill(*_outcome(run)))
        top.addStretch()
        inside = QVBoxLayout()
        inside.setSpacing(12)
        if run.scores:
            inside.addLayout(self._scores(run))
            inside.addWidget(line())
        told = [*run.reasons, *run.problem.splitlines()]
        for reason in told:
            inside.addWidget(label(reason, "", wrap=True))
        if recipe:
            inside.addWidget(line())
            inside.addWidget(label(recipe, "small", wrap=True))
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(button(_("Copy"), self._copy, icon_name="copy"))
        foot.addStretch()
        close = button(_("Close"), self.accept, kind="accent")
        close.setDefault(True)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 20)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(label(facts, "dim", wrap=True))
        column.addSpacing(8)
        column.addWidget(rolled(inside, room=8), 1)
        column.addLayout(foot)
        close.setFocus()
        scores = [
            f"{name}: {' · '.join(f'{model} {_percent(value)}' for model, value in values)}"
            for name, values in _table(run)
        ]
        self.words = "\n".join(filter(None, (title, _outcome(run)[0], facts, *scores, *told, recipe)))

    def _scores(self, run: Run) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(0, 1)
        for column, (_key, name) in enumerate(_models(run), start=1):
            grid.addWidget(label(name, "section"), 0, column)
        for row, (name, values) in enumerate(_table(run), start=1):
            grid.addWidget(label(name), row, 0)
            before = dict(values).get(_("before"))
            for column, (model, value) in enumerate(values, start=1):
                changed = value is not None and before is not None and abs(value - before) >= _CHANGED
                if model == _("now") and value is not None and before is not None and changed:
                    grid.addWidget(pill(_percent(value), "good" if value > before else "warn"), row, column)
                else:
                    grid.addWidget(label(_percent(value), select=True), row, column)
        return grid

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.words)


def _models(run: Run) -> list[tuple[str, str]]:
    """Who was asked: their names in the scores, and what they are called."""
    named = (("candidate", _("now")), ("incumbent", _("before")), ("base", _("base")))
    return [(key, name) for key, name in named if key in run.scores]


def _table(run: Run) -> list[tuple[str, list[tuple[str, float | None]]]]:
    """Each suite that was asked, with what each model did in it."""
    asked = run.scores.get("candidate", {})
    return [
        (_(words).capitalize(), [(name, run.scores[key].get(suite)) for key, name in _models(run)])
        for suite, words in SUITES.items()
        if suite in asked
    ]


def _percent(value: float | None) -> str:
    return "—" if value is None else f"{100 * value:.0f} %"


def _outcome(run: Run) -> tuple[str, str]:
    return {
        "promoted": (_("promoted"), "good"),
        "rejected": (_("rejected"), "warn"),
        "skipped": (_("skipped"), "plain"),
        "stopped": (_("stopped"), "plain"),
        "failed": (_("failed"), "bad"),
        "running": (_("in training"), "accent"),
    }[run.state]


def _facts(run: Run, when: str, examples: int) -> str:
    """From which version, on how many examples, when and for how long."""
    told = [_("from {version}").format(version=run.incumbent), when]
    if examples:
        told.append(ngettext_("{n} example", "{n} examples", examples).format(n=grouped(examples)))
    if run.ended_at:
        told.append(lasted(seconds_between(run.started_at, run.ended_at)))
    return " · ".join(filter(None, told))


def _recipe(run: Run) -> str:
    """The numbers of its recipe, and what it came to."""
    found, told = run.recipe, []
    if "epochs" in found:
        told.append(ngettext_("{n} epoch", "{n} epochs", found["epochs"]).format(n=found["epochs"]))
        told.append(_("learning rate {rate}").format(rate=short(found["learning_rate"])))
        told.append(_("rank {rank}").format(rank=found["lora_r"]))
        told.append(_("replay {share} %").format(share=f"{100 * found['replay_share']:.0f}"))
    if run.steps:
        told.append(ngettext_("{n} step", "{n} steps", run.steps).format(n=grouped(run.steps)))
    if run.loss is not None:
        told.append(_("loss {loss}").format(loss=decimal(run.loss, 3)))
    if run.tokens_per_second:
        told.append(_("{n} tokens per second").format(n=grouped(round(run.tokens_per_second))))
    return " · ".join(told)
