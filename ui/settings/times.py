"""Moments and waits in words."""

from __future__ import annotations

from datetime import datetime

from thau_desktop.translation import _


def moment(when: datetime) -> str:
    """A local time such as "2026-11-20 03:04", with today and yesterday in words."""
    days = (datetime.now().date() - when.date()).days
    if days == 0:
        return _("Today, {time}").format(time=f"{when:%H:%M}")
    if days == 1:
        return _("Yesterday, {time}").format(time=f"{when:%H:%M}")
    return f"{when:%Y-%m-%d %H:%M}"


def remaining(seconds: float) -> str:
    """How long something still takes, in seconds, minutes or hours."""
    if seconds < 60:
        return _("{n} s left").format(n=max(1, round(seconds)))
    if seconds < 90 * 60:
        return _("{n} min left").format(n=round(seconds / 60))
    hours, minutes = divmod(round(seconds / 60), 60)
    return _("{hours} h {minutes} min left").format(hours=hours, minutes=minutes)
