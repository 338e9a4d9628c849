"""The trash of the gallery: files of deleted pictures wait in a folder beside the others until their term ends."""

from __future__ import annotations

from pathlib import Path

FOLDER = ".trash"
DAYS = 30


def path_of(folder: Path, file: str) -> Path:
    """Where a deleted picture's file lies."""
    return folder / FOLDER / file


def throw(folder: Path, file: str) -> bool:
    """Move a file into the trash; False where it is not in the folder. Raises `OSError`."""
    return _move(folder / file, path_of(folder, file))


def bring_back(folder: Path, file: str) -> bool:
    """Move a file out of the trash; False where it is not in it. Raises `OSError`."""
    return _move(path_of(folder, file), folder / file)


def _move(source: Path, target: Path) -> bool:
    if not source.exists() or target.exists():
        return False
    target.parent.mkdir(exist_ok=True)
    source.rename(target)
    return True
