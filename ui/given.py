"""What a desktop hands over when THAU opens a file or a `thau://` address: which page takes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QUrl

from ui.pages import PAGES

_PAGES = {".jsonl": "training", ".json": "training", ".gguf": "models"}  # by what a file is called


@dataclass(frozen=True, slots=True)
class Given:
    """A page to show, and the file that it is to take in, None where it is only to be shown."""

    page: str
    path: Path | None = None


def whole(argument: str) -> str:
    """The same argument for a process that was started in another folder."""
    path = Path(argument)
    return str(path.absolute()) if path.exists() else argument


def given(argument: str) -> Given | None:
    """What an argument asks for: `thau://training`, `file:///…` or a path; None where it is nothing of ours."""
    address = QUrl(argument)
    if address.scheme() == "thau":
        name = address.host() or address.path().strip("/")
        return Given(name) if any(page.name == name for page in PAGES) else None
    path = Path(address.toLocalFile()) if address.isLocalFile() else Path(argument)
    page = _PAGES.get(path.suffix.lower())
    return Given(page, path) if page is not None and path.is_file() else None
