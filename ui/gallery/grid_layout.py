"""Where the tiles of the grid are: arithmetic only, so that 100,000 of them cost as much as ten."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect

SMALLEST, USUAL, LARGEST = 96, 160, 360  # pixels of a tile that a person asks for
GAP = 8


@dataclass(frozen=True, slots=True)
class GridLayout:
    """`count` square tiles in full lines, in a viewport `width` pixels wide; each is about `wanted` pixels wide. `side`
    pixels are free at the left and the right, `top` above, `foot` below."""

    count: int = 0
    width: int = 0
    wanted: int = USUAL
    side: int = 6
    top: int = 16
    foot: int = 16

    @property
    def columns(self) -> int:
        """Tiles in a line, at least one: as many as make them most like what is wanted."""
        return max(1, round((self._room + GAP) / (self.wanted + GAP)))

    @property
    def lines(self) -> int:
        return -(-self.count // self.columns)

    @property
    def tile(self) -> int:
        """Pixels that a tile is wide and high."""
        return max(16, (self._room - GAP * (self.columns - 1)) // self.columns)

    @property
    def height(self) -> int:
        """Pixels of everything."""
        return self.top + self.lines * (self.tile + GAP) - GAP + self.foot if self.count else 0

    def rect(self, row: int) -> QRect:
        """Where the tile of that row is, from the top of everything."""
        columns, tile = self.columns, self.tile
        line, column = divmod(row, columns)
        left_over = self._room - columns * tile - GAP * (columns - 1)
        shift = left_over * column // (columns - 1) if columns > 1 else 0  # the last tile ends where the room does
        return QRect(self.side + column * (tile + GAP) + shift, self.top + line * (tile + GAP), tile, tile)

    def row_at(self, point: QPoint) -> int:
        """The row whose tile is there, or -1."""
        line = (point.y() - self.top) // (self.tile + GAP)
        if line < 0:
            return -1
        for column in range(self.columns):
            row = line * self.columns + column
            if row >= self.count:
                break
            if self.rect(row).contains(point):
                return row
        return -1

    def rows_between(self, top: int, bottom: int) -> range:
        """The rows of which something is seen between two heights."""
        step = self.tile + GAP
        first = max(0, (top - self.top + GAP) // step) * self.columns
        last = max(0, (bottom - self.top) // step + 1) * self.columns
        return range(min(first, self.count), min(last, self.count))

    def rows_inside(self, area: QRect) -> list[range]:
        """The rows whose tiles `area` touches, neighbours joined."""
        lines = self.rows_between(area.top(), area.bottom() + 1)
        found: list[range] = []
        for start in range(lines.start, lines.stop, self.columns):
            in_line = range(start, min(start + self.columns, self.count))
            touched = [row for row in in_line if self.rect(row).intersects(area)]
            if not touched:
                continue
            if found and found[-1].stop == touched[0]:
                found[-1] = range(found[-1].start, touched[-1] + 1)
            else:
                found.append(range(touched[0], touched[-1] + 1))
        return found

    @property
    def _room(self) -> int:
        return max(16, self.width - 2 * self.side)
