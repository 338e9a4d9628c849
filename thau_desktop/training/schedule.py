"""When the next training is due, and a clock that says so.

A training belongs at a time of day, every so many hours. One that was slept through, or that the machine was off for,
is due at once; on battery, and while somebody uses the computer, it waits. Beside its alarm the clock looks every hour:
a clock that was set back, a laptop that slept and changed settings all come right that way.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import psutil

from thau_desktop.idleness import in_use
from thau_desktop.settings import Training

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler

PATIENCE = timedelta(hours=4)  # then a training that waits for a quiet hour begins: it lets all others go first
_AGAIN = timedelta(minutes=10)
SETTLE = timedelta(minutes=1)  # after a start nothing begins at once
_SLACK = timedelta(hours=2)  # one that began a little late does not move the next, nor does a night of 23 hours
_DAY = 24

_logger = logging.getLogger(__name__)


def next_due(settings: Training, last: datetime | None, now: datetime) -> datetime | None:
    """When a training is due: a local time, `now` where it is overdue, None where it is switched off.

    `last` is when the last one began. The first is at the next time of day that was asked for.
    """
    if not settings.auto:
        return None
    hour, minute = map(int, settings.hour.split(":"))
    step = timedelta(hours=min(settings.auto_train_interval_hours, _DAY))
    earliest = now
    if last is not None and last <= now:  # a time in the future comes from a clock that was set back
        earliest = last + timedelta(hours=settings.auto_train_interval_hours) - min(_SLACK, step / 2)
    day = earliest.astimezone().replace(tzinfo=None) - timedelta(days=1)
    due = day.replace(hour=hour, minute=minute, second=0, microsecond=0)
    while (local := due.astimezone()) < earliest:  # naive steps: 03:00 stays 03:00 when clocks change
        due += step
    return max(local, now)


def on_battery() -> bool:
    """Whether this machine runs on battery; False where it has none, or nobody knows."""
    try:
        battery = psutil.sensors_battery()
    except (AttributeError, OSError, RuntimeError):
        return False
    return battery is not None and battery.power_plugged is False


class Schedule:
    """Calls `begin` in a thread of its own whenever a training is due. `start` and `stop` once each.

    `settings` and `last` are asked anew each time; `last` is when the last training began.
    """

    def __init__(
        self, settings: Callable[[], Training], last: Callable[[], datetime | None], begin: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._last = last
        self._begin = begin
        self._scheduler: BackgroundScheduler | None = None
        self._waiting_since: datetime | None = None

    def start(self) -> None:
        """From now on, and an overdue one in a minute."""
        from apscheduler.schedulers.background import BackgroundScheduler  # a tenth of a second that no start needs

        # A sleeping machine wakes hours late: an alarm is never too late, and several that were missed are one.
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._scheduler = BackgroundScheduler(job_defaults=defaults, timezone="UTC")
        self._scheduler.add_job(self.look, "interval", hours=1, id="look", next_run_time=_now() + SETTLE)
        self._scheduler.start()

    def stop(self) -> None:
        """Ends its thread. Safe to call twice."""
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is not None:
            scheduler.shutdown()

    def look(self) -> None:
        """Begin if it is time, else set the alarm."""
        try:
            settings, now = self._settings(), _now()
            due = next_due(settings, self._last(), now)
            if due is None or due > now:
                self._waiting_since = None
                self._set_alarm(due)
                return
            self._waiting_since = min(self._waiting_since or now, now)
            if not settings.on_battery and on_battery():
                _logger.info("a training is due and waits for the mains")
            elif not settings.while_in_use and now - self._waiting_since < PATIENCE and in_use():
                _logger.info("a training is due and waits until nobody uses the computer")
                self._set_alarm(now + _AGAIN)
            else:
                self._waiting_since = None
                self._begin()
        except Exception:  # the hourly look comes again
            _logger.exception("the schedule could not be looked at")

    def _set_alarm(self, at: datetime | None) -> None:
        if at is not None and self._scheduler is not None:
            self._scheduler.add_job(self.look, "date", run_date=at, id="alarm", replace_existing=True)


def _now() -> datetime:
    return datetime.now().astimezone()
