"""A GGUF file read back and judged: structure, offsets, types, sizes, and the hash that it carries of itself.

Reference: github.com/ggml-org/ggml/blob/master/docs/gguf.md, version 3, little-endian. The hash (`thau.sha256`, 64 hex
digits) is that of the file with zeros in its place, so that one changed bit anywhere is seen.
"""

from __future__ import annotations

import hashlib
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

from thau_desktop.errors import ModelBroken, ModelMissing
from thau_desktop.messages import ExportProgress
from thau_desktop.translation import _

HASH = "thau.sha256"
BLANK = "0" * 64
HASH_ENTRY = HASH.encode() + struct.pack("<IQ", 8, len(BLANK)) + BLANK.encode()  # the key, as a string of 64 zeros
ALIGNMENT = 32

_MAGIC, _VERSION = b"GGUF", 3
_STRING, _ARRAY, _BOOL = 8, 9, 7
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", _BOOL: "?", 10: "Q", 11: "q", 12: "d"}
_LONGEST_STRING = 1 << 24
_MOST = 1 << 24  # entries of any list
_AT_ONCE = 1 << 22


@dataclass(frozen=True, slots=True)
class Entry:
    """A tensor: its `shape` as numpy has it, and where it lies in the file, in bytes."""

    name: str
    shape: tuple[int, ...]
    type: GGMLQuantizationType
    start: int
    bytes: int


@dataclass(slots=True)
class GgufFile:
    """What a file says of itself. `hash_start`: where its hash is written; None: it carries none."""

    path: Path
    keys: dict[str, Any] = field(default_factory=dict)
    tensors: dict[str, Entry] = field(default_factory=dict)
    hash_start: int | None = None

    @property
    def sha256(self) -> str:
        return str(self.keys.get(HASH, ""))


def read(path: Path) -> GgufFile:
    """The head of a file, checked against its length. Raises `ModelMissing` or `ModelBroken`."""
    try:
        with path.open("rb") as file:
            return _Reader(path, file).read()
    except FileNotFoundError as problem:
        raise ModelMissing(_("{path} is not there.").format(path=path), _("Export it again.")) from problem
    except (struct.error, UnicodeDecodeError, ValueError, KeyError, OverflowError, MemoryError, OSError) as problem:
        raise broken(path, str(problem) or type(problem).__name__) from problem


def check(path: Path, cancel: threading.Event | None = None, *, own: bool = True) -> Iterator[ExportProgress]:
    """Read the whole file; a file that is not told to be broken is whole when this ends, unless it was cancelled.

    `own`: it must carry our hash, as every file written here does. Raises `ModelMissing` or `ModelBroken`.
    """
    found = read(path)
    if found.hash_start is None:
        if own:
            raise broken(path, _("it carries no hash of itself"))
        return
    size, done, hashed = path.stat().st_size, 0, hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_AT_ONCE):
            if cancel is not None and cancel.is_set():
                return
            hashed.update(_blanked(block, found.hash_start - done))
            done += len(block)
            yield ExportProgress("checking", done, size)
    if hashed.hexdigest() != found.sha256:
        raise broken(path, _("its content is not what was written"))


def _blanked(block: bytes, start: int) -> bytes:
    """`block` with zeros where the hash lies, `start` counted from its first byte."""
    end = start + len(BLANK)
    if end <= 0 or start >= len(block):
        return block
    inside = slice(max(0, start), min(len(block), end))
    return block[: inside.start] + BLANK.encode()[inside.start - start : inside.stop - start] + block[inside.stop :]


