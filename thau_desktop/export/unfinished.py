"""Files that take long to write lie under another name until they are whole."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil

from thau_desktop.errors import ThauError
from thau_desktop.paths import disk_full, no_room, sync_folder
from thau_desktop.translation import _


@contextlib.contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to, gone at the end unless `finish` gave it the final one.

    What an export that was killed has left of `path` is removed first. Raises `DiskFull` or `ThauError` for what the
    system says while the file is written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for left in path.parent.glob(f".{_escaped(path.name)}.*.part"):
            if not _is_being_written(left):
                _remove(left)
        yield temporary
    except OSError as error:
        if no_room(error):
            raise disk_full(path, str(error)) from error
        raise ThauError(
            _("{path} can't be written: {reason}.").format(path=path, reason=error.strerror or error),
            _("Choose another folder."),
        ) from error
    finally:
        _remove(temporary)


def finish(temporary: Path, path: Path) -> None:
    """Let what was written, a file or a folder, lie under its final name, also after a power cut."""
    for file in [temporary] if temporary.is_file() else temporary.iterdir():
        with file.open("r+b") as opened:
            os.fsync(opened.fileno())
    before = path.with_name(f".{path.name}.before.part")
    if path.is_dir():
        path.replace(before)
    temporary.replace(path)
    sync_folder(path.parent)
    _remove(before)


def _is_being_written(left: Path) -> bool:
    """Whether the process whose number is in its name still runs; a later one may have been given that number."""
    number = left.name.rsplit(".", 2)[-2]
    try:
        return int(number) != os.getpid() and psutil.Process(int(number)).create_time() < left.stat().st_mtime
    except (psutil.Error, OSError, ValueError):
        return False


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):  # what can't be removed is removed by the next try, or was never there
            path.unlink(missing_ok=True)


def _escaped(name: str) -> str:
    """A name in which no letter is one of glob's signs."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
