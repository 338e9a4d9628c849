"""What the panel folds away: the scheduler, a picture to begin with, LoRA files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QDoubleSpinBox, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from thau_desktop.images.request import STRENGTH
from thau_desktop.inference.drawing import SCHEDULERS
from thau_desktop.inference.image_model_folder import InstalledImageModel
from thau_desktop.translation import _
from ui.chat.background import Background
from ui.chat.picture_view import read
from ui.gallery.panel_controls import Combo, SliderField, named
from ui.theme import theme
from ui.widgets.buttons import button, icon_button
from ui.widgets.labels import ElidedLabel, label
from ui.widgets.layouts import clear
from ui.widgets.number_box import number_box

_ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
_THUMB = 48


class More(QWidget):
    """Attributes: `source`, the picture to begin with, or None; `parent_id`, which picture of the gallery that is.

    `changed` after a person changed anything here.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scheduler = Combo()
        self.scheduler.activated.connect(self.changed)
        self.source_field = SourceField()
        self.source_field.changed.connect(self._on_source)
        self.strength = SliderField(_("Strength"), *STRENGTH, 0.05, lambda share: f"{round(share * 100)} %")
        self.strength.setToolTip(_("How much of that picture is drawn anew"))
        self.strength.changed.connect(self.changed)
        self.loras = Loras()
        self.loras.changed.connect(self.changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(named(_("Scheduler"), self.scheduler))
        column.addWidget(self.source_field)
        column.addWidget(self.strength)
        column.addWidget(self.loras)
        self.follow_model(None)
        self._on_source()

    @property
    def source(self) -> Path | None:
        return self.source_field.path

    @property
    def parent_id(self) -> int | None:
        return self.source_field.parent_id

    @property
    def scheduler_name(self) -> str:
        """The chosen one; "" is the model's own."""
        return str(self.scheduler.currentData() or "")

    def follow_model(self, model: InstalledImageModel | None) -> None:
        """Offer what that model can be drawn with."""
        wish = self.scheduler_name
        self.scheduler.clear()
        self.scheduler.addItem(_("The model's own"), "")
        for name in model.schedulers if model is not None else SCHEDULERS:
            self.scheduler.addItem(name, name)
        self.show_scheduler(wish)
        self.scheduler.setEnabled(self.scheduler.count() > 1)
        self.source_field.set_usable(model is None or model.image_to_image)

    def show_scheduler(self, name: str) -> None:
        """Take over a scheduler; the model's own where there is none of that name."""
        self.scheduler.setCurrentIndex(max(0, self.scheduler.findData(name)))

    def show_source(self, path: Path | None, parent_id: int | None = None) -> None:
        """Take over a picture to begin with; nobody is told."""
        self.source_field.show_path(path, parent_id)
        self.strength.setVisible(path is not None)

    def summary(self) -> str:
        """What is chosen here, in a few words."""
        words = [self.scheduler_name] if self.scheduler_name else []
        if self.source is not None:
            words.append(_("from a picture"))
        if self.loras.value:
            words.append("LoRA")
        return " · ".join(words)

    @Slot()
    def _on_source(self) -> None:
        self.strength.setVisible(self.source is not None)
        self.changed.emit()


class SourceField(QWidget):
    """A picture to begin with: chosen from a file, or dropped here. Attributes: `path`; `parent_id`."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.path: Path | None = None
        self.parent_id: int | None = None
        self._usable = True
        self._thumb = _Thumb()
        self._name = ElidedLabel("")
        self._choose = button(_("Choose a picture…"), self.choose, icon_name="image-square")
        self._clear = icon_button("x", _("Begin with nothing"), self._on_clear, size=14)
        self.setAcceptDrops(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self._label = label(_("Begin with a picture"), "dim")
        column.addWidget(self._label)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._thumb)
        row.addWidget(self._name, 1)
        row.addWidget(self._choose, 1)
        row.addWidget(self._clear)
        column.addLayout(row)
        self.show_path(None)

    def show_path(self, path: Path | None, parent_id: int | None = None) -> None:
        """Take over a picture, or none."""
        self.path, self.parent_id = path, parent_id
        self._name.setText(path.name if path is not None else "")
        for shown in (self._thumb, self._name, self._clear):
            shown.setVisible(path is not None)
        self._choose.setVisible(path is None)
        self._thumb.show_file(path)

    def set_usable(self, usable: bool) -> None:
        """Whether the model can begin with a picture."""
        self._usable = usable
        self._choose.setEnabled(usable)
        self.setToolTip("" if usable else _("This model draws only from words."))

    @Slot()
    def choose(self) -> None:
        """Ask for a file."""
        kinds = _("Pictures ({endings})").format(endings=" ".join(f"*{ending}" for ending in _ENDINGS))
        chosen, _filter = QFileDialog.getOpenFileName(self, _("Begin with a picture"), str(Path.home()), kinds)
        if chosen:
            self._take(Path(chosen))

    def _take(self, path: Path) -> None:
        self.show_path(path)
        self.changed.emit()

    @Slot()
    def _on_clear(self) -> None:
        self.show_path(None)
        self._choose.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._usable and _picture_in(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _picture_in(event)
        if path is not None:
            event.acceptProposedAction()
            self._take(path)


def _picture_in(event: QDropEvent) -> Path | None:
    """The first picture file of a drag."""
    paths = (Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile())
    return next((path for path in paths if path.suffix.lower() in _ENDINGS), None)


class _Thumb(QWidget):
    """A small square picture of a file, read in the background."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(_THUMB, _THUMB)
        self._background: Background | None = None
        self._image = QImage()

    def show_file(self, path: Path | None) -> None:
        self._image = QImage()
        self.update()
        if path is not None:
            self._background = self._background or Background(self)
            side = 2 * round(_THUMB * self.devicePixelRatioF())
            self._background.request(read, path, QSize(side, side), receive=self._receive)

    @Slot(object)
    def _receive(self, image: QImage) -> None:
        self._image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(self.rect()), 6, 6)
        painter.setClipPath(outline)
        painter.fillRect(self.rect(), theme().color("press"))
        if not self._image.isNull():
            size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
            place = QRectF((self.width() - size.width()) / 2, (self.height() - size.height()) / 2, 0, 0)
            place.setSize(size.toSizeF())
            painter.drawImage(place, self._image)


