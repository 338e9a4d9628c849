"""Reads the elements of a huge JSON array one at a time, and goes on after an element that is broken.

An export of years of chats is one array of hundreds of megabytes. Only one element is in memory at a time;
its end is found by counting brackets outside strings, so that a bad element does not hide the next one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import IO

_CHUNK = 1 << 20
# A whole string, or one structural character. A quote alone is a string whose end has not been read yet.
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},"]', re.DOTALL)
_PARTNER = {"]": "[", "}": "{"}


def elements(file: IO[str]) -> Iterator[object | ValueError]:
    """The elements of the array that begins at the next `[`; one that is not JSON comes as its `ValueError`.

    A file that ends in the middle of an element gives a `ValueError` as its last.
    """
    buffer = _skip_to_array(file)
    opened: list[str] = []
    position = start = 0
    while True:
        match = _TOKEN.search(buffer, position)
        if match is None or match.group() == '"':
            more = file.read(max(_CHUNK, len(buffer)))  # doubled, so that one huge string is not scanned often
            if not more:
                break
            read = match.start() if match else len(buffer)
            buffer, position, start = buffer[start:] + more, read - start, 0
            continue
        token, position = match.group(), match.end()
        if token in "[{":
            opened.append(token)
        elif token in "]}" and _PARTNER[token] in opened:
            while opened.pop() != _PARTNER[token]:
                pass  # a bracket that was never closed: the element is broken, its neighbours are not
        elif token == "]" or (token == "," and not opened):
            if buffer[start : match.start()].strip():
                yield _parsed(buffer[start : match.start()])
            if token == "]":
                return
            start = position
    if buffer[start:].strip():
        yield ValueError("the file ends in the middle of an element")


def _skip_to_array(file: IO[str]) -> str:
    """What follows the next `[` of the file, "" where there is none."""
    while chunk := file.read(_CHUNK):
        found = chunk.find("[")
        if found >= 0:
            return chunk[found + 1 :]
    return ""


def _parsed(text: str) -> object | ValueError:
    try:
        parsed: object = json.loads(text, strict=False)
        return parsed
    except (ValueError, RecursionError) as error:
        return ValueError(str(error))
