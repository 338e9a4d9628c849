"""A tool call as a card: what the model asked for, how far it is, and what came of it."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QFont, QFontMetrics, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from thau_desktop.messages import ToolCall, ToolResult
from thau_desktop.translation import N_, _
from ui.chat.buttons import IconButton, WordButton
from ui.chat.picture_view import PictureView
from ui.chat.plain import PlainView
from ui.chat.stage import Stage
from ui.chat.text_view import TextView

_TOOLS = {
    "generate_image": ("image", N_("Image")),
    "web_search": ("globe", N_("Web search")),
    "code_execution": ("code", N_("Code")),
}
# Of a result's words, so many are shown before somebody asks for all of them.
_SHORT = 400


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
        self._pictures: list[PictureView] = []
        self._opens: list[WordButton] = []
        self._notes: list[str] = []
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
        self._fraction = min(max(fraction, 0.0), 1.0)
        self._note = note or _("Running…")
        if preview:
            image = QImage.fromData(preview)
            grew = self._preview is None
            self._preview = image if not image.isNull() else self._preview
            if grew:
                self._changed()
        self.update()

    def finish(self, result: ToolResult) -> None:
        """The tool answered."""
        self.result = result
        self._preview = None
        self._note = ""
        if result.error:
            self._say(result.content, "bad")
        elif result.images:
            self._show_pictures(result.images)
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

    def texts(self) -> list[TextView]:
        """The texts in it that can be selected."""
        return [text for text in (self._details, self._words) if text is not None]

    def restyle(self) -> None:
        """The theme changed."""
        for text in self.texts():
            text.restyle()
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

    def _show_pictures(self, images: tuple[str, ...]) -> None:
        gone = 0
        for image_id in images:
            picture = self._stage.picture(image_id)
            if picture is None or not picture.path.is_file():
                gone += 1
                continue
            view = PictureView(self._stage, picture, self)
            view.show()
            button = WordButton(self._stage.style, _("Open in the gallery"), self, token="accent", strong=True)
            button.clicked.connect(view.click)
            button.show()
            self._pictures.append(view)
            self._opens.append(button)
            self._notes.append(picture.note)
        if gone:
            self._say(_("This picture is no longer on the disk."), "dim")

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
        if self.result is not None and self.result.content.strip():
            text += "\n\n" + self.result.content.strip()[:20_000]
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
        for view, button in zip(self._pictures, self._opens, strict=True):
            height = view.height_for(width - 2)
            view.setGeometry(1, y, width - 2, height)
            y += height
            size = button.sizeHint()
            top = y + (self._line() - size.height()) // 2
            button.setGeometry(width - size.width() - 5, top, size.width(), size.height())
            y += self._line()
        if self._details is not None:
            height = self._details.fit(width - 26)
            self._details.setGeometry(13, y + 4, width - 26, height)
            y += height + 14
        if self._words is not None:
            height = self._words.fit(width - 26)
            self._words.setGeometry(13, y, width - 26, height)
            y += height + 12
        if self._preview is not None:
            y += width - 2
        if self._note:
            y += self._line()
        return y

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
        painter.setFont(style.small_font)
        for view, button, note in zip(self._pictures, self._opens, self._notes, strict=True):
            area = QRect(13, view.y() + view.height(), button.x() - 18, self._line())
            words = QFontMetrics(style.small_font).elidedText(note, Qt.TextElideMode.ElideRight, area.width())
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, words)
        self._paint_running(painter, width)

    def _paint_running(self, painter: QPainter, width: int) -> None:
        style, color = self._stage.style, self._stage.style.theme.color
        bottom = self.height()
        if self._preview is not None:
            side = width - 2
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            size = self._preview.size().scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio)
            top = bottom - self._line() - side
            painter.fillRect(1, top, side, side, color("code"))
            place = QRect(
                1 + (side - size.width()) // 2, top + (side - size.height()) // 2, size.width(), size.height()
            )
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
            painter.drawText(
                area, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), f"{self._fraction:.0%}"
            )
        track = QRectF(13, bottom - 11, width - 26, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("line"))
        painter.drawRoundedRect(track, 1.5, 1.5)
        painter.setBrush(color("accent"))
        track.setWidth(max(3.0, track.width() * self._fraction))
        painter.drawRoundedRect(track, 1.5, 1.5)
