"""What a GGUF file says of itself, and whether it is whole, without llama.cpp and without reading its weights.

Version 2 and 3 of the format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from thau_desktop.errors import ModelBroken, ModelMissing
from thau_desktop.inference.model_folder import Manifest, manifest_of
from thau_desktop.translation import _

MANIFEST_KEY = "thau.manifest"  # the text of a model's thau.json, where THAU has written the file
_TOOL_TOKEN = re.compile(r"^<TOOL:([\w.-]+)>$")  # a vocabulary with such a token is that of a model trained to use it
_PART = re.compile(r"-(\d{5})-of-(\d{5})$")
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_CONTROL = 3  # the kind of a token
_LONGEST = 64 << 20  # bytes of a string and entries of an array, at most: more is a damaged file
# Elements and bytes of a block, by the type of a tensor (ggml.h).
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36), 10: (256, 84),
    11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 16: (256, 66), 17: (256, 74),
    18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2),
    26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip
_QUANTIZATIONS = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M",
    13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 32: "BF16",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class GgufFacts:
    """What a file says.

    Attributes:
        context: tokens that the model was made for; 0 where it does not say.
        parameters: of all tensors.
        weights: bytes of all tensors.
        cache: bytes that keys and values of one token take at 16 bits.
        quantization: such as "Q4_K_M"; empty where it does not say.
        adapter: it is a LoRA adapter, no model.
        template: its chat template in Jinja; empty: none.
        control: the tokens that are marks and never words, with their ids.
        ends: the token with which a text begins, and the one with which it ends; empty: none.
    """

    architecture: str
    context: int
    parameters: int
    weights: int
    cache: int
    quantization: str
    adapter: bool
    template: str
    control: dict[str, int]
    ends: tuple[str, str]
    manifest: Manifest


def is_model_file(path: Path) -> bool:
    """Whether a file's name is that of a model: not of a further part of one, nor of a projector for pictures."""
    part = _PART.search(path.stem)
    return path.suffix.lower() == ".gguf" and not path.name.startswith("mmproj") and (not part or int(part[1]) == 1)


def name_of(path: Path) -> str:
    """What the model is called: the file's stem, without the number of its part."""
    return _PART.sub("", path.stem)


def parts(path: Path) -> list[Path]:
    """All files of a model: one, or those that it was split into."""
    part = _PART.search(path.stem)
    if not part:
        return [path]
    return [
        path.with_name(f"{name_of(path)}-{number:05}-of-{part[2]}{path.suffix}")
        for number in range(1, int(part[2]) + 1)
    ]


def facts(path: Path) -> GgufFacts:
    """Read a model's file, or files, up to its weights, and compare with their length.

    Takes some 0.1 s for a large vocabulary. Raises `ModelMissing` or `ModelBroken`.
    """
    read = [_read(part) for part in parts(path)]
    values = read[0][0]
    tensors = [tensor for _values, found in read for tensor in found]
    architecture = str(values.get("general.architecture", ""))
    words: list[str] = values.get("tokenizer.ggml.tokens", [])
    kinds: list[int] = values.get("tokenizer.ggml.token_type", [])

    def number(key: str, default: int = 0) -> int:
        value = values.get(f"{architecture}.{key}", default)
        return int(max(value) if isinstance(value, list) and value else value or default)

    def token(which: str) -> str:
        place = values.get(f"tokenizer.ggml.{which}_token_id", -1)
        return words[place] if 0 <= place < len(words) else ""

    heads = number("attention.head_count", 1)
    size = number("embedding_length") // max(1, heads)
    keys, held = number("attention.key_length", size), number("attention.value_length", size)
    return GgufFacts(
        architecture=architecture,
        context=number("context_length"),
        parameters=sum(count for count, _size in tensors),
        weights=sum(size for _count, size in tensors),
        cache=2 * number("block_count") * number("attention.head_count_kv", heads) * (keys + held),
        quantization=_QUANTIZATIONS.get(int(values.get("general.file_type", -1)), ""),
        adapter=values.get("general.type") == "adapter",
        template=str(values.get("tokenizer.chat_template", "")),
        control={word: place for place, (word, kind) in enumerate(zip(words, kinds, strict=False)) if kind == _CONTROL},
        ends=(token("bos"), token("eos")),
        manifest=_manifest(path, values, words),
    )


def values(path: Path) -> dict[str, Any]:
    """All that a model's file says before its weights, by key. Raises as `facts`."""
    return _read(parts(path)[0])[0]


