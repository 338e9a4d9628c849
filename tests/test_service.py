"""Nights without a window."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.conftest import ROOT
from thau_desktop import service
from thau_desktop.app import Thau
from thau_desktop.training import schedule
from thau_desktop.training.night import Finished

DONE = Finished("promoted", "thau-nano-v2", ("It answers 100 % of what is new (0 % before).",), {})


@pytest.fixture
def overdue(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Thau]:
    """A night was slept through: it is due as soon as somebody looks at the clock."""
    monkeypatch.setattr(schedule, "SETTLE", timedelta(0))
    with Thau() as thau:
        run = thau.runs.begin("schedule", "thau-nano-v1", "thau-nano-v1", {})
        thau.runs.end(run.id, "skipped")
        with thau.database.transaction() as connection:
            connection.execute("UPDATE runs SET started_at = '2026-01-01T03:00:00+00:00'")
        yield thau


def test_what_is_overdue_is_trained_and_the_service_goes_on_until_it_is_stopped(
    overdue: Thau, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()
    asked: list[str] = []

    def train(recipe: Any, cancel: threading.Event, *, cause: str) -> Iterator[Finished]:
        asked.append(cause)
        yield DONE

    monkeypatch.setattr(overdue.trainer, "train", train)
    found = []
    for event in service.nights(overdue, stop):
        found.append(event)
        if event == DONE:
            stop.set()
    assert (asked, found) == (["schedule"], [DONE])


def test_a_night_whose_model_is_gone_is_recorded_and_the_next_one_comes_a_day_later(overdue: Thau) -> None:
    overdue.change("model", "name", "thau-nano-v7")
    stop = threading.Event()
    (last,) = (event for event in service.nights(overdue, stop) if not stop.set())
    assert isinstance(last, Finished) and last.outcome == "failed"
    assert "The model thau-nano-v7 is not on this disk." in last.reasons[0]
    run = overdue.runs.last_ended()
    assert run is not None and run.state == "failed" and "thau-nano-v7" in run.problem
    due = overdue.next_training()
    assert due is not None and due > datetime.now().astimezone()


def test_a_training_that_was_cut_off_is_due_again(home: Path) -> None:
    with Thau() as thau:
        assert thau.last_training() is None
        run = thau.runs.begin("schedule", "thau-nano-v1", "thau-nano-v1", {})
        began = thau.last_training()
        assert began is not None
        with thau.database.transaction() as connection:
            connection.execute("UPDATE runs SET writer_pid = ? WHERE id = ?", (_free_pid(), run.id))
        assert thau.last_training() == began - timedelta(hours=24)


def test_what_a_person_starts_moves_no_night(home: Path) -> None:
    with Thau() as thau:
        tonight = thau.next_training()
        run = thau.runs.begin("person", "thau-nano-v1", "thau-nano-v1", {})
        thau.runs.end(run.id, "skipped")
        assert thau.next_training() == tonight


def test_a_machine_that_was_off_every_night_learns_what_has_waited_over_one(home: Path) -> None:
    with Thau() as thau:
        thau.examples.add("Which port?", "7443")
        due, now = thau.next_training(), datetime.now().astimezone()
        assert due is not None and now - timedelta(minutes=1) < due < now + timedelta(days=1)
        with thau.database.transaction() as connection:
            connection.execute("UPDATE examples SET created_at = '2026-01-01T12:00:00+00:00'")
        overdue = thau.next_training()
        assert overdue is not None and overdue <= datetime.now().astimezone()


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM there")
def test_thau_start_says_when_it_learns_and_ends_with_sigterm(home: Path) -> None:
    command = [sys.executable, "main.py", "start", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("The next training: ")
        process.send_signal(signal.SIGTERM)
        _out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")


def _free_pid() -> int:
    return next(number for number in range(400_000, 500_000) if not psutil.pid_exists(number))
