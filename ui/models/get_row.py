"""One model that can be had: what it is, whether it fits, and the way from nothing to being here."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from thau_desktop.models.library import Paused
from thau_desktop.models.memory import Fit, Room, fit, fit_words, gguf_needs
from thau_desktop.models.offers import PURPOSES, Offer
from thau_desktop.translation import _
from ui.models.download_bar import DownloadBar
from ui.models.downloads import Live
from ui.models.memory_bar import MemoryBar
from ui.widgets.buttons import button, icon_button
from ui.widgets.labels import ElidedLabel, label, pill
from ui.words import decimal, grouped, parameters_of, size_of

_KINDS = {"full": "good", "int8": "accent", "nf4": "warn", None: "bad"}
_BESIDE = 150  # pixels: the buttons of all rows stand in one line


def fit_pill(fit: Fit) -> QWidget:
    """Whether a model fits, in its colour."""
    return pill(fit_words(fit), _KINDS[fit.precision])


class GetRow(QWidget):
    """Shows one download in each of its states.

    Attributes: `title`; `names`, what asks for it (the model, and its GGUF file where there is one); `get`, `gguf`,
    `pause`, `resume`, `discard`, the buttons. Signals carry a name.
    """

    wanted = Signal(str)
    paused = Signal(str)
    thrown_away = Signal(str)

    def __init__(
        self, title: str, names: tuple[str, ...], offer: Offer | None = None, room: Room | None = None
    ) -> None:
        super().__init__()
        self.names = names
        self.title = title
        self._live = ""
        self._offer = offer
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        across = QHBoxLayout()
        across.setSpacing(16)
        across.addLayout(self._words(title, offer, room), 1)
        across.addWidget(self._buttons(title, offer))
        column.addLayout(across)
        column.addWidget(self._running())
        self.show_state(None, None, here=False)

    def show_state(self, live: Live | None, half: Paused | None, *, here: bool) -> None:
        """Show how things stand: it runs, it is half here, it is `here`, or nothing of it."""
        self._live = live.name if live else half.name if half else self.names[0]
        idle = live is None and half is None
        self.get.setVisible(idle and not here)
        self.gguf.setVisible(idle and not here and len(self.names) > 1)
        self._here.setVisible(idle and here)
        self._bar.setVisible(not idle)
        self.pause.setVisible(live is not None)
        self.resume.setVisible(live is None and half is not None)
        self.discard.setVisible(live is None and half is not None)
        if live is not None:
            self._bar.show_live(live)
        elif half is not None:
            self._bar.show_half(half.done, half.total)

    def _words(self, title: str, offer: Offer | None, room: Room | None) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(2)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(label(title, "strong", select=True))
        column.addLayout(top)
        if offer is None:
            top.addStretch()
            return column
        best = fit(offer.shape, room) if room else None
        if best is not None:
            top.addWidget(fit_pill(best))
        top.addStretch()
        column.addWidget(ElidedLabel(_(PURPOSES[offer.purpose]), "dim"))
        column.addWidget(ElidedLabel(_facts(offer), "small"))
        if best is not None and room is not None:
            column.addLayout(_memory(best, room))
        return column

    def _buttons(self, title: str, offer: Offer | None) -> QWidget:
        size = size_of(offer.bytes) if offer else ""
        self.get = button(size or _("Download"), lambda: self.wanted.emit(self.names[0]), icon_name="download-simple")
        self.get.setAccessibleName(_("Download {model}").format(model=title))
        self.get.setToolTip(_("Weights in 16 bits: it talks, and it can learn"))
        self.gguf = button("", lambda: self.wanted.emit(self.names[-1]), kind="link")
        if offer is not None and offer.gguf is not None:
            self.gguf.setText(_("4-bit GGUF: {size}").format(size=size_of(offer.gguf.bytes)))
            needed = decimal(gguf_needs(offer.gguf.bytes, offer.shape) / 1e9)
            sentence = _(
                "One file for llama.cpp: small, and quick on a processor. It takes {needed} GB of memory."
                " It talks, but it can't learn"
            )
            self.gguf.setToolTip(sentence.format(needed=needed))
        self.gguf.setAccessibleName(_("Download {model} as a GGUF file").format(model=title))
        self._here = pill(_("on this disk"), "good")
        beside = QWidget()
        beside.setMinimumWidth(_BESIDE)
        column = QVBoxLayout(beside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for part in (self.get, self.gguf, self._here):
            across = QHBoxLayout()
            across.addStretch()
            across.addWidget(part)
            column.addLayout(across)
        column.addStretch()
        return beside

    def _running(self) -> DownloadBar:
        self._bar = DownloadBar(lambda: self.paused.emit(self._live))
        self.pause = self._bar.pause
        self.resume = icon_button("play", _("Go on"), lambda: self.wanted.emit(self._live), size=16)
        self.discard = icon_button("trash", _("Throw away"), lambda: self.thrown_away.emit(self._live), size=16)
        self._bar.add(self.resume)
        self._bar.add(self.discard)
        return self._bar


def _facts(offer: Offer) -> str:
    context = _("{n} tokens of context").format(n=grouped(offer.context))
    parameters = _("{n} parameters").format(n=parameters_of(offer.parameters))
    return " · ".join((parameters, context, offer.licence, " ".join(offer.languages)))


def _memory(best: Fit, room: Room) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(MemoryBar(best.needed / room.bytes, _KINDS[best.precision]))
    needed, there = decimal(best.needed / 1e9), decimal(room.bytes / 1e9)
    row.addWidget(label(_("{needed} of {there} GB of memory").format(needed=needed, there=there), "small"))
    row.addStretch()
    return row
