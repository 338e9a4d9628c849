"""Files of pictures: their names, writing so that a kill leaves a whole file or none, and what kills left behind."""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import re
import shutil
import time
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import psutil

from thau_desktop.errors import Action, StoreError, ThauError
from thau_desktop.images.metadata import png_texts
from thau_desktop.paths import disk_full, no_room
from thau_desktop.translation import _

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_PART = re.compile(r"^\.(\d+)-\d+\.part$")
_STALE_SECONDS = 3600  # a file is written in far less
_SLUG_LENGTH = 48
_PNG_LEVEL = 1  # deflate: 2% larger than the usual 6, in a fifth of the time

_numbers = itertools.count()


def slug(text: str) -> str:
    """`text` in a few letters that every file system takes; "picture" where it has none of them."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if len(words) > _SLUG_LENGTH:
        words = words[: _SLUG_LENGTH + 1].rpartition("_")[0] or words[:_SLUG_LENGTH]
    return words or "picture"


def names(prompt: str, at: datetime, suffix: str = ".png") -> Iterator[str]:
    """`YYYYMMDD_HHMMSS_slug.png` in the local time, then the same with `_2`, `_3` …"""
    stem = f"{at.astimezone():%Y%m%d_%H%M%S}_{slug(prompt)}"
    yield f"{stem}{suffix}"
    for number in itertools.count(2):
        yield f"{stem}_{number}{suffix}"


def encode(pixels: bytes, width: int, height: int, parameters: Mapping[str, Any]) -> bytes:
    """RGB pixels as a PNG that carries its parameters."""
    from PIL import Image  # late, as in metadata

    file = io.BytesIO()
    image = Image.frombytes("RGB", (width, height), pixels)
    image.save(file, "PNG", compress_level=_PNG_LEVEL, pnginfo=png_texts(parameters))
    return file.getvalue()


def write_part(folder: Path, write: Callable[[BinaryIO], object]) -> Path:
    """A new file under a temporary name, written and on the disk. Raises `DiskFull` or `StoreError`, leaving nothing.

    Its name has the number of this process, so that another one does not take it for a leftover.
    """
    part = folder / f".{os.getpid()}-{next(_numbers)}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
    except BaseException as error:
        with contextlib.suppress(OSError):
            part.unlink()
        if isinstance(error, OSError):
            raise not_written(folder, error) from error
        raise
    return part


def copy_into(source: Path) -> Callable[[BinaryIO], object]:
    """What `write_part` writes to copy a file."""

    def write(file: BinaryIO) -> None:
        with source.open("rb") as opened:
            shutil.copyfileobj(opened, file, 1 << 20)

    return write


def not_written(folder: Path, error: OSError) -> ThauError:
    """The error for a picture that could not be written into `folder`."""
    if no_room(error):
        return disk_full(folder / _("the picture"), str(error))
    return StoreError(
        _("A picture can't be written into {folder}: {reason}.").format(folder=folder, reason=error.strerror or error),
        _("Check that the folder is there and that you may write in it."),
        action=Action("open_folder", _("Open the folder"), str(folder)),
        details=str(error),
    )


def pictures_in(folder: Path, known: Collection[str] = ()) -> list[str]:
    """The names of the picture files in a folder but the `known`, oldest name first; not the hidden ones nor links."""
    try:
        with os.scandir(folder) as entries:
            return sorted(
                entry.name
                for entry in entries
                if entry.name not in known
                and not entry.name.startswith(".")
                and entry.name.lower().endswith(SUFFIXES)
                and entry.is_file(follow_symlinks=False)
            )
    except FileNotFoundError:
        return []


def remove_stale_parts(folder: Path) -> int:
    """Remove what killed processes have left half written; returns how many files."""
    removed = 0
    for path in folder.glob(".*.part"):
        try:
            made_by = _PART.match(path.name)
            dead = made_by is not None and not psutil.pid_exists(int(made_by[1]))
            if dead or time.time() - path.stat().st_mtime > _STALE_SECONDS:
                path.unlink()
                removed += 1
        except OSError:
            continue  # gone meanwhile, or not ours to remove
    return removed
