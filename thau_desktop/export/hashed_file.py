"""The tensors of a GGUF file, appended to its head; at last the hash of it all is put into its place."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import gguf

from thau_desktop.export.validator import ALIGNMENT, BLANK, HASH, HASH_ENTRY


class HashedFile:
    """A file whose head is there. Each tensor is begun, then put in one or several blocks."""

    def __init__(self, file: BinaryIO) -> None:
        head = file.read()
        self._file, self._size = file, len(head)
        self._hashed = hashlib.sha256(head)
        self._place = head.index(HASH_ENTRY) + len(HASH_ENTRY) - len(BLANK)

    def begin(self) -> None:
        """The next tensor begins at a whole number of places."""
        self.put(bytes(-self._size % ALIGNMENT))

    def put(self, data: Any) -> None:
        """More bytes, of any buffer that lies in one piece."""
        left = memoryview(data).cast("B")
        self._hashed.update(left)
        self._size += left.nbytes
        while left:
            left = left[self._file.write(left) :]

    def finish(self) -> None:
        self.begin()
        self._file.seek(self._place)
        self._file.write(self._hashed.hexdigest().encode())


@contextmanager
def hashed(path: Path) -> Iterator[HashedFile]:
    """The file, its hash written at the end, where all went well."""
    with path.open("r+b", buffering=0) as opened:
        file = HashedFile(opened)
        yield file
        file.finish()


def new_writer(path: Path, architecture: str) -> Any:
    """A `gguf.GGUFWriter`, which tells what it does only where something is wrong."""
    logging.getLogger("gguf").setLevel(logging.WARNING)
    return gguf.GGUFWriter(path, architecture)


def write_head(writer: Any) -> None:
    """Write metadata and the places of the tensors of a `gguf.GGUFWriter`, with zeros for the hash."""
    writer.add_string(HASH, BLANK)
    try:
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
    finally:
        writer.close()
