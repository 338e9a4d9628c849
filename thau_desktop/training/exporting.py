"""Examples out of the store into a file of our own format, an object a line, that an import takes in again."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from pathlib import Path

from thau_desktop.errors import ThauError
from thau_desktop.paths import disk_full, no_room
from thau_desktop.store.examples import Examples, ExampleState
from thau_desktop.training.formats import written
from thau_desktop.translation import _

_AT_ONCE = 1000


def export(
    examples: Examples,
    path: Path,
    state: ExampleState | None = None,
    search: str = "",
    cancel: threading.Event | None = None,
) -> int:
    """Write the examples of a state, or all, oldest first; returns how many. Cancelled, it leaves no file.

    Whole or not at all: a file that is there stays until the new one is complete. Raises `ThauError` or `DiskFull`.
    """
    ids = list(reversed(examples.ids(search, state)))
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="\n") as file:
            count = 0
            for start in range(0, len(ids), _AT_ONCE):
                if cancel is not None and cancel.is_set():
                    return 0
                found = examples.some(ids[start : start + _AT_ONCE])
                for identity in ids[start : start + _AT_ONCE]:
                    if identity in found:  # else deleted since
                        file.write(json.dumps(written(found[identity]), ensure_ascii=False) + "\n")
                        count += 1
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        temporary = None
    except OSError as error:
        if no_room(error):
            raise disk_full(path, str(error)) from error
        raise ThauError(
            _("{path} can't be written: {reason}.").format(path=path, reason=error.strerror or error),
            _("Choose another folder."),
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return count
