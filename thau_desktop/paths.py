"""Where THAU keeps what belongs to the user, and where the files that ship with it lie.

User data never lives in the install folder, except for a portable install: a file named `portable` beside
the frozen executable keeps everything in `data/` next to it.
"""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_dir

from thau_desktop.errors import Action, DiskFull, StoreError
from thau_desktop.translation import _

_NO_ROOM = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders and files under one home. Attributes: `home`, the folder that holds all user data."""

    home: Path

    @classmethod
    def find(cls, home: str | Path | None = None) -> Paths:
        """The paths under `home`, else `THAU_HOME`, else a portable install's `data/`, else the user's folder."""
        chosen = home or os.environ.get("THAU_HOME") or _portable_home() or user_data_dir("THAU", appauthor=False)
        return cls(Path(chosen).expanduser().absolute())

    @property
    def database(self) -> Path:
        return self.home / "thau.db"

    @property
    def settings(self) -> Path:
        return self.home / "settings.toml"

    @property
    def api_token(self) -> Path:
        """What other programs show to use the API."""
        return self.home / "api_token"

    @property
    def api_owner(self) -> Path:
        """Which process serves the API, and where."""
        return self.home / "api.pid"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def models(self) -> Path:
        return self.home / "models"

    @property
    def generated_images(self) -> Path:
        return self.home / "generated_images"

    @property
    def training_queue(self) -> Path:
        """JSONL files dropped here are taken in as examples."""
        return self.home / "training_queue"

    @property
    def datasets(self) -> Path:
        return self.home / "datasets"

    @property
    def checkpoints(self) -> Path:
        return self.home / "checkpoints" / "incremental"

    @property
    def export_gguf(self) -> Path:
        return self.home / "export" / "gguf"

    @property
    def acceleration(self) -> Path:
        """The packages for this machine's GPU; made when they are fetched."""
        return self.home / "acceleration"

    @property
    def backups(self) -> Path:
        return self.home / "backups"

    def create(self) -> Paths:
        """Make every folder that is missing. Raises `StoreError` or `DiskFull`."""
        folders = (
            self.home,
            self.logs,
            self.models,
            self.generated_images,
            self.training_queue,
            self.datasets,
            self.checkpoints,
            self.export_gguf,
            self.backups,
        )
        for folder in folders:
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # conversations are nobody else's business
            except OSError as error:
                if no_room(error):
                    raise disk_full(folder, str(error)) from error
                raise StoreError(
                    _("THAU can't make the folder {folder}.").format(folder=folder),
                    _("Check that you may write there, or set THAU_HOME to another folder."),
                    details=str(error),
                ) from error
        return self


def resources() -> Path:
    """The folder `resources/` that ships with THAU."""
    return _shipped() / "resources"


def data() -> Path:
    """The folder `data/` that ships with THAU: data sets and what models are measured with."""
    return _shipped() / "data"


def docs() -> Path:
    """The folder `docs/` that ships with THAU: what the window opens to explain itself."""
    return _shipped() / "docs"


def _shipped() -> Path:
    """Where the sources are, or the inside of a frozen application."""
    bundle = getattr(sys, "_MEIPASS", None)
    return Path(bundle if bundle else Path(__file__).resolve().parent.parent)


def atomic_write(path: Path, data: bytes) -> None:
    """Write `data` so that `path` always holds either its old or its new bytes, even through a power cut.

    Raises `DiskFull`, leaving the old file as it was, and `OSError` for anything else.
    """
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
        temporary = ""
        sync_folder(path.parent)
    except OSError as error:
        if no_room(error):
            raise disk_full(path, str(error)) from error
        raise
    finally:
        if temporary:
            Path(temporary).unlink(missing_ok=True)


def no_room(error: OSError) -> bool:
    """Whether the error says that the disk, a quota or a file's size limit is used up."""
    return error.errno in _NO_ROOM


def disk_full(path: Path, details: str = "") -> DiskFull:
    """The error to raise where `path` can't be written for want of room."""
    folder = path if path.is_dir() else path.parent
    return DiskFull(
        _("The disk is full: {name} could not be written.").format(name=path.name),
        _("Free some space on the disk that holds {folder}, then try again. Nothing saved before was lost.").format(
            folder=folder
        ),
        action=Action("open_folder", _("Open the folder"), str(folder)),
        details=details,
    )


def _portable_home() -> Path | None:
    if not getattr(sys, "frozen", False):
        return None
    folder = Path(sys.executable).resolve().parent
    return folder / "data" if (folder / "portable").exists() else None


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` durable. Windows has no such call and does not need it."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
