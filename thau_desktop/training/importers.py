"""Reads a data set's file one record at a time, however large: JSONL, a JSON array, or the zip of a ChatGPT export.

What can't be read is reported under its number and the reading goes on: the line of a JSONL file, otherwise the place
in the array.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

from thau_desktop.chat import json_stream
from thau_desktop.errors import ThauError
from thau_desktop.store.examples import NewExample
from thau_desktop.training.formats import Format, NotAnExample, read_record
from thau_desktop.translation import _

LONGEST_LINE = 16 << 20  # bytes
_PEEK = 1 << 16  # bytes
_BYTE_ORDER = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


@dataclass(frozen=True, slots=True)
class ExampleRefused:
    """Record `number` of the file, from 1, can't be learned from; `reason` is the end of a sentence."""

    number: int
    reason: str


class Read(NamedTuple):
    """One record: its number, what came out of it, and how many bytes of the file have been read up to it."""

    number: int
    result: NewExample | ExampleRefused
    position: int


def read_file(path: Path, form: Format = Format.auto) -> Iterator[Read]:
    """Every record of a file in its order. Raises `ThauError` where the file can't be read at all."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from _zipped(archive, path, form)
        else:
            with path.open("rb") as raw:
                yield from _read(raw, path, form)
    except (OSError, zipfile.BadZipFile) as error:
        reason = getattr(error, "strerror", None) or error
        raise ThauError(_("{path} can't be read: {reason}.").format(path=path, reason=reason)) from error


def _zipped(archive: zipfile.ZipFile, path: Path, form: Format) -> Iterator[Read]:
    inside = sorted(archive.namelist())
    # Our own export holds conversations as well, but what was to be learned from them is in the examples.
    names = [name for name in inside if name.endswith(".jsonl")]
    names = names or [name for name in inside if re.search(r"(^|/)conversations[^/]*\.json$", name)]
    if not names:
        raise _nothing_to_read(path)
    before = 0
    for name in names:
        with archive.open(name) as raw:
            number = before
            for record in _read(raw, path, form):
                number = before + record.number
                result = record.result
                if isinstance(result, ExampleRefused):
                    result = ExampleRefused(number, result.reason)
                yield Read(number, result, record.position)
            before = number


def _read(raw: IO[bytes], path: Path, form: Format) -> Iterator[Read]:
    head = raw.read(_PEEK)
    raw.seek(0)
    encoding = next((name for mark, name in _BYTE_ORDER.items() if head.startswith(mark)), "utf-8")
    start = head.decode(encoding, "replace").lstrip("\ufeff \t\r\n")
    if not start:
        raise _nothing_to_read(path)
    if start.startswith("["):
        with _as_text(raw, encoding) as text:
            yield from _array(json_stream.elements(text), raw, path.name, form)
    elif _is_one_object(start):
        with _as_text(raw, encoding) as text:
            yield from _object(text, raw, path, form)
    elif start.startswith("{"):
        yield from _lines(raw, encoding, path.name, form)
    else:
        raise _nothing_to_read(path)


def _is_one_object(start: str) -> bool:
    """Whether a file that begins so is one object over several lines, and not an object a line."""
    first, newline, rest = start.partition("\n")
    if not start.startswith("{"):
        return False
    try:
        json.loads(first)
    except ValueError:
        return bool(newline) and not rest.lstrip().startswith("{")
    return False


def _lines(raw: IO[bytes], encoding: str, source: str, form: Format) -> Iterator[Read]:
    number = position = 0
    if encoding == "utf-16":
        with _as_text(raw, encoding) as text:
            for number, words in enumerate(text, start=1):
                if words.strip():
                    yield Read(number, _result(number, _parsed(words), source, form), raw.tell())
        return
    while line := raw.readline(LONGEST_LINE):
        number, position = number + 1, position + len(line)
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            while (rest := raw.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                position += len(rest)
            reason = _("the line is longer than {size} MB").format(size=LONGEST_LINE >> 20)
            yield Read(number, ExampleRefused(number, reason), position)
        elif line := line.strip().removeprefix(b"\xef\xbb\xbf"):
            yield Read(number, _result(number, _parsed(line), source, form), position)


def _parsed(line: str | bytes) -> object | ValueError:
    try:
        parsed: object = json.loads(line if isinstance(line, str) else line.decode())
        return parsed
    except UnicodeDecodeError:
        return ValueError(_("a letter is not UTF-8"))
    except (ValueError, RecursionError) as error:
        return ValueError(str(error))


def _array(elements: Iterator[object], raw: IO[bytes], source: str, form: Format) -> Iterator[Read]:
    for number, element in enumerate(elements, start=1):
        yield Read(number, _result(number, element, source, form), raw.tell())


def _object(text: IO[str], raw: IO[bytes], path: Path, form: Format) -> Iterator[Read]:
    """One record over several lines, or an object that holds the list of them."""
    try:
        whole = json.load(text)
    except (ValueError, RecursionError) as error:
        raise ThauError(_("{path} is not whole JSON: {reason}.").format(path=path, reason=error)) from error
    for name in ("examples", "data", "train"):
        if isinstance(whole.get(name), list):
            yield from _array(iter(whole[name]), raw, path.name, form)
            return
    yield Read(1, _result(1, whole, path.name, form), raw.tell())


def _result(number: int, record: object, source: str, form: Format) -> NewExample | ExampleRefused:
    try:
        return read_record(record, form, source)
    except NotAnExample as reason:
        return ExampleRefused(number, str(reason))
    except (TypeError, KeyError, AttributeError, ValueError, RecursionError) as error:
        return ExampleRefused(number, _("the record is damaged: {reason}").format(reason=repr(error)))


@contextmanager
def _as_text(raw: IO[bytes], encoding: str) -> Iterator[IO[str]]:
    """`raw` decoded; it stays open, and can still be asked where it is."""
    text = io.TextIOWrapper(raw, encoding, errors="replace")
    try:
        yield text
    finally:
        text.detach()


def _nothing_to_read(path: Path) -> ThauError:
    return ThauError(
        _("{path} holds no examples that THAU can read.").format(path=path),
        _("Choose a file of examples, JSON or JSONL: Alpaca, ShareGPT, OpenAI messages, ChatGPT's or ours."),
    )
