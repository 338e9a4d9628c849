"""The panel that draws: what it asks, how it follows a drawing, what waits, what fails, and what it remembers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.gallery_pictures import STARTER, TURBO, Easel, keep
from tests.ui.test_accessibility import _focused as focused
from tests.ui.test_accessibility import _name as name_of
from tests.ui.test_accessibility import _picture as picture_of
from tests.ui.test_accessibility import _seen as seen
from thau_desktop.app import Thau
from thau_desktop.errors import Action, ModelBroken, OutOfMemory
from thau_desktop.settings import Appearance, Settings
from thau_desktop.store.pictures import PictureFilter
from ui.gallery.generating import Drawing, Drawings, progress_of, rate_of
from ui.gallery.page import GalleryPage
from ui.gallery.panel import GeneratePanel
from ui.gallery.panel_values import Values
from ui.main_window import MainWindow
from ui.theme import Theme
from ui.worker import workers


@pytest.fixture
def easel(thau: Thau) -> Iterator[Easel]:
    made = Easel(thau, STARTER, TURBO)
    yield made
    made.go.set()


@pytest.fixture
def window(qtbot: QtBot, theme: Theme, thau: Thau, easel: Easel) -> Iterator[MainWindow]:
    theme.apply(Settings(appearance=Appearance(reduced_motion=True)))
    thau.change("general", "first_run_done", True)
    made = MainWindow(thau.paths.home)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    made.set_thau(thau)
    with qtbot.waitActive(made):
        made.activateWindow()
    yield made
    easel.go.set()
    workers().stop_all(60)


@pytest.fixture
def panel(qtbot: QtBot, window: MainWindow) -> GeneratePanel:
    """The gallery page's panel, once it knows the models."""
    page = window.show_page("gallery")
    assert isinstance(page, GalleryPage)
    qtbot.waitUntil(lambda: page.panel is not None and page.panel.isVisible() and page.panel.model is not None)
    assert page.panel is not None
    return page.panel


def named(root: QWidget, name: str) -> QToolButton:
    QApplication.processEvents()
    return next(made for made in root.findChildren(QToolButton) if made.accessibleName() == name)


def quick(panel: GeneratePanel, prompt: str = "a red fox", **given: object) -> None:
    """A request that takes few steps."""
    panel.show_values(Values(prompt=prompt, width=256, height=256, steps=10, **given))  # type: ignore[arg-type]


def idle(qtbot: QtBot, panel: GeneratePanel) -> None:
    qtbot.waitUntil(lambda: panel.drawings.current is None and not panel.drawings.waiting)


# --- values -------------------------------------------------------------------------------------------------


def test_it_begins_with_what_the_settings_say(panel: GeneratePanel) -> None:
    values = panel.values
    assert (values.width, values.height, values.steps, values.guidance) == (512, 512, 30, 7.5)
    assert values.model == "thau-image-v1" and values.seed is None and values.count == 1
    assert panel.presets.current == "standard"


def test_a_preset_gives_its_numbers_and_is_marked_only_while_they_are_its(panel: GeneratePanel) -> None:
    panel.presets.button("quality").click()
    values = panel.values
    assert (values.width, values.height, values.steps, values.guidance) == (768, 768, 50, 8.5)
    panel.steps.slider.setValue(51)
    assert panel.presets.current == ""
    panel.steps.slider.setValue(50)
    assert panel.presets.current == "quality"


def test_a_size_is_chosen_turned_or_typed_in_multiples_of_eight(panel: GeneratePanel) -> None:
    field = panel.size_field
    field._on_activated(field.combo.findText("768 × 512"))
    assert panel.values.width == 768 and not field.is_own
    field.swap.click()
    assert (panel.values.width, panel.values.height) == (512, 768)
    assert field.combo.currentText() == "512 × 768" and not field.is_own
    field._on_activated(field.combo.findText("Other…"))
    assert field.is_own and field.sides[0].hasFocus()
    field.sides[0].setValue(605)
    assert panel.values.width == 608 == field.sides[0].value()
    field._on_activated(field.combo.findText("512 × 512"))
    assert not field.is_own and not field.swap.isEnabled()


