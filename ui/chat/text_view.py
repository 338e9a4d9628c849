"""A light read-only text: a QTextDocument painted on a plain widget, with selection, links and marks.

QTextBrowser would bring two scroll bars, a viewport and a control with it; a transcript holds hundreds.
The document can't load anything, whatever it is told.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QAccessible,
    QAccessibleEvent,
    QContextMenuEvent,
    QFocusEvent,
    QFont,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from thau_desktop.translation import _
from ui.chat.stage import Stage
from ui.chat.style import Style
from ui.chat.text_paint import paint_behind, x_of


class InertDocument(QTextDocument):
    """A document to which no picture, style sheet or page exists."""

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        return None


class TextView(QWidget):
    """Attributes: `document`, and `ink`, the token of the colour of plain words."""

    def __init__(self, stage: Stage, parent: QWidget | None = None, *, wraps: bool = True) -> None:
        super().__init__(parent)
        self.stage = stage
        self.document = InertDocument(self)
        self.document.setUndoRedoEnabled(False)
        self.document.setDocumentMargin(0)
        self.document.setDefaultFont(self.font_of(stage.style))
        if wraps:
            self.document.setDefaultTextOption(Style.wrapping())
        self._wraps = wraps
        self._width = -1
        self._selection = QTextCursor(self.document)
        self._marks: list[QTextCursor] = []
        self._current_mark = -1
        self._caret = False
        self.ink = "text"
        self._links = False
        self._focused_link = ""
        self._triple = QTimer(self, singleShot=True)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def font_of(self, style: Style) -> QFont:
        """The font of words without a format of their own."""
        return style.text_font

    def restyle(self) -> None:
        """The theme changed."""
        self.document.setDefaultFont(self.font_of(self.stage.style))
        self._width = -1
        self.update()

    # --- size ---------------------------------------------------------------------------------------

    def fit(self, width: int) -> int:
        """Lay the text out in `width` pixels; returns its height."""
        if width != self._width:
            self._width = width
            if self._wraps:
                self.document.setTextWidth(width)
        return self.text_height()

    def text_height(self) -> int:
        """The height of all lines, in pixels."""
        return max(1, math.ceil(self.document.size().height()))

    def origin(self) -> QPoint:
        """Where the document's corner is on the widget."""
        return QPoint(0, 0)

    # --- selection and marks ------------------------------------------------------------------------

    @property
    def length(self) -> int:
        """The last position."""
        return max(0, self.document.characterCount() - 1)

    @property
    def has_selection(self) -> bool:
        """Whether words are selected here."""
        return self._selection.hasSelection()

    def select(self, start: int, end: int) -> None:
        """Select from `start` to `end`, or nothing where they are the same."""
        if self._selection.anchor() == start and self._selection.position() == end:
            return
        before = self.has_selection
        self._selection.setPosition(min(start, self.length))
        self._selection.setPosition(min(end, self.length), QTextCursor.MoveMode.KeepAnchor)
        if before or self.has_selection:
            self.update()

    def selected_text(self) -> str:
        """The selected words as plain text."""
        return self._selection.selection().toPlainText()

    def position_at(self, point: QPoint) -> int:
        """The position nearest to that point of the widget."""
        layout = self.document.documentLayout()
        if point.y() < 0:
            return 0
        return max(0, layout.hitTest(QPointF(point - self.origin()), Qt.HitTestAccuracy.FuzzyHit))

    def mark(self, text: str) -> int:
        """Mark every place where `text` stands, in any case; returns how many there are."""
        self._marks = []
        self._current_mark = -1
        cursor = self.document.find(text, 0) if text else QTextCursor()
        while not cursor.isNull() and len(self._marks) < 500:
            self._marks.append(cursor)
            cursor = self.document.find(text, cursor)
        self.update()
        return len(self._marks)

    @property
    def marks(self) -> int:
        """How many places are marked."""
        return len(self._marks)

    def show_mark(self, number: int) -> QRect:
        """Make that mark the present one (-1: none); returns where it is on the widget."""
        self._current_mark = number
        self.update()
        return self._rect_at(self._marks[number].selectionStart()) if number >= 0 else QRect()

    def set_caret(self, shown: bool) -> None:
        """Show or hide the streaming caret after the last character."""
        if shown != self._caret:
            self._caret = shown
            self.update()

    # --- painting -----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        origin = self.origin()
        painter.translate(origin)
        clip = QRectF(event.rect()).translated(-origin)
        paint_behind(painter, self.document, clip, self.stage.style)
        context = QAbstractTextDocumentLayout.PaintContext()
        context.palette = QPalette(self.palette())
        context.palette.setColor(QPalette.ColorRole.Text, self.stage.style.theme.color(self.ink))
        context.clip = clip
        context.selections = self._painted_selections()
        self.document.documentLayout().draw(painter, context)
        if self._caret:
            self._paint_caret(painter)
        if self._focused_link and self.hasFocus():
            self._paint_focus(painter)

    def _painted_selections(self) -> list[QAbstractTextDocumentLayout.Selection]:
        color = self.stage.style.theme.color
        painted = []
        places: list[tuple[QTextCursor, str, str]] = [(mark, "warn_soft", "text") for mark in self._marks]
        if self._current_mark >= 0:
            places.append((self._marks[self._current_mark], "accent", "on_accent"))
        if self.has_selection:
            places.append((self._selection, "accent", "on_accent"))
        for cursor, background, foreground in places:
            selection = QAbstractTextDocumentLayout.Selection()
            look = QTextCharFormat()
            look.setBackground(color(background))
            look.setForeground(color(foreground))
            selection.cursor = cursor
            selection.format = look
            painted.append(selection)
        return painted

    def _paint_caret(self, painter: QPainter) -> None:
        rect = self._rect_at(self.length).translated(-self.origin())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.stage.style.theme.color("accent"))
        size = round(15 * self.stage.style.scale)
        painter.drawRoundedRect(QRectF(rect.left() + 2, rect.bottom() - size - 1, 7, size), 2, 2)

    def _paint_focus(self, painter: QPainter) -> None:
        for start, length, href in self._link_places():
            if f"{start}:{href}" == self._focused_link:
                first, last = self._rect_at(start), self._rect_at(start + length)
                right = last.left() if last.top() == first.top() else self.width()
                box = QRectF(first.left() - 2, first.top(), right - first.left() + 4, first.height())
                painter.setPen(self.stage.style.theme.color("accent"))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box.translated(QPointF(-self.origin())), 4, 4)

    def _rect_at(self, position: int) -> QRect:
        """A narrow rectangle where that character stands, on the widget."""
        block = self.document.findBlock(position)
        if not block.isValid():
            return QRect()
        corner = self.document.documentLayout().blockBoundingRect(block).topLeft()
        line = block.layout().lineForTextPosition(position - block.position())
        if not line.isValid():
            return QRect(int(corner.x()), int(corner.y()), 1, 20).translated(self.origin())
        x = x_of(line, position - block.position())
        spot = QRectF(corner.x() + x, corner.y() + line.y(), 1, line.height())
        return spot.toAlignedRect().translated(self.origin())

    # --- mouse and keyboard -------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        point = event.position().toPoint()
        if self._triple.isActive():
            self._triple.stop()
            self._select_around(QTextCursor.SelectionType.BlockUnderCursor, point)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.stage.selection.extend(event.globalPosition().toPoint())
        else:
            self.stage.selection.begin(self, self.position_at(point))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.stage.selection.extend(event.globalPosition().toPoint())
            self.stage.dragging.emit()
            return
        link = self._link_at(event.position().toPoint())
        self.setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.IBeamCursor)
        self.setToolTip(link)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        link = self._link_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and link and not self.stage.selection.text():
            self.stage.link_clicked.emit(link)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._triple.start(QApplication.doubleClickInterval())
        self._select_around(QTextCursor.SelectionType.WordUnderCursor, event.position().toPoint())

    def _select_around(self, what: QTextCursor.SelectionType, point: QPoint) -> None:
        cursor = QTextCursor(self.document)
        cursor.setPosition(self.position_at(point))
        cursor.select(what)
        self.stage.selection.begin(self, cursor.selectionStart())
        self.select(cursor.selectionStart(), cursor.selectionEnd())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.stage.copy(self.stage.selection.text())
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.stage.selection.select_all(self._message())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._focused_link:
            self.stage.link_clicked.emit(self._focused_link.partition(":")[2])
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        icon = self.stage.style.theme.icon
        copy = menu.addAction(icon("copy"), _("Copy"), lambda: self.stage.copy(self.stage.selection.text()))
        copy.setEnabled(bool(self.stage.selection.text()))
        link = self._link_at(event.pos())
        if link:
            menu.addAction(icon("link"), _("Copy link"), lambda: self.stage.copy(link))
        menu.addAction(_("Select all"), lambda: self.stage.selection.select_all(self._message()))
        menu.popup(event.globalPos())

    def _message(self) -> QWidget:
        """The message that this text belongs to."""
        widget: QWidget = self
        while (parent := widget.parentWidget()) is not None and widget.objectName() != "message":
            widget = parent
        return widget if widget.objectName() == "message" else self

    # --- links --------------------------------------------------------------------------------------

    def has_links(self, links: bool) -> None:
        """Tell whether Tab should stop here, to walk through the links."""
        self._links = links
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if links else Qt.FocusPolicy.ClickFocus)

    def _link_at(self, point: QPoint) -> str:
        return self.document.documentLayout().anchorAt(QPointF(point - self.origin())) if self._links else ""

    def _link_places(self) -> Sequence[tuple[int, int, str]]:
        places: list[tuple[int, int, str]] = []
        block = self.document.begin()
        while block.isValid():
            iterator = block.begin()
            while not iterator.atEnd():
                fragment = iterator.fragment()
                iterator += 1
                href = fragment.charFormat().anchorHref()
                if href:
                    places.append((fragment.position(), fragment.length(), href))
            block = block.next()
        return places

    def focusNextPrevChild(self, forward: bool) -> bool:
        names = [f"{start}:{href}" for start, _length, href in self._link_places()] if self._links else []
        at = names.index(self._focused_link) if self._focused_link in names else (-1 if forward else len(names))
        at += 1 if forward else -1
        if 0 <= at < len(names):
            self._focused_link = names[at]
            self._tell_link(at)
            self.update()
            return True
        self._focused_link = ""
        return super().focusNextPrevChild(forward)

    def _tell_link(self, number: int) -> None:
        """What a screen reader says of the link that has the keyboard."""
        start, length, href = self._link_places()[number]
        cursor = QTextCursor(self.document)
        cursor.setPosition(start)
        cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
        self.setAccessibleName(_("Link: {words}").format(words=cursor.selectedText()))
        self.setAccessibleDescription(href)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))

    def focusInEvent(self, event: QFocusEvent) -> None:
        if self._links and event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.focusNextPrevChild(event.reason() == Qt.FocusReason.TabFocusReason)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._focused_link = ""
        self.update()
        super().focusOutEvent(event)
