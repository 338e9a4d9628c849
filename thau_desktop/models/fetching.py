"""Fetches a model into a `.part` folder and renames it when it is whole. Runs in a child.

`huggingface_hub` throws away what a killed download had (each try writes into a file of its own), so the bytes are
fetched here, over its session: with a Range from where the file ends, and the checksum over all of it.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath

import httpx2
from filelock import FileLock, Timeout
from huggingface_hub import get_session, hf_hub_url
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status  # type: ignore[attr-defined]

from thau_desktop.errors import DownloadFailed
from thau_desktop.models import hub
from thau_desktop.models.downloading import PLAN, Plan, RemoteFile, Request, read_plan
from thau_desktop.models.events import DownloadEvent, DownloadFinished, DownloadStarted
from thau_desktop.models.incoming import DELAYS, NO_MORE, TIMEOUT, Incoming, check_disk, here, size_on_disk
from thau_desktop.models.meter import Meter
from thau_desktop.paths import atomic_write, sync_folder
from thau_desktop.translation import _


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
    if plan.files[0].name.endswith(".gguf") and size_on_disk(request.models / f"{name}.gguf") == plan.bytes:
        shutil.rmtree(part)
        yield DownloadFinished(name, request.models / f"{name}.gguf", "complete", plan.bytes)
        return
    done = sum(here(part / file.name) for file in plan.files)
    otherwise = _("Free some space on the disk that holds {folder}, or choose a smaller model.")
    check_disk(request.models, plan.bytes - done, otherwise.format(folder=request.models))
    yield DownloadStarted(name, len(plan.files), plan.bytes, done)
    meter = Meter(done, plan.bytes)
    for file in plan.files:
        if not (part / file.name).exists():
            opened = partial(_opened, request, plan, file)
            yield from Incoming(file, part / file.name, meter, opened, hub.gave_up).fetch(cancel)
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


@contextmanager
def _opened(request: Request, plan: Plan, file: RemoteFile, more: dict[str, str]) -> Iterator[httpx2.Response]:
    """The hub's answer to a wish for a file."""
    url = hf_hub_url(request.repo, file.name, revision=plan.commit, endpoint=request.endpoint or None)
    headers = {**build_hf_headers(token=request.token), "Accept-Encoding": "identity", **more}
    with hub.understood(request.repo), get_session().stream("GET", url, headers=headers, timeout=TIMEOUT) as response:
        if response.status_code != NO_MORE:
            hf_raise_for_status(response)
        yield response


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
