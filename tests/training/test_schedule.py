"""When a training is due, in the local time of whoever sleeps."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from thau_desktop.settings import Training
from thau_desktop.training import schedule
from thau_desktop.training.schedule import Schedule, next_due


@pytest.fixture(autouse=True)
def madrid(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if not hasattr(time, "tzset"):
        pytest.skip("this system's time zone can't be chosen")
    monkeypatch.setenv("TZ", "Europe/Madrid")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").astimezone()


@pytest.mark.parametrize(
    ("hours", "last", "now", "due"),
    [
        (24, None, "11-28 12:00", "11-29 03:00"),  # the first is next night
        (24, None, "11-28 02:00", "11-28 03:00"),
        (24, "11-28 03:00", "11-28 12:00", "11-29 03:00"),
        (24, "11-28 03:20", "11-28 12:00", "11-29 03:00"),  # begun late: the next is not
        (24, "11-28 15:00", "11-28 16:00", "11-30 03:00"),  # by hand in the afternoon: the night after the next
        (24, "11-25 03:00", "11-28 12:00", "11-28 12:00"),  # slept through: now
        (12, "11-28 03:00", "11-28 04:00", "11-28 15:00"),
        (6, "11-28 15:00", "11-28 16:00", "11-28 21:00"),
        (72, "11-28 03:00", "11-28 04:00", "12-01 03:00"),
        (24, "12-25 03:00", "11-28 12:00", "11-29 03:00"),  # a clock that was set back
        (24, "10-24 03:00", "10-24 12:00", "10-25 03:00"),  # the night in which clocks go back
        (24, "03-28 03:30", "03-28 12:00", "03-29 03:00"),  # and the one that has no 02:30
    ],
)
def test_a_training_is_due_at_its_time_of_day(hours: int, last: str | None, now: str, due: str) -> None:
    settings = Training(auto_train_interval_hours=hours)
    assert next_due(settings, at(last) if last else None, at(now)) == at(due)


def test_switched_off_is_never() -> None:
    assert next_due(Training(auto=False), None, at("11-28 12:00")) is None


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Schedule, threading.Event, dict[str, datetime]]]:
    """A schedule that looks at once, what it calls, and when the last training was."""
    monkeypatch.setattr(schedule, "SETTLE", timedelta(0))
    begun = threading.Event()
    times = {"last": datetime.now().astimezone() - timedelta(days=3)}
    made = Schedule(Training, lambda: times["last"], begun.set)
    yield made, begun, times
    made.stop()


def test_an_overdue_training_begins_after_the_start(
    watched: tuple[Schedule, threading.Event, dict[str, datetime]],
) -> None:
    made, begun, _times = watched
    made.start()
    assert begun.wait(60)


def test_on_battery_it_waits(
    watched: tuple[Schedule, threading.Event, dict[str, datetime]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, begun, _times = watched
    monkeypatch.setattr(schedule, "on_battery", lambda: True)
    made.look()
    assert not begun.is_set()
    monkeypatch.setattr(schedule, "on_battery", lambda: False)
    made.look()
    assert begun.is_set()


def test_while_somebody_is_here_it_waits_but_not_for_ever(
    watched: tuple[Schedule, threading.Event, dict[str, datetime]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, begun, _times = watched
    now = datetime.now().astimezone()
    monkeypatch.setattr(schedule, "in_use", lambda: True)
    for hours, begins in ((0, False), (3.9, False), (4.1, True)):
        monkeypatch.setattr(schedule, "_now", lambda hours=hours: now + timedelta(hours=hours))
        made.look()
        assert begun.is_set() == begins
    begun.clear()
    made.look()  # the next waits again
    assert not begun.is_set()
    monkeypatch.setattr(schedule, "in_use", lambda: False)
    made.look()
    assert begun.is_set()


def test_what_is_not_due_yet_sets_the_alarm(
    watched: tuple[Schedule, threading.Event, dict[str, datetime]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, begun, times = watched
    times["last"] = datetime.now().astimezone()
    soon = datetime.now().astimezone() + timedelta(seconds=0.3)
    asked: list[datetime] = []

    def due(_settings: object, _last: object, now: datetime) -> datetime:
        asked.append(now)
        return soon if len(asked) == 1 else now

    monkeypatch.setattr(schedule, "next_due", due)
    made.start()
    assert begun.wait(60)
    assert len(asked) == 2
