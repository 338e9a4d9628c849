"""The viewer over the gallery: looking closely, going on, and everything that can be done with one picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.gallery_pictures import keep
from thau_desktop.app import Thau
from thau_desktop.settings import Appearance, Settings
from thau_desktop.store.pictures import Picture
from ui.gallery.compare import differences
from ui.gallery.metadata import facts, summary
from ui.gallery.page import GalleryPage
from ui.gallery.viewer import Viewer
from ui.gallery.viewer_canvas import Canvas
from ui.gallery.viewer_reading import Reader, decode
from ui.main_window import MainWindow
from ui.theme import Theme
from ui.widgets.banner import Banner


@pytest.fixture
def window(qtbot: QtBot, theme: Theme, thau: Thau) -> MainWindow:
    theme.apply(Settings(appearance=Appearance(reduced_motion=True)))
    thau.change("general", "first_run_done", True)
    made = MainWindow(thau.paths.home)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    made.set_thau(thau)
    with qtbot.waitActive(made):
        made.activateWindow()
    return made


@pytest.fixture
def pictures(thau: Thau) -> list[Picture]:
    """Three pictures, oldest first; the second is a variation of the first."""
    first = keep(thau, "a red fox in the snow", seed=1)
    second = keep(thau, "a red fox in the snow", seed=2, parent_id=first.id)
    return [first, second, keep(thau, "a lighthouse", seed=3, width=512, height=384, negative_prompt="")]


Open = Callable[[Picture], Viewer]


@pytest.fixture
def open_(qtbot: QtBot, window: MainWindow, pictures: list[Picture]) -> Open:
    """Opens the viewer on the gallery page and waits until the picture is seen."""

    def show(picture: Picture) -> Viewer:
        page = window.show_page("gallery")
        assert isinstance(page, GalleryPage)
        page.open_picture(picture.id)
        assert page.viewer is not None
        qtbot.waitUntil(lambda: page.viewer.canvas.decoded is not None)
        return page.viewer

    return show


def button(root: QWidget, name: str) -> QPushButton | QToolButton:
    QApplication.processEvents()  # new buttons are shown in the next turn of the event loop
    found = [
        one
        for kind in (QPushButton, QToolButton)
        for one in root.findChildren(kind)
        if name in (one.accessibleName(), one.text().strip()) and one.isVisibleTo(root)
    ]
    assert found, f"no button {name}"
    return found[0]


def seen(qtbot: QtBot, viewer: Viewer, picture: Picture) -> None:
    """Wait until that picture is on the canvas."""
    qtbot.waitUntil(lambda: viewer.picture is not None and viewer.picture.id == picture.id)
    qtbot.waitUntil(lambda: viewer.canvas.has_picture)


# --- what is known of a picture -----------------------------------------------------------------------------


def test_everything_known_of_a_picture_stands_beside_it(open_: Open, pictures: list[Picture]) -> None:
    side = open_(pictures[1]).side.metadata
    shown = {key: side.value(key) for key in ("prompt", "negative_prompt", "model", "size", "steps", "guidance")}
    assert shown == {
        "prompt": "a red fox in the snow",
        "negative_prompt": "blurry",
        "model": "thau-image-v1",
        "size": "64 × 48",
        "steps": "30",
        "guidance": "7.5",
    }
    assert side.value("seed") == "2" and side.value("scheduler") == "euler" and side.value("seconds") == "8.2 s"
    assert side.value("source") == "The gallery" and side.value("file").replace("\u200b", "") == pictures[1].file
    button(side, "Show the original")


def test_what_is_not_known_is_left_out(thau: Thau) -> None:
    found = thau.gallery.pictures.add(file="x.png", width=8, height=8, source="import")
    assert [fact.key for fact in facts(found)] == ["size", "created", "source", "file"]
    assert summary(found) == "8 × 8"


def test_a_picture_that_began_with_another_says_so(thau: Thau) -> None:
    loras = [{"file": "ink.safetensors", "strength": 0.5}]
    picture = keep(thau, source_picture="first.png", strength=0.4, loras=loras)
    known = {fact.key: fact.value for fact in facts(picture)}
    assert known["begun"] == "first.png" and known["strength"] == "40 %" and known["loras"] == "ink 50 %"


# --- looking ------------------------------------------------------------------------------------------------


def test_the_keys_go_through_the_pictures_and_stop_at_the_ends(
    qtbot: QtBot, open_: Open, pictures: list[Picture]
) -> None:
    viewer = open_(pictures[2])  # newest first
    assert viewer.head.count.text() == "1 of 3"
    qtbot.keyClick(viewer.canvas, Qt.Key.Key_Left)
    assert viewer.picture == pictures[2]
    qtbot.keyClick(viewer.canvas, Qt.Key.Key_Right)
    seen(qtbot, viewer, pictures[1])
    assert viewer.head.count.text() == "2 of 3"
    qtbot.keyClick(viewer.canvas, Qt.Key.Key_End)
    seen(qtbot, viewer, pictures[0])
    qtbot.keyClick(viewer.canvas, Qt.Key.Key_Right)
    assert viewer.picture == pictures[0]
    qtbot.keyClick(viewer.canvas, Qt.Key.Key_Home)
    seen(qtbot, viewer, pictures[2])


def test_the_next_picture_is_read_before_it_is_asked_for(qtbot: QtBot, open_: Open, pictures: list[Picture]) -> None:
    viewer = open_(pictures[1])
    qtbot.waitUntil(lambda: all(viewer.reader.get(picture.id) is not None for picture in pictures))
    viewer.step(1)
    assert viewer.canvas.has_picture


def test_a_reader_reads_only_what_is_still_wanted(qtbot: QtBot, thau: Thau, theme: Theme) -> None:
    paths = {number: thau.gallery.path(keep(thau, seed=number)) for number in range(12)}
    reader = Reader()
    told: list[int] = []
    reader.ready.connect(lambda key, _decoded: told.append(key))
    for number, path in paths.items():  # somebody holds the arrow key down
        reader.want([(number, path)])
    qtbot.waitUntil(lambda: 11 in told)
    qtbot.waitUntil(lambda: not reader._asked)
    assert len(told) < 12 and told[-1] == 11
    reader.want([(0, paths[0])])
    qtbot.waitUntil(lambda: reader.get(0) is not None)
    reader.deleteLater()


def test_a_large_picture_fits_and_zooms_around_the_pointer(qtbot: QtBot, theme: Theme, thau: Thau) -> None:
    canvas = _canvas(qtbot, thau, 1024, 768)
    assert canvas.fits and canvas.scale == pytest.approx(368 / 1024)
    at = QPointF(100, 120)
    before = canvas._on_picture(at)
    _wheel(canvas, at, 5)
    assert canvas.scale == pytest.approx(368 / 1024 * 1.25**5)
    after = canvas._on_picture(at)
    assert (after.x(), after.y()) == pytest.approx((before.x(), before.y()))
    qtbot.keyClick(canvas, Qt.Key.Key_1)
    assert canvas.scale == pytest.approx(1.0)
    qtbot.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.scale == pytest.approx(1.25)
    qtbot.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.fits
    qtbot.keyClick(canvas, Qt.Key.Key_Minus)
    assert canvas.fits, "a picture that fits is not made smaller"


def test_a_picture_larger_than_the_window_is_dragged_but_never_out_of_sight(
    qtbot: QtBot, theme: Theme, thau: Thau
) -> None:
    canvas = _canvas(qtbot, thau, 1024, 768)
    canvas.actual_size()
    place = canvas.picture_rect()
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(canvas, left, pos=QPoint(200, 150))
    QTest.mouseMove(canvas, QPoint(170, 140))
    QTest.mouseRelease(canvas, left, pos=QPoint(170, 140))
    moved = canvas.picture_rect()
    assert (moved.x() - place.x(), moved.y() - place.y()) == pytest.approx((-30, -10))
    for _step in range(40):
        qtbot.keyClick(canvas, Qt.Key.Key_Down)
    assert canvas.picture_rect().bottom() == pytest.approx(canvas.height())
    canvas.fit()
    assert canvas.look.x == 0.5


def test_a_double_click_goes_to_its_own_size_and_back(qtbot: QtBot, theme: Theme, thau: Thau) -> None:
    canvas = _canvas(qtbot, thau, 1024, 768)
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
    assert canvas.scale == pytest.approx(1.0)
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
    assert canvas.fits


def test_the_zoom_is_said_and_its_button_goes_to_the_own_size_and_back(open_: Open, pictures: list[Picture]) -> None:
    viewer = open_(pictures[2])
    fitted = viewer.head.zoom.text()
    viewer.head.zoom.click()
    assert viewer.head.zoom.text() == "100 %" != fitted
    viewer.head.zoom.click()
    assert viewer.head.zoom.text() == fitted


def test_a_picture_has_smaller_copies_for_painting_it_small(thau: Thau) -> None:
    decoded = decode(thau.gallery.path(keep(thau, width=1024, height=512)))
    assert [level.width() for level in decoded.levels] == [1024, 512]


def _canvas(qtbot: QtBot, thau: Thau, width: int, height: int) -> Canvas:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(400, 308)
    canvas.show()
    canvas.show_decoded(decode(thau.gallery.path(keep(thau, width=width, height=height))))
    return canvas


def _wheel(canvas: Canvas, at: QPointF, notches: int) -> None:
    nothing = Qt.MouseButton.NoButton
    turned = QPoint(0, 120 * notches)
    event = QWheelEvent(
        at,
        canvas.mapToGlobal(at),
        QPoint(),
        turned,
        nothing,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


# --- what can't be seen -------------------------------------------------------------------------------------


def test_a_file_that_is_gone_is_said_in_place_and_can_be_removed(
    qtbot: QtBot, open_: Open, thau: Thau, pictures: list[Picture]
) -> None:
    thau.gallery.path(pictures[1]).unlink()
    viewer = open_(pictures[1])
    assert viewer._problem.words == "The file of this picture is no longer on the disk."
    viewer._problem.action.click()
    seen(qtbot, viewer, pictures[0])
    assert not viewer._problem.words
    assert thau.pictures.get(pictures[1].id).deleted_at is not None


def test_a_file_that_is_no_picture_is_said_in_place(open_: Open, thau: Thau, pictures: list[Picture]) -> None:
    thau.gallery.path(pictures[1]).write_text("not a picture")
    viewer = open_(pictures[1])
    assert viewer._problem.words == "This file can't be read as a picture."
    assert not viewer.canvas.has_picture and not viewer.head.zoom.isEnabled()
    viewer.step(-1)
    assert not viewer._problem.words


def test_a_picture_that_never_was_is_not_opened(window: MainWindow, open_: Open, pictures: list[Picture]) -> None:
    viewer = open_(pictures[0])
    viewer.close_viewer()
    assert not viewer.open_pictures([999], 999)
    assert viewer.isHidden()


# --- what is done with it -----------------------------------------------------------------------------------


def test_escape_goes_back_to_the_gallery_and_gives_the_keyboard_back(
    qtbot: QtBot, window: MainWindow, open_: Open, pictures: list[Picture]
) -> None:
    viewer = open_(pictures[1])
    assert viewer.canvas.hasFocus()
    qtbot.keyClick(viewer.canvas, Qt.Key.Key_Escape)
    assert viewer.isHidden()
    here = QApplication.focusWidget()
    assert here is not None and window.page.isAncestorOf(here) and not viewer.isAncestorOf(here)


def test_a_favourite_is_marked_with_a_key_and_stays_one(
    qtbot: QtBot, open_: Open, thau: Thau, pictures: list[Picture]
) -> None:
    viewer = open_(pictures[1])
    with qtbot.waitSignal(viewer.changed):
        qtbot.keyClick(viewer.canvas, Qt.Key.Key_F)
    assert thau.pictures.get(pictures[1].id).favourite
    button(viewer, "No longer a favourite (F)").click()
    assert not thau.pictures.get(pictures[1].id).favourite


def test_prompt_seed_and_picture_are_copied(
    qtbot: QtBot, open_: Open, window: MainWindow, thau: Thau, pictures: list[Picture]
) -> None:
    viewer = open_(pictures[1])
    clipboard = QApplication.clipboard()
    button(viewer, "Copy the prompt").click()
    assert clipboard.text() == "a red fox in the snow" and window._toast.text == "The prompt was copied"
    button(viewer, "Copy the seed").click()
    assert clipboard.text() == "2"
    qtbot.keyClick(viewer.canvas, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.image().size().toTuple() == (64, 48)
    assert clipboard.mimeData().urls()[0].toLocalFile() == str(thau.gallery.path(pictures[1]))


def test_a_deleted_picture_makes_room_for_the_next_and_comes_back(
    qtbot: QtBot, open_: Open, window: MainWindow, thau: Thau, pictures: list[Picture]
) -> None:
    viewer = open_(pictures[1])
    qtbot.keyClick(viewer.canvas, Qt.Key.Key_Delete)
    seen(qtbot, viewer, pictures[0])
    assert viewer.head.count.text() == "2 of 2"
    assert thau.pictures.get(pictures[1].id).deleted_at is not None
    with qtbot.waitSignal(viewer.changed):
        window._toast.action.click()
    assert thau.pictures.get(pictures[1].id).deleted_at is None
    assert thau.gallery.path(pictures[1]).is_file()


def test_a_picture_in_the_trash_offers_to_come_back(
    qtbot: QtBot, open_: Open, thau: Thau, pictures: list[Picture]
) -> None:
    thau.gallery.delete([pictures[1].id])
    viewer = open_(pictures[1])
    assert viewer.canvas.has_picture, "the trash keeps the file"
    assert viewer.head.count.text() == "1 of 1 · in the trash"
    button(viewer, "Restore").click()
    qtbot.waitUntil(lambda: thau.pictures.get(pictures[1].id).deleted_at is None)


def test_deleting_the_last_picture_closes_the_viewer(
    qtbot: QtBot, window: MainWindow, open_: Open, thau: Thau, pictures: list[Picture]
) -> None:
    viewer = open_(pictures[1])
    viewer.open_pictures([pictures[0].id], pictures[0].id)
    viewer.delete()
    qtbot.waitUntil(viewer.isHidden)


def test_it_is_saved_elsewhere_with_everything_in_it(
    qtbot: QtBot, open_: Open, window: MainWindow, thau: Thau, pictures: list[Picture], tmp_path: Path
) -> None:
    viewer = open_(pictures[1])
    viewer.picture_actions.save(pictures[1], tmp_path / "fox.png")
    qtbot.waitUntil(lambda: window._toast.text == "Saved as fox.png")
    assert (tmp_path / "fox.png").read_bytes() == thau.gallery.path(pictures[1]).read_bytes()


def test_a_file_that_is_gone_can_t_be_saved_and_says_why(
    qtbot: QtBot, open_: Open, window: MainWindow, thau: Thau, pictures: list[Picture], tmp_path: Path
) -> None:
    viewer = open_(pictures[1])
    thau.gallery.path(pictures[1]).unlink()
    viewer.picture_actions.save(pictures[1], tmp_path / "fox.png")
    qtbot.waitUntil(lambda: bool(_banners(window)))
    assert "no longer on the disk" in _banners(window)[0]
    assert not (tmp_path / "fox.png").exists()


def _banners(window: MainWindow) -> list[str]:
    return [banner.accessibleName() for banner in window.findChildren(Banner)]


def test_its_settings_and_variations_are_asked_for(qtbot: QtBot, open_: Open, pictures: list[Picture]) -> None:
    viewer = open_(pictures[1])
    viewer.use_settings.disconnect()
    viewer.variations.disconnect()
    with qtbot.waitSignal(viewer.use_settings) as used:
        button(viewer, "Use these settings").click()
    assert used.args == [pictures[1]] and viewer.isHidden()
    for number, how in enumerate(("seeds", "image")):
        viewer.open_pictures([pictures[1].id], pictures[1].id)
        with qtbot.waitSignal(viewer.variations) as varied:
            viewer.side.vary_button.menu().actions()[number].trigger()
        assert varied.args == [pictures[1], how]


def test_a_small_page_leaves_the_room_to_the_picture(
    qtbot: QtBot, window: MainWindow, open_: Open, pictures: list[Picture]
) -> None:
    viewer = open_(pictures[1])
    assert viewer.side.isVisible()
    window.resize(700, 500)
    qtbot.waitUntil(lambda: not viewer.side.isVisible())
    qtbot.keyClick(viewer.canvas, Qt.Key.Key_I)
    assert viewer.side.isVisible()
    window.resize(1280, 800)
    assert viewer.side.isVisible()


# --- two pictures ---------------------------------------------------------------------------------------------


def test_a_variation_is_compared_with_what_it_came_from(qtbot: QtBot, open_: Open, pictures: list[Picture]) -> None:
    viewer = open_(pictures[1])
    qtbot.keyClick(viewer.canvas, Qt.Key.Key_C)
    sides = viewer.comparison.sides
    assert [side.picture for side in sides] == [pictures[1], pictures[0]]
    qtbot.waitUntil(lambda: all(side.canvas.has_picture for side in sides))
    assert all(side.metadata.marked() == {"seed"} for side in sides)
    viewer.comparison.swap()
    assert [side.picture for side in sides] == [pictures[0], pictures[1]]


def test_what_differs_is_marked_and_what_always_differs_is_not(pictures: list[Picture]) -> None:
    assert differences(pictures[1], pictures[2]) == {"prompt", "negative_prompt", "size", "seed"}
    assert not differences(pictures[0], pictures[0])


def test_zoom_and_place_of_one_side_are_those_of_the_other(qtbot: QtBot, open_: Open, pictures: list[Picture]) -> None:
    viewer = open_(pictures[2])
    viewer.open_comparison(pictures[2].id, pictures[0].id)
    left, right = (side.canvas for side in viewer.comparison.sides)
    qtbot.waitUntil(lambda: left.has_picture and right.has_picture)
    left.zoom_to(4.0)
    left.move_by(50, 20)
    assert left.look.factor == right.look.factor > 1
    assert (right.look.x, right.look.y) == pytest.approx((left.look.x, left.look.y))
    right.fit()
    assert left.fits


def test_the_arrows_of_a_side_pass_over_the_picture_of_the_other(
    qtbot: QtBot, open_: Open, pictures: list[Picture]
) -> None:
    viewer = open_(pictures[2])
    viewer.compare()
    left, right = viewer.comparison.sides
    assert (left.picture, right.picture) == (pictures[2], pictures[1])
    button(viewer.comparison, "Next picture at the left").click()
    assert left.picture == pictures[0]


def test_one_picture_over_the_other_is_parted_by_a_line_that_keys_move(
    qtbot: QtBot, open_: Open, pictures: list[Picture]
) -> None:
    viewer = open_(pictures[1])
    viewer.compare()
    comparison = viewer.comparison
    qtbot.waitUntil(lambda: all(side.canvas.has_picture for side in comparison.sides))
    qtbot.keyClick(comparison.sides[0].canvas, Qt.Key.Key_W)
    wipe = comparison.wipe
    assert wipe.isVisible() and wipe.hasFocus()
    place = wipe.picture_rect()
    middle = int(place.center().y() + 40)
    picture = wipe.grab().toImage()
    left, right = (picture.pixelColor(int(place.center().x()) + x, middle) for x in (-30, 30))
    assert left != right
    for _step in range(20):
        qtbot.keyClick(wipe, Qt.Key.Key_Right)
    assert wipe.line == pytest.approx(0.9)
    moved = wipe.grab().toImage()
    assert moved.pixelColor(int(place.center().x()) + 30, middle) == left
    qtbot.keyClick(wipe, Qt.Key.Key_Escape)
    assert viewer.canvas.isVisible() and not viewer.isHidden()
    qtbot.keyClick(viewer.canvas, Qt.Key.Key_Escape)
    assert viewer.isHidden()


def test_two_pictures_of_the_grid_are_compared_at_once(
    qtbot: QtBot, window: MainWindow, pictures: list[Picture]
) -> None:
    page = window.show_page("gallery")
    assert isinstance(page, GalleryPage)
    page.compare(pictures[0].id, pictures[2].id)
    viewer = page.viewer
    assert viewer is not None and viewer.comparison.isVisible()
    qtbot.waitUntil(lambda: all(side.canvas.has_picture for side in viewer.comparison.sides))
    assert viewer.back() and viewer.isHidden()
    assert not viewer.back()
