"""The view of the benchmark: how quick a model is here in every configuration that fits, as table and charts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from thau_desktop.benchmark import BenchEvent, BenchFailed, BenchProgress, BenchStarted, Measured, bench, table
from thau_desktop.errors import ThauError
from thau_desktop.models.catalog import InstalledModel
from thau_desktop.paths import atomic_write
from thau_desktop.translation import _
from ui.models.bars import Bar, Bars
from ui.settings.group_page import raise_bug
from ui.widgets.buttons import button
from ui.widgets.card import Card, line
from ui.widgets.labels import label
from ui.widgets.layouts import clear
from ui.words import decimal, size_of
from ui.worker import Worker, run_in_background

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.main_window import MainWindow


class BenchmarkView(QWidget):
    """Attributes: `model`, the choice; `run`, `stop` and `export`, the buttons; `results`, what was measured; `idle`,
    whether nothing is being measured."""

    def __init__(self, thau: Thau, window: MainWindow) -> None:
        super().__init__()
        self._thau = thau
        self._window = window
        self._worker: Worker | None = None
        self.results: list[Measured] = []
        self._others: list[tuple[str, str]] = []
        self.model = QComboBox()
        self.model.setAccessibleName(_("Model"))
        self.model.setMinimumWidth(260)
        self.run = button(_("Measure"), self._on_run, icon_name="gauge", kind="accent")
        self.stop = button(_("Stop"), self._on_stop)
        self.export = button(_("Export CSV"), self._on_export, icon_name="export")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(_("Progress of the benchmark"))
        self._note = label("", "small")
        self._speed, self._first, self._memory = (
            Bars(name) for name in (_("tokens per second"), _("time to first token"), _("peak memory"))
        )
        card = Card(spacing=12)
        card.column.addLayout(self._head())
        card.column.addWidget(self._progress())
        self._table = QGridLayout()
        self._table.setHorizontalSpacing(24)
        self._table.setVerticalSpacing(8)
        card.column.addLayout(self._table)
        self._empty = label(
            _(
                "Asks the model eight short questions and has it read a page, in each configuration that fits into the"
                " memory: as it is, in 8 and in 4 bits, with a sliding window, over memory and disk, and as a GGUF file"
                " where there is one. Each runs in a process of its own that ends afterwards. It takes a minute for a"
                " small model, and several for a large one."
            ),
            "dim",
            wrap=True,
        )
        card.column.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(card)
        self._charts = self._chart_cards()
        column.addWidget(self._charts)
        column.addStretch()
        self._look()

    @property
    def idle(self) -> bool:
        return self._worker is None

    def activate(self) -> None:
        """Look which models there are."""
        thau = self._thau
        run_in_background(self, lambda: [*thau.models.installed(), *thau.models.elsewhere()], self._on_models)

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label(_("Benchmark"), "heading"))
        row.addSpacing(8)
        row.addWidget(self.model)
        row.addStretch()
        row.addWidget(self.export)
        row.addWidget(self.stop)
        row.addWidget(self.run)
        return row

    def _progress(self) -> QWidget:
        self._running = QWidget()
        row = QHBoxLayout(self._running)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._bar, 1)
        row.addWidget(self._note)
        return self._running

    def _chart_cards(self) -> QWidget:
        charts = QWidget()
        row = QHBoxLayout(charts)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        for title, bars in (
            (_("Tokens per second"), self._speed),
            (_("Time to first token"), self._first),
            (_("Peak memory"), self._memory),
        ):
            card = Card(spacing=8)
            card.column.addWidget(label(title, "heading"))
            card.column.addWidget(bars)
            row.addWidget(card)
        return charts

    def _on_models(self, models: list[InstalledModel]) -> None:
        chosen = self.model.currentText() or self._thau.settings.model.name
        names = [model.name for model in models]
        if names != [self.model.itemText(place) for place in range(self.model.count())]:
            self.model.clear()
            self.model.addItems(names)
            self.model.setCurrentText(chosen)

    def _look(self) -> None:
        running = self._worker is not None
        self.run.setVisible(not running)
        self.stop.setVisible(running)
        self.stop.setEnabled(running)
        self.export.setVisible(bool(self.results) and not running)
        self.model.setEnabled(not running)
        self._running.setVisible(running)
        self._empty.setVisible(not self.results and not self._others and not running)
        self._charts.setVisible(bool(self.results))

    @Slot()
    def _on_run(self) -> None:
        name, thau = self.model.currentText(), self._thau
        self.results, self._others = [], []
        self._show()

        def events(cancel: threading.Event) -> Iterator[BenchEvent]:
            return bench(thau, name, cancel)

        self._bar.setRange(0, 0)
        self._note.setText("")
        self._worker = Worker(events, self, _("Measuring {model}").format(model=name))
        self._worker.event.connect(self._on_event)
        self._worker.failed.connect(self._on_failed)
        self._worker.crashed.connect(self._on_crashed)
        self._worker.done.connect(self._on_done)
        self._look()

    @Slot()
    def _on_stop(self) -> None:
        if self._worker is not None:
            self.stop.setEnabled(False)
            self._worker.stop()

    @Slot()
    def _on_export(self) -> None:
        name = f"{self.results[0].configuration.model.replace('/', '-')}-benchmark.csv"
        chosen, _filter = QFileDialog.getSaveFileName(self, _("Export CSV"), name, _("Tables (*.csv)"))
        if chosen:
            atomic_write(Path(chosen), table(self.results).encode())
            self._window.toast(_("The table is in {path}").format(path=chosen))

    @Slot(object)
    def _on_event(self, event: BenchEvent) -> None:
        match event:
            case BenchStarted(left_out=left_out):
                self._others = [(configuration.label, why) for configuration, why in left_out]
            case BenchProgress(configuration):
                self._bar.setRange(0, 1000)
                self._bar.setValue(round(1000 * event.fraction))
                self._note.setText(configuration.label)
            case Measured():
                self.results.append(event)
            case BenchFailed(configuration, problem):
                self._others.append((configuration.label, problem))
        if not isinstance(event, BenchProgress):
            self._show()
            self._look()

    @Slot(object)
    def _on_failed(self, error: ThauError) -> None:
        self._on_done()
        self._window.show_error(error)

    @Slot(str)
    def _on_crashed(self, trace: str) -> None:
        self._on_done()
        raise_bug(trace)

    @Slot()
    def _on_done(self) -> None:
        self._worker = None
        self._look()

    def _show(self) -> None:
        clear(self._table)
        if self.results or self._others:
            heads = (
                _("Configuration"),
                _("First token"),
                _("Tokens/s"),
                _("Reads"),
                _("Peak memory"),
                _("Loaded in"),
                _("Right answers"),
            )
            for column, words in enumerate(heads):
                self._table.addWidget(label(words, "section"), 0, column)
            self._table.addWidget(line(), 1, 0, 1, len(heads))
        for number, each in enumerate(self.results):
            for column, words in enumerate(_cells(each)):
                role = "strong" if column == 0 else ""
                self._table.addWidget(label(words, role, select=True), number + 2, column)
        for number, (name, why) in enumerate(self._others):
            row = len(self.results) + number + 2
            self._table.addWidget(label(name, "dim"), row, 0)
            self._table.addWidget(label(why, "small", wrap=True), row, 1, 1, 6)
        self._table.setColumnStretch(6, 1)
        names = [each.configuration.label for each in self.results]
        charts: tuple[tuple[Bars, list[float], Callable[[float], str]], ...] = (
            (self._speed, [each.tokens_per_second for each in self.results], decimal),
            (self._first, [each.first_token_seconds for each in self.results], _milliseconds),
            (self._memory, [each.peak_memory for each in self.results], _memory_words),
        )
        for bars, values, said in charts:
            bars.show_bars([Bar(name, value, said(value)) for name, value in zip(names, values, strict=True)])


def _cells(each: Measured) -> tuple[str, ...]:
    return (
        each.configuration.label,
        _milliseconds(each.first_token_seconds),
        decimal(each.tokens_per_second),
        f"{each.read_per_second:.0f}/s",
        _memory_words(each.peak_memory),
        f"{decimal(each.load_seconds)} s",
        f"{100 * each.quality:.0f} %",
    )


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"


def _memory_words(count: float) -> str:
    return size_of(int(count)) if count else "—"
