"""What a download is asked, and what it leaves on the disk.

`fetch` runs in a child, where the hub's library is imported: in the window's process that would stop the event loop
for 150 ms.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from thau_desktop.models.events import DownloadEvent

TOKENS_PAGE = "https://huggingface.co/settings/tokens"
PLAN = "plan.json"
UNFINISHED = ".partial"


@dataclass(frozen=True, slots=True)
class Request:
    """What to fetch, and where to.

    Attributes:
        models: the folder that the model's own folder or file comes into.
        quantisation: of a GGUF file, as its name has it; empty for safetensors.
        endpoint: a mirror's address; empty for what HF_ENDPOINT says, or huggingface.co.
        token: None for what HF_TOKEN says, or no token.
        title, languages: for the manifest, where they are known.
    """

    repo: str
    models: Path
    quantisation: str = ""
    endpoint: str = ""
    token: str | None = None
    title: str = ""
    languages: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """A name for what is half here."""
        return "--".join(filter(None, [*self.repo.split("/"), self.quantisation.lower()]))

    @property
    def part(self) -> Path:
        """The folder where it grows: beside the finished ones, so that a rename is enough at the end."""
        return self.models / ".part" / self.key


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file: `sha256` of its bytes where it lies in large file storage, else `blob`, git's hash of it."""

    name: str
    size: int
    sha256: str = ""
    blob: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that will be fetched, of one commit: one that goes on next week still gets files that belong together."""

    repo: str
    commit: str
    files: tuple[RemoteFile, ...]

    @property
    def bytes(self) -> int:
        return sum(file.size for file in self.files)


def fetch(request: Request, *, cancel: threading.Event) -> Iterator[DownloadEvent]:
    """What `fetching.fetch` does."""
    from thau_desktop.models import fetching

    yield from fetching.fetch(request, cancel=cancel)


def read_plan(part: Path) -> Plan | None:
    """What a folder that is half here is to become; None where it does not say."""
    try:
        values = json.loads((part / PLAN).read_text(encoding="utf-8"))
        files = tuple(RemoteFile(**file) for file in values["files"])
        return Plan(values["repo"], values["commit"], files)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def source_of(folder: Path) -> str:
    """The id on Hugging Face that a model's folder was downloaded from; "" where it does not say."""
    try:
        return str(json.loads((folder / "thau.json").read_text(encoding="utf-8"))["source"]["repo"])
    except (OSError, ValueError, TypeError, KeyError):
        return ""
