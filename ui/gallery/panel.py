"""The panel beside the gallery: everything that is asked of a drawing, what is being drawn, and what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from thau_desktop.errors import StoreError, ThauError
from thau_desktop.images.request import COUNT, GUIDANCE, STEPS
from thau_desktop.images.request import from_settings as request_from_settings
from thau_desktop.inference.image_model_folder import InstalledImageModel
from thau_desktop.store.pictures import Picture
from thau_desktop.translation import _, ngettext_
from ui.chat.note import Note
from ui.gallery.generating import Drawing, Drawings
from ui.gallery.metadata import number
from ui.gallery.panel_controls import Combo, Fold, Segments, SliderField, named
from ui.gallery.panel_fields import SeedField, SizeField
from ui.gallery.panel_more import More
from ui.gallery.panel_values import VARIATIONS, Values
from ui.gallery.queue import QueueView
from ui.theme import theme
from ui.tokens import LIGHT
from ui.widgets.buttons import button
from ui.widgets.number_box import number_box
from ui.widgets.scrolling import steady
from ui.worker import run_in_background

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.main_window import MainWindow

WIDTH = 320
_MARGIN, _BAR = 16, 10  # pixels around everything, of which the scroll bar takes some
_PROMPT = 92  # pixels of the prompt's height, at the normal text size
_SETTLED = 3  # steps after which the card of a drawing grows no more
_KEEP_AFTER = 600  # milliseconds
_KEY = "gallery/panel"
_MORE_MODELS = "\0more"


class GeneratePanel(QFrame):
    """Asks for pictures. `made` with the id of each picture that is done.

    Attributes: `drawings`, what runs and waits; `values`, what stands here; `model`, the chosen one where it is known.
    """

    made = Signal(int)

    def __init__(self, thau: Thau, window: MainWindow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thau = thau
        self._window = window
        self._models: dict[str, InstalledImageModel] = {}
        self._state = QSettings(str(thau.paths.home / "window.ini"), QSettings.Format.IniFormat)
        self._kept = ""
        self._filling = False
        self._reveal = False  # the next drawing is to be scrolled into view
        self.drawings = Drawings.of(thau, window)
        self.setProperty("side", "right")
        self.setAccessibleName(_("Draw pictures"))
        self._keep = QTimer(self)
        self._keep.setSingleShot(True)
        self._keep.setInterval(_KEEP_AFTER)
        self._keep.timeout.connect(self._keep_values)
        self._make_fields()
        self._lay_out()
        self._listen()
        self._fit()
        self._wish = ""  # the model that is shown once the models are read
        self.show_values(Values.from_json(str(self._state.value(_KEY, "")), self._defaults()))

    # --- building -------------------------------------------------------------------------------------------

    def _make_fields(self) -> None:
        self.prompt = _Words(_("A fox in the snow at sunset, watercolour"))
        self.negative = QLineEdit()
        self.negative.setPlaceholderText(_("blurry, text…"))
        self.presets = Segments({"fast": _("Fast"), "standard": _("Standard"), "quality": _("Quality")})
        self.size_field = SizeField()
        count = number_box(True, *COUNT, 1, "")
        assert isinstance(count, QSpinBox)
        count.setKeyboardTracking(True)
        self.count = count
        self.steps = SliderField(_("Steps"), *STEPS, 1, lambda value: str(round(value)))
        self.guidance = SliderField(_("Guidance"), *GUIDANCE, 0.5, number)
        self.guidance.setToolTip(_("How closely the picture follows the prompt"))
        self.seed = SeedField()
        self.model_box = Combo()
        self.more = More()
        self.fold = Fold(_("More"), self.more)
        self.generate_button = button("", self.generate, kind="accent")
        self.note = Note()
        self.queue = QueueView(self.drawings)
        self.setFocusProxy(self.prompt)

    def _lay_out(self) -> None:
        inside = _Inside()
        self._inside = inside
        column = QVBoxLayout(inside)
        column.setContentsMargins(_MARGIN - _BAR, _MARGIN, _MARGIN - _BAR, _MARGIN)
        column.setSpacing(12)
        column.addLayout(named(_("Prompt"), self.prompt))
        column.addLayout(named(_("Avoid"), self.negative))
        column.addWidget(self.presets)
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(self.size_field, 3)
        counted = QVBoxLayout()
        counted.addLayout(named(_("Count"), self.count))
        counted.addStretch(1)
        first.addLayout(counted, 2)
        column.addLayout(first)
        column.addWidget(self.size_field.own)
        column.addWidget(self.steps)
        column.addWidget(self.guidance)
        second = QHBoxLayout()
        second.setSpacing(8)
        second.addWidget(self.seed, 4)
        second.addLayout(named(_("Model"), self.model_box), 5)
        column.addLayout(second)
        column.addWidget(self.fold)
        column.addWidget(self.note)
        column.addWidget(self.generate_button)
        column.addWidget(self.queue)
        column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(inside)
        steady(self._scroll)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self._scroll)

    def _listen(self) -> None:
        self.prompt.textChanged.connect(self._on_edited)
        self.negative.textChanged.connect(self._on_edited)
        self.presets.chosen.connect(self._on_preset)
        for field in (self.size_field, self.steps, self.guidance, self.seed, self.more):
            field.changed.connect(self._on_edited)
        self.count.valueChanged.connect(self._on_edited)
        self.model_box.activated.connect(self._on_model)
        self.drawings.made.connect(self._on_made)
        self.drawings.failed.connect(self._on_failed)
        self.drawings.changed.connect(self._show_button)
        self.drawings.finished.connect(self._on_finished)
        self.queue.action.connect(self._mend)
        self._room = QTimer(self)  # what there is for the preview, once everything else has its place
        self._room.setSingleShot(True)
        self._room.timeout.connect(self._fit_preview)
        self.fold.toggled.connect(self._on_edited)
        for signal in (self.drawings.changed, self.drawings.progressed, self.fold.toggled):
            signal.connect(self._room.start)
        theme().changed.connect(self._fit)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.generate)

    # --- values ---------------------------------------------------------------------------------------------

    @property
    def values(self) -> Values:
        """What stands here."""
        width, height = self.size_field.value
        source = self.more.source
        return Values(
            prompt=self.prompt.toPlainText(),
            negative_prompt=self.negative.text(),
            model=self._wish,
            width=width,
            height=height,
            steps=round(self.steps.value),
            guidance=self.guidance.value,
            seed=self.seed.value,
            count=self.count.value(),
            scheduler=self.more.scheduler_name,
            source=str(source) if source is not None else "",
            strength=self.more.strength.value,
            loras=self.more.loras.value,
            parent_id=self.more.parent_id,
        )

    @property
    def model(self) -> InstalledImageModel | None:
        return self._models.get(self._wish)

    def show_values(self, values: Values) -> None:
        """Show other values."""
        self._filling = True
        self._wish = values.model
        self._show_model()
        if values.prompt != self.prompt.toPlainText():
            self.prompt.setPlainText(values.prompt)
        if values.negative_prompt != self.negative.text():
            self.negative.setText(values.negative_prompt)
        self.size_field.show_value(values.width, values.height)
        self.steps.show_value(values.steps)
        self.guidance.show_value(values.guidance)
        self.seed.show_value(values.seed)
        self.count.setValue(values.count)
        self.more.show_scheduler(values.scheduler)
        self.more.show_source(Path(values.source) if values.source else None, values.parent_id)
        self.more.strength.show_value(values.strength)
        self.more.loras.show_value(values.loras)
        self._filling = False
        self._on_edited()

    def fill(self, picture: Picture) -> None:
        """Take over what draws that picture again."""
        values = Values.of(picture, self._defaults())
        begun = picture.parameters.get("source_picture")
        first = self._thau.pictures.by_file(begun) if isinstance(begun, str) else None
        if first is not None and first.deleted_at is None:
            values = replace(values, source=str(self._thau.gallery.path(first)), parent_id=first.id)
        self.show_values(values)
        self.fold.open(bool(self.more.summary()) or self.fold.is_open)
        self.note.say(self._missing_of(picture, values, begun))
        self._scroll.verticalScrollBar().setValue(0)
        self.prompt.setFocus(Qt.FocusReason.OtherFocusReason)

    def vary(self, picture: Picture, how: str) -> None:
        """More like that picture: "seeds" draws it again with new seeds, "image" begins with it."""
        self.fill(picture)
        if how == "image":
            path = str(self._thau.gallery.path(picture))
            self.show_values(replace(self.values, source=path, parent_id=picture.id, seed=None))
            self.fold.open()
            QTimer.singleShot(0, self, lambda: self._scroll.ensureWidgetVisible(self.more.strength))
            return
        self.show_values(replace(self.values, seed=None, count=VARIATIONS))
        self._ask(replace(self.values, parent_id=picture.id))

    def _missing_of(self, picture: Picture, values: Values, begun: object) -> str:
        """What this machine does not have of that picture's settings, in a sentence."""
        words = []
        if picture.model and self._models and picture.model not in self._models:
            words.append(_("{model} is not on this disk: another model draws it.").format(model=picture.model))
            self._wish = ""
            self._show_model()
        if begun and not values.source:
            words.append(_("It began with {name}, which is not here.").format(name=begun))
        loras = picture.parameters.get("loras")
        if isinstance(loras, list) and loras:
            names = ", ".join(str(lora.get("file", "")) for lora in loras if isinstance(lora, dict))
            words.append(_("It was drawn with a LoRA: add {names} under “More”.").format(names=names))
        return " ".join(words)

    def _defaults(self) -> Values:
        """What the settings say."""
        asked = request_from_settings(self._thau.settings, "")
        return Values(width=asked.width, height=asked.height, steps=asked.steps, guidance=asked.guidance)

    @Slot()
    def _on_edited(self) -> None:
        if self._filling:
            return
        values = self.values
        self.presets.show_chosen(values.preset(self.model))
        self.fold.say("" if self.fold.is_open else self.more.summary())
        self._show_button()
        self._keep.start()

    @Slot(str)
    def _on_preset(self, name: str) -> None:
        self.show_values(self.values.with_preset(name, self.model))

    @Slot()
    def _keep_values(self) -> None:
        self._keep.stop()
        kept = self.values.to_json()
        if kept != self._kept:
            self._kept = kept
            self._state.setValue(_KEY, kept)

    # --- models ---------------------------------------------------------------------------------------------

    def refresh_models(self) -> None:
        """Read in the background which image models there are."""
        models = self._thau.image_models
        run_in_background(self, models.installed, self._take_models, self._window.show_error)

    def _take_models(self, models: Sequence[InstalledImageModel]) -> None:
        if list(self._models.values()) != list(models):
            self._models = {model.name: model for model in models}
            self._show_model()
            self._on_edited()
        if not models:
            words = _("There is no image model on this disk yet.")
            self.note.say(words, _("Open models"), lambda: self._window.show_page("models"))

    def _show_model(self) -> None:
        """The models there are, with the chosen one; without a wish the one of the settings, else the first."""
        chosen = self._wish or self._thau.settings.images.model
        if chosen not in self._models and self._models:
            chosen = next(iter(self._models))
        self._wish = chosen
        self.model_box.clear()
        for model in self._models.values():
            self.model_box.addItem(model.title or model.name, model.name)
        if not self._models:
            self.model_box.addItem(chosen, chosen)
        self.model_box.insertSeparator(self.model_box.count())
        self.model_box.addItem(_("More models…"), _MORE_MODELS)
        self.model_box.setCurrentIndex(max(0, self.model_box.findData(chosen)))
        self.model_box.setToolTip(self.model_box.currentText())
        self._follow_model()

    def _follow_model(self) -> None:
        """Offer what the chosen model can do."""
        model = self.model
        turbo = model is not None and model.turbo
        self.steps.set_range(model.minimum_steps if model is not None and turbo else STEPS[0], STEPS[1])
        self.guidance.set_range(0.0 if turbo else GUIDANCE[0], GUIDANCE[1])
        self.size_field.set_sizes(model.native_size if model is not None else None, model.sizes if model else ())
        guided = model is None or model.takes_guidance
        self.guidance.set_usable(guided, _("This model takes no guidance."))
        avoids = model is None or model.takes_negative_prompt
        self.negative.setEnabled(avoids)
        self.negative.setToolTip("" if avoids else _("This model can't be told what to avoid."))
        self.more.follow_model(model)

    @Slot(int)
    def _on_model(self, index: int) -> None:
        name = self.model_box.itemData(index)
        if name == _MORE_MODELS or not name:
            self._show_model()
            self._window.show_page("models")
            return
        before, values = self.model, self.values
        self._wish = str(name)
        self._show_model()
        was = values.preset(before)
        # A preset means other numbers to a model that was made for few steps.
        self.show_values(replace(values.with_preset(was, self.model) if was else values, model=self._wish))

    # --- drawing --------------------------------------------------------------------------------------------

    @Slot()
    def generate(self) -> None:
        """Draw what stands here, now or when what is being drawn is done."""
        if not self.generate_button.isEnabled():
            self.prompt.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self._keep_values()
        self._ask(self.values)

    def stop(self) -> bool:
        """Stop what is being drawn; whether there was something."""
        if self.drawings.current is None:
            return False
        self.drawings.stop()
        return True

    def _ask(self, values: Values) -> None:
        self.queue.problem.hide()
        self._reveal = self._reveal or self.drawings.current is None
        self.drawings.add(values.request())

    @Slot()
    def _show_button(self) -> None:
        count = self.count.value()
        words = ngettext_("Generate", "Generate {n} pictures", count).format(n=count)
        if self.drawings.current is not None:
            words = ngettext_("Add to the queue", "Add {n} pictures to the queue", count).format(n=count)
        self.generate_button.setText(words)
        written = bool(self.prompt.toPlainText().strip())
        self.generate_button.setEnabled(written)
        self.generate_button.setToolTip(_("Ctrl+Enter") if written else _("Write first what to draw."))

    @Slot(int)
    def _on_made(self, picture_id: int) -> None:
        try:
            picture = self._thau.pictures.find(picture_id)
        except StoreError:  # it is being closed
            return
        if picture is not None:
            self.seed.remember(picture.seed)
        self.made.emit(picture_id)

    @Slot(object, object)
    def _on_failed(self, drawing: Drawing, error: ThauError) -> None:
        self.queue.problem.show_error(drawing, error)
        QTimer.singleShot(0, self, lambda: self._scroll.ensureWidgetVisible(self.queue.problem, 0, 12))
        if not self.isVisible():
            self._window.toast(error.what, _("Show"), lambda: self._window.show_page("gallery"))

    @Slot(object)
    def _on_finished(self, drawing: Drawing) -> None:
        """Who is on another page learns that the last one is done."""
        if self.isVisible() or not drawing.ids or self.drawings.current is not None:
            return
        many = len(drawing.ids)
        words = ngettext_("The picture is ready", "{n} pictures are ready", many).format(n=many)
        last = drawing.ids[-1]
        self._window.toast(words, _("Show"), lambda: self._show_picture(last))

    def _show_picture(self, picture_id: int) -> None:
        page = self._window.show_page("gallery")
        if page is not None and hasattr(page, "open_picture"):
            page.open_picture(picture_id)

    @Slot(object, object)
    def _mend(self, drawing: Drawing, error: ThauError) -> None:
        """What an error's button does: draw smaller here, anything else is the window's."""
        action = error.action
        if action is None:
            return
        if action.name != "draw_smaller":
            self._window.act(action)
            return
        width, height = (int(side) for side in action.argument.split("x"))
        self.show_values(replace(self.values, width=width, height=height))
        self.drawings.add(replace(drawing.request, width=width, height=height), first=True)

    # --- looks ----------------------------------------------------------------------------------------------

    @Slot()
    def _fit(self) -> None:
        scale = theme().tokens.type_body / LIGHT.type_body
        self.setFixedWidth(round(WIDTH * max(1.0, min(scale, 1.3))))
        self.prompt.setFixedHeight(round(_PROMPT * scale))
        self.count.setFixedHeight(self.model_box.sizeHint().height())

    @Slot()
    def _fit_preview(self) -> None:
        """As large as may be without scrolling, but never too small to see."""
        drawing, preview = self.drawings.current, self.queue.running.preview
        if drawing is None:
            return
        viewport = self._scroll.viewport().size()
        others = self._inside.height_at(viewport.width()) - preview.height()
        preview.set_room(viewport.height() - others)
        if self._reveal:
            self._reveal = drawing.step < _SETTLED
            QTimer.singleShot(0, self, lambda: self._scroll.ensureWidgetVisible(self.queue.running, 0, 12))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._room.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh_models()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._keep_values()


class _Inside(QWidget):
    """What is scrolled: never lower than it wants to be, for fields in large letters would be cut off."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("plain", True)

    def height_at(self, width: int) -> int:
        """Pixels that everything needs."""
        layout = self.layout()
        if layout is None:
            return 0
        layout.activate()
        return layout.heightForWidth(width) if layout.hasHeightForWidth() else layout.sizeHint().height()

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), super().sizeHint().height())


class _Words(QPlainTextEdit):
    """A few lines of plain words; Tab leaves them."""

    def __init__(self, placeholder: str) -> None:
        super().__init__()
        self.setPlaceholderText(placeholder)
        self.setTabChangesFocus(True)
