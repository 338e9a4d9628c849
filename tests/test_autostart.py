"""What the system starts by itself is written as each system wants it, and is gone again without a trace."""

from __future__ import annotations

import configparser
import plistlib
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from thau_desktop import autostart
from thau_desktop.app import Thau
from thau_desktop.errors import ThauError

Told = list[tuple[str, ...]]


def test_a_unit_of_systemd(home: Path, told_to_the_system: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(autostart, "which", lambda _name: "/bin/systemctl")
    monkeypatch.setenv("THAU_HOME", '/home/ana/mi 100% "casa"')
    path = autostart.set_enabled("nights", True)
    assert path == home / "config/systemd/user/thau-nights.service" and autostart.is_enabled("nights")
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(path)
    assert unit["Service"]["ExecStart"].endswith('main.py" "start" "--no-api"')
    assert unit["Service"]["Environment"] == '"THAU_HOME=/home/ana/mi 100%% \\"casa\\""'
    assert unit["Install"]["WantedBy"] == "default.target"
    assert told_to_the_system[-1] == ("systemctl", "--user", "enable", "--now", "thau-nights.service")
    autostart.set_enabled("nights", False)
    assert told_to_the_system[-1][2] == "disable" and not path.exists()
    told_to_the_system.clear()
    autostart.set_enabled("nights", False)
    assert told_to_the_system == []  # there was nothing to disable


def test_an_entry_where_there_is_no_systemd(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(autostart, "which", lambda _name: None)
    for kind, end in (("nights", 'main.py" "start" "--no-api"'), ("window", 'main.py"')):
        path = autostart.set_enabled(kind, True)  # type: ignore[arg-type]
        entry = configparser.ConfigParser(interpolation=None)
        entry.read(path)
        command = entry["Desktop Entry"]["Exec"]
        assert path.parent == home / "config/autostart" and command.endswith(end)
        assert f'"THAU_HOME={home}"' in command


def test_an_agent_of_launchd(tmp_path: Path, told_to_the_system: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    path = autostart.set_enabled("nights", True)
    values = plistlib.loads(path.read_bytes())
    assert values["ProgramArguments"][-2:] == ["start", "--no-api"] and values["RunAtLoad"]
    assert told_to_the_system[-1][:2] == ("launchctl", "bootstrap")
    told_to_the_system.clear()
    autostart.set_enabled("window", True)
    assert told_to_the_system == []  # a second window would open now


def test_a_task_of_windows(tmp_path: Path, told_to_the_system: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.setenv("THAU_HOME", r"D:\THAU & co")
    path = autostart.set_enabled("nights", True)
    task = ElementTree.fromstring(path.read_text(encoding="utf-16"))
    space = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    arguments = task.findtext(".//t:Arguments", "", space)
    assert task.findtext(".//t:Command", "", space) == "cmd.exe"
    assert arguments.startswith(r'/d /c set "THAU_HOME=D:\THAU & co" && ') and arguments.endswith(" start --no-api")
    assert [command[1] for command in told_to_the_system] == ["/Create", "/Run"]
    assert path.read_bytes()[:2] in (b"\xff\xfe", b"\xfe\xff")  # what schtasks reads


def test_a_system_that_refuses_is_told_with_what_to_do(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(command: tuple[str, ...]) -> None:
        raise subprocess.CalledProcessError(1, command, stderr="Failed to connect to bus: No medium found\n")

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(autostart, "which", lambda _name: "/bin/systemctl")
    monkeypatch.setattr(autostart, "_run", refuse)
    with Thau(home) as thau:
        with pytest.raises(ThauError, match="No medium found") as refused:
            thau.change("training", "without_window", True)
        assert refused.value.advice is not None and refused.value.advice.endswith("start --no-api.")
        assert not thau.settings.training.without_window and not autostart.is_enabled("nights")


def test_the_settings_say_what_is_started(home: Path) -> None:
    with Thau(home) as thau:
        thau.change("training", "without_window", True)
        thau.change("general", "autostart", True)
        assert autostart.is_enabled("nights") and autostart.is_enabled("window")
        thau.change("general", "autostart", False)
        assert autostart.is_enabled("nights") and not autostart.is_enabled("window")


def test_a_bundle_starts_the_program_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    for running in ("thau", "thau-desktop"):
        monkeypatch.setattr(sys, "executable", str(tmp_path / running))
        assert autostart.command_of("window") == [str(tmp_path / "thau-desktop")]
        assert autostart.command_of("nights") == [str(tmp_path / "thau"), "start", "--no-api"]