class Loras(QWidget):
    """LoRA files and how strongly each counts."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._chosen: list[tuple[str, float]] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label("LoRA", "dim"))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        column.addLayout(self._rows)
        self.add_button = button(_("Add a LoRA file…"), self.choose, icon_name="plus")
        column.addWidget(self.add_button)

    @property
    def value(self) -> tuple[tuple[str, float], ...]:
        """File and strength of each."""
        return tuple(self._chosen)

    def show_value(self, loras: Sequence[tuple[str, float]]) -> None:
        """Take over files without telling anyone."""
        self._chosen = list(loras)
        self._build()

    @Slot()
    def choose(self) -> None:
        """Ask for files."""
        kinds = "LoRA (*.safetensors)"
        files, _filter = QFileDialog.getOpenFileNames(self, _("Add LoRA files"), str(Path.home()), kinds)
        self.add(files)

    def add(self, files: Sequence[str]) -> None:
        """Take these in addition."""
        known = {file for file, _strength in self._chosen}
        new = [(file, 1.0) for file in dict.fromkeys(files) if file not in known]
        if new:
            self._chosen += new
            self._build()
            self.changed.emit()

    def _build(self) -> None:
        clear(self._rows)
        for place, (file, strength) in enumerate(self._chosen):
            name = Path(file).stem
            box = number_box(False, -2.0, 2.0, 0.05, "")
            assert isinstance(box, QDoubleSpinBox)
            box.setValue(strength)
            box.setAccessibleName(_("Strength of {name}").format(name=name))
            box.setFixedWidth(74)
            box.valueChanged.connect(lambda value, place=place: self._on_strength(place, value))
            words = ElidedLabel(name)
            remove = icon_button("x", _("Remove {name}").format(name=name), partial(self._remove, place), size=14)
            row = QHBoxLayout()
            row.setSpacing(4)
            row.addWidget(words, 1)
            row.addWidget(box)
            row.addWidget(remove)
            self._rows.addLayout(row)

    def _on_strength(self, place: int, value: float) -> None:
        self._chosen[place] = (self._chosen[place][0], value)
        self.changed.emit()

    def _remove(self, place: int) -> None:
        self._chosen.pop(place)
        self._build()
        self.add_button.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()
