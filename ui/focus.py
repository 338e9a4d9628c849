"""Tab goes where the eye goes, also in places whose widgets come and go.

The order is that in which widgets were put into their parents, which is that of the layouts. A widget with the property
`reading`, in which they come and go, has what is inside it walked through from top to bottom and from left to right.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

_SAME_ROW = 14  # pixels between the middles of two widgets that stand beside each other
_AROUND = 48  # pixels that are seen above and below what gets the keyboard


def read_in_order(widget: QWidget) -> None:
    """Let Tab walk through what is inside `widget` as it is read."""
    widget.setProperty("reading", True)


def step(window: QWidget, forward: bool) -> bool:
    """Give the keyboard to the next widget of `window`, or the one before; False where there is none."""
    here = QApplication.focusWidget()
    order = reading_order(window, here)
    if not order:
        return False
    if here in order:
        place = order.index(here) + (1 if forward else -1)
        found = order[place % len(order)]
    else:
        found = order[0 if forward else -1]
    if here is not None:
        found = _seen_first(order, here, found, forward)
    found.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
    show(found)
    return True


def reading_order(window: QWidget, here: QWidget | None = None) -> list[QWidget]:
    """Every widget of `window` that Tab reaches, in the order in which it does; `here` is among them in any case."""
    # Not nextInFocusChain(): PySide takes what it returns for a child of what it was asked of.
    every = window.findChildren(QWidget)
    chain = [widget for widget in every if widget is here or _takes_tab(widget, window)]
    inside: dict[QWidget, list[QWidget]] = {}
    for widget in chain:
        if (place := _reading_place(widget)) is not None:
            inside.setdefault(place, []).append(widget)
    order: list[QWidget] = []
    stops = set(chain)
    for widget in chain:
        place = _reading_place(widget)
        if place is None:
            order.append(widget)
            order += _sorted(inside.pop(widget, ()), widget)
        elif place in inside and place not in stops:
            order += _sorted(inside.pop(place), place)
    return order


def show(widget: QWidget) -> None:
    """Scroll whatever scrolls until the widget is seen."""
    around = widget.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(widget, 0, _AROUND)
        around = around.parentWidget()


def _takes_tab(widget: QWidget, window: QWidget) -> bool:
    return (
        bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        and widget.focusProxy() is None
        and widget.isEnabled()
        and widget.isVisible()
        and widget.window() is window
    )


def _reading_place(widget: QWidget) -> QWidget | None:
    """The nearest widget around this one that is read in order."""
    around = widget.parentWidget()
    while around is not None and not around.property("reading"):
        around = around.parentWidget()
    return around


def _sorted(widgets: Iterable[QWidget], place: QWidget) -> list[QWidget]:
    """From top to bottom, and from left to right where they stand beside each other."""
    spots = [(widget.mapTo(place, QPoint(0, widget.height() // 2)), widget) for widget in widgets]
    spots.sort(key=lambda spot: spot[0].y())
    rows: list[list[tuple[QPoint, QWidget]]] = []
    for spot in spots:
        if rows and spot[0].y() - rows[-1][0][0].y() <= _SAME_ROW:
            rows[-1].append(spot)
        else:
            rows.append([spot])
    return [widget for row in rows for _spot, widget in sorted(row, key=lambda spot: spot[0].x())]


def _seen_first(order: list[QWidget], here: QWidget, found: QWidget, forward: bool) -> QWidget:
    """Who comes into a long text begins with what is seen of it, not with its far end."""
    place = _reading_place(found)
    if place is None or place is _reading_place(here):
        return found
    inside = [widget for widget in order if _reading_place(widget) is place]
    seen = [widget for widget in inside if not widget.visibleRegion().isEmpty()]
    return (seen[0] if forward else seen[-1]) if seen else found
