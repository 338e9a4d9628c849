"""A damaged GGUF file is refused, wherever the damage lies."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import tiny_model
from thau_desktop.errors import ModelBroken, ModelMissing
from thau_desktop.export import validator
from thau_desktop.export.gguf import to_gguf


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as it should be."""
    folder = tmp_path_factory.mktemp("whole")
    list(to_gguf(tiny_model.build(folder / "tiny"), folder / "tiny.gguf", "q8_0"))
    return folder / "tiny.gguf"


def flipped(place: float, bit: int) -> Callable[[bytes], bytes]:
    """One bit is another, at that share of the file."""

    def damage(data: bytes) -> bytes:
        at = int(place * (len(data) - 1))
        return data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]

    return damage


def cut(place: float) -> Callable[[bytes], bytes]:
    return lambda data: data[: int(place * len(data))]


def shifted(name: bytes, by: int) -> Callable[[bytes], bytes]:
    """A tensor of two dimensions is said to begin elsewhere."""

    def damage(data: bytes) -> bytes:
        at = data.index(struct.pack("<Q", len(name)) + name) + 8 + len(name) + 4 + 16 + 4
        (offset,) = struct.unpack_from("<Q", data, at)
        return data[:at] + struct.pack("<Q", offset + by) + data[at + 8 :]

    return damage


def retyped(name: bytes, kind: int) -> Callable[[bytes], bytes]:
    def damage(data: bytes) -> bytes:
        at = data.index(struct.pack("<Q", len(name)) + name) + 8 + len(name) + 4 + 16
        return data[:at] + struct.pack("<I", kind) + data[at + 4 :]

    return damage


def replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def damage(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)

    return damage


_DICE = random.Random(3)
DAMAGES = [
    *[flipped(_DICE.random(), _DICE.randrange(8)) for _number in range(12)],
    *[flipped(place, 3) for place in (0.0, 0.00005, 0.001, 0.01, 1.0)],
    *[cut(place) for place in (0.0, 0.0001, 0.01, 0.5, 0.9, 0.999999)],
    *[shifted(b"blk.0.ffn_up.weight", by) for by in (32, -32, 1, 1 << 40)],
    retyped(b"token_embd.weight", 0),
    retyped(b"token_embd.weight", 77),
    replaced(b"GGUF\x03", b"GGUF\x09"),
    replaced(b"thau.sha256", b"thau.sha255"),
    lambda data: data + b"\x00" * 32,
    lambda data: b"\x00" * len(data),
    lambda data: data[:30000] + data[30032:30064] + data[30000:30032] + data[30064:],
    lambda data: data[:4096] * 9,
]


def test_a_whole_file_is_accepted_and_tells_how_far_it_was_read(whole: Path) -> None:
    *_earlier, last = validator.check(whole)

    assert last.done == last.total == whole.stat().st_size
    assert validator.read(whole).keys["general.name"] == "tiny"


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_refused(damage: Callable[[bytes], bytes], whole: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(damage(whole.read_bytes()))
    assert broken.read_bytes() != whole.read_bytes()

    with pytest.raises(ModelBroken, match="damaged"):
        list(validator.check(broken))


def test_a_file_that_is_not_there_is_called_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        list(validator.check(tmp_path / "none.gguf"))


def test_a_file_of_others_is_judged_by_its_structure(whole: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.gguf"
    foreign.write_bytes(replaced(b"thau.sha256", b"theirs.hash")(whole.read_bytes()))
    list(validator.check(foreign, own=False))
    foreign.write_bytes(cut(0.9)(foreign.read_bytes()))

    with pytest.raises(ModelBroken):
        list(validator.check(foreign, own=False))