def test_a_seed_is_new_each_time_until_it_is_kept(qtbot: QtBot, panel: GeneratePanel) -> None:
    assert panel.seed.value is None and not panel.seed.keep.isEnabled()
    quick(panel)
    panel.generate()
    qtbot.waitUntil(panel.seed.keep.isEnabled)
    idle(qtbot, panel)
    panel.seed.keep.click()
    (picture,) = panel._thau.pictures.rows(panel._thau.pictures.ids())
    assert panel.values.seed == picture.seed
    panel.seed.keep.click()
    assert panel.values.seed is None


def test_what_stands_there_is_there_again_after_a_restart(
    qtbot: QtBot, panel: GeneratePanel, window: MainWindow, thau: Thau, tmp_path: Path
) -> None:
    values = Values(
        "a lighthouse", "text", "turbo", 640, 384, 12, 3.5, 99, 3, "", str(tmp_path / "a.png"), 0.3, (("x.st", 0.5),)
    )
    panel.show_values(values)
    window.show_page("chat")
    again = GeneratePanel(thau, window)
    qtbot.addWidget(again)
    assert again.values == values
    again.deleteLater()


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"width": "wide", "seed": -1, "steps": 4000, "guidance": NaN}'])
def test_what_was_kept_and_can_t_be_used_is_replaced(kept: str) -> None:
    found = Values.from_json(kept, Values())
    assert found.width == 512 and found.seed is None and 1 <= found.steps <= 100 and 0 <= found.guidance <= 20


def test_a_model_for_few_steps_changes_what_can_be_asked(panel: GeneratePanel) -> None:
    panel._on_model(panel.model_box.findData("turbo"))
    assert panel.model == TURBO and panel.presets.current == "standard"
    assert panel.values.steps == 4 and panel.values.guidance == 0
    assert not panel.guidance.isEnabled() and panel.guidance.toolTip() == "This model takes no guidance."
    assert not panel.negative.isEnabled() and not panel.more.source_field._choose.isEnabled()
    assert panel.more.scheduler.findData("euler a") > 0 and panel.more.scheduler.findData("ddim") < 0
    panel.steps.slider.setValue(1)
    assert panel.values.steps == 1
    panel._on_model(panel.model_box.findData("thau-image-v1"))
    assert panel.values.steps >= 10 and panel.guidance.isEnabled()


def test_without_a_model_it_says_where_there_are_some(
    qtbot: QtBot, panel: GeneratePanel, window: MainWindow, thau: Thau
) -> None:
    thau.image_models.there.clear()  # type: ignore[attr-defined]
    panel.refresh_models()
    qtbot.waitUntil(lambda: panel.note.words == "There is no image model on this disk yet.")
    panel.note.press()
    assert window.page_name == "models"


# --- from a picture -----------------------------------------------------------------------------------------


def test_the_settings_of_a_picture_draw_it_again(panel: GeneratePanel, thau: Thau) -> None:
    first = keep(thau, "a fox", width=256, height=256)
    picture = keep(thau, "a fox, ink", seed=77, width=384, height=256, source_picture=first.file, strength=0.4)
    panel.count.setValue(4)
    panel.fill(picture)
    request = panel.values.request()
    assert (request.prompt, request.negative_prompt, request.seed, request.count) == ("a fox, ink", "blurry", 77, 1)
    assert (request.width, request.height, request.steps, request.guidance) == (384, 256, 30, 7.5)
    assert request.scheduler == "euler" and request.model == "thau-image-v1"
    assert request.source == thau.gallery.path(first) and request.strength == 0.4 and request.parent_id == first.id
    assert panel.fold.is_open and not panel.note.words


