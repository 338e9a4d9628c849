"""Small pictures for the grid, read beside the window: what is seen first, what was scrolled past not at all."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, QRect, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QImage, QImageReader, QPainter, QPixmap

from thau_desktop.errors import ThauError
from thau_desktop.store.pictures import Picture
from ui.worker import run_in_background

RADIUS = 10  # of a tile's corners, in pixels of the window

_THREADS = 2 if (os.cpu_count() or 1) > 2 else 1  # more would only wait for each other
_AT_ONCE = 256  # records that are read with one question
_CACHE = 96 * 2**20  # bytes
_SLICE = 0.006  # seconds that taking in pictures may keep the event loop
_STRETCH = 1.25  # how much a thumbnail may be enlarged before its picture is read instead

_logger = logging.getLogger(__name__)


class Files(Protocol):
    """Where the files of pictures are."""

    def path(self, picture: Picture) -> Path: ...
    def thumbnail(self, picture: Picture) -> Path: ...


@dataclass(frozen=True, slots=True)
class Wish:
    """A picture whose record is to be read where `picture` is None, and its small image where `image` says so."""

    id: int
    picture: Picture | None = None
    image: bool = True


class Thumbnails(QObject):
    """Reads what was wished for last, and keeps small images within `limit` bytes, the longest unused go first.

    Records are read as a short call, because the store may not be closed meanwhile; images by threads of its own.

    Signals: `records`, a list of pictures that were read; `gone`, ids that have no record; `arrived`, ids whose
    small image can be painted now, or surely never (`broken`).
    """

    records = Signal(object)
    gone = Signal(object)
    arrived = Signal(object)
    _wake = Signal()

    def __init__(
        self,
        read: Callable[[Sequence[int]], list[Picture]],
        files: Files,
        parent: QObject | None = None,
        limit: int = _CACHE,
    ) -> None:
        super().__init__(parent)
        self._read = read
        self._limit = limit
        self._bytes = 0
        self._cache: OrderedDict[int, QPixmap] = OrderedDict()
        self._broken: set[int] = set()
        self._wishes: dict[int, Wish] = {}  # the last ones, most wanted first
        self._size = self._radius = 0
        self._reading = False
        self._epoch = 0  # how often everything has expired
        pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="thumbnails")
        self._desk = desk = _Desk(files, pool, self._wake.emit)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._take)
        self._wake.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self.destroyed.connect(lambda: desk.close())

    @property
    def bytes(self) -> int:
        """What the kept images take."""
        return self._bytes

    @property
    def busy(self) -> bool:
        """Whether something that was wished for has not arrived yet."""
        return self._reading or self._desk.busy

    def want(self, wishes: Iterable[Wish], size: int, radius: int) -> None:
        """Read these, most wanted first, and nothing of what was wished for before; images `size` pixels of the
        screen wide and high, their corners round."""
        self._wishes = {wish.id: wish for wish in wishes}
        self._size, self._radius = size, radius
        self._ask_for_images()
        self._read_records()

    def pixmap(self, picture_id: int) -> QPixmap | None:
        """The small image, perhaps of another size than wished for now; None until it has arrived."""
        found = self._cache.get(picture_id)
        if found is not None:
            self._cache.move_to_end(picture_id)
        return found

    def broken(self, picture_id: int) -> bool:
        """Whether that picture can't be read."""
        return picture_id in self._broken

    def expire(self) -> None:
        """Something changed: records that are being read are read again, and broken pictures may be whole."""
        self._broken.clear()
        self._epoch += 1

    def clear(self) -> None:
        """Let go of all images."""
        self._cache.clear()
        self._bytes = 0

    # --- records --------------------------------------------------------------------------------------------

    def _read_records(self) -> None:
        """One question at a time: what is scrolled past meanwhile is never asked."""
        unknown = [wish.id for wish in self._wishes.values() if wish.picture is None][:_AT_ONCE]
        if not unknown or self._reading:
            return
        self._reading = True
        read, epoch = self._read, self._epoch
        run_in_background(self, lambda: read(unknown), lambda found: self._know(unknown, found, epoch), self._fail)

    def _know(self, asked: Sequence[int], found: list[Picture], epoch: int) -> None:
        self._reading = False
        pictures = {picture.id: picture for picture in found}
        if epoch == self._epoch:
            gone = [picture_id for picture_id in asked if picture_id not in pictures]
            for picture_id in asked:
                wish = self._wishes.get(picture_id)
                if wish is not None and picture_id in pictures:
                    self._wishes[picture_id] = replace(wish, picture=pictures[picture_id])
                elif wish is not None:
                    del self._wishes[picture_id]
            self.records.emit(found)
            if gone:
                self.gone.emit(gone)
            self._ask_for_images()
        self._read_records()

    def _fail(self, error: ThauError) -> None:
        """The page says it when it reads the ids; here nothing is painted."""
        self._reading = False
        self._wishes.clear()
        _logger.warning("pictures could not be read: %s", error)

    # --- images ---------------------------------------------------------------------------------------------

    def _ask_for_images(self) -> None:
        wanted = [wish.picture for wish in self._wishes.values() if wish.image and wish.picture is not None]
        wanted = [picture for picture in wanted if not self._has(picture.id)]
        self._desk.want(wanted, self._size, self._radius)

    def _has(self, picture_id: int) -> bool:
        found = self._cache.get(picture_id)
        return picture_id in self._broken or (found is not None and found.width() == self._size)

    @Slot()
    def _take(self) -> None:
        """Take in what the threads have made, as much as fits into a turn of the event loop."""
        end = time.monotonic() + _SLICE
        seen: list[int] = []
        while (made := self._desk.take()) is not None:
            self._keep(*made)
            seen.append(made[0])
            if time.monotonic() > end:
                self._timer.start(0)
                break
        if seen:
            self.arrived.emit(seen)

    def _keep(self, picture_id: int, image: QImage | None) -> None:
        if image is None:
            self._broken.add(picture_id)
            return
        self._broken.discard(picture_id)
        self._let_go(picture_id)
        pixmap = self._cache[picture_id] = QPixmap.fromImage(image)
        self._bytes += _bytes_of(pixmap)
        while self._bytes > self._limit and len(self._cache) > 1:
            self._let_go(next(iter(self._cache)))

    def _let_go(self, picture_id: int) -> None:
        before = self._cache.pop(picture_id, None)
        if before is not None:
            self._bytes -= _bytes_of(before)


