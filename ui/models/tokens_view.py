"""The view of tokens: one text under several tokenizers, and what Spanish costs against English."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from thau_desktop.errors import ThauError
from thau_desktop.models.tokens import Cost, Source, Tokenized, sources
from thau_desktop.translation import _, ngettext_
from ui.models.bars import Bar, Bars
from ui.models.token_view import TokenView
from ui.widgets.card import Card
from ui.widgets.labels import label, pill
from ui.widgets.layouts import clear
from ui.widgets.scrolling import rolled
from ui.words import decimal, grouped
from ui.worker import Worker, run_in_background

if TYPE_CHECKING:
    from thau_desktop.app import Thau

_PAUSE = 250  # milliseconds after the last key
_SIDE = 340
_PIECES = 600  # that are shown: counting goes on to the end
_SHOWN = 4  # tokenizers that are chosen at first
_SHIPPED = {"example-bpe": "BPE", "example-wordpiece": "WordPiece", "example-unigram": "Unigram"}


class TokensView(QWidget):
    """Attributes: `text`, the field; `choices`, a check box for each tokenizer by name; `results`, a card for each
    that is shown; `costs`, the chart of languages; `idle`, whether all of it is up to date."""

    def __init__(self, thau: Thau) -> None:
        super().__init__()
        self._thau = thau
        self._sources: dict[str, Source] = {}
        self._worker: Worker | None = None
        self._made: dict[str, Tokenized] = {}
        self._cost: dict[str, Cost] = {}
        self.choices: dict[str, QCheckBox] = {}
        self.results: dict[str, _Result] = {}
        self.text = QPlainTextEdit(_("Write something here to see its tokens: words, accents like ñ, numbers, 🐱."))
        self.text.setAccessibleName(_("Text"))
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(92)
        self.text.textChanged.connect(self._later)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._ask)
        self.costs = Bars(_("Tokens for the same sentences"))
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(16)
        across.addWidget(self._left(), 1)
        across.addWidget(self._side())

    @property
    def idle(self) -> bool:
        return self._worker is None and not self._timer.isActive() and bool(self._sources)

    def activate(self) -> None:
        """Look which tokenizers there are, and ask them."""
        thau = self._thau
        run_in_background(self, lambda: sources(thau.models.installed(), thau.paths), self._on_sources)

    def _left(self) -> QWidget:
        left = Card(spacing=12)
        left.column.addWidget(self.text)
        self._results = QVBoxLayout()
        self._results.setSpacing(14)
        left.column.addWidget(rolled(self._results, room=8), 1)
        self._problem = label("", "error", wrap=True)
        self._problem.hide()
        left.column.addWidget(self._problem)
        return left

    def _side(self) -> QWidget:
        side = QWidget()
        side.setFixedWidth(_SIDE)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        chosen = Card(spacing=6)
        chosen.column.addWidget(label(_("Tokenizers"), "heading"))
        self._choices = QVBoxLayout()
        self._choices.setSpacing(2)
        chosen.column.addLayout(self._choices)
        column.addWidget(chosen)
        languages = Card(spacing=10)
        languages.column.addWidget(label(_("Spanish against English"), "heading"))
        sentence = _(
            "Tokens for the same eight sentences. What takes more tokens is slower and fills the context sooner."
        )
        languages.column.addWidget(label(sentence, "small", wrap=True))
        languages.column.addWidget(self.costs)
        column.addWidget(languages)
        column.addStretch()
        return side

    def _on_sources(self, found: list[Source]) -> None:
        known = {source.name: source for source in found}
        if known != self._sources:
            before = {name for name, box in self.choices.items() if box.isChecked()}
            self._sources = known
            self._show_choices(before)
        self._later()

    def _show_choices(self, before: set[str]) -> None:
        clear(self._choices)
        used = self._thau.settings.model.name
        first = sorted(self._sources, key=lambda name: (name != used, not name.startswith("example-")))[:_SHOWN]
        self.choices = {}
        for name in self._sources:
            box = self.choices[name] = QCheckBox(_title(name))
            box.setChecked(name in (before or first))
            box.toggled.connect(self._later)
            self._choices.addWidget(box)

    @Slot()
    def _later(self) -> None:
        self._timer.start()

    @Slot()
    def _ask(self) -> None:
        if self._worker is not None:
            self._worker.stop()  # its end asks again
            return
        wanted = [self._sources[name] for name, box in self.choices.items() if box.isChecked()]
        text, tokenizers = self.text.toPlainText(), self._thau.tokenizers
        uncounted = [source for source in wanted if source.name not in self._cost]
        self._made = {}

        def events(cancel: threading.Event) -> Iterator[Any]:
            yield from tokenizers.tokenize(wanted, text, _PIECES, cancel)
            yield from tokenizers.costs(uncounted, cancel)

        self._problem.hide()
        self._worker = Worker(events, self, _("Counting tokens"))
        self._worker.event.connect(self._on_event)
        self._worker.failed.connect(self._on_failed)
        self._worker.done.connect(self._on_done)

    @Slot(object)
    def _on_event(self, event: object) -> None:
        if isinstance(event, Tokenized):
            self._made[event.source] = event
        elif isinstance(event, Cost):
            self._cost[event.source] = event

    @Slot(object)
    def _on_failed(self, error: ThauError) -> None:
        self._problem.setText(str(error))
        self._problem.show()
        self._on_done()

    @Slot()
    def _on_done(self) -> None:
        stopped = self._worker is not None and self._worker.cancelled
        self._worker = None
        if stopped:
            self._later()
            return
        if list(self._made) != list(self.results):
            clear(self._results)
            self.results = {name: _Result(_title(name)) for name in self._made}
            for card in self.results.values():
                self._results.addWidget(card)
        for name, made in self._made.items():
            self.results[name].show_result(made)
        self._show_costs()

    def _show_costs(self) -> None:
        bars = []
        for name in self._made:
            if name not in self._cost:
                continue
            cost = self._cost[name]
            ratio = _("× {ratio}").format(ratio=decimal(cost.spanish_to_english, 2))
            bars.append(Bar(_SHIPPED.get(name, name), cost.tokens["es"], f"es {cost.tokens['es']}", "accent"))
            bars.append(Bar(ratio, cost.tokens["en"], f"en {cost.tokens['en']}", "good"))
        self.costs.show_bars(bars)


class _Result(QWidget):
    """One tokenizer's tokens, and their numbers."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.view = TokenView()
        self.view.setAccessibleName(_("Tokens of {tokenizer}").format(tokenizer=title))
        self.count = pill("")
        self.numbers = label("", "small", wrap=True)
        self._kind = label("", "small")
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(label(title, "strong"))
        top.addWidget(self.count)
        top.addStretch()
        top.addWidget(self._kind)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.view)
        column.addWidget(self.numbers)

    def show_result(self, made: Tokenized) -> None:
        """Show one text."""
        self.view.show_pieces(made.pieces)
        self.count.setText(ngettext_("{n} token", "{n} tokens", made.count).format(n=grouped(made.count)))
        self._kind.setText(_("{kind} · knows {n}").format(kind=made.kind, n=grouped(made.vocabulary)))
        words = [
            _("{n} characters a token").format(n=decimal(made.characters_per_token)),
            _("{share} % of {n} tokens of context").format(share=decimal(100 * made.share, 1), n=grouped(made.context)),
        ]
        words += [_("{advice} Saves {n}.").format(advice=hint.advice, n=hint.saved) for hint in made.hints]
        self.numbers.setText(" · ".join(words))


def _title(name: str) -> str:
    """What a tokenizer is called: the three that come along by their kinds."""
    return _("Example: {kind}").format(kind=_SHIPPED[name]) if name in _SHIPPED else name
