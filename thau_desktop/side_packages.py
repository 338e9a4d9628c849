"""Packages beside those that came with THAU, such as a torch for this machine's GPU: only child processes import them.

A folder named by an environment variable comes first on a child's import path. When its torch can't be imported the
child notes why in the folder and ends with `BEGIN_AGAIN`; its parent starts another, which does without the folder.
Loading a library can also end the process: that is known by a note that was left behind, and believed the second time.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from thau_desktop.translation import _

VARIABLE = "THAU_SIDE_PACKAGES"
BEGIN_AGAIN = 75  # EX_TEMPFAIL
WATCHED = "torch"
_BROKEN = "broken.json"
_TRYING = "trying-"
_BELIEVED = 2  # processes that ended while they imported it


def enter(folder: Path | None = None) -> bool:
    """Let this process import from the folder, by default the one of the environment. False where it does without."""
    place = folder or Path(os.environ.get(VARIABLE, ""))
    if place == Path() or not place.is_dir() or broken(place):
        return False
    sys.path.insert(0, str(place))
    sys.meta_path.insert(0, _Watch(place))
    return True


def broken(folder: Path) -> str:
    """Why the packages can't be used; "" as long as nothing is known against them."""
    try:
        return str(json.loads((folder / _BROKEN).read_text(encoding="utf-8"))["reason"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    left = [note for note in folder.glob(f"{_TRYING}*") if not _lives(note.name[len(_TRYING) :])]
    return _("A process ended while it loaded them.") if len(left) >= _BELIEVED else ""


def note_broken(folder: Path, reason: str) -> None:
    """From now on children do without."""
    with suppress(OSError):  # on a full disk the next child finds out again
        (folder / _BROKEN).write_text(json.dumps({"reason": reason}), encoding="utf-8")


def forget_broken(folder: Path) -> None:
    """Let the next child try again."""
    for note in (folder / _BROKEN, *folder.glob(f"{_TRYING}*")):
        note.unlink(missing_ok=True)


def _lives(pid: str) -> bool:
    import psutil  # late: most folders hold no notes

    return psutil.pid_exists(int(pid))


class _Watch(importlib.abc.MetaPathFinder):
    """Finds the watched package in the folder, with a loader that notes how its import goes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != WATCHED or path is not None:
            return None
        spec = PathFinder.find_spec(fullname, [str(self._folder)])
        if spec is not None and spec.loader is not None:
            spec.loader = _Watched(spec.loader, self._folder)
        return spec


class _Watched(importlib.abc.Loader):
    """Another loader; a module that it can't execute ends the process."""

    def __init__(self, loader: importlib.abc.Loader, folder: Path) -> None:
        self._loader = loader
        self._folder = folder

    def __getattr__(self, name: str) -> object:  # reading sources and data, as whoever looks at the spec expects
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        note = self._folder / f"{_TRYING}{os.getpid()}"
        with suppress(OSError):
            note.touch()
        try:
            self._loader.exec_module(module)
        except Exception as error:  # noqa: BLE001 - whatever it is, this process can do nothing with it
            note_broken(self._folder, f"{type(error).__name__}: {error}")
            note.unlink(missing_ok=True)
            # What was loaded of it stays in this process, and must not meet the other torch.
            sys.stderr.flush()
            os._exit(BEGIN_AGAIN)
        for old in self._folder.glob(f"{_TRYING}*"):
            old.unlink(missing_ok=True)
