"""Reads pictures beside the event loop and keeps the last few, so that going on to the next one takes no time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage, QImageReader

from ui.chat.background import Background

_KEPT = 7
_KEPT_BYTES = 256_000_000
_SMALLEST = 512  # pixels of the longest side under which no smaller copy is made


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture that was read.

    Attributes:
        levels: the picture, then copies of half the size each, for painting it small; empty where it can't be read.
        missing: whether there is no such file.
        reason: why it can't be read, in the words of whoever tried.
    """

    levels: tuple[QImage, ...] = ()
    missing: bool = False
    reason: str = ""

    @property
    def image(self) -> QImage:
        """The whole picture; a null one where it can't be read."""
        return self.levels[0] if self.levels else QImage()

    @property
    def size(self) -> QSize:
        return self.image.size()

    @property
    def bytes(self) -> int:
        return sum(level.sizeInBytes() for level in self.levels)


class Reader(QObject):
    """`ready` tells a key and its `Decoded`."""

    ready = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._kept: OrderedDict[Hashable, Decoded] = OrderedDict()
        self._asked: set[Hashable] = set()
        self._wanted: dict[Hashable, Path] = {}

    def get(self, key: Hashable) -> Decoded | None:
        """What was read under that key, if it is still here."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def want(self, files: Iterable[tuple[Hashable, Path]]) -> None:
        """Read these, first things first; what was asked for before and is not among them is left unread."""
        self._wanted = dict(files)
        for key in self._wanted:
            self._ask(key)

    def forget(self, key: Hashable) -> None:
        """Its file is another one now."""
        self._kept.pop(key, None)

    def _ask(self, key: Hashable) -> None:
        if key in self._wanted and key not in self._kept and key not in self._asked:
            self._asked.add(key)
            self._background.request(self._read, key, self._wanted[key], receive=self._receive)

    def _read(self, key: Hashable, path: Path) -> tuple[Hashable, Decoded | None]:
        return key, decode(path) if key in self._wanted else None

    @Slot(object)
    def _receive(self, answer: tuple[Hashable, Decoded | None]) -> None:
        key, decoded = answer
        self._asked.discard(key)
        if decoded is None:  # nobody wanted it then
            self._ask(key)
            return
        if decoded.levels:
            self._kept[key] = decoded
            while len(self._kept) > _KEPT or (len(self._kept) > 1 and self._bytes() > _KEPT_BYTES):
                self._kept.popitem(last=False)
        self.ready.emit(key, decoded)

    def _bytes(self) -> int:
        return sum(decoded.bytes for decoded in self._kept.values())


def decode(path: Path) -> Decoded:
    """The picture in that file, ready to be painted at any size."""
    if not path.is_file():
        return Decoded(missing=True)
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    reader.setDecideFormatFromContent(True)
    image = reader.read()
    if image.isNull():
        return Decoded(reason=reader.errorString())
    kinds = QImage.Format
    image = image.convertToFormat(
        kinds.Format_ARGB32_Premultiplied if image.hasAlphaChannel() else kinds.Format_RGB32,
    )
    levels = [image]
    while max(levels[-1].width(), levels[-1].height()) > _SMALLEST:
        last = levels[-1]
        half = QSize(max(1, last.width() // 2), max(1, last.height() // 2))
        levels.append(
            last.scaled(half, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
        )
    return Decoded(tuple(levels))