def test_what_of_a_picture_s_settings_is_not_here_is_said(panel: GeneratePanel, thau: Thau) -> None:
    loras = [{"file": "ink.safetensors", "strength": 1.0}]
    panel.fill(keep(thau, model="other", source_picture="gone.png", loras=loras))
    assert panel.values.model == "thau-image-v1" and panel.more.source is None
    for words in ("other is not on this disk", "gone.png, which is not here", "ink.safetensors"):
        assert words in panel.note.words


def test_an_imported_picture_without_settings_takes_those_of_the_panel(panel: GeneratePanel, thau: Thau) -> None:
    panel.fill(thau.pictures.add(file="x.png", prompt="a boat", width=4000, height=300, source="import"))
    values = panel.values
    assert (values.prompt, values.width, values.height, values.steps) == ("a boat", 1024, 304, 30)
    assert values.seed is None and panel.size_field.is_own


def test_variations_with_new_seeds_are_drawn_at_once(qtbot: QtBot, panel: GeneratePanel, thau: Thau) -> None:
    picture = keep(thau, width=256, height=256, steps=10, seed=5)
    panel.vary(picture, "seeds")
    idle(qtbot, panel)
    drawn = [one for one in thau.pictures.rows(thau.pictures.ids()) if one.id != picture.id]
    assert len(drawn) == 4 and all(one.parent_id == picture.id and one.seed != 5 for one in drawn)
    assert panel.values.parent_id is None, "what is drawn next is no variation"


def test_a_variation_that_starts_from_a_picture_waits_for_the_words(
    qtbot: QtBot, panel: GeneratePanel, thau: Thau
) -> None:
    picture = keep(thau, width=256, height=256, steps=10)
    panel.vary(picture, "image")
    assert panel.drawings.current is None and panel.fold.is_open
    assert panel.more.source == thau.gallery.path(picture) and panel.more.strength.isVisible()
    panel.generate()
    idle(qtbot, panel)
    (drawn,) = (one for one in thau.pictures.rows(thau.pictures.ids()) if one.id != picture.id)
    assert drawn.parent_id == picture.id and drawn.parameters["source_picture"] == picture.file
    named(panel.more, "Begin with nothing").click()
    assert panel.values.parent_id is None and panel.values.source == ""


def test_a_dropped_picture_is_what_a_drawing_begins_with(panel: GeneratePanel, tmp_path: Path) -> None:
    path = tmp_path / "photo.PNG"
    QImage(8, 8, QImage.Format.Format_RGB32).save(str(path), "PNG")
    panel.fold.open()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "notes.txt")), QUrl.fromLocalFile(str(path))])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    event = QDropEvent(QPointF(QPoint(5, 5)), copy, data, left, Qt.KeyboardModifier.NoModifier)
    panel.more.source_field.dropEvent(event)
    assert panel.values.source == str(path)
    panel.fold.open(False)
    assert panel.fold.head.hint == "from a picture"


def test_lora_files_have_a_strength_each(panel: GeneratePanel) -> None:
    panel.more.loras.add(["/a/ink.safetensors", "/a/moss.safetensors", "/a/ink.safetensors"])
    panel.more.loras._on_strength(1, 0.5)
    assert panel.values.loras == (("/a/ink.safetensors", 1.0), ("/a/moss.safetensors", 0.5))
    named(panel.more, "Remove ink").click()
    assert [lora.path.name for lora in panel.values.request().loras] == ["moss.safetensors"]


# --- drawing ------------------------------------------------------------------------------------------------


def test_nothing_is_drawn_without_words(panel: GeneratePanel) -> None:
    panel.prompt.setPlainText("  ")
    assert not panel.generate_button.isEnabled()
    panel.generate()
    assert panel.drawings.current is None and panel.prompt.hasFocus()


