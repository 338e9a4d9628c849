"""What a download or an import tells while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class DownloadStarted:
    """What will be fetched: `files` of `bytes` in all, of which `done` bytes are here already."""

    model: str
    files: int
    bytes: int
    done: int


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """`done` of `total` bytes are here; `file` is being worked at.

    Attributes:
        stage: what an earlier try left is read again to check it, more comes over the network or from another
            folder, the connection broke and is tried again in a moment, or what came is unpacked.
        bytes_per_second: of the last seconds.
        seconds_left: None while nobody knows.
    """

    done: int
    total: int
    file: str
    stage: Literal["checking", "downloading", "copying", "waiting", "unpacking"] = "downloading"
    bytes_per_second: float = 0.0
    seconds_left: float | None = None

    @property
    def fraction(self) -> float:
        """From 0 to 1."""
        return self.done / self.total if self.total else 1.0


@dataclass(frozen=True, slots=True)
class DownloadFinished:
    """The last event: the model is at `path`, or it was stopped and goes on from there the next time."""

    model: str
    path: Path
    state: Literal["complete", "paused"]
    bytes: int = 0


DownloadEvent = DownloadStarted | DownloadProgress | DownloadFinished