def head(path: Path) -> tuple[Manifest, bool]:
    """The manifest of a model's file, and whether it is an adapter: what lies before the vocabulary, so in no time.

    Raises `ModelMissing` or `ModelBroken`.
    """
    values: dict[str, Any] = {}
    try:
        with path.open("rb") as file:
            for key, value in _values(file, path)[0]:
                if key.startswith("tokenizer."):
                    break
                values[key] = value
    except (OSError, struct.error, ValueError, KeyError) as problem:
        raise _unreadable(path, problem) from problem
    return _manifest(path, values), values.get("general.type") == "adapter"


def _manifest(path: Path, values: dict[str, Any], words: list[str] | None = None) -> Manifest:
    """What THAU wrote into the file when it made it; of other files what context and vocabulary tell."""
    text = values.get(MANIFEST_KEY)
    if isinstance(text, str):
        try:
            return manifest_of(json.loads(text))
        except (TypeError, ValueError, AttributeError) as problem:
            raise _unreadable(path, problem) from problem
    context = values.get(f"{values.get('general.architecture')}.context_length", 0)
    tools = tuple(found[1] for found in map(_TOOL_TOKEN.match, words or ()) if found)
    return Manifest(context=context if isinstance(context, int) else 0, native_tools=tools, needs_tool_prompt=not tools)


def _read(path: Path) -> tuple[dict[str, Any], list[tuple[int, int]]]:
    """Values by key, and of each tensor its elements and bytes."""
    try:
        with path.open("rb") as file:
            found, tensor_count = _values(file, path)
            values = dict(found)
            tensors, end = [], 0
            for _number in range(tensor_count):
                _string(file)
                (dimensions,) = _unpack(file, "I")
                count = math.prod(_unpack(file, f"{dimensions}Q"))
                kind, offset = _unpack(file, "IQ")
                elements, block = _BLOCKS[kind]
                size = -(-count // elements) * block
                tensors.append((count, size))
                end = max(end, offset + size)
            alignment = int(values.get("general.alignment", 32))
            start = -(-file.tell() // alignment) * alignment
            size = file.seek(0, 2)
    except FileNotFoundError as problem:
        raise ModelMissing(
            _("The model's file {path} is not there.").format(path=path),
            _("Choose another model, or download this one again."),
        ) from problem
    except (OSError, struct.error, ValueError, KeyError, OverflowError) as problem:
        raise _unreadable(path, problem) from problem
    if size < start + end:
        raise _unreadable(path, ValueError(_("it is cut off")))
    return values, tensors


def _values(file: BinaryIO, path: Path) -> tuple[Iterator[tuple[str, Any]], int]:
    """The pairs of key and value, read one after the other, and how many tensors follow them."""
    if file.read(4) != b"GGUF":
        raise _unreadable(path, ValueError(_("it is no GGUF file")))
    (version,) = _unpack(file, "I")
    if version not in (2, 3):
        raise _unreadable(path, ValueError(_("its version {n} is not known").format(n=version)))
    tensors, pairs = _unpack(file, "QQ")

    def read() -> Iterator[tuple[str, Any]]:
        for _number in range(pairs):
            key = _string(file)
            yield key, _value(file, _unpack(file, "I")[0])

    return read(), tensors


def _value(file: BinaryIO, kind: int) -> Any:
    if kind == _STRING:
        return _string(file)
    if kind == _ARRAY:
        kind, count = _unpack(file, "IQ")
        if count > _LONGEST:
            raise ValueError(_("it is damaged"))
        if kind in _NUMBERS:
            return list(_unpack(file, f"{count}{_NUMBERS[kind]}"))
        return [_value(file, kind) for _number in range(count)]
    return _unpack(file, _NUMBERS[kind])[0]


def _string(file: BinaryIO) -> str:
    (length,) = _unpack(file, "Q")
    if length > _LONGEST:
        raise ValueError(_("it is damaged"))
    return file.read(length).decode("utf-8", "replace")


def _unpack(file: BinaryIO, form: str) -> tuple[Any, ...]:
    layout = struct.Struct(f"<{form}")
    return layout.unpack(file.read(layout.size))


def _unreadable(path: Path, problem: Exception) -> ModelBroken:
    return ModelBroken(
        _("The model's file {path} can't be read: {why}.").format(path=path, why=str(problem).rstrip(".")),
        _("Delete this file and download the model again."),
    )
