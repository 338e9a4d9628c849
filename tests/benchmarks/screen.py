"""An X screen that nobody sees (Xvfb), and the moment at which a window appears on it, without polling."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import select
import shutil
import subprocess
import time
from types import TracebackType

from tests.benchmarks.report import Unavailable

_SUBSTRUCTURE_NOTIFY, _MAP_NOTIFY = 1 << 19, 19  # X.h
_SMALLEST = 400  # pixels: anything narrower is not the window


class Screen:
    """A running Xvfb; `display` is what DISPLAY must say. Raises `Unavailable` where there is none."""

    def __init__(self, size: str = "1920x1080x24") -> None:
        program = shutil.which("Xvfb")
        if program is None or ctypes.util.find_library("X11") is None:
            raise Unavailable("Xvfb and libX11 are needed to see a window appear")
        reader, writer = os.pipe()
        command = [program, "-displayfd", str(writer), "-screen", "0", size, "-nolisten", "tcp", "-noreset"]
        self._server = subprocess.Popen(command, pass_fds=(writer,), stderr=subprocess.DEVNULL)
        os.close(writer)
        with os.fdopen(reader) as answer:
            number = answer.readline().strip()
        if not number:
            self._server.wait()
            raise Unavailable("Xvfb does not start here")
        self.display = f":{number}"

    def close(self) -> None:
        """End it."""
        self._server.terminate()
        self._server.wait()

    def __enter__(self) -> Screen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _MapEvent(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("event", ctypes.c_ulong),
        ("window", ctypes.c_ulong),
        ("override_redirect", ctypes.c_int),
    )


class _Event(ctypes.Union):
    _fields_ = (("map", _MapEvent), ("room", ctypes.c_long * 24))


class Watch:
    """Sees windows that are mapped on a display from now on."""

    def __init__(self, display: str) -> None:
        self._x = ctypes.CDLL(ctypes.util.find_library("X11"))
        for name in ("XOpenDisplay", "XDefaultRootWindow"):
            getattr(self._x, name).restype = ctypes.c_void_p if name == "XOpenDisplay" else ctypes.c_ulong
        opened = self._x.XOpenDisplay(display.encode())
        if not opened:
            raise Unavailable(f"the display {display} can't be opened")
        self._display = ctypes.c_void_p(opened)
        self._root = ctypes.c_ulong(self._x.XDefaultRootWindow(self._display))
        self._x.XSelectInput(self._display, self._root, ctypes.c_long(_SUBSTRUCTURE_NOTIFY))
        self._x.XSync(self._display, 0)

    def wait(self, seconds: float = 60.0) -> float:
        """`time.monotonic()` of when a window was put on the screen. Raises `TimeoutError`."""
        end = time.monotonic() + seconds
        event = _Event()
        while (left := end - time.monotonic()) > 0:
            if self._x.XPending(self._display):
                self._x.XNextEvent(self._display, ctypes.byref(event))
                at = time.monotonic()
                if (
                    event.map.type == _MAP_NOTIFY
                    and not event.map.override_redirect
                    and self._is_large(event.map.window)
                ):
                    return at
            else:
                select.select([self._x.XConnectionNumber(self._display)], [], [], left)
        raise TimeoutError(f"no window within {seconds} s")

    def close(self) -> None:
        """Let go of the display."""
        self._x.XCloseDisplay(self._display)

    def _is_large(self, window: int) -> bool:
        root, x, y = ctypes.c_ulong(), ctypes.c_int(), ctypes.c_int()
        width, height, border, depth = (ctypes.c_uint() for _number in range(4))
        places = [ctypes.byref(place) for place in (root, x, y, width, height, border, depth)]
        found = self._x.XGetGeometry(self._display, ctypes.c_ulong(window), *places)
        return bool(found) and width.value >= _SMALLEST
