"""Two days to choose, in a sheet under the button of the dates."""

from __future__ import annotations

from datetime import date, timedelta

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QDateEdit, QGridLayout, QWidget

from thau_desktop.translation import _
from ui.gallery.wanted import Wanted
from ui.widgets.buttons import button
from ui.widgets.labels import label
from ui.widgets.number_box import inset
from ui.widgets.popover import Popover


class Days(Popover):
    """Two dates and a button. `chosen` with both, in order."""

    chosen = Signal(object, object)

    def __init__(self, anchor: QWidget, wanted: Wanted) -> None:
        super().__init__(anchor, width=280, below=True)
        self.setAccessibleName(_("Between two days"))
        today = date.today()
        self.first = _date_edit(wanted.first or today - timedelta(days=30), _("First day"))
        self.last = _date_edit(wanted.last or today, _("Last day"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, (words, edit) in enumerate(((_("From"), self.first), (_("To"), self.last))):
            grid.addWidget(label(words, "dim"), row, 0)
            grid.addWidget(edit, row, 1)
        self.column.addLayout(grid)
        self.column.addSpacing(4)
        self.column.addWidget(button(_("Show these days"), self._choose, kind="accent"))

    def _choose(self) -> None:
        days = [date(day.year(), day.month(), day.day()) for day in (self.first.date(), self.last.date())]
        self.close()
        self.chosen.emit(min(days), max(days))


def _date_edit(day: date, name: str) -> QDateEdit:
    edit = QDateEdit(QDate(day.year, day.month, day.day))
    edit.setAccessibleName(name)
    inset(edit)
    return edit
