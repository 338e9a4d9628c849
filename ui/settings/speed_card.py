"""Speed up: what graphics card is in the machine, and the packages with which THAU computes on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from thau_desktop.acceleration import Standing
from thau_desktop.errors import ThauError
from thau_desktop.translation import _
from ui.models.download_bar import DownloadBar
from ui.models.downloads import Downloads
from ui.settings.group_page import Part
from ui.widgets.buttons import button
from ui.widgets.labels import label
from ui.words import size_of
from ui.worker import run_in_background, workers

if TYPE_CHECKING:
    from thau_desktop.app import Thau

_NAME = "acceleration"


class SpeedCard(Part):
    """One row, which says how things stand and offers what can be done.

    Attributes: `downloads`, which goes on whatever page is shown; `sentence`; the buttons `get`, `again`, `remove` and
    `pause`; `standing`, what was last found.
    """

    def __init__(self, thau: Thau, window: QWidget) -> None:
        super().__init__(_("Speed up"), _("gpu graphics card cuda nvidia rocm amd torch faster acceleration"))
        self._thau = thau
        self.standing = Standing()
        self._problem = ""
        self.downloads = Downloads.of(thau, window, _NAME)
        self._title = label("", "strong", wrap=True)
        self.sentence = label("", "small", wrap=True)
        self.get = button("", self._on_get, icon_name="lightning")
        self.again = button(_("Try again"), self._on_again, icon_name="arrow-clockwise")
        self.remove = button(_("Remove"), self._on_remove, icon_name="trash")
        row = QHBoxLayout()
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self.sentence)
        row.addLayout(words, 1)
        for each in (self.get, self.again, self.remove):
            row.addWidget(each)
        self.inside.addLayout(row)
        self._bar = DownloadBar(lambda: self.downloads.pause(_NAME))
        self._bar.setContentsMargins(16, 0, 16, 8)
        self.pause = self._bar.pause
        self.inside.addWidget(self._bar)
        self.downloads.progressed.connect(self._show)
        self.downloads.changed.connect(self.look)
        self.downloads.failed.connect(self._on_failed)
        self.downloads.finished.connect(self._on_finished)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look()

    def look(self) -> None:
        """Ask again how things stand."""
        run_in_background(self, self._thau.acceleration.standing, self._on_standing)

    def _show(self) -> None:
        standing, live = self.standing, self.downloads.live.get(_NAME)
        build = standing.build
        self._title.setText(standing.gpu or _("Graphics card"))
        self.sentence.setText(self._problem or _words(standing))
        can = live is None and build is not None and not standing.why_not
        self.get.setText(_("Go on") if standing.done else size_of(build.bytes) if build else "")
        self.get.setToolTip(_("Fetch the packages for {title}").format(title=build.title) if build else "")
        self.get.setAccessibleName(_("Fetch the packages for the graphics card"))
        self.get.setVisible(can and not standing.ready and not standing.broken)
        self.again.setVisible(can and bool(standing.broken))
        self.remove.setVisible(live is None and (standing.ready or bool(standing.broken) or standing.done > 0))
        self._bar.setVisible(live is not None)
        if live is not None:
            self._bar.show_live(live)

    def _on_standing(self, standing: Standing) -> None:
        self.standing = standing
        self._show()

    def _on_get(self) -> None:
        self._problem = ""
        self.downloads.run(_NAME, self._thau.acceleration.install, _("Fetching what the graphics card needs"))
        self._show()

    def _on_failed(self, _name: str, error: ThauError) -> None:
        self._problem = str(error)
        self.look()

    def _on_finished(self) -> None:
        """Use it at once, unless somebody would notice that the model begins anew."""
        if len(workers().running) <= 1:
            run_in_background(self, self._thau.renew_children, lambda _nothing: self.look())

    def _on_again(self) -> None:
        self._problem = ""
        self.again.setEnabled(False)
        run_in_background(self, self._thau.acceleration.try_again, self._on_tried, self._on_not_tried)

    def _on_tried(self, _nothing: None) -> None:
        self.again.setEnabled(True)
        self._on_finished()
        self.look()

    def _on_not_tried(self, error: ThauError) -> None:
        self.again.setEnabled(True)
        self._on_failed(_NAME, error)

    def _on_remove(self) -> None:
        self._problem = ""
        self.remove.setEnabled(False)

        def removed(_freed: int) -> None:
            self.remove.setEnabled(True)
            self.look()

        def stayed(error: ThauError) -> None:
            self.remove.setEnabled(True)
            self._on_failed(_NAME, error)

        run_in_background(self, self._take_away, removed, stayed)

    def _take_away(self) -> int:
        self._thau.renew_children()  # Windows deletes no file that is in use
        return self._thau.acceleration.remove()


def _words(standing: Standing) -> str:
    build = standing.build
    if standing.why_not:
        return standing.why_not
    if build is None:
        return _("Looking for a graphics card…")
    if standing.broken:
        sentence = _("The packages for {title} are here and not used: {reason}")
        return sentence.format(title=build.title, reason=standing.broken)
    if standing.ready:
        sentence = _("THAU computes on it with {title}. The packages take {size}.")
        return sentence.format(title=build.title, size=size_of(build.unpacked))
    sentence = _(
        "Answers, pictures and trainings become many times faster on this card. The packages for {title} take {size}"
        " on the disk, and can be removed again."
    )
    return sentence.format(title=build.title, size=size_of(build.unpacked))