def _bytes_of(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * 4


def small(path: Path, size: int, radius: int) -> QImage | None:
    """The middle of a picture, `size` pixels wide and high with round corners; None if it can't be read."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    whole = reader.size()
    if whole.isValid():  # read it small: that lets the other threads work, as painting does not
        reader.setScaledSize(whole.scaled(QSize(size, size), Qt.AspectRatioMode.KeepAspectRatioByExpanding))
    image = reader.read()
    if image.isNull():
        return None
    side = min(image.width(), image.height())
    middle = QRect((image.width() - side) // 2, (image.height() - side) // 2, side, side)
    made = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRect(0, 0, size, size), image, middle)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
    painter.drawImage(0, 0, _corners(size, radius))  # not a clip, which would have rough edges
    painter.end()
    return made


@lru_cache(maxsize=4)
def _corners(size: int, radius: int) -> QImage:
    """A mask that is empty outside of round corners."""
    mask = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    mask.fill(Qt.GlobalColor.transparent)
    painter = QPainter(mask)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(Qt.GlobalColor.black)
    painter.drawRoundedRect(QRectF(0, 0, size, size), radius, radius)
    painter.end()
    return mask


class _Desk:
    """What the window and the threads share: pictures that are wanted on one side, images on the other."""

    def __init__(self, files: Files, pool: ThreadPoolExecutor, wake: Callable[[], None]) -> None:
        self._files = files
        self._pool = pool
        self._wake = wake
        self._lock = threading.Lock()
        self._wanted: OrderedDict[int, Picture] = OrderedDict()
        self._at_work: dict[int, int] = {}  # id: size, until its image is taken
        self._made: deque[tuple[int, QImage | None]] = deque()
        self._size = self._radius = 0
        self._threads = 0
        self._woken = self._closed = False

    @property
    def busy(self) -> bool:
        with self._lock:
            return bool(self._wanted or self._at_work)

    def want(self, pictures: list[Picture], size: int, radius: int) -> None:
        """These and no others; what the threads work at comes in any case."""
        with self._lock:
            self._size, self._radius = size, radius
            coming = self._at_work
            self._wanted = OrderedDict((one.id, one) for one in pictures if coming.get(one.id) != size)
            more = 0 if self._closed else max(0, min(_THREADS, len(self._wanted)) - self._threads)
            self._threads += more
        for _number in range(more):
            self._pool.submit(self._work)

    def take(self) -> tuple[int, QImage | None] | None:
        """An image that is done, with the id of its picture; None as image where it can't be read."""
        with self._lock:
            if not self._made:
                self._woken = False
                return None
            made = self._made.popleft()
            self._at_work.pop(made[0], None)
            return made

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._wanted.clear()
            self._made.clear()
        self._pool.shutdown(wait=False, cancel_futures=True)

    # --- in the threads -----------------------------------------------------------------------------------

    def _work(self) -> None:
        while (picture := self._next()) is not None:
            size, radius = self._size, self._radius
            try:
                image = self._image(picture, size, radius)
            except Exception:  # a bug is logged, and the tile says that there is no picture
                _logger.exception("%s could not be read", picture.file)
                image = None
            self._put(picture.id, image)

    def _next(self) -> Picture | None:
        with self._lock:
            if self._closed or not self._wanted:
                self._threads -= 1
                return None
            picture = self._wanted.popitem(last=False)[1]
            self._at_work[picture.id] = self._size
            return picture

    def _image(self, picture: Picture, size: int, radius: int) -> QImage | None:
        longest = max(picture.width, picture.height, 1)
        enough = 256 * min(picture.width, picture.height) / longest * _STRETCH >= size
        for path in self._paths(picture, enough):
            image = small(path, size, radius)
            if image is not None:
                return image
        return None

    def _paths(self, picture: Picture, enough: bool) -> Iterable[Path]:
        """The thumbnail if that is large enough, else the picture; then the other."""
        small_first = (self._files.thumbnail, self._files.path)
        for locate in small_first if enough else reversed(small_first):
            try:
                yield locate(picture)
            except (ThauError, OSError):
                continue

    def _put(self, picture_id: int, image: QImage | None) -> None:
        with self._lock:
            if self._closed:
                return
            self._made.append((picture_id, image))
            wake = not self._woken
            self._woken = True
        if wake:
            try:
                self._wake()
            except RuntimeError:  # the window closed while the thread was at work
                self.close()
