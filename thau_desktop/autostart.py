"""What the system starts by itself, on request: the window at login, and the nights that happen without a window.

On Linux a systemd user unit, or an autostart entry where there is no systemd; on macOS a launchd agent; on Windows a
task of the Task Scheduler. All belong to the user alone, and none needs an administrator.
"""

from __future__ import annotations

import os
import plistlib
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Literal
from xml.sax.saxutils import escape

from thau_desktop.errors import ThauError
from thau_desktop.paths import atomic_write
from thau_desktop.translation import _

Kind = Literal["window", "nights"]
_ABOUT = {"window": "THAU", "nights": "THAU learns at night"}
_SECONDS = 30  # a system's own command that takes longer hangs


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that tells the system what to start.

    Attributes: `path`, where the system looks for it; `enable` and `disable`, the commands that tell it so.
    """

    path: Path
    text: bytes
    enable: tuple[tuple[str, ...], ...] = ()
    disable: tuple[tuple[str, ...], ...] = ()


def set_enabled(kind: Kind, enabled: bool) -> Path:
    """Begin or end that the system starts this by itself; returns the file that says so.

    Raises `ThauError` where the system refuses; then nothing has changed.
    """
    entry = entry_of(kind)
    try:
        if enabled:
            atomic_write(entry.path, entry.text)
            for command in entry.enable:
                _run(command)
        else:
            if entry.path.exists():
                for command in entry.disable:
                    _run(command)
            entry.path.unlink(missing_ok=True)
    except (OSError, subprocess.SubprocessError) as problem:
        if enabled:
            entry.path.unlink(missing_ok=True)
        said = problem.stderr if isinstance(problem, subprocess.CalledProcessError) else ""
        raise ThauError(
            _("The system can't be told what to start: {reason}.").format(reason=(said or str(problem)).strip(". \n")),
            _("Start it yourself: {command}.").format(command=shlex.join(command_of(kind))),
        ) from problem
    return entry.path


def is_enabled(kind: Kind) -> bool:
    """Whether the system starts this by itself."""
    return entry_of(kind).path.exists()


def command_of(kind: Kind) -> list[str]:
    """What the system is to start."""
    if kind == "nights":
        return command_line("start", "--no-api")  # the API is asked for by itself
    if getattr(sys, "frozen", False):
        return [str(Path(sys.executable).with_stem("thau-desktop"))]
    return command_line()


def command_line(*words: str) -> list[str]:
    """`thau` with these words, as another process can start it: in a bundle both programs lie side by side."""
    if getattr(sys, "frozen", False):
        return [str(Path(sys.executable).with_stem("thau")), *words]
    return [sys.executable, str(Path(__file__).resolve().parent.parent / "main.py"), *words]


def entry_of(kind: Kind) -> Entry:
    """The file for this system."""
    if sys.platform == "win32":
        return _task(kind)
    if sys.platform == "darwin":
        return _agent(kind)
    return _unit() if kind == "nights" and which("systemctl") else _desktop_entry(kind)


def _environment() -> dict[str, str]:
    """What the started program must know of this one's environment."""
    return {"THAU_HOME": os.environ["THAU_HOME"]} if os.environ.get("THAU_HOME") else {}


def _unit() -> Entry:
    """systemd.unit(5), systemd.service(5)."""
    name = "thau-nights.service"
    variables = "".join(f'Environment="{name}={_in_unit(value)}"\n' for name, value in _environment().items())
    command = " ".join(f'"{_in_unit(part)}"' for part in command_of("nights"))
    text = (
        f"[Unit]\nDescription={_ABOUT['nights']}\n\n"
        f"[Service]\nExecStart={command}\n{variables}Restart=on-failure\nRestartSec=60\nNice=10\nTimeoutStopSec=60\n\n"
        "[Install]\nWantedBy=default.target\n"
    )
    user = ("systemctl", "--user")
    return Entry(
        _config() / "systemd" / "user" / name,
        text.encode(),
        enable=((*user, "daemon-reload"), (*user, "enable", "--now", name)),
        disable=((*user, "disable", "--now", name),),
    )


def _in_unit(text: str) -> str:
    """Quoted for a value between double quotes; % and $ mean something there."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")


def _desktop_entry(kind: Kind) -> Entry:
    """Desktop Application Autostart Specification, with the quoting of the Desktop Entry Specification."""
    parts = ["env", *(f"{name}={value}" for name, value in _environment().items())] if _environment() else []
    command = " ".join(_in_entry(part) for part in (*parts, *command_of(kind)))
    text = f"[Desktop Entry]\nType=Application\nName={_ABOUT[kind]}\nExec={command}\nTerminal=false\n"
    return Entry(_config() / "autostart" / f"thau-{kind}.desktop", text.encode())


def _in_entry(text: str) -> str:
    for sign in '\\"`$':
        text = text.replace(sign, f"\\{sign}")
    return '"' + text.replace("\\", "\\\\").replace("%", "%%") + '"'


def _config() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")


def _agent(kind: Kind) -> Entry:
    """launchd.plist(5)."""
    name = f"app.thau.{kind}"
    values: dict[str, object] = {
        "Label": name,
        "ProgramArguments": command_of(kind),
        "EnvironmentVariables": _environment(),
        "RunAtLoad": True,
    }
    if kind == "nights":
        values |= {"KeepAlive": {"SuccessfulExit": False}, "ProcessType": "Background", "Nice": 10}
    path = Path.home() / "Library" / "LaunchAgents" / f"{name}.plist"
    mine = f"gui/{os.getuid()}" if hasattr(os, "getuid") else "gui"
    # The window would open a second time if its agent were loaded now: it waits for the next login.
    load = (("launchctl", "bootstrap", mine, str(path)),) if kind == "nights" else ()
    unload = (("launchctl", "bootout", f"{mine}/{name}"),) if kind == "nights" else ()
    return Entry(path, plistlib.dumps(values), enable=load, disable=unload)


def _task(kind: Kind) -> Entry:
    """Task Scheduler Schema (Microsoft Learn). Kept as a file, too, which tells that it is on."""
    program, *arguments = command_of(kind)
    line = subprocess.list2cmdline(arguments)
    if _environment():  # a task has no environment of its own
        setting = " && ".join(f'set "{name}={value}"' for name, value in _environment().items())
        program, line = "cmd.exe", f"/d /c {setting} && {subprocess.list2cmdline([program, *arguments])}"
    restart = (
        "<RestartOnFailure><Interval>PT1M</Interval><Count>3</Count></RestartOnFailure>" if kind == "nights" else ""
    )
    text = f"""<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>{_ABOUT[kind]}</Description></RegistrationInfo>
  <Triggers><LogonTrigger><Enabled>true</Enabled></LogonTrigger></Triggers>
  <Principals><Principal id="Author"><LogonType>InteractiveToken</LogonType></Principal></Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    {restart}
  </Settings>
  <Actions Context="Author">
    <Exec><Command>{escape(program)}</Command><Arguments>{escape(line)}</Arguments></Exec>
  </Actions>
</Task>
"""
    folder = Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "THAU-start"
    path, name = folder / f"{kind}.xml", rf"THAU\{kind}"
    enable: tuple[tuple[str, ...], ...] = (("schtasks", "/Create", "/F", "/TN", name, "/XML", str(path)),)
    if kind == "nights":
        enable += (("schtasks", "/Run", "/TN", name),)
    return Entry(path, text.encode("utf-16"), enable=enable, disable=(("schtasks", "/Delete", "/F", "/TN", name),))


def _run(command: tuple[str, ...]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=_SECONDS, stdin=subprocess.DEVNULL)
