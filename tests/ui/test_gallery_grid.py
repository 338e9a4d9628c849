"""The grid of the gallery: geometry, selection, keyboard, small images that arrive, and that 100,000 cost no more."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.counting import calls
from thau_desktop.app import Thau
from thau_desktop.errors import StoreError
from thau_desktop.store.pictures import Picture, Pictures
from ui.gallery.grid import PictureGrid
from ui.gallery.grid_delegate import check_rect, star_rect
from ui.gallery.grid_layout import GAP, LARGEST, SMALLEST, GridLayout
from ui.gallery.grid_model import PictureModel, spoken, tip
from ui.gallery.thumbnails import _THREADS as THREADS
from ui.gallery.thumbnails import Thumbnails, Wish, small
from ui.theme import Theme

LEFT = Qt.MouseButton.LeftButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


@dataclass
class Files:
    """Files of pictures in a folder. Attributes: `read`, the ids whose thumbnail was asked for."""

    folder: Path
    read: list[int] = field(default_factory=list)
    gate: threading.Event | None = None

    def path(self, picture: Picture) -> Path:
        return self.folder / picture.file

    def thumbnail(self, picture: Picture) -> Path:
        self.read.append(picture.id)
        if self.gate is not None:
            self.gate.wait(60)
        return self.folder / picture.file


def fill(pictures: Pictures, folder: Path, many: int) -> list[int]:
    """Rows with a file each, oldest first; returns their ids, newest first."""
    ids = []
    for number in range(many):
        color = QColor.fromHsv(number * 37 % 360, 200, 220)
        image = QImage(64, 48 if number % 2 else 64, QImage.Format.Format_RGB32)
        image.fill(color)
        image.save(str(folder / f"{number}.png"))
        made = pictures.add(
            file=f"{number}.png",
            prompt=f"a fox, number {number}",
            width=512,
            height=512,
            created_at=f"2026-11-{1 + number // 60 % 28:02}T10:{number % 60:02}:00.000000+00:00",
        )
        ids.insert(0, made.id)
    return ids


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture
def grid(qtbot: QtBot, theme: Theme, thau: Thau, files: Files) -> Iterator[PictureGrid]:
    """Forty pictures in five columns."""
    fill(thau.pictures, files.folder, 40)
    model = PictureModel(thau.pictures)
    thumbnails = Thumbnails(thau.pictures.rows, files)
    made = PictureGrid(model, thumbnails)
    model.setParent(made)
    thumbnails.setParent(made)
    qtbot.addWidget(made)
    made.resize(904, 600)
    made.show_ids(thau.pictures.ids())
    made.show()
    with qtbot.waitActive(made):
        made.activateWindow()
    made.setFocus()
    yield made
    made.hide()


def model_of(grid: PictureGrid) -> PictureModel:
    model = grid.model()
    assert isinstance(model, PictureModel)
    return model


def center(grid: PictureGrid, row: int) -> QPoint:
    return grid.visualRect(model_of(grid).index(row)).center()


def click(grid: PictureGrid, row: int, keys: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseClick(grid.viewport(), LEFT, keys, center(grid, row))


def rows(grid: PictureGrid) -> list[int]:
    return model_of(grid).rows_of(grid.selected_ids())


# --- geometry ---------------------------------------------------------------------------------------------


def test_tiles_fill_the_line_from_edge_to_edge() -> None:
    places = GridLayout(count=23, width=884, wanted=160)
    assert places.columns == 5
    assert places.rect(0).left() == places.side
    assert places.rect(4).right() == 884 - places.side - 1
    assert places.rect(5).top() == places.rect(0).bottom() + 1 + GAP
    assert places.lines == 5


@pytest.mark.parametrize("width", [16, 100, 300, 884, 1224, 3000])
@pytest.mark.parametrize("wanted", [SMALLEST, 160, LARGEST])
def test_every_tile_is_found_where_it_is(width: int, wanted: int) -> None:
    places = GridLayout(count=100, width=width, wanted=wanted)
    assert all(places.row_at(places.rect(row).center()) == row for row in range(100))
    assert places.row_at(QPoint(0, 0)) == -1
    assert places.row_at(places.rect(99).bottomRight() + QPoint(3, 3)) == -1
    assert places.rect(99).bottom() < places.height
    assert all(0.5 * wanted < places.tile < 2 * wanted for _one in [0] if width > 2 * LARGEST)


def test_only_what_is_seen_is_between_two_heights() -> None:
    places = GridLayout(count=100_000, width=884, wanted=160)
    seen = places.rows_between(1_000_000, 1_000_600)
    assert 15 <= len(seen) <= 30
    assert all(places.rect(row).bottom() >= 1_000_000 - GAP and places.rect(row).top() <= 1_000_600 for row in seen)
    assert not places.rows_between(places.height, places.height + 500)


def test_a_rectangle_finds_whole_lines_as_one_range() -> None:
    places = GridLayout(count=50, width=884, wanted=160)
    whole = QRect(QPoint(0, places.rect(5).top()), QPoint(884, places.rect(19).bottom()))
    assert places.rows_inside(whole) == [range(5, 20)]
    part = QRect(places.rect(6).center(), places.rect(12).center())
    assert places.rows_inside(part) == [range(6, 8), range(11, 13)]


# --- selecting --------------------------------------------------------------------------------------------


def test_a_click_selects_one_ctrl_adds_and_shift_takes_all_between(grid: PictureGrid) -> None:
    click(grid, 3)
    assert rows(grid) == [3]
    click(grid, 7, CTRL)
    assert rows(grid) == [3, 7]
    click(grid, 7, CTRL)
    assert rows(grid) == [3]
    click(grid, 3)
    click(grid, 12, SHIFT)
    assert rows(grid) == list(range(3, 13))


def test_the_check_of_a_tile_selects_it_without_any_key(grid: PictureGrid) -> None:
    click(grid, 1)
    for row in (4, 8):
        spot = check_rect(grid.visualRect(model_of(grid).index(row))).center()
        QTest.mouseClick(grid.viewport(), LEFT, NONE, spot)
    assert rows(grid) == [1, 4, 8]


def test_the_star_of_a_tile_does_not_touch_the_selection(grid: PictureGrid, qtbot: QtBot) -> None:
    click(grid, 1)
    spot = star_rect(grid.visualRect(model_of(grid).index(6))).center()
    with qtbot.waitSignal(grid.star_clicked) as clicked:
        QTest.mouseClick(grid.viewport(), LEFT, NONE, spot)
    assert clicked.args == [model_of(grid).ids[6]] and rows(grid) == [1]


def test_a_rubber_band_selects_what_it_touches(grid: PictureGrid) -> None:
    view = grid.viewport()
    start, end = QPoint(2, 2), grid.visualRect(model_of(grid).index(6)).center()
    QTest.mousePress(view, LEFT, NONE, start)
    QTest.mouseMove(view, QPoint(60, 60))
    QTest.mouseMove(view, end)
    assert rows(grid) == [0, 1, 5, 6]
    QTest.mouseRelease(view, LEFT, NONE, end)
    assert rows(grid) == [0, 1, 5, 6]
    QTest.mouseClick(view, LEFT, NONE, start)
    assert rows(grid) == []


def test_arrows_home_end_space_and_ctrl_a(grid: PictureGrid, qtbot: QtBot) -> None:
    qtbot.keyClick(grid, Qt.Key.Key_Right)  # the first key only shows where the keyboard is
    click(grid, 0)
    for key, row in (
        (Qt.Key.Key_Right, 1), (Qt.Key.Key_Down, 6), (Qt.Key.Key_Left, 5), (Qt.Key.Key_Up, 0), (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_End, 39), (Qt.Key.Key_Down, 39), (Qt.Key.Key_Home, 0),
    ):  # fmt: skip
        qtbot.keyClick(grid, key)
        assert rows(grid) == [row], key
    qtbot.keyClick(grid, Qt.Key.Key_Right, SHIFT)
    qtbot.keyClick(grid, Qt.Key.Key_Down, SHIFT)
    assert rows(grid) == list(range(7))
    qtbot.keyClick(grid, Qt.Key.Key_Right, CTRL)
    qtbot.keyClick(grid, Qt.Key.Key_Right, CTRL)
    qtbot.keyClick(grid, Qt.Key.Key_Space)
    assert rows(grid) == [*range(7), 8]
    qtbot.keyClick(grid, Qt.Key.Key_A, CTRL)
    assert grid.selected_count() == 40
    qtbot.keyClick(grid, Qt.Key.Key_Escape)
    assert grid.selected_count() == 0


def test_the_last_line_is_reached_from_above_where_it_is_shorter(grid: PictureGrid, qtbot: QtBot, thau: Thau) -> None:
    grid.show_ids(thau.pictures.ids()[:38])
    grid.make_current(34)
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    assert grid.currentIndex().row() == 37


def test_enter_and_a_double_click_open(grid: PictureGrid, qtbot: QtBot) -> None:
    click(grid, 2)
    with qtbot.waitSignal(grid.opened) as opened:
        qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert opened.args == [2]
    with qtbot.waitSignal(grid.opened) as opened:
        QTest.mouseDClick(grid.viewport(), LEFT, NONE, center(grid, 4))
    assert opened.args == [4]


def test_letters_go_to_the_search_and_read_no_row(
    grid: PictureGrid, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PictureModel, "picture", lambda _self, _row: pytest.fail("a row was read"))
    with qtbot.waitSignal(grid.typed) as typed:
        qtbot.keyClicks(grid, "s")
    assert typed.args == ["s"]


def test_what_has_the_keyboard_shows_it_once_a_key_was_used(grid: PictureGrid, qtbot: QtBot) -> None:
    click(grid, 0)
    before = grid.grab().toImage()
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    qtbot.keyClick(grid, Qt.Key.Key_Left)
    assert rows(grid) == [0]
    assert grid.grab().toImage() != before


# --- what is shown changes ----------------------------------------------------------------------------------


def test_new_pictures_at_the_top_move_neither_view_nor_selection(grid: PictureGrid, thau: Thau, files: Files) -> None:
    model = model_of(grid)
    click(grid, 6)
    grid.verticalScrollBar().setValue(300)
    chosen, seen = grid.selected_ids(), model.ids[15]
    place = grid.visualRect(model.index(15)).top()
    for number in range(7):
        thau.pictures.add(file=f"new{number}.png")
    grid.show_ids(thau.pictures.ids())
    assert len(model.ids) == 47
    assert grid.selected_ids() == chosen and grid.current_id() == chosen[0]
    row = model.row_of(seen)
    assert abs(grid.visualRect(model.index(row)).top() - place) <= grid.places.tile + GAP
    first = grid._seen_first()
    assert first is not None


def test_at_the_top_new_pictures_are_seen(grid: PictureGrid, thau: Thau) -> None:
    new = thau.pictures.add(file="new.png").id
    grid.show_ids(thau.pictures.ids())
    assert grid.verticalScrollBar().value() == 0
    assert grid.visualRect(model_of(grid).index(0)).top() > 0 and model_of(grid).ids[0] == new


def test_after_a_deletion_the_keyboard_goes_on_beside_it(grid: PictureGrid) -> None:
    model = model_of(grid)
    ids = model.ids
    click(grid, 10)
    click(grid, 3, CTRL)
    click(grid, 10, CTRL)
    click(grid, 12, CTRL)
    grid.show_ids(array("q", [one for row, one in enumerate(ids) if row != 12]))
    assert grid.current_id() == ids[13]
    assert grid.selected_ids() == [ids[3]]


def test_another_question_begins_at_the_top_with_nothing_selected(grid: PictureGrid) -> None:
    click(grid, 3)
    grid.verticalScrollBar().setValue(400)
    grid.show_ids(model_of(grid).ids[5:35], keep=False)
    assert grid.verticalScrollBar().value() == 0 and grid.selected_count() == 0


def test_another_size_keeps_what_is_seen(grid: PictureGrid) -> None:
    click(grid, 0)
    grid.scrollTo(model_of(grid).index(22))
    click(grid, 22)
    grid.set_zoom(110)
    assert grid.places.columns > 5
    assert grid.viewport().rect().intersects(grid.visualRect(model_of(grid).index(22)))
    grid.set_zoom(10_000)
    assert grid.places.wanted == LARGEST
    assert grid.viewport().rect().intersects(grid.visualRect(model_of(grid).index(22)))


# --- records and small images -------------------------------------------------------------------------------


def test_what_is_seen_gets_its_image(grid: PictureGrid, qtbot: QtBot) -> None:
    thumbnails = grid._thumbnails
    qtbot.waitUntil(lambda: bool(grid._seen) and all(thumbnails.pixmap(one) is not None for one in grid._seen))
    qtbot.waitUntil(lambda: not thumbnails.busy)
    grid.viewport().repaint()
    image = grid.viewport().grab().toImage()
    spots = [center(grid, row) for row in range(10)]
    assert len({image.pixelColor(spot).name() for spot in spots}) == 10


def test_what_was_scrolled_past_is_not_read(qtbot: QtBot, theme: Theme, thau: Thau, files: Files) -> None:
    ids = fill(thau.pictures, files.folder, 30)
    files.gate = threading.Event()
    thumbnails = Thumbnails(thau.pictures.rows, files)
    thumbnails.want([Wish(one) for one in ids[:20]], 32, 4)
    qtbot.waitUntil(lambda: len(files.read) == THREADS)
    thumbnails.want([Wish(one) for one in ids[20:]], 32, 4)
    files.gate.set()
    qtbot.waitUntil(lambda: not thumbnails.busy)
    assert len(files.read) == 10 + THREADS
    assert set(ids[20:]) <= set(files.read)
    thumbnails.deleteLater()


def test_images_are_kept_within_their_bytes_and_the_oldest_go(
    qtbot: QtBot, theme: Theme, thau: Thau, files: Files
) -> None:
    ids = fill(thau.pictures, files.folder, 12)
    thumbnails = Thumbnails(thau.pictures.rows, files, limit=5 * 32 * 32 * 4)
    for one in ids:
        thumbnails.want([Wish(one)], 32, 4)
        qtbot.waitUntil(lambda: not thumbnails.busy)
        thumbnails.pixmap(ids[0])  # looked at again and again
    assert thumbnails.bytes <= 5 * 32 * 32 * 4
    assert [one for one in ids if thumbnails.pixmap(one) is not None] == [ids[0], *ids[-4:]]
    thumbnails.deleteLater()


def test_a_picture_that_cannot_be_read_is_told_and_asked_for_once(
    grid: PictureGrid, qtbot: QtBot, files: Files
) -> None:
    broken = model_of(grid).ids[2]
    qtbot.waitUntil(lambda: bool(grid._seen) and not grid._thumbnails.busy)
    (files.folder / "37.png").write_bytes(b"no picture")
    grid._thumbnails.clear()
    files.read.clear()
    grid.viewport().update()
    qtbot.waitUntil(lambda: grid._thumbnails.broken(broken))
    qtbot.waitUntil(lambda: not grid._thumbnails.busy)
    grid.viewport().repaint()
    assert files.read.count(broken) <= 2


def test_a_small_image_is_the_middle_with_round_corners(tmp_path: Path) -> None:
    wide = QImage(300, 100, QImage.Format.Format_RGB32)
    wide.fill(Qt.GlobalColor.red)
    for x in range(100, 200):
        for y in range(100):
            wide.setPixelColor(x, y, QColor(Qt.GlobalColor.blue))
    wide.save(str(tmp_path / "wide.png"))
    made = small(tmp_path / "wide.png", 50, 10)
    assert made is not None and made.width() == made.height() == 50
    assert made.pixelColor(25, 25) == QColor(Qt.GlobalColor.blue)
    assert made.pixelColor(4, 25).blue() > 200
    assert made.pixelColor(0, 0).alpha() == 0
    assert small(tmp_path / "gone.png", 50, 10) is None


def test_a_changed_record_is_painted_when_it_was_read_again(grid: PictureGrid, thau: Thau, qtbot: QtBot) -> None:
    model = model_of(grid)
    qtbot.waitUntil(lambda: model.known(model.ids[0]) is not None)
    thau.pictures.set_favourite([model.ids[0]])
    assert not model.known(model.ids[0]).favourite
    grid.refresh()
    qtbot.waitUntil(lambda: model.known(model.ids[0]).favourite)


def test_records_of_long_ago_are_forgotten(thau: Thau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.gallery.grid_model._KEPT", 100)
    with thau.database.transaction():
        for number in range(150):
            thau.pictures.add(file=f"{number}.png")
    model = PictureModel(thau.pictures)
    model.show(thau.pictures.ids())
    model.take(thau.pictures.rows(model.ids))
    assert sum(model.known(one) is not None for one in model.ids) == 100
    found = model.picture(3)
    assert found is not None and found.id == model.ids[3]


def test_a_store_that_cannot_be_read_gives_no_record(thau: Thau, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: Pictures, _ids: Sequence[int]) -> list[Picture]:
        raise StoreError("no")

    model = PictureModel(thau.pictures)
    model.show(array("q", [1, 2]))
    monkeypatch.setattr(Pictures, "rows", refuse)
    assert model.picture(0) is None
    assert model.data(model.index(0), Qt.ItemDataRole.AccessibleTextRole) == "A picture that is gone"


# --- by ear -------------------------------------------------------------------------------------------------


def test_a_screen_reader_hears_what_each_picture_is(grid: PictureGrid) -> None:
    found = QAccessible.queryAccessibleInterface(grid)
    assert found.role() == QAccessible.Role.List and found.childCount() == 40
    item = found.child(1)
    assert item.text(QAccessible.Text.Name) == "a fox, number 38, 512 by 512 pixels, 1 November 2026"
    assert item.rect().size() == grid.visualRect(model_of(grid).index(1)).size()


def test_descriptions_are_spoken_and_shown_as_they_are(thau: Thau) -> None:
    made = thau.pictures.add(
        file="x.png", prompt="<b>a\nfox</b> & co", width=8, height=9, model="SD", favourite=True, created_at="damaged"
    )
    assert spoken(made) == "<b>a fox</b> & co, favourite, 8 by 9 pixels"
    assert tip(made) == "<p>&lt;b&gt;a fox&lt;/b&gt; &amp; co</p><p>8 × 9 · SD</p>"
    assert spoken(thau.pictures.add(file="y.png", width=8, height=9)).startswith("y.png")


# --- many ---------------------------------------------------------------------------------------------------


def test_a_hundred_thousand_cost_as_much_as_those_that_are_seen(grid: PictureGrid) -> None:
    model = model_of(grid)
    many = array("q", range(1_000, 101_000))
    assert calls(lambda: grid.show_ids(many)) < 2000

    def scroll() -> None:
        grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum() // 2)
        grid.viewport().repaint()

    assert calls(scroll) < 4000
    assert calls(grid.selectAll) < 2000
    assert grid.selected_count() == 100_000
    assert calls(lambda: grid.scrollTo(model.index(99_999))) < 2000
    assert grid.viewport().rect().contains(grid.visualRect(model.index(99_999)))
    grid.clearSelection()
    more = array("q", [7, *many])
    assert calls(lambda: grid.show_ids(more)) < 5000
