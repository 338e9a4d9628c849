"""One API a data folder: who serves it, where, and how a second start finds the first."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass

from filelock import FileLock, Timeout

from thau_desktop.errors import ThauError
from thau_desktop.paths import Paths, atomic_write
from thau_desktop.translation import _

_LOOK = 0.5  # seconds: somebody may only be looking whether the lock is held


@dataclass(frozen=True, slots=True)
class Owner:
    """The process that serves a folder, and its address."""

    pid: int
    url: str


class AlreadyServed(ThauError):
    """Another process serves this folder's API. Attributes: `owner`, None where it did not say who it is."""

    owner: Owner | None = None


class Ownership:
    """A lock that no crash outlives, and a file beside it that tells who holds it."""

    def __init__(self, paths: Paths) -> None:
        self._lock = FileLock(paths.home / "api.lock")
        self._paths = paths

    def claim(self) -> None:
        """Become the owner. Raises `AlreadyServed`."""
        try:
            self._lock.acquire(timeout=_LOOK)
        except Timeout:
            raise _served(_read(self._paths)) from None

    def tell(self, url: str) -> None:
        """Say where the API is, for whoever looks for it. Raises `DiskFull` or OSError."""
        atomic_write(self._paths.api_owner, json.dumps(asdict(Owner(os.getpid(), url))).encode())

    def release(self) -> None:
        """Safe to call twice."""
        if self._lock.is_locked:
            self._paths.api_owner.unlink(missing_ok=True)
            self._lock.release()


def owner_of(paths: Paths) -> Owner | None:
    """Who serves this folder now; None where nobody does."""
    owner = _read(paths)
    if owner is None:
        return None
    lock = FileLock(paths.home / "api.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return owner
    lock.release()
    return None  # it was killed


def _read(paths: Paths) -> Owner | None:
    try:
        values = json.loads(paths.api_owner.read_text(encoding="utf-8"))
        return Owner(int(values["pid"]), str(values["url"]))
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _served(owner: Owner | None) -> AlreadyServed:
    problem = AlreadyServed(
        _("THAU is already serving this folder, as process {pid} at {url}.").format(pid=owner.pid, url=owner.url)
        if owner
        else _("THAU is already serving this folder."),
        _("Use that one, or end it first."),
    )
    problem.owner = owner
    return problem
