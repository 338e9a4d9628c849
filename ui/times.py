"""Moments, days and waits in words."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QDate, QLocale

from thau_desktop.translation import _, language


def moment(when: datetime) -> str:
    """A local time such as "20 Nov, 03:04", with today and yesterday in words, and the year where it is another."""
    today = datetime.now().date()
    days = (today - when.date()).days
    if days == 0:
        return _("Today, {time}").format(time=f"{when:%H:%M}")
    if days == 1:
        return _("Yesterday, {time}").format(time=f"{when:%H:%M}")
    form = _("d MMM") if when.year == today.year else _("d MMM yyyy")
    return f"{_date(when, form)}, {when:%H:%M}"


def local(stored: str) -> datetime:
    """A time of the store (ISO 8601 in UTC) as the clock here shows it."""
    return datetime.fromisoformat(stored).astimezone().replace(tzinfo=None)


def seconds_between(begun: str, ended: str) -> float:
    """From one time of the store to another."""
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(begun)).total_seconds()


def lasted(seconds: float) -> str:
    """How long something took, in seconds, minutes or hours."""
    if seconds < 60:
        return _("{n} s").format(n=max(1, round(seconds)))
    if seconds < 90 * 60:
        return _("{n} min").format(n=round(seconds / 60))
    hours, minutes = divmod(round(seconds / 60), 60)
    return _("{hours} h {minutes} min").format(hours=hours, minutes=minutes)


def day(when: datetime) -> str:
    """The day, such as "20 November 2026"."""
    return _date(when, _("d MMMM yyyy"))


def day_of_the_week(when: datetime) -> str:
    """The day of one of the next weeks, such as "Friday 20 November"."""
    return _date(when, _("dddd d MMMM"))


def month(when: datetime) -> str:
    """The month, such as "November 2026"."""
    return _date(when, _("MMMM yyyy"))


def _date(when: datetime, form: str) -> str:
    place = QLocale("es" if language() == "es" else "en_GB")
    return place.toString(QDate(when.year, when.month, when.day), form)


def remaining(seconds: float) -> str:
    """How long something still takes, in seconds, minutes or hours."""
    return _("{time} left").format(time=lasted(seconds))
