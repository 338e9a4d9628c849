"""What a picture's file says about how it was drawn: our own JSON, and the text that A1111's web UI made common.

Both are written into every PNG, so that other programs can read ours; both are read back, from PNG text chunks and
from the EXIF comment of JPEG and WebP files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thau_desktop.errors import ThauError
from thau_desktop.translation import _

if TYPE_CHECKING:  # Pillow is loaded when a picture is read or written, not at the start
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

KEY, A1111 = "thau", "parameters"
_EXIF_PART, _USER_COMMENT = 0x8769, 0x9286
_FIELD = re.compile(r'\s*([\w ()/-]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)')
FORMATS = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp"}
_LIMIT = 100_000  # characters of a prompt that are kept


class PictureUnreadable(ThauError):
    """A file is no picture, is cut off, or is gone."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file says. `parameters` has the names of `Picture`'s columns where it knows them, and what else it has.

    Attributes:
        created_at: when it was drawn, ISO 8601 in UTC; the file's time where it does not say.
        ours: whether THAU drew it.
        suffix: of its format: ".png", ".jpg" or ".webp".
    """

    width: int
    height: int
    created_at: str
    parameters: dict[str, Any] = field(default_factory=dict)
    ours: bool = False
    suffix: str = ".png"


def png_texts(parameters: Mapping[str, Any]) -> PngInfo:
    """The text chunks of a picture that was drawn with these parameters."""
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    texts.add_text(KEY, json.dumps(dict(parameters)))
    texts.add_text(A1111, a1111(parameters).replace("\0", " "))
    return texts


def a1111(parameters: Mapping[str, Any]) -> str:
    """The parameters as A1111's web UI writes them."""
    lines = [str(parameters.get("prompt", ""))]
    if parameters.get("negative_prompt"):
        lines.append(f"Negative prompt: {parameters['negative_prompt']}")
    named = {
        "Steps": parameters.get("steps"),
        "Sampler": parameters.get("scheduler") or None,
        "CFG scale": parameters.get("guidance"),
        "Seed": parameters.get("seed"),
        "Size": f"{parameters['width']}x{parameters['height']}" if parameters.get("width") else None,
        "Model": parameters.get("model") or None,
        "Denoising strength": parameters.get("strength") if parameters.get("source_picture") else None,
    }
    lines.append(", ".join(f"{name}: {_quoted(value)}" for name, value in named.items() if value is not None))
    return "\n".join(lines)


def read(path: Path, *, whole: bool = False) -> Facts:
    """What the file says; `whole` decodes every pixel, too. Raises `PictureUnreadable` with a sentence."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path, formats=[*FORMATS]) as image:
            suffix = FORMATS[str(image.format)]
            width, height = image.size
            if whole:
                image.load()
            texts = _texts(image)
        created = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="microseconds")
    except FileNotFoundError as problem:
        raise gone(path) from problem
    except UnidentifiedImageError as problem:
        raise unreadable(path, _("it is no PNG, JPEG or WebP picture"), str(problem)) from problem
    except Image.DecompressionBombError as problem:
        raise unreadable(path, _("it is too large"), str(problem)) from problem
    except (OSError, ValueError, SyntaxError, EOFError) as problem:
        reason = getattr(problem, "strerror", None) or _("it is damaged or cut off")
        raise unreadable(path, reason, str(problem)) from problem
    ours = _ours(texts.get(KEY, ""))
    parameters = ours if ours is not None else parse_a1111(texts.get(A1111, ""))
    return Facts(width, height, _time(parameters.get("created"), created), parameters, ours is not None, suffix)


def parse_a1111(text: str) -> dict[str, Any]:
    """The parameters in A1111's text; empty where it is none."""
    text = text.strip().replace("\0", "")[: 2 * _LIMIT]
    if not text:
        return {}
    *lines, last = text.splitlines()
    fields = {name.strip().lower(): _plain(value) for name, value in _FIELD.findall(last)}
    if "steps" not in fields:  # a prompt and nothing else
        lines, fields = [*lines, last], {}
    prompt: list[str] = []
    negative: list[str] = []
    found = False
    for line in lines:
        if line.startswith("Negative prompt:"):
            found, line = True, line.removeprefix("Negative prompt:")
        (negative if found else prompt).append(line.strip())
    parameters: dict[str, Any] = {"prompt": "\n".join(prompt).strip()[:_LIMIT]}
    if found:
        parameters["negative_prompt"] = "\n".join(negative).strip()[:_LIMIT]
    for name, ours, kind in (
        ("steps", "steps", int),
        ("cfg scale", "guidance", float),
        ("seed", "seed", int),
        ("sampler", "scheduler", str),
        ("model", "model", str),
        ("denoising strength", "strength", float),
    ):
        try:
            if fields.get(name):
                parameters[ours] = kind(fields.pop(name))
        except ValueError:
            continue
    if "schedule type" in fields and fields["schedule type"].lower() != "automatic":
        parameters["scheduler"] = f"{parameters.get('scheduler', '')} {fields['schedule type']}".strip()
    return {**parameters, "a1111": text}


