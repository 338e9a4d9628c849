"""The training that runs: what it does, how far it is, its numbers and its loss."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout

from thau_desktop.translation import _, ngettext_
from ui.times import remaining
from ui.training.curve import LossCurve
from ui.training.trainings import Live, Trainings
from ui.widgets.buttons import button
from ui.widgets.card import Card
from ui.widgets.labels import label, pill
from ui.words import decimal, grouped, size_of


class LiveCard(Card):
    """Follows the window's training; hidden while there is none."""

    def __init__(self, trainings: Trainings) -> None:
        super().__init__(spacing=12)
        self._trainings = trainings
        self.setAccessibleName(_("Training"))
        self._title = label("", "heading")
        self._step = pill("")
        self._left = label("", "small")
        self.stop = button(_("Stop"), trainings.stop)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._title)
        top.addWidget(self._step)
        top.addStretch()
        top.addWidget(self._left)
        top.addWidget(self.stop)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(_("Progress of the training"))
        self._numbers = QHBoxLayout()
        self._numbers.setSpacing(24)
        self._loss, self._speed, self._new, self._replay, self._memory, self._device = (
            self._number(name)
            for name in (
                _("loss"),
                _("tokens per second"),
                _("new examples"),
                _("replay"),
                _("memory"),
                _("device"),
            )
        )
        self._numbers.addStretch()
        self._curve = LossCurve()
        self.column.addLayout(top)
        self.column.addWidget(self._bar)
        self.column.addLayout(self._numbers)
        self.column.addWidget(self._curve, 1)
        trainings.progressed.connect(self._show)
        self._show()

    def _number(self, name: str) -> QLabel:
        column = QVBoxLayout()
        column.setSpacing(0)
        value = label("—", "heading")
        column.addWidget(value)
        column.addWidget(label(name, "small"))
        self._numbers.addLayout(column)
        return value

    def _show(self) -> None:
        live = self._trainings.live
        self.setVisible(live is not None)
        if live is None:
            return
        self._title.setText(_title(live))
        self._step.setText(_("step {step} of {steps}").format(step=grouped(live.step), steps=grouped(live.steps)))
        self._step.setVisible(live.stage == "training" and bool(live.steps))
        self._left.setText(remaining(live.left) if live.left is not None else "")
        self.stop.setEnabled(not live.stopping)
        self._bar.setRange(0, 1000 if live.fraction is not None else 0)
        self._bar.setValue(round(1000 * (live.fraction or 0.0)))
        self._loss.setText(decimal(live.losses[-1], 3) if live.losses else "—")
        self._speed.setText(grouped(round(live.tokens_per_second)) if live.tokens_per_second else "—")
        self._new.setText(grouped(live.new))
        self._replay.setText(f"{100 * live.replay:.0f} %" if live.replay is not None else "—")
        self._memory.setText(size_of(live.memory) if live.memory else "—")
        self._device.setText(live.device or "—")
        self._curve.show_losses(live.losses, live.first, live.steps)


def _title(live: Live) -> str:
    if live.stopping:
        return _("Stopping…")
    if live.stage == "training":
        return _("Training {version}").format(version=live.version)
    if live.stage == "evaluating":
        asked = ngettext_("{n} question asked", "{n} questions asked", live.asked).format(n=grouped(live.asked))
        return _("Comparing with the version in use: {asked}").format(asked=asked)
    return _("Preparing…")
