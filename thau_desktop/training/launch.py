"""One training on several processes or machines: what `accelerate launch` starts.

    accelerate launch --cpu --num_processes 2 -m thau_desktop.training.launch FOLDER/job.json

A line of JSON an event on stdout, from the first process alone. The adapter lies in the job's folder at the end.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from thau_desktop.paths import atomic_write
from thau_desktop.training.recipe import Recipe
from thau_desktop.training.samples import Lesson
from thau_desktop.training.tasks import TrainingJob

_PATHS = ("base", "adapter", "folder", "kept")
_LESSONS = ("lessons", "earlier", "reminders")


def write(job: TrainingJob, path: Path) -> None:
    """Write a job down. Raises `DiskFull` or OSError."""
    atomic_write(path, json.dumps(dataclasses.asdict(job), default=str, ensure_ascii=False).encode("utf-8", "replace"))


def read(path: Path) -> TrainingJob:
    """The job of a file that `write` wrote. Raises OSError, ValueError or TypeError for any other."""
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    values |= {name: Path(values[name]) for name in _PATHS if values[name] is not None}
    values |= {name: tuple(map(_lesson, values[name])) for name in _LESSONS}
    return TrainingJob(**values | {"recipe": Recipe(**values["recipe"])})


def main(arguments: list[str]) -> None:
    """Run the job of the file that is named."""
    from thau_desktop.training.job import train

    first = os.environ.get("RANK", "0") == "0"
    for event in train(read(Path(arguments[0])), cancel=threading.Event()):
        if first:
            record = {"type": type(event).__name__, **dataclasses.asdict(event)}
            sys.stdout.write(json.dumps(record, default=str) + "\n")
            sys.stdout.flush()


def _lesson(values: dict[str, Any]) -> Lesson:
    return Lesson(**values | {"history": tuple((role, text) for role, text in values["history"])})


if __name__ == "__main__":
    main(sys.argv[1:])