def gone(path: Path) -> PictureUnreadable:
    """The error for a file that is not there."""
    return PictureUnreadable(
        _("The picture {name} is no longer on the disk.").format(name=path.name),
        _("It was deleted or moved by another program; delete it in the gallery, too, or put it back."),
    )


def unreadable(path: Path, reason: str, details: str = "") -> PictureUnreadable:
    """The error for a file that is there and no picture."""
    return PictureUnreadable(
        _("The picture {name} can't be read: {reason}.").format(name=path.name, reason=reason), details=details
    )


def columns(facts: Facts) -> dict[str, Any]:
    """What of the facts belongs into `Pictures.add`, each in its type; what is no such value is left out."""
    found: dict[str, Any] = {"width": facts.width, "height": facts.height, "created_at": facts.created_at}
    for name in ("prompt", "negative_prompt", "model", "scheduler"):
        if isinstance(facts.parameters.get(name), str):
            found[name] = facts.parameters[name]
    for name, kind in (("steps", int), ("seed", int), ("guidance", float), ("seconds", float)):
        value = facts.parameters.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**63:
            found[name] = kind(value)
    return {**found, "parameters": facts.parameters}


def _texts(image: Image.Image) -> dict[str, str]:
    """The texts of a file under the names that PNGs give them."""
    texts = {str(name): value for name, value in image.info.items() if isinstance(value, str)}
    if image.format in ("JPEG", "WEBP") and A1111 not in texts:
        comment = image.getexif().get_ifd(_EXIF_PART).get(_USER_COMMENT, b"")
        if isinstance(comment, bytes):
            texts[A1111] = _comment(comment)
    return texts


def _comment(data: bytes) -> str:
    """An EXIF user comment: eight bytes that name its encoding, then the text."""
    kind, text = data[:8], data[8:]
    if kind.startswith(b"UNICODE"):
        codec = "utf-16-le" if text[1:2] == b"\0" else "utf-16-be"
        return text.decode(codec, "replace")
    return text.decode("utf-8", "replace") if kind.startswith((b"ASCII", b"\0")) else ""


def _ours(text: str) -> dict[str, Any] | None:
    try:
        read = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def _time(said: object, otherwise: str) -> str:
    try:
        time = datetime.fromisoformat(said) if isinstance(said, str) else None
        return time.astimezone(UTC).isoformat(timespec="microseconds") if time is not None else otherwise
    except (ValueError, OverflowError):
        return otherwise


def _quoted(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if any(letter in text for letter in ",:\n") else text


def _plain(value: str) -> str:
    value = value.strip()
    if value.startswith('"'):
        try:
            return str(json.loads(value))
        except ValueError:
            return value.strip('"')
    return value