class _Reader:
    """Takes a head apart, never reading beyond the file."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file = path, file
        self._size = path.stat().st_size
        self._found = GgufFile(path)

    def read(self) -> GgufFile:
        if self._take(4) != _MAGIC:
            raise broken(self._path, _("it is no GGUF file"))
        version, tensors, keys = self._numbers("<IQQ")
        if version != _VERSION:
            raise broken(self._path, _("it is of version {version}").format(version=version))
        if tensors > _MOST or keys > _MOST:
            raise broken(self._path, _("its head makes no sense"))
        for _number in range(keys):
            self._read_key()
        entries = [self._read_entry() for _number in range(tensors)]
        self._place(entries)
        return self._found

    def _read_key(self) -> None:
        name = self._string()
        if name in self._found.keys:
            raise broken(self._path, _("it says {name} twice").format(name=name))
        kind = self._number("<I")
        if name == HASH:
            self._found.hash_start = self._file.tell() + 8
        self._found.keys[name] = self._value(kind)
        if name == HASH and (kind != _STRING or len(self._found.sha256) != len(BLANK)):
            raise broken(self._path, _("its hash is none"))

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._string()
        if kind == _BOOL:
            value = self._number("<B")
            if value > 1:
                raise broken(self._path, _("its head makes no sense"))
            return bool(value)
        if kind == _ARRAY:
            inner, count = self._number("<I"), self._number("<Q")
            if count > _MOST or inner == _ARRAY:
                raise broken(self._path, _("its head makes no sense"))
            if inner == _STRING:
                return [self._string() for _number in range(count)]
            return list(self._numbers(f"<{count}{_NUMBERS[inner]}"))
        return self._number(f"<{_NUMBERS[kind]}")

    def _read_entry(self) -> tuple[str, tuple[int, ...], GGMLQuantizationType, int]:
        name, dimensions = self._string(), self._number("<I")
        if not 1 <= dimensions <= 4:
            raise broken(self._path, _("{name} has {n} dimensions").format(name=name, n=dimensions))
        shape = tuple(reversed(self._numbers(f"<{dimensions}Q")))
        return name, shape, GGMLQuantizationType(self._number("<I")), self._number("<Q")

    def _place(self, entries: list[tuple[str, tuple[int, ...], GGMLQuantizationType, int]]) -> None:
        """Every tensor begins where the one before ends, rounded up, and the last ends with the file."""
        alignment = self._found.keys.get("general.alignment", ALIGNMENT)
        if not isinstance(alignment, int) or alignment < 1 or alignment & (alignment - 1):
            raise broken(self._path, _("its head makes no sense"))
        base = _rounded(self._file.tell(), alignment)
        expected = 0
        for name, shape, kind, offset in entries:
            block, size = GGML_QUANT_SIZES[kind]
            count = 1
            for side in shape:
                count *= side
            if name in self._found.tensors or count == 0 or shape[-1] % block:
                raise broken(self._path, _("the tensor {name} makes no sense").format(name=name))
            if offset != expected:
                raise broken(self._path, _("the tensor {name} is not where it should be").format(name=name))
            length = count // block * size
            self._found.tensors[name] = Entry(name, shape, kind, base + offset, length)
            expected = _rounded(offset + length, alignment)
            if base + offset + length > self._size:
                raise broken(self._path, _("it is cut off in {name}").format(name=name))
        if not entries:
            raise broken(self._path, _("it holds no tensors"))
        if self._size > base + expected:
            raise broken(self._path, _("it is longer than it says"))

    def _string(self) -> str:
        length = self._number("<Q")
        if length > _LONGEST_STRING:
            raise broken(self._path, _("its head makes no sense"))
        return self._take(length).decode("utf-8")

    def _number(self, form: str) -> Any:
        return self._numbers(form)[0]

    def _numbers(self, form: str) -> tuple[Any, ...]:
        return struct.unpack(form, self._take(struct.calcsize(form)))

    def _take(self, length: int) -> bytes:
        if length > self._size - self._file.tell():
            raise broken(self._path, _("it is cut off in its head"))
        return self._file.read(length)


def _rounded(number: int, alignment: int) -> int:
    return -(-number // alignment) * alignment


def broken(path: Path, why: str) -> ModelBroken:
    return ModelBroken(
        _("The GGUF file {path} is damaged: {why}.").format(path=path, why=why.rstrip(".")), _("Export it again.")
    )
