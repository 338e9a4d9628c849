"""What a person wants to see of the gallery, and the question to the store that it makes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from thau_desktop.store.pictures import PictureFilter
from thau_desktop.translation import N_, _

Period = Literal["", "today", "yesterday", "week", "month", "year", "earlier", "between"]
PERIODS: tuple[tuple[Period, str], ...] = (
    ("", N_("Any date")),
    ("today", N_("Today")),
    ("yesterday", N_("Yesterday")),
    ("week", N_("Last 7 days")),
    ("month", N_("Last 30 days")),
    ("year", N_("This year")),
    ("earlier", N_("Before this year")),
)
SOURCES = (
    ("chat", N_("Conversations")),
    ("gallery", N_("The gallery")),
    ("cli", N_("The command line")),
    ("api", N_("Other programs")),
    ("import", N_("Imported")),
    ("adopted", N_("Found in the folder")),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants to see, in terms that stay true over midnight; `first` and `last` count for "between"."""

    text: str = ""
    period: Period = ""
    first: date | None = None
    last: date | None = None
    model: str = ""
    size: tuple[int, int] | None = None
    source: str = ""
    favourite: bool = False
    trash: bool = False

    @property
    def narrowed(self) -> bool:
        """Whether anything but the trash restricts what is seen."""
        return replace(self, trash=False) != Wanted()

    def filter(self, today: date) -> PictureFilter:
        """The question to the store."""
        since, until = self._days(today)
        return PictureFilter(
            text=self.text.strip(),
            model=self.model,
            size=self.size,
            since=_midnight(since),
            until=_midnight(until),
            favourite=self.favourite,
            source=self.source,
            trash=self.trash,
        )

    def _days(self, today: date) -> tuple[date | None, date | None]:
        """The first day, and the one after the last."""
        day = timedelta(days=1)
        match self.period:
            case "today":
                return today, None
            case "yesterday":
                return today - day, today
            case "week":
                return today - 6 * day, None
            case "month":
                return today - 29 * day, None
            case "year":
                return date(today.year, 1, 1), None
            case "earlier":
                return None, date(today.year, 1, 1)
            case "between":
                return self.first, self.last + day if self.last is not None else None
        return None, None


def _midnight(day: date | None) -> str:
    """Its beginning here, in UTC as the store writes times."""
    if day is None:
        return ""
    return datetime.combine(day, time()).astimezone().astimezone(UTC).isoformat(timespec="microseconds")


def period_name(wanted: Wanted) -> str:
    """What the button of the dates says."""
    if wanted.period == "between" and wanted.first is not None and wanted.last is not None:
        return f"{_day(wanted.first)} – {_day(wanted.last)}"
    return _(dict(PERIODS).get(wanted.period, "Any date"))


def _day(day: date) -> str:
    return f"{day:%d.%m.%y}" if day.year != date.today().year else f"{day:%d.%m.}"
