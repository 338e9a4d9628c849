"""Long work of the gallery as events that the status pill understands."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from thau_desktop.translation import _
from ui.words import grouped

_PIECE = 200


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `of` are worked off; `changed`, how many of them were changed."""

    done: int
    of: int
    changed: int = 0

    @property
    def fraction(self) -> float:
        return self.done / self.of if self.of else 1.0

    @property
    def note(self) -> str:
        return _("{done} of {of}").format(done=grouped(self.done), of=grouped(self.of))


def in_pieces(work: Callable[[Sequence[int]], int], ids: Sequence[int], cancel: threading.Event) -> Iterator[Progress]:
    """Call `work` with some ids at a time until all are done or somebody stops it; yields how far it is."""
    changed = 0
    for start in range(0, len(ids), _PIECE):
        if cancel.is_set():
            return
        piece = ids[start : start + _PIECE]
        changed += work(piece)
        yield Progress(start + len(piece), len(ids), changed)
