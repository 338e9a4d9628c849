"""A tool call as a card: what the model asked for, how far it is, and what came of it."""

from __future__ import annotations

import json
import time
from typing import Any

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QFont, QFontMetrics, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from thau_desktop.messages import ToolCall, ToolResult
from thau_desktop.translation import N_, _
from ui.chat.buttons import IconButton
from ui.chat.picture_view import PictureBlock
from ui.chat.plain import PlainView
from ui.chat.stage import Stage
from ui.chat.text_view import TextView
from ui.times import remaining

_TOOLS = {
    "generate_image": ("image", N_("Image")),
    "web_search": ("globe", N_("Web search")),
    "code_execution": ("code", N_("Code")),
}
# Of a result's words, so many are shown before somebody asks for all of them.
_SHORT = 400
_TALLEST = 1.25  # heights of a preview, in its width: what the picture has that follows
_BURST = 0.02  # seconds: what arrives closer together was kept while nobody looked, and tells no speed


class ToolCard(QWidget):
    """Attributes: `call` (None while it is still being written), `result` (None until the tool answered)."""

    grew = Signal()
    gap = 12

    def __init__(self, stage: Stage, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.call: ToolCall | None = None
        self.result: ToolResult | None = None
        self._stage = stage
        self._icon, title = _TOOLS.get(name, ("wrench", ""))
        self._title = _(title) if title else name
        self._summary = ""
        self._note = _("Preparing…")
        self._fraction = 0.0
        self._stopped = False
        self._preview: QImage | None = None
        self._blocks: list[PictureBlock] = []
        self._paced = (0.0, 0.0)  # when the pace was begun to be measured, and at which fraction
        self._heard = 0.0  # when progress was last told
        self._left: float | None = None
        self._words: PlainView | None = None
        self._details: PlainView | None = None
        self._more = IconButton(stage.style, "caret-down", _("Show the details"), self)
        self._more.clicked.connect(self._toggle_details)
        self._more.hide()

    # --- what happens -------------------------------------------------------------------------------

    def ready(self, call: ToolCall) -> None:
        """The call is whole."""
        self.call = call
        arguments = call.arguments
        first = next((value for value in arguments.values() if isinstance(value, str)), "")
        summary = str(arguments.get("prompt") or arguments.get("query") or first)
        self._summary = " ".join(summary.split())[:300]
        self._note = _("Running…")
        self._more.show()
        self.setAccessibleName(f"{self._title}: {self._summary}")
        if call.problem:
            self._say(call.problem, "bad")
        self._changed()

    def progress(self, fraction: float, note: str = "", preview: bytes = b"") -> None:
        """The tool is at `fraction` of its work; `preview` is a small PNG."""
        self._fraction = max(self._fraction, min(max(fraction, 0.0), 1.0))
        self._note = note or _("Running…")
        self._measure()
        if preview:
            image = QImage.fromData(preview)
            grew = self._preview is None
            self._preview = image if not image.isNull() else self._preview
            if grew:
                self._changed()
        self.update()

    def _measure(self) -> None:
        """How long the rest takes at the present pace."""
        now, (since, first) = time.monotonic(), self._paced
        if not self._fraction or not since or now - self._heard < _BURST:
            self._paced, self._left = (now if self._fraction else 0.0, self._fraction), None
        elif self._fraction > first:
            self._left = (1 - self._fraction) * (now - since) / (self._fraction - first)
        self._heard = now

    def finish(self, result: ToolResult) -> None:
        """The tool answered."""
        self.result = result
        self._preview = None
        self._note = ""
        if result.error:
            self._say(result.words, "bad")
        elif result.images:
            self._show_pictures(result)
        elif result.content.strip():
            text = result.content.strip()
            self._say(text if len(text) <= _SHORT else text[:_SHORT].rstrip() + "…", "dim")
        self._more.show()
        self._changed()

    def stop(self, wanted: bool = True) -> None:
        """No answer will come any more; in an answer that is whole, because the tool was not `wanted`."""
        if self.result is None:
            note = _("Stopped") if wanted else _("Not run: tools are off")
            self._stopped, self._preview, self._note = True, None, note
            self._changed()

    # --- pieces -------------------------------------------------------------------------------------

    def refresh_pictures(self) -> None:
        """Pictures may have been deleted or restored."""
        changed = [block for block in self._blocks if block.refresh()]
        if changed:
            self._changed()

    def texts(self) -> list[TextView]:
        """The texts in it that can be selected."""
        below = [text for text in (self._details, self._words) if text is not None]
        return [*(text for block in self._blocks for text in block.texts()), *below]

    def restyle(self) -> None:
        """The theme changed."""
        for text in self.texts():
            text.restyle()
        for block in self._blocks:
            block.update()
        self.update()

    def _changed(self) -> None:
        self.update()
        self.grew.emit()

    def _say(self, text: str, ink: str) -> None:
        if self._words is None:
            self._words = PlainView(self._stage, self, kind="body")
            self._words.show()
        self._words.ink = ink
        self._words.set_text(text)

    def _show_pictures(self, result: ToolResult) -> None:
        self._blocks = [PictureBlock(self._stage, image_id, self) for image_id in result.images]
        for block in self._blocks:
            block.show()
        notes = _notes_of(result.content)
        if notes:
            self._say(notes, "dim")

    @Slot()
    def _toggle_details(self) -> None:
        if self._details is None:
            self._details = PlainView(self._stage, self, kind="code", ink="dim")
            self._details.set_text(self._details_text())
            self._details.show()
            self._more.describe("caret-up", _("Hide the details"))
        else:
            self._details.hide()
            self._details.deleteLater()
            self._details = None
            self._more.describe("caret-down", _("Show the details"))
        self._changed()

    def _details_text(self) -> str:
        arguments: dict[str, Any] = self.call.arguments if self.call is not None else {}
        text = json.dumps(arguments, ensure_ascii=False, indent=2)
        if self.result is not None and self.result.words.strip():
            text += "\n\n" + self.result.words.strip()[:20_000]
        return text

    # --- places -------------------------------------------------------------------------------------

    def _header(self) -> int:
        return round(40 * self._stage.style.scale)

    def _line(self) -> int:
        return round(38 * self._stage.style.scale)

    def _shown_width(self) -> int:
        return min(self.width(), self._width_for(self.width()))

    def _width_for(self, width: int) -> int:
        return min(width, 420 if self._icon == "image" else 600)

    def fit(self, width: int) -> int:
        """Place everything; returns the height."""
        width = self._width_for(width)
        y = self._header()
        self._more.move(width - 33, (y - 26) // 2)
        for block in self._blocks:
            height = block.fit(width - 2, self._line())
            block.setGeometry(1, y, width - 2, height)
            y += height
        if self._details is not None:
            height = self._details.fit(width - 26)
            self._details.setGeometry(13, y + 4, width - 26, height)
            y += height + 14
        if self._words is not None:
            height = self._words.fit(width - 26)
            self._words.setGeometry(13, y, width - 26, height)
            y += height + 12
        y += self._preview_height(width)
        if self._note:
            y += self._line()
        return y

    def _preview_height(self, width: int) -> int:
        """Pixels high as the picture will be; 0 without a preview."""
        if self._preview is None:
            return 0
        shape = self._preview.height() / self._preview.width()
        return round((width - 2) * min(shape, _TALLEST))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        style, color = self._stage.style, self._stage.style.theme.color
        width = self._shown_width()
        painter.setPen(QPen(color("line"), 1))
        painter.setBrush(color("card"))
        painter.drawRoundedRect(QRectF(0.5, 0.5, width - 1, self.height() - 1), 12, 12)
        failed = (self.result is not None and self.result.error) or (self.call is not None and self.call.problem)
        header = self._header()
        icon = style.theme.icon("warning" if failed else self._icon, "bad" if failed else "accent")
        icon.paint(painter, QRect(12, (header - 17) // 2, 17, 17))
        bold = QFont(style.body_font)
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setFont(bold)
        painter.setPen(color("text"))
        painter.drawText(QRect(36, 0, width - 48, header), Qt.AlignmentFlag.AlignVCenter, self._title)
        left = 36 + QFontMetrics(bold).horizontalAdvance(self._title) + 9
        space = width - left - (38 if self._more.isVisibleTo(self) else 12)
        painter.setFont(style.body_font)
        painter.setPen(color("dim"))
        words = QFontMetrics(style.body_font).elidedText(self._summary, Qt.TextElideMode.ElideRight, space)
        painter.drawText(QRect(left, 0, space, header), Qt.AlignmentFlag.AlignVCenter, words)
        self._paint_running(painter, width)

    def _paint_running(self, painter: QPainter, width: int) -> None:
        style, color = self._stage.style, self._stage.style.theme.color
        bottom = self.height()
        if self._preview is not None:
            height = self._preview_height(width)
            area = QRect(1, bottom - self._line() - height, width - 2, height)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.fillRect(area, color("code"))
            place = QRect(QPoint(0, 0), self._preview.size().scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio))
            place.moveCenter(area.center())
            painter.drawImage(place, self._preview)
        if not self._note:
            return
        area = QRect(13, bottom - self._line(), width - 26, self._line() - (6 if not self._stopped else 0))
        painter.setFont(style.small_font)
        painter.setPen(color("dim"))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, self._note)
        if self._stopped:
            return
        if self._fraction:
            right = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
            painter.drawText(area, right, f"{self._fraction:.0%}" if self._left is None else remaining(self._left))
        track = QRectF(13, bottom - 11, width - 26, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("line"))
        painter.drawRoundedRect(track, 1.5, 1.5)
        painter.setBrush(color("accent"))
        track.setWidth(max(3.0, track.width() * self._fraction))
        painter.drawRoundedRect(track, 1.5, 1.5)


def _notes_of(content: str) -> str:
    """The sentences that the studio put into a result: what was moved within bounds."""
    try:
        notes = json.loads(content).get("notes", ())
    except (ValueError, AttributeError):
        return ""
    return " ".join(str(note) for note in notes) if isinstance(notes, list) else ""
