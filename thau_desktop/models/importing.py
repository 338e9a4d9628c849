"""Takes a model of one's own into the models folder: a transformers folder, or a GGUF file."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

from thau_desktop.errors import Action, DiskFull, ModelMissing, ModelUnsupported, StoreError
from thau_desktop.inference import model_folder
from thau_desktop.models.events import DownloadEvent, DownloadFinished, DownloadStarted
from thau_desktop.models.meter import Meter
from thau_desktop.paths import disk_full, no_room, sync_folder
from thau_desktop.translation import _

_CHUNK = 8 << 20
_MAGIC = b"GGUF"  # how a GGUF file begins (github.com/ggml-org/ggml, docs/gguf.md)


def take_in(
    path: Path, models: Path, cancel: threading.Event, name: str = "", shared: bool = False
) -> Iterator[DownloadEvent]:
    """Copy a model under a name (default: its own); `shared` lets a file take no room twice, where it never changes.

    Yields DownloadStarted, progress, one DownloadFinished; stopped, nothing is left of it. Raises `ModelMissing`,
    `ModelBroken`, `ModelUnsupported`, `StoreError` where the name is taken, or `DiskFull`.
    """
    if not path.exists():
        raise ModelMissing(_("There is nothing at {path}.").format(path=path), _("Check the path."))
    single = path.is_file()
    files = [path] if single else _files(path)
    if single:
        check_gguf(path)
    else:
        model_folder.check(path)
    name = name or (path.stem if path.suffix == ".gguf" else path.name)
    target = models / (f"{name}.gguf" if single else name)
    if target.exists():
        raise StoreError(
            _("There is a model named {name} already.").format(name=name),
            _("Remove that one first, or rename what you bring."),
            action=Action("open_models", _("Open models")),
        )
    total = sum(file.stat().st_size for file in files)
    yield DownloadStarted(name, len(files), total, 0)
    part = models / ".part" / f"import--{name}"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        if single and shared and _link(path, part / target.name):
            pass
        else:
            if total > shutil.disk_usage(models).free:
                raise _no_disk(models, total)
            meter = Meter(0, total)
            for file in files:
                yield from _copy(file, part / (target.name if single else file.name), meter, cancel)
        if cancel.is_set():
            yield DownloadFinished(name, path, "paused")
            return
        (part / target.name if single else part).replace(target)
        sync_folder(models)
    except OSError as error:
        if no_room(error):
            raise disk_full(target, str(error)) from error
        raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
    yield DownloadFinished(name, target, "complete", total)


def check_gguf(path: Path) -> None:
    """Raises `ModelUnsupported` for a file that is none."""
    with path.open("rb") as file:
        if file.read(4) == _MAGIC:
            return
    raise ModelUnsupported(
        _("{name} is no GGUF file.").format(name=path.name),
        _("Bring a GGUF file, or a folder with config.json and .safetensors files."),
    )


def _files(folder: Path) -> list[Path]:
    """What belongs to the model: no programs, no weights in formats that may hold some, no hidden files."""
    unsafe = (".bin", ".pt", ".pth", ".ckpt", ".pickle", ".py", ".h5", ".msgpack", ".onnx")
    return sorted(
        file
        for file in folder.iterdir()
        if file.is_file() and not file.name.startswith(".") and file.suffix not in unsafe
    )


def _link(path: Path, target: Path) -> bool:
    """Whether the very same file could be given a second name, which takes no room."""
    try:
        os.link(path.resolve(), target)
    except OSError:
        return False
    return True


def _copy(source: Path, target: Path, meter: Meter, cancel: threading.Event) -> Iterator[DownloadEvent]:
    with source.open("rb") as read, target.open("wb") as write:
        while (chunk := read.read(_CHUNK)) and not cancel.is_set():
            write.write(chunk)
            meter.add(len(chunk))
            if meter.due():
                yield meter.progress(source.name, "copying")
        write.flush()
        os.fsync(write.fileno())


def _no_disk(folder: Path, needed: int) -> DiskFull:
    return DiskFull(
        _("The model takes {needed} GB, and the disk has too little room.").format(needed=f"{needed / 1e9:.1f}"),
        _("Free some space on the disk that holds {folder}.").format(folder=folder),
    )
