"""One file on its way here: it goes on where an earlier try stopped, and is kept only if its checksum is right."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx2

from thau_desktop.errors import DiskFull, DownloadFailed, ThauError
from thau_desktop.models.downloading import UNFINISHED, RemoteFile
from thau_desktop.models.events import DownloadProgress
from thau_desktop.models.meter import Meter
from thau_desktop.paths import disk_full, no_room
from thau_desktop.translation import _

DELAYS = (1.0, 2.0, 4.0, 8.0)  # seconds before a try is made again
TIMEOUT = httpx2.Timeout(20, connect=20)
NO_MORE = 416  # the status of a file that is shorter than what is here
_CHUNK = 1 << 20
_SPARE = 200_000_000  # bytes that stay free on the disk

Opened = Callable[[dict[str, str]], AbstractContextManager[httpx2.Response]]


class Incoming:
    """A file that grows beside `target` and takes its name when it is whole.

    `opened` asks for it with these headers more, and raises `httpx2.HTTPError` for what may pass, a `ThauError` for
    what will not; an answer of 416 is not raised. `gave_up` says what is told when trying again did not help.
    """

    def __init__(
        self, file: RemoteFile, target: Path, meter: Meter, opened: Opened, gave_up: Callable[[Exception], ThauError]
    ) -> None:
        self._file = file
        self._target = target
        self._partial = target.with_name(target.name + UNFINISHED)
        self._meter = meter
        self._opened = opened
        self._gave_up = gave_up
        self._done = 0
        self._digest = _digest(file)

    def fetch(self, cancel: threading.Event) -> Iterator[DownloadProgress]:
        """Yield progress until the file is whole and checked, or `cancel` is set.

        Raises what `opened` and `gave_up` say, `DownloadFailed` for bytes that are not the published ones, `DiskFull`.
        """
        self._target.parent.mkdir(parents=True, exist_ok=True)
        yield from self._read_again(cancel)
        tries, furthest = 0, self._done
        while self._done < self._file.size and not cancel.is_set():
            try:
                yield from self._stream(cancel)
                problem: Exception = EOFError("the connection ended early")
            except httpx2.HTTPError as error:
                problem = error
            except OSError as error:
                if no_room(error):
                    raise disk_full(self._partial, str(error)) from error
                raise
            if cancel.is_set() or self._done >= self._file.size:
                break
            tries = 0 if self._done > furthest else tries + 1
            furthest = max(furthest, self._done)
            if tries > len(DELAYS):
                raise self._gave_up(problem) from problem
            yield self._meter.progress(self._file.name, "waiting")
            cancel.wait(DELAYS[max(0, tries - 1)])
        if not cancel.is_set():
            self._finish()
            yield self._meter.progress(self._file.name)

    def _read_again(self, cancel: threading.Event) -> Iterator[DownloadProgress]:
        """Take the bytes of an earlier try into the checksum."""
        size = size_on_disk(self._partial)
        if size > self._file.size:
            self._begin_again(size)
            return
        if not size:
            return
        with self._partial.open("rb") as opened:
            while (chunk := opened.read(_CHUNK)) and not cancel.is_set():
                self._digest.update(chunk)
                self._done += len(chunk)
                if self._meter.due():
                    yield self._meter.progress(self._file.name, "checking")

    def _stream(self, cancel: threading.Event) -> Iterator[DownloadProgress]:
        """Append what comes until the connection ends."""
        with self._opened({"Range": f"bytes={self._done}-"} if self._done else {}) as response:
            if response.status_code == NO_MORE:
                self._begin_again(self._done)
                return
            if self._done and response.status_code != 206:  # the server does not know how to go on
                self._begin_again(self._done)
            with self._partial.open("ab") as out:
                for chunk in response.iter_bytes():  # as they come: a kill loses the least
                    out.write(chunk)
                    self._digest.update(chunk)
                    self._done += len(chunk)
                    self._meter.add(len(chunk))
                    if cancel.is_set() or self._done > self._file.size:
                        return
                    if self._meter.due():
                        yield self._meter.progress(self._file.name)

    def _begin_again(self, counted: int) -> None:
        self._partial.unlink(missing_ok=True)
        self._meter.take_back(counted)
        self._done, self._digest = 0, _digest(self._file)

    def _finish(self) -> None:
        expected = self._file.sha256 or self._file.blob
        if expected and self._digest.hexdigest() != expected:
            self._begin_again(self._done)
            raise DownloadFailed(
                _("{name} arrived damaged: its checksum is not the published one.").format(name=self._file.name),
                _("Try again: what is whole is kept, and this file is fetched anew."),
            )
        if not self._file.size:
            self._partial.touch()
        with self._partial.open("r+b") as opened:  # Windows only syncs what may be written
            os.fsync(opened.fileno())
        self._partial.replace(self._target)


def here(target: Path) -> int:
    """The bytes of a file that are here, whole or not."""
    return size_on_disk(target) or size_on_disk(target.with_name(target.name + UNFINISHED))


def size_on_disk(path: Path) -> int:
    """The bytes of a file, 0 where there is none."""
    return path.stat().st_size if path.exists() else 0


def check_disk(folder: Path, needed: int, otherwise: str) -> None:
    """Raises `DiskFull` where `needed` bytes do not fit; `otherwise` is a sentence that says what to do."""
    free = shutil.disk_usage(folder).free
    if needed + _SPARE > free:
        raise DiskFull(
            _("The download takes {needed} GB, and the disk has {free} GB free.").format(
                needed=f"{needed / 1e9:.1f}", free=f"{free / 1e9:.1f}"
            ),
            otherwise,
        )


def _digest(file: RemoteFile) -> Any:
    """SHA-256 of large files; of small ones git's hash, which begins with a header (git-scm.com, "Git Objects")."""
    if file.sha256 or not file.blob:
        return hashlib.sha256()
    return hashlib.sha1(f"blob {file.size}\0".encode(), usedforsecurity=False)
