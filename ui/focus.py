"""Tab goes where the eye goes: from top to bottom, and from left to right where things stand beside each other.

Qt's own order is that in which widgets were made, which is no order in a transcript, where they come and go.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

_AROUND = 48  # pixels that are seen above and below what gets the keyboard


def step(window: QWidget, forward: bool) -> bool:
    """Give the keyboard to the next widget of `window`, or the one before; False where there is none."""
    here = QApplication.focusWidget()
    order = reading_order(window, here)
    if not order:
        return False
    place = order.index(here) + (1 if forward else -1) if here in order else (0 if forward else -1)
    found = _seen_first(order, here, order[place % len(order)], forward)
    found.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
    bring_into_view(found)
    return True


def reading_order(window: QWidget, here: QWidget | None = None) -> list[QWidget]:
    """Every widget of `window` that Tab reaches, in the order in which it does; `here` is among them in any case."""
    # Not nextInFocusChain(): PySide takes what it returns for a child of what it was asked of.
    return [widget for widget in _inside(window, here) if widget is here or _takes_tab(widget)]


def _takes_tab(widget: QWidget) -> bool:
    takes = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return takes and widget.focusProxy() is None and widget.isEnabled() and widget.isVisible()


def _inside(widget: QWidget, here: QWidget | None) -> Iterator[QWidget]:
    """What is inside, each widget before what is in it; nothing of what is hidden, but where `here` is."""
    seen = [
        child
        for child in widget.children()
        if isinstance(child, QWidget)
        and not child.isWindow()
        and (child.isVisible() or child is here or (here is not None and child.isAncestorOf(here)))
    ]
    for child in _as_read(seen):
        yield child
        yield from _inside(child, here)


def _as_read(widgets: list[QWidget]) -> list[QWidget]:
    """Neighbours row by row; a row is what stands beside its first widget for at least half its height."""
    if len(widgets) < 2:
        return widgets
    rows: list[list[QWidget]] = []
    for widget in sorted(widgets, key=lambda one: one.y()):
        first = rows[-1][0] if rows else widget
        shared = min(first.geometry().bottom(), widget.geometry().bottom()) - max(first.y(), widget.y()) + 1
        if rows and 2 * shared >= min(first.height(), widget.height()) > 0:
            rows[-1].append(widget)
        else:
            rows.append([widget])
    return [widget for row in rows for widget in sorted(row, key=lambda one: one.x())]


def _seen_first(order: list[QWidget], here: QWidget | None, found: QWidget, forward: bool) -> QWidget:
    """Who comes into something that scrolls begins with what is seen of it, not with its far end."""
    area = _area(found)
    if area is None or (here is not None and _area(here) is area):
        return found
    seen = [widget for widget in order if _area(widget) is area and not widget.visibleRegion().isEmpty()]
    return (seen[0] if forward else seen[-1]) if seen else found


def _area(widget: QWidget) -> QScrollArea | None:
    """The nearest thing around it that scrolls."""
    around = widget.parentWidget()
    while around is not None and not isinstance(around, QScrollArea):
        around = around.parentWidget()
    return around


def bring_into_view(widget: QWidget) -> None:
    """Scroll whatever scrolls until the widget is seen."""
    area = _area(widget)
    while area is not None:
        area.ensureWidgetVisible(widget, 0, _AROUND)
        area = _area(area)
