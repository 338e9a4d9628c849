"""What the doctor learns only by loading things, in child processes: torch and its device, Qt's libraries."""

from __future__ import annotations

import ctypes
import importlib.util
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# What Qt's xcb platform plugin needs of the system, and the Debian/Ubuntu package that brings it.
_QT_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
}


@dataclass(frozen=True, slots=True)
class TorchFacts:
    """What torch says of itself. `build` is "cpu", "cuda 12.8", "rocm 6.4" or "mps"; `device` is what it can use.

    Attributes: `problem` is torch's own reason for not using a GPU, "" when it has none to give.
    """

    version: str
    build: str
    device: str
    names: tuple[str, ...]
    threads: int
    instructions: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class QtLibraries:
    """Whether Qt's plugin for X loads: `problem` is the loader's words, `packages` are Debian's names to install."""

    problem: str
    packages: tuple[str, ...]


def torch_facts(cancel: threading.Event) -> Iterator[TorchFacts]:
    """Import torch and try each device with a small tensor."""
    import torch

    build = device = "cpu"
    names: tuple[str, ...] = ()
    problem = ""
    if torch.version.cuda or torch.version.hip:
        build = f"cuda {torch.version.cuda}" if torch.version.cuda else f"rocm {torch.version.hip}"
        try:
            torch.ones(2, device="cuda").sum().item()
            device = "cuda"
            names = tuple(torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count()))
        except (RuntimeError, AssertionError) as error:
            problem = str(error).strip().splitlines()[0]
    elif torch.backends.mps.is_built():
        build = "mps"
        device = "mps" if torch.backends.mps.is_available() else "cpu"
    yield TorchFacts(
        version=torch.__version__,
        build=build,
        device=device,
        names=names,
        threads=torch.get_num_threads(),
        instructions=torch.backends.cpu.get_cpu_capability(),
        problem=problem,
    )


def qt_libraries(cancel: threading.Event) -> Iterator[QtLibraries]:
    """Load Qt's xcb plugin as Qt would, without a screen. Yields nothing where Qt has no such plugin."""
    found = importlib.util.find_spec("PySide6")
    folders = [Path(place) for place in (found.submodule_search_locations or ())] if found else []
    plugins = [plugin for folder in folders for plugin in folder.glob("**/platforms/libqxcb.so")]
    if not sys.platform.startswith("linux") or not plugins:
        return
    problem = _load(str(plugins[0]))
    missing = [package for library, package in _QT_LIBRARIES.items() if _load(library)] if problem else []
    yield QtLibraries(problem, tuple(missing))


def _load(library: str) -> str:
    """Why the dynamic loader refuses `library`, "" when it does not."""
    try:
        ctypes.CDLL(library)
    except OSError as error:
        return str(error)
    return ""
