"""Over the picture in the viewer: which one of how many, how large, a star, and what else to see."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from thau_desktop.translation import _
from ui.gallery.viewer_canvas import Canvas
from ui.theme import icon
from ui.widgets.buttons import button, icon_button
from ui.widgets.labels import ElidedLabel

HEIGHT = 52


class ViewerHead(QFrame):
    """Attributes: `count`, the words at the left; `favourite`, the star; `compare`; `info`, checked while the facts are
    seen. Each signal is a button."""

    left = Signal()
    starred = Signal()
    compared = Signal()
    info_toggled = Signal()

    def __init__(self, canvas: Canvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self.setProperty("header", True)
        self.setFixedHeight(HEIGHT)
        self.count = ElidedLabel("", "dim")
        self.zoom = button("", self._toggle_zoom, kind="flat")
        self.zoom.setMinimumWidth(68)
        self.favourite = icon_button("star", "", self.starred.emit)
        self._stars = {False: icon("star", "dim"), True: icon("star-fill", "warn")}
        self.compare = icon_button("columns", _("Compare with another picture (C)"), self.compared.emit)
        self.info = icon_button("info", _("About this picture (I)"), self.info_toggled.emit)
        self.info.setCheckable(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 12, 0)
        row.setSpacing(4)
        row.addWidget(icon_button("arrow-left", _("Back to the gallery (Esc)"), self.left.emit))
        row.addSpacing(4)
        row.addWidget(self.count, 1)
        row.addWidget(icon_button("minus", _("Smaller (−)"), lambda: canvas.zoom_by(-1), size=16))
        row.addWidget(self.zoom)
        row.addWidget(icon_button("plus", _("Larger (+)"), lambda: canvas.zoom_by(1), size=16))
        row.addSpacing(12)
        for control in (self.favourite, self.compare, self.info):
            row.addWidget(control)
        canvas.zoomed.connect(self._on_zoomed)
        self._on_zoomed()

    def show_favourite(self, favourite: bool) -> None:
        """Fill the star, or empty it."""
        self.favourite.setIcon(self._stars[favourite])
        name = _("No longer a favourite (F)") if favourite else _("Make it a favourite (F)")
        self.favourite.setToolTip(name)
        self.favourite.setAccessibleName(name)

    def _on_zoomed(self) -> None:
        shown = self._canvas.has_picture
        share = f"{round(self._canvas.scale * 100)} %"
        self.zoom.setText(share if shown else "–")
        self.zoom.setEnabled(shown)
        fits = self._canvas.fits
        self.zoom.setToolTip(_("Show it at its own size (1)") if fits else _("Show all of it (0)"))
        self.zoom.setAccessibleName(_("Zoom: {share}").format(share=share))

    def _toggle_zoom(self) -> None:
        if self._canvas.fits and abs(self._canvas.scale - 1.0) > 0.005:
            self._canvas.actual_size()
        else:
            self._canvas.fit()