def test_a_key_draws_and_the_picture_is_in_the_gallery(qtbot: QtBot, panel: GeneratePanel, thau: Thau) -> None:
    quick(panel, count=2)
    assert panel.generate_button.text() == "Generate 2 pictures"
    panel.prompt.setFocus()
    with qtbot.waitSignals([panel.made, panel.made], timeout=60_000):
        qtbot.keyClick(panel.prompt, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    idle(qtbot, panel)
    assert [one.source for one in thau.pictures.rows(thau.pictures.ids())] == ["gallery", "gallery"]
    assert not panel.queue.running.isVisible()


def test_step_rate_and_what_is_left_are_said_while_it_is_drawn(
    qtbot: QtBot, panel: GeneratePanel, easel: Easel, window: MainWindow
) -> None:
    easel.hold_at = (1, 6)
    quick(panel, count=4)
    panel.generate()
    drawings = panel.drawings
    qtbot.waitUntil(lambda: drawings.current is not None and (drawings.current.number, drawings.current.step) == (1, 5))
    assert panel.queue.running.isVisible()
    words = panel.queue.running.words
    assert words.startswith("2 of 4 · Step 5 of 10 · 2 s left · 10.0 steps per second")
    (worker,) = workers().running
    assert worker.title == "Drawing 4 pictures" and worker.fraction == pytest.approx(15 / 40)
    assert window.rail.status.model is None, "the pill tells of the model that answers"
    easel.go.set()
    idle(qtbot, panel)


def test_the_preview_is_the_last_state_of_the_picture_in_hand() -> None:
    drawing = Drawing(Values(count=2).request(), 0, 10, 30, 20.0)
    assert (progress_of(drawing), rate_of(drawing)) == ("Step 10 of 30 · 2 min left", "2.0 s per step")
    assert drawing.fraction == pytest.approx(1 / 6)
    assert (progress_of(Drawing(drawing.request)), rate_of(Drawing(drawing.request))) == ("", "")


def test_stopping_keeps_the_pictures_that_are_done(
    qtbot: QtBot, panel: GeneratePanel, easel: Easel, thau: Thau
) -> None:
    easel.hold_at = (1, 3)
    quick(panel, count=3)
    panel.generate()
    qtbot.waitUntil(lambda: panel.drawings.current is not None and panel.drawings.current.number == 1)
    panel.queue.running.stop_button.click()
    assert "Stopping…" in panel.queue.running.words and not panel.queue.running.stop_button.isEnabled()
    easel.go.set()
    idle(qtbot, panel)
    assert thau.pictures.count(PictureFilter()) == 1


def test_what_waits_can_come_earlier_or_be_taken_out(
    qtbot: QtBot, panel: GeneratePanel, easel: Easel, thau: Thau
) -> None:
    easel.hold_at = (0, 5)
    for prompt in ("one", "two", "three", "four"):
        quick(panel, prompt)
        panel.generate()
    drawings = panel.drawings
    assert panel.generate_button.text() == "Add to the queue"

    def waiting() -> list[str]:
        return [drawing.request.prompt for drawing in drawings.waiting]

    assert waiting() == ["two", "three", "four"] and panel.queue._head.text() == "3 wait"
    earlier = named(panel.queue, "Earlier: four")
    earlier.setFocus()
    earlier.click()
    assert waiting() == ["two", "four", "three"]
    here = QApplication.focusWidget()
    assert here is not None and here.accessibleName() == "Earlier: four", "the keyboard goes with it"
    named(panel.queue, "Take out: two").click()
    assert waiting() == ["four", "three"]
    easel.go.set()
    idle(qtbot, panel)
    drawn = [one.prompt for one in thau.pictures.rows(thau.pictures.ids(PictureFilter(oldest_first=True)))]
    assert drawn == ["one", "four", "three"]


def test_drawing_goes_on_while_another_page_is_in_view_and_its_end_is_told(
    qtbot: QtBot, panel: GeneratePanel, easel: Easel, window: MainWindow, thau: Thau
) -> None:
    easel.hold_at = (0, 5)
    quick(panel)
    panel.generate()
    qtbot.waitUntil(lambda: panel.drawings.current is not None and panel.drawings.current.step == 4)
    window.show_page("chat")
    easel.go.set()
    qtbot.waitUntil(lambda: window._toast.text == "The picture is ready")
    window._toast.action.click()
    page = window.page
    assert isinstance(page, GalleryPage) and page.viewer is not None and page.viewer.picture is not None
    assert page.viewer.picture.id == thau.pictures.ids()[0]


def test_a_queue_outlives_the_page_that_filled_it(
    qtbot: QtBot, panel: GeneratePanel, easel: Easel, window: MainWindow, thau: Thau
) -> None:
    easel.hold_at = (0, 5)
    quick(panel)
    panel.generate()
    other = GeneratePanel(thau, window)
    qtbot.addWidget(other)
    assert other.drawings is panel.drawings is Drawings.of(thau, window)
    assert not other.queue.running.isHidden()
    easel.go.set()
    idle(qtbot, other)
    other.deleteLater()


# --- what goes wrong ----------------------------------------------------------------------------------------


def test_a_picture_that_does_not_fit_in_memory_is_drawn_smaller_by_a_button(
    qtbot: QtBot, panel: GeneratePanel, easel: Easel, thau: Thau
) -> None:
    easel.problem = OutOfMemory("The picture does not fit in memory.", "", details="CUDA out of memory")
    quick(panel)
    panel.show_values(Values(prompt="a fox", width=512, height=512, steps=10))
    panel.generate()
    problem = panel.queue.problem
    qtbot.waitUntil(lambda: problem.isVisible())
    assert problem.words.startswith("The picture does not fit in memory.")
    assert problem.do_button.isVisible() and problem.do_button.text().startswith("Draw at")
    problem.do_button.click()
    idle(qtbot, panel)
    (drawn,) = thau.pictures.rows(thau.pictures.ids())
    assert drawn.width < 512 and panel.values.width == drawn.width
    assert problem.words == ""


def test_a_failure_holds_what_waits_until_somebody_says_go_on(
    qtbot: QtBot, panel: GeneratePanel, easel: Easel, thau: Thau
) -> None:
    easel.hold_at = (0, 5)
    for prompt in ("one", "two"):
        quick(panel, prompt)
        panel.generate()
    qtbot.waitUntil(lambda: panel.drawings.current is not None and panel.drawings.current.step == 4)
    easel.problem = ModelBroken("The model can't be read.", "Choose another.", action=Action("open_models", "Models"))
    easel.go.set()
    qtbot.waitUntil(lambda: panel.drawings.current is None or thau.pictures.count(PictureFilter()) > 0)
    qtbot.waitUntil(lambda: panel.queue.problem.isVisible())
    panel.queue.problem.retry_button.click()
    idle(qtbot, panel)
    assert thau.pictures.count(PictureFilter()) == 2


def test_what_waits_is_held_and_goes_on_by_a_click(
    qtbot: QtBot, panel: GeneratePanel, easel: Easel, thau: Thau
) -> None:
    def fail(number: int, step: int) -> None:
        easel.go.wait(60)
        raise ModelBroken("The model can't be read.")

    easel.model.before_step = fail
    for prompt in ("one", "two"):
        quick(panel, prompt)
        panel.generate()
    easel.go.set()
    qtbot.waitUntil(lambda: panel.drawings.held)
    assert [one.request.prompt for one in panel.drawings.waiting] == ["two"]
    assert "stopped after a problem" in panel.queue._head.text()
    easel.model.before_step = lambda number, step: None
    panel.queue._go_on.click()
    idle(qtbot, panel)
    assert thau.pictures.count(PictureFilter()) == 1 and not panel.drawings.held


def test_the_details_of_a_failure_fold_out(qtbot: QtBot, panel: GeneratePanel, easel: Easel) -> None:
    easel.problem = ModelBroken("The model can't be read.", "Choose another.", details="header too large")
    quick(panel)
    panel.generate()
    problem = panel.queue.problem
    qtbot.waitUntil(lambda: problem.isVisible())
    assert not problem._details.isVisible()
    problem._more.click()
    assert problem._details.isVisible() and problem._details.text() == "header too large"


# --- looks --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1.0, 1.6])
def test_nothing_in_the_panel_is_cut_off_at_the_side(
    qtbot: QtBot, panel: GeneratePanel, theme: Theme, easel: Easel, scale: float
) -> None:
    theme.apply(Settings(appearance=Appearance(reduced_motion=True, text_scale=scale)))
    easel.problem = OutOfMemory("The picture does not fit in memory.")
    panel.fold.open()
    panel.show_values(Values(prompt="word " * 50, width=1000, height=600, steps=10, loras=(("/a/ink.st", 1.0),)))
    panel.generate()
    qtbot.waitUntil(lambda: panel.queue.problem.isVisible())
    easel.hold_at = (0, 5)
    panel.generate()
    panel.generate()
    QApplication.processEvents()
    inside = panel._scroll.widget()
    qtbot.waitUntil(lambda: inside.width() <= panel._scroll.viewport().width())
    easel.go.set()
    idle(qtbot, panel)


@pytest.mark.parametrize("colors", ["light", "dark"])
def test_every_control_of_panel_and_viewer_has_a_name_and_shows_the_keyboard(
    qtbot: QtBot, panel: GeneratePanel, window: MainWindow, theme: Theme, thau: Thau, easel: Easel, colors: str
) -> None:
    theme.apply(Settings(appearance=Appearance(reduced_motion=True, theme=colors)))
    QApplication.setCursorFlashTime(0)  # a cursor that blinks would be seen as a ring
    first, second = keep(thau, "a fox", width=256, height=256), keep(thau, "a boat", seed=3, width=256, height=256)
    source = str(thau.gallery.path(first))
    panel.show_values(Values(prompt="a fox", width=600, loras=(("/a/ink.st", 1.0),), source=source, steps=10))
    panel.fold.open()
    panel.seed.remember(3)
    easel.problem = OutOfMemory("The picture does not fit in memory.", details="CUDA")
    panel.generate()
    qtbot.waitUntil(lambda: panel.queue.problem.isVisible())
    easel.hold_at = (0, 5)
    for _number in range(3):
        panel.generate()
    panel.queue.problem.show_error(panel.drawings.waiting[0], OutOfMemory("No memory.", details="CUDA"))
    qtbot.waitUntil(lambda: panel.drawings.current is not None and panel.drawings.current.step == 4)
    qtbot.waitUntil(lambda: not panel._reveal)
    page = window.page
    assert isinstance(page, GalleryPage)
    qtbot.waitUntil(lambda: page.empty is None)
    looked = _look(panel)
    page.open_picture(first.id)
    assert page.viewer is not None
    qtbot.waitUntil(lambda: page.viewer.canvas.has_picture)
    looked += _look(page.viewer)
    page.compare(first.id, second.id)
    qtbot.waitUntil(lambda: all(side.canvas.has_picture for side in page.viewer.comparison.sides))
    looked += _look(page.viewer)
    page.viewer.comparison.toggle_wipe()
    looked += _look(page.viewer)
    assert looked > 60
    easel.go.set()
    idle(qtbot, panel)


def _look(root: QWidget) -> int:
    """How many controls were looked at; none may lack a name, or look the same with the keyboard."""
    QApplication.processEvents()
    nameless = [type(control).__name__ for control in seen(root) if not name_of(control)]
    assert not nameless
    looked = 0
    for control, around in focused(root):
        with_ring = picture_of(root.window(), around)
        control.clearFocus()
        assert with_ring != picture_of(root.window(), around), f"{type(control).__name__} {name_of(control)}"
        looked += 1
    return looked
