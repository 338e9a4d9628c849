"""Whether somebody uses the computer is asked of the desktop, else of the processor."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest

from thau_desktop import idleness


def test_the_first_desktop_that_answers_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def said(*command: str) -> str:
        asked.append(command[3])
        if "gnome" in command[3]:
            raise subprocess.CalledProcessError(1, command)
        return "u 61000\n"

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(idleness, "_said", said)
    assert idleness.idle_seconds() == 61.0 and len(asked) == 2
    assert idleness.in_use()


def test_a_mac_tells_nanoseconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(idleness, "_said", lambda *_command: '    "HIDIdleTime" = 301000000000\n')
    assert idleness.idle_seconds() == 301.0 and not idleness.in_use()


@pytest.mark.parametrize(("percent", "busy"), [(90.0, True), (10.0, False)])
def test_where_nobody_tells_the_processor_does(monkeypatch: pytest.MonkeyPatch, percent: float, busy: bool) -> None:
    def none(*command: str) -> str:
        raise FileNotFoundError(command[0])

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(idleness, "_said", none)
    monkeypatch.setattr(psutil, "cpu_percent", lambda interval: percent)
    assert idleness.idle_seconds() is None and idleness.in_use() == busy
