"""One message of the transcript: what a person wrote, in a bubble, or an answer with all its parts."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QEnterEvent, QFontMetrics, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from thau_desktop.messages import Attachment
from thau_desktop.translation import _
from ui.chat.actions import QuietActions
from ui.chat.inline_editor import InlineEditor
from ui.chat.plain import PlainView
from ui.chat.shown import Shown
from ui.chat.stage import Stage
from ui.chat.text_view import TextView
from ui.chat.variants import Variants

# What a message may paint beyond the column at either side, such as the ground of a button on hover.
BLEED = 8


class MessageView(QWidget):
    """Attributes: `shown`. `grew` tells that its height may be another one."""

    grew = Signal()
    edited = Signal(str)
    # Pixels between it and the message before.
    gap = 20

    def __init__(self, stage: Stage, shown: Shown, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message")
        self.stage = stage
        self.shown = shown
        self.editor: InlineEditor | None = None

    def set_shown(self, shown: Shown) -> None:
        """Follow the stored message."""
        raise NotImplementedError

    def fit(self, width: int) -> int:
        """Place everything for a column of that width, which begins at `BLEED`; returns the height."""
        raise NotImplementedError

    def texts(self) -> list[TextView]:
        """The texts in it that can be selected, in reading order."""
        raise NotImplementedError

    def restyle(self) -> None:
        """The theme changed."""
        for text in self.texts():
            text.restyle()
        self.update()

    def begin_edit(self) -> None:
        """Edit the words in place."""
        raise NotImplementedError

    def open_editor(self, text: str, save: str, name: str) -> None:
        """Put an editor in place of the words."""
        if self.editor is None:
            self.editor = InlineEditor(self.stage, text, save, name, self)
            self.editor.saved.connect(self._save)
            self.editor.cancelled.connect(self.close_editor)
            self.editor.grew.connect(self.grew)
            self.editor.show()
            self.grew.emit()

    @Slot()
    def close_editor(self) -> None:
        """Back to the words."""
        if self.editor is not None:
            self.editor.hide()
            self.editor.deleteLater()
            self.editor = None
            self.grew.emit()

    @Slot(str)
    def _save(self, text: str) -> None:
        self.close_editor()
        self.edited.emit(text)


class UserMessage(MessageView):
    """A bubble at the right, attachments above the words; below it, where it was edited, the way to other wordings."""

    step = Signal(int)

    def __init__(self, stage: Stage, shown: Shown, parent: QWidget | None = None) -> None:
        super().__init__(stage, shown, parent)
        self._words = PlainView(stage, self)
        self._bubble = QRect()
        self._files: list[str] = []
        self._actions = QuietActions(stage, self)
        self._actions.edit.connect(self.begin_edit)
        self._actions.copy.connect(lambda: stage.copy(self.shown.text))
        self._variants: Variants | None = None
        self.set_shown(shown)

    def set_shown(self, shown: Shown) -> None:
        self.shown = shown
        self._files = [part.name for part in shown.parts if isinstance(part, Attachment)]
        self._words.set_text(shown.text)
        if shown.variants > 1 and self._variants is None:
            self._variants = Variants(self.stage.style, _("Previous wording"), _("Next wording"), self)
            self._variants.step.connect(self.step)
        if self._variants is not None:
            self._variants.set_shown(shown)
        self.setAccessibleName(_("You wrote: {text}").format(text=shown.text[:300]))
        self.grew.emit()

    def texts(self) -> list[TextView]:
        return [self._words]

    @Slot()
    def begin_edit(self) -> None:
        self.open_editor(self.shown.text, _("Send"), _("Edit the message"))

    def fit(self, width: int) -> int:
        editing = self.editor is not None
        self._words.setVisible(not editing)
        self._actions.setVisible(not editing)
        if self._variants is not None:
            self._variants.setVisible(not editing and self.shown.variants > 1)
        if self.editor is not None:
            height = self.editor.fit(width)
            self.editor.setGeometry(BLEED, 0, width, height)
            self._bubble = QRect()
            return height
        limit = round(width * 0.8) - 28
        inner = max(self._words.natural_width(limit), self._file_width(limit))
        above = len(self._files) * self._file_height()
        height = self._words.fit(inner) if self._words.text else 0
        self._bubble = QRect(BLEED + width - inner - 28, 0, inner + 28, above + height + 17)
        self._words.setGeometry(self._bubble.x() + 14, 10 + above, inner, height)
        self._actions.move(self._bubble.x() - 61, max(0, (min(self._bubble.height(), 60) - 26) // 2))
        if self._variants is None or self.shown.variants < 2:
            return self._bubble.height()
        self._variants.move(BLEED + width - self._variants.fit(), self._bubble.height() + 4)
        return self._variants.geometry().bottom() + 1

    def enterEvent(self, event: QEnterEvent) -> None:
        self._actions.show_now(True)

    def leaveEvent(self, event: QEvent) -> None:
        self._actions.show_now(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._bubble.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self.stage.style.theme
        painter.fillPath(_bubble_path(QRectF(self._bubble)), theme.color("accent_soft"))
        painter.setFont(self.stage.style.body_font)
        painter.setPen(theme.color("dim"))
        y = self._bubble.y() + 8
        for name in self._files:
            x = self._bubble.x() + 14
            theme.icon("file-text", "accent").paint(painter, QRect(x, y + 3, 16, 16))
            area = QRect(x + 22, y, self._bubble.width() - 50, 22)
            words = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, area.width())
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, words)
            y += self._file_height()

    def _file_height(self) -> int:
        return 26

    def _file_width(self, limit: int) -> int:
        metrics = QFontMetrics(self.stage.style.body_font)
        return min(limit, max((metrics.horizontalAdvance(name) + 24 for name in self._files), default=0))


def _bubble_path(rect: QRectF) -> QPainterPath:
    """Round, but for the corner at the lower right, which points to the person."""
    radius, small = 14.0, 4.0
    path = QPainterPath()
    path.moveTo(rect.left() + radius, rect.top())
    path.arcTo(rect.right() - 2 * radius, rect.top(), 2 * radius, 2 * radius, 90, -90)
    path.arcTo(rect.right() - 2 * small, rect.bottom() - 2 * small, 2 * small, 2 * small, 0, -90)
    path.arcTo(rect.left(), rect.bottom() - 2 * radius, 2 * radius, 2 * radius, 270, -90)
    path.arcTo(rect.left(), rect.top(), 2 * radius, 2 * radius, 180, -90)
    path.closeSubpath()
    return path
