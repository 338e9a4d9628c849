"""Whether somebody is using this computer right now."""

from __future__ import annotations

import re
import subprocess
import sys

import psutil

IDLE_SECONDS = 300.0  # without a key or the mouse: nobody is there
BUSY_PERCENT = 50.0  # of all cores, where nobody can say when a key was pressed last
_LOOK_SECONDS = 1.0
_IDLE_MONITORS = (  # what desktops on Linux ask on the session's bus; milliseconds
    (
        "org.gnome.Mutter.IdleMonitor",
        "/org/gnome/Mutter/IdleMonitor/Core",
        "org.gnome.Mutter.IdleMonitor",
        "GetIdletime",
    ),
    ("org.freedesktop.ScreenSaver", "/ScreenSaver", "org.freedesktop.ScreenSaver", "GetSessionIdleTime"),
)


def in_use() -> bool:
    """Whether keys or the mouse were used in the last minutes, or else programs keep half the processor busy."""
    idle = idle_seconds()
    if idle is not None:
        return idle < IDLE_SECONDS
    return psutil.cpu_percent(interval=_LOOK_SECONDS) > BUSY_PERCENT


def idle_seconds() -> float | None:
    """Seconds since a key or the mouse was used last; None where the system does not tell."""
    try:
        if sys.platform == "win32":
            return _windows()
        if sys.platform == "darwin":
            found = re.search(r'"HIDIdleTime" = (\d+)', _said("/usr/sbin/ioreg", "-c", "IOHIDSystem"))
            return int(found[1]) / 1e9 if found else None
        return _linux()
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def _linux() -> float | None:
    for place in _IDLE_MONITORS:
        try:
            found = re.search(r"\d+$", _said("busctl", "--user", "call", *place).strip())
        except subprocess.SubprocessError:
            continue  # another desktop
        if found:
            return int(found[0]) / 1000
    return None


def _windows() -> float:
    if sys.platform != "win32":
        raise OSError
    import ctypes

    class LastInput(ctypes.Structure):
        _fields_ = (("size", ctypes.c_uint), ("at", ctypes.c_uint))

    last = LastInput(ctypes.sizeof(LastInput), 0)
    if not ctypes.windll.user32.GetLastInputInfo(ctypes.byref(last)):
        raise OSError
    return ((ctypes.windll.kernel32.GetTickCount() - last.at) % 2**32) / 1000


def _said(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=5).stdout
