"""Fetches a model into a `.part` folder and renames it when it is whole. Runs in a child.

`huggingface_hub` throws away what a killed download had (each try writes into a file of its own), so the bytes are
fetched here, over its session: with a Range from where the file ends, and the checksum over all of it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import httpx2
from filelock import FileLock, Timeout
from huggingface_hub import get_session, hf_hub_url
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status  # type: ignore[attr-defined]

from thau_desktop.errors import DiskFull, DownloadFailed
from thau_desktop.models import hub
from thau_desktop.models.downloading import PLAN, UNFINISHED, Plan, RemoteFile, Request, read_plan
from thau_desktop.models.events import DownloadEvent, DownloadFinished, DownloadStarted
from thau_desktop.models.meter import Meter
from thau_desktop.paths import atomic_write, disk_full, no_room, sync_folder
from thau_desktop.translation import _

DELAYS = (1.0, 2.0, 4.0, 8.0)  # seconds before a try is made again
_CHUNK = 1 << 20
_TIMEOUT = httpx2.Timeout(20, connect=20)
_SPARE = 200_000_000  # bytes that stay free on the disk


def fetch(request: Request, *, cancel: threading.Event) -> Iterator[DownloadEvent]:
    """Yield DownloadStarted, progress a few times a second, and one DownloadFinished; `cancel` pauses it.

    Raises `ModelMissing`, `ModelGated`, `ModelUnsupported`, `DownloadFailed` or `DiskFull`; what is here stays here.
    """
    part = request.part
    part.mkdir(parents=True, exist_ok=True)
    lock = FileLock(part.with_suffix(".lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout as problem:
        raise DownloadFailed(
            _("{repo} is being downloaded already.").format(repo=request.repo), _("Wait until it is done.")
        ) from problem
    try:
        yield from _fetch(request, cancel)
    finally:
        lock.release()


def _fetch(request: Request, cancel: threading.Event) -> Iterator[DownloadEvent]:
    part = request.part
    plan = _plan(request, part, cancel)
    if plan is None:
        yield DownloadFinished(request.repo, part, "paused")
        return
    name = _name(request, plan)
    if plan.files[0].name.endswith(".gguf") and _size(request.models / f"{name}.gguf") == plan.bytes:
        shutil.rmtree(part)
        yield DownloadFinished(name, request.models / f"{name}.gguf", "complete", plan.bytes)
        return
    done = sum(_size(part / file.name) or _size(part / (file.name + UNFINISHED)) for file in plan.files)
    _check_disk(request.models, plan.bytes - done)
    yield DownloadStarted(name, len(plan.files), plan.bytes, done)
    meter = Meter(done, plan.bytes)
    for file in plan.files:
        if not (part / file.name).exists():
            yield from _File(request, plan, file, meter).fetch(cancel)
        if cancel.is_set():
            yield DownloadFinished(name, part, "paused", meter.done)
            return
    path = _put_in_place(request, plan, name)
    yield DownloadFinished(name, path, "complete", plan.bytes)


def _plan(request: Request, part: Path, cancel: threading.Event) -> Plan | None:
    """The plan of an earlier try, else a new one; None when it was told to stop."""
    plan = read_plan(part)
    if plan is None:
        plan = hub.tried(lambda: hub.plan(request), cancel.wait, DELAYS)
        if plan is not None:
            atomic_write(part / PLAN, json.dumps(dataclasses.asdict(plan)).encode())
    return plan


class _File:
    """One file on its way."""

    def __init__(self, request: Request, plan: Plan, file: RemoteFile, meter: Meter) -> None:
        self._request = request
        self._file = file
        self._meter = meter
        self._target = request.part / file.name
        self._partial = self._target.with_name(self._target.name + UNFINISHED)
        endpoint = request.endpoint or None
        self._url = hf_hub_url(request.repo, file.name, revision=plan.commit, endpoint=endpoint)
        self._headers = {**build_hf_headers(token=request.token), "Accept-Encoding": "identity"}
        self._done = 0
        self._digest = _digest(file)

    def fetch(self, cancel: threading.Event) -> Iterator[DownloadEvent]:
        """Yield progress until the file is whole and checked, or `cancel` is set."""
        self._target.parent.mkdir(parents=True, exist_ok=True)
        yield from self._read_again(cancel)
        tries, furthest = 0, self._done
        while self._done < self._file.size and not cancel.is_set():
            try:
                with hub.understood(self._request.repo):
                    yield from self._stream(cancel)
                problem: Exception = EOFError("the connection ended early")
            except (HfHubHTTPError, httpx2.TransportError) as error:
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
                raise hub.gave_up(problem) from problem
            yield self._meter.progress(self._file.name, "waiting")
            cancel.wait(DELAYS[max(0, tries - 1)])
        if not cancel.is_set():
            self._finish()
            yield self._meter.progress(self._file.name)

    def _read_again(self, cancel: threading.Event) -> Iterator[DownloadEvent]:
        """Take the bytes of an earlier try into the checksum."""
        size = _size(self._partial)
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

    def _stream(self, cancel: threading.Event) -> Iterator[DownloadEvent]:
        """Append what comes until the connection ends."""
        headers = {**self._headers, **({"Range": f"bytes={self._done}-"} if self._done else {})}
        with get_session().stream("GET", self._url, headers=headers, timeout=_TIMEOUT) as response:
            if response.status_code == 416:  # the file there is shorter than what is here
                self._begin_again(self._done)
                return
            hf_raise_for_status(response)
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
        """Check it and give it its name. Raises `DownloadFailed` for bytes that are not those that were published."""
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


def _digest(file: RemoteFile) -> Any:
    """SHA-256 of large files; of small ones git's hash, which begins with a header (git-scm.com, "Git Objects")."""
    if file.sha256 or not file.blob:
        return hashlib.sha256()
    return hashlib.sha1(f"blob {file.size}\0".encode(), usedforsecurity=False)


def _name(request: Request, plan: Plan) -> str:
    """What it will be called: the file's stem, or the repository's name, with its owner where that name is taken."""
    if plan.files[0].name.endswith(".gguf"):
        return PurePosixPath(plan.files[0].name).stem
    owner, _slash, name = request.repo.rpartition("/")
    return f"{owner}--{name}" if owner and (request.models / name).exists() else name


def _put_in_place(request: Request, plan: Plan, name: str) -> Path:
    """Rename what is whole, so that it is there at once or not at all."""
    part = request.part
    if plan.files[0].name.endswith(".gguf"):
        target = request.models / f"{name}.gguf"
        (part / plan.files[0].name).replace(target)
        shutil.rmtree(part)
    else:
        target = request.models / name
        if not (part / "thau.json").exists() and not (part / "model_index.json").exists():
            manifest = json.dumps(_manifest(request, plan), indent=1, ensure_ascii=False)
            atomic_write(part / "thau.json", manifest.encode())
        (part / PLAN).unlink()
        part.replace(target)
    sync_folder(request.models)
    return target


def _manifest(request: Request, plan: Plan) -> dict[str, object]:
    values: dict[str, object] = {"name": request.title} if request.title else {}
    return values | {
        "languages": list(request.languages),
        "source": {"repo": plan.repo, "commit": plan.commit},
        "sha256": {file.name: file.sha256 for file in plan.files if file.sha256},
    }


def _check_disk(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed + _SPARE > free:
        raise DiskFull(
            _("The download takes {needed} GB, and the disk has {free} GB free.").format(
                needed=f"{needed / 1e9:.1f}", free=f"{free / 1e9:.1f}"
            ),
            _("Free some space on the disk that holds {folder}, or choose a smaller model.").format(folder=folder),
        )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
