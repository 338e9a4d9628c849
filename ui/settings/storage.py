"""What is stored where: every place with its contents, its path and its size, which is looked up beside the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QToolButton

from thau_desktop.errors import ThauError
from thau_desktop.paths import Paths
from thau_desktop.privacy import PLACES, PlaceMeasured, measure, place_path
from thau_desktop.translation import _, ngettext_
from ui.settings.group_page import Part, action_row, open_folder, raise_bug
from ui.widgets.buttons import button, icon_button
from ui.widgets.card import line
from ui.widgets.labels import IconLabel, label
from ui.words import size_of
from ui.worker import Worker

_PROMISES = (
    "shield-check",
    "globe",
    "brain",
)


class PromiseCard(Part):
    """Plain words about what stays here and what goes out."""

    def __init__(self) -> None:
        super().__init__("", _("private telemetry internet network cloud"))
        sentences = (
            _("Nothing you write, make or teach leaves this computer, and nothing is counted or reported."),
            _("The internet is used only when you ask for it: to get a model or to search the web."),
            _("Only examples that you approved are learned from."),
        )
        grid = QGridLayout()
        grid.setContentsMargins(16, 10, 16, 10)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, (name, sentence) in enumerate(zip(_PROMISES, sentences, strict=True)):
            grid.addWidget(IconLabel(name, "good"), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(label(sentence, wrap=True), row, 1)
        self.inside.addLayout(grid)


class StorageCard(Part):
    """The places. `measure_again` looks at the disk; it is called whenever the page is shown."""

    def __init__(self, paths: Paths) -> None:
        words = " ".join(f"{_(place.label)} {_(place.contents)}" for place in PLACES)
        keywords = _("open folder size disk")
        super().__init__(_("What is stored where"), f"{words} {keywords}")
        self._paths = paths
        self._sizes: dict[str, QLabel] = {}
        self._measured: dict[str, PlaceMeasured] = {}
        self._worker: Worker | None = None
        opener = button(_("Open folder"), self._open_home, icon_name="folder-open")
        self.inside.addWidget(action_row(_("Everything together"), str(paths.home), opener))
        for place in PLACES:
            path = place_path(paths, place)
            amount = label("…", "dim")
            amount.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            amount.setMinimumWidth(72)
            amount.setAccessibleName(_("Size of {name}").format(name=_(place.label)))
            self._sizes[place.name] = amount
            row = action_row(_(place.label), f"{_(place.contents)}\n{path}", amount, self._opener(path, _(place.label)))
            self.inside.addWidget(line())
            self.inside.addWidget(row)

    def measured(self, place: str) -> PlaceMeasured | None:
        """What is known of a place's size."""
        return self._measured.get(place)

    def measure_again(self) -> None:
        """Look up the sizes in the background, one place after another."""
        if self._worker is not None and self._worker.running:
            return
        self._worker = Worker(lambda cancel: measure(self._paths, cancel), self)
        self._worker.event.connect(self._on_measured)
        self._worker.failed.connect(self._on_failed)
        self._worker.crashed.connect(raise_bug)

    def _opener(self, path: Path, name: str) -> QToolButton:
        named = _("Open the folder of {name}").format(name=name)
        return icon_button("arrow-square-out", named, lambda: open_folder(path if path.exists() else self._paths.home))

    @Slot()
    def _open_home(self) -> None:
        open_folder(self._paths.home)

    @Slot(object)
    def _on_measured(self, event: PlaceMeasured) -> None:
        self._measured[event.place] = event
        amount = self._sizes[event.place]
        amount.setText(size_of(event.size) if event.files else _("empty"))
        amount.setToolTip(ngettext_("{n} file", "{n} files", event.files).format(n=event.files))

    @Slot(object)
    def _on_failed(self, error: ThauError) -> None:
        for amount in self._sizes.values():
            if amount.text() == "…":
                amount.setText("?")
                amount.setToolTip(str(error))
