"""What a person owns here: where it lies, how much it is, all of it in one zip, and all of it gone.

Only files that THAU itself makes are named, measured, exported or deleted, so that a home folder which also
holds something else keeps it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from thau_desktop.errors import Action, StoreError
from thau_desktop.keys import Keys
from thau_desktop.paths import Paths
from thau_desktop.translation import N_, _


@dataclass(frozen=True, slots=True)
class Place:
    """One kind of data. `label` and `contents` are English, for `_`; `targets` are files, folders and patterns
    under the home folder; `exported` says whether it belongs in an export, except what is `derived` from the rest."""

    name: str
    label: str
    contents: str
    targets: tuple[str, ...]
    exported: bool = True
    derived: tuple[str, ...] = ()


PLACES = (
    Place(
        "conversations",
        N_("Conversations and examples"),
        N_("What you wrote, what THAU answered, your personas, your examples and the training history."),
        ("thau.db", "thau.db-*", "thau.db.*"),
    ),
    Place(
        "pictures",
        N_("Pictures"),
        N_("Every picture you made here; deleted ones stay for 30 days."),
        ("generated_images",),
        derived=("generated_images/.thumbnails",),
    ),
    Place(
        "training",
        N_("Training"),
        N_("What THAU learned from you: adapters, data sets and files waiting to be taken in."),
        ("checkpoints", "datasets", "training_queue"),
    ),
    Place("settings", N_("Settings"), N_("What you chose on these pages."), ("settings.toml", "settings.toml.*")),
    Place(
        "models",
        N_("Models"),
        N_("Models you downloaded, and what the graphics card needs. They hold nothing about you."),
        ("models", "acceleration", "acceleration.leaving"),
        exported=False,
    ),
    Place("exports", N_("Exported models"), N_("Models you exported to other programs."), ("export",), exported=False),
    Place(
        "backups",
        N_("Backups"),
        N_("Copies of your conversations and examples, made before an update or a restore."),
        ("backups",),
        exported=False,
    ),
    Place("logs", N_("Logs"), N_("What THAU did and what went wrong, for you to look at."), ("logs",)),
)
# Belongs to no kind of data that a person would look for, but goes with everything.
_TRACES = ("window.ini", "keys.json", "api_token", "*.lock", "*.pid", ".*.part")


@dataclass(frozen=True, slots=True)
class PlaceMeasured:
    """How much one place holds, in bytes and files."""

    place: str
    size: int
    files: int


@dataclass(frozen=True, slots=True)
class EverythingDeleted:
    """The end of a deletion. `left` could not be deleted; the home folder is gone where nothing else was in it."""

    left: tuple[Path, ...]
    home_gone: bool


def place_path(paths: Paths, place: Place) -> Path:
    """What to show and open for a place: its first file or folder."""
    return paths.home / place.targets[0]


def files_of(paths: Paths, place: Place) -> Iterator[Path]:
    """Every file of a place, in order of name. Links are named, never followed."""
    for root in _roots(paths, place.targets):
        if root.is_symlink() or root.is_file():
            yield root
            continue
        for folder, folders, names in os.walk(root):
            folders.sort()
            yield from (Path(folder, name) for name in sorted(names))


def measure(paths: Paths, cancel: threading.Event) -> Iterator[PlaceMeasured]:
    """The size of every place, one after another; stops early when told to."""
    for place in PLACES:
        size = files = 0
        for file in files_of(paths, place):
            if cancel.is_set():
                return
            try:
                size += file.lstat().st_size
            except OSError:
                continue  # deleted while we looked
            files += 1
        yield PlaceMeasured(place.name, size, files)


def delete_everything(
    paths: Paths, cancel: threading.Event | None = None, keep: Collection[str] = ()
) -> Iterator[EverythingDeleted]:
    """Delete every place but those named in `keep`; everything else of THAU must be closed before.

    It can't be stopped half-way: `cancel` only counts before the first file. Raises `StoreError` where the home
    folder can't be listed.
    """
    if cancel is not None and cancel.is_set():
        return
    targets = [target for place in PLACES if place.name not in keep for target in place.targets] + list(_TRACES)
    _close_logs(paths)
    Keys(paths).delete_all()
    left: list[Path] = []
    try:
        roots = list(_roots(paths, targets))
    except OSError as error:
        raise StoreError(
            _("THAU can't read its folder {folder}.").format(folder=paths.home),
            _("Delete the folder by hand, or check that you may read it."),
            action=Action("open_folder", _("Open the folder"), str(paths.home)),
            details=str(error),
        ) from error
    for root in roots:
        left.extend(_delete(root))
    with contextlib.suppress(OSError):  # not empty: something that is not ours, something kept, something in use
        paths.home.rmdir()
    yield EverythingDeleted(tuple(left), home_gone=not paths.home.exists())


def _close_logs(paths: Paths) -> None:
    """Let go of the log files, which some systems don't delete while they are open."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler, logging.FileHandler) and Path(handler.baseFilename).is_relative_to(paths.home):
            root.removeHandler(handler)
            handler.close()


def _roots(paths: Paths, targets: Collection[str]) -> Iterator[Path]:
    for target in targets:
        yield from sorted(path for path in paths.home.glob(target) if path.is_symlink() or path.exists())


def _delete(root: Path) -> list[Path]:
    """Delete a file, a link or a whole folder; returns what is still there."""
    left: list[Path] = []
    try:
        if root.is_symlink() or not root.is_dir():
            root.unlink()
        else:
            shutil.rmtree(root, onerror=lambda _function, path, _error: left.append(Path(path)))
    except FileNotFoundError:
        return []
    except OSError:
        return [root]
    return [path for path in left if path.is_symlink() or not path.is_dir()] or left[:1]
