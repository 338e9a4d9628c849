"""What every command writes with: JSON lines, dim notes, and streams that no encoding can break."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

    from thau_desktop.app import Thau

# A model's words reach the terminal: without these it can't move the cursor or retitle the window.
_CONTROLS = dict.fromkeys([*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0)])


def make_streams_tolerant() -> None:
    """A letter that the terminal's encoding lacks is shown as `?`; a wrong byte in the input is no crash."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def silence_stdout() -> None:
    """After the reader of a pipe went away: let nothing more be written, nor Python complain at its exit."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = io.StringIO()


def print_json(value: object, *, indent: int | None = None) -> None:
    """One JSON value on stdout, at once. Escaped where stdout is not UTF-8, so that it is always whole."""
    utf8 = (getattr(sys.stdout, "encoding", "") or "").lower().replace("-", "") == "utf8"
    text = json.dumps(value, ensure_ascii=not utf8, indent=indent, default=_plain)
    # Half a surrogate pair, which a model can stream, is legal in Python and not in UTF-8.
    sys.stdout.write(text.encode("utf-8", "replace").decode("utf-8") + "\n")
    sys.stdout.flush()


@contextlib.contextmanager
def opened() -> Iterator[Thau]:
    """Thau, closed at the end; what opening had to mend is told on stderr. Raises as `Thau` does."""
    from thau_desktop.app import Thau

    with Thau() as thau:
        tell(thau.database.problems)
        yield thau


def tell(problems: Iterable[str]) -> None:
    """Sentences about what is not as it should be, on stderr."""
    for problem in problems:
        sys.stderr.write(printable(" ".join(problem.split())) + "\n")


def printable(text: str) -> str:
    """`text` without the control characters that a terminal would obey."""
    return text.translate(_CONTROLS)


def console(stream: TextIO | None = None) -> Console:
    """A rich console on `stream` (stdout): colour only where the terminal has it."""
    from rich.console import Console

    return Console(file=stream or sys.stdout, highlight=False, emoji=False, markup=False, soft_wrap=True)


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Path):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")
