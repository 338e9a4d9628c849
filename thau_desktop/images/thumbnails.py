"""Thumbnails: one small JPEG a picture, beside the pictures, made when it is drawn and again when it is missing."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from thau_desktop.images.metadata import FORMATS, gone, unreadable
from thau_desktop.translation import _

if TYPE_CHECKING:
    from PIL import Image

FOLDER = ".thumbnails"
SIDE = 256  # pixels of the longest side
_QUALITY = 85


def path_of(folder: Path, picture_id: int) -> Path:
    """Where the thumbnail of a picture lies if it was made."""
    return folder / FOLDER / f"{picture_id}.jpg"


def make(source: Path, target: Path) -> Path:
    """Write the thumbnail of a picture's file. Raises `PictureUnreadable`, or `OSError` where it can't be written."""
    from PIL import Image  # late, as in metadata

    try:
        with Image.open(source, formats=[*FORMATS]) as image:
            image.draft("RGB", (SIDE, SIDE))  # a large JPEG is decoded small
            return _save(image, target)
    except FileNotFoundError as problem:
        if not source.exists():
            raise gone(source) from problem
        raise
    except (Image.DecompressionBombError, ValueError, SyntaxError, EOFError) as problem:
        raise unreadable(source, _("it is damaged or cut off"), str(problem)) from problem
    except OSError as problem:
        if problem.errno is not None:  # of the disk; Pillow's own have none
            raise
        raise unreadable(source, _("it is damaged or cut off"), str(problem)) from problem


def of_pixels(pixels: bytes, width: int, height: int, target: Path) -> Path:
    """Write the thumbnail of RGB pixels. Raises `OSError`."""
    from PIL import Image

    return _save(Image.frombytes("RGB", (width, height), pixels), target)


def remove(folder: Path, picture_id: int) -> None:
    """Delete a thumbnail if there is one. Raises `OSError`."""
    path_of(folder, picture_id).unlink(missing_ok=True)


def _save(image: Image.Image, target: Path) -> Path:
    """Write the thumbnail of a decoded picture, which is changed. Raises `OSError`."""
    from PIL import Image

    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        whole = image.convert("RGBA")
        image = Image.new("RGB", whole.size, "white")
        image.paste(whole, mask=whole.getchannel("A"))
    elif image.mode != "RGB":
        image = image.convert("RGB")
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    data = io.BytesIO()
    image.save(data, "JPEG", quality=_QUALITY)
    target.parent.mkdir(exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        part.write_bytes(data.getvalue())  # it can be made again, so no fsync
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target
