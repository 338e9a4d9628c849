"""The gallery page: what is looked for, what is done with pictures, the trash, files that come and go, the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QMenu, QPlainTextEdit
from pytestqt.qtbot import QtBot

from thau_desktop.app import Thau
from thau_desktop.images.gallery import Gallery
from thau_desktop.settings import Appearance, Settings
from thau_desktop.store.database import Database
from thau_desktop.store.pictures import Pictures
from ui.focus import reading_order
from ui.gallery.days import Days
from ui.gallery.importing import DRAGGED
from ui.gallery.page import GalleryPage
from ui.gallery.trash import days_left
from ui.gallery.wanted import PERIODS, Wanted, period_name
from ui.main_window import MainWindow
from ui.theme import Theme
from ui.widgets.ask import Ask

PROMPTS = ("a red fox in the snow", "a blue boat at sunset", "a red lighthouse on a cliff")


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


def draw(gallery: Gallery, prompt: str, days: float = 0.0, size: tuple[int, int] = (64, 64), model: str = "one") -> int:
    """A picture of one colour, drawn so many days ago."""
    when = datetime.now(UTC) - timedelta(days=days)
    color = hash(prompt) % 256
    parameters = {
        "prompt": prompt,
        "model": model,
        "width": size[0],
        "height": size[1],
        "seed": 7,
        "steps": 20,
        "created": when.isoformat(timespec="microseconds"),
    }
    pixels = bytes((color, 90, 160)) * (size[0] * size[1])
    return gallery.keep_drawn(pixels, parameters, source="gallery").id


@pytest.fixture
def page(qtbot: QtBot, window: MainWindow, thau: Thau) -> Iterator[GalleryPage]:
    """Six pictures, the newest first: today, and one a day before that."""
    for number in reversed(range(6)):
        size = (64, 64) if number % 2 else (64, 96)
        draw(thau.gallery, PROMPTS[number % 3], float(number), size, "two" if number == 5 else "one")
    made = window.show_page("gallery")
    assert isinstance(made, GalleryPage)
    qtbot.waitUntil(lambda: len(made.model.ids) == 6 and made.panel is not None)
    yield made
    made.hide()


def shown(page: GalleryPage) -> list[str]:
    return [page._thau.pictures.get(one).prompt for one in page.model.ids]


def select(page: GalleryPage, *rows: int) -> list[int]:
    ids = [page.model.ids[row] for row in rows]
    page.grid.select_ids(ids)
    page.grid.make_current(rows[-1])
    page.grid.setFocus()
    return ids


def answer(qtbot: QtBot, choice: int) -> None:
    """Press that button of the question that is asked."""
    qtbot.waitUntil(lambda: bool(open_questions()))
    open_questions()[0].buttons[choice].click()


def open_questions() -> list[Ask]:
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, Ask) and one.isVisible()]


def toast(window: MainWindow) -> str:
    return window._toast.text if window._toast.isVisible() else ""


# --- nothing there ------------------------------------------------------------------------------------------


def test_an_empty_gallery_says_how_pictures_come(qtbot: QtBot, window: MainWindow) -> None:
    page = window.show_page("gallery")
    assert isinstance(page, GalleryPage)
    qtbot.waitUntil(lambda: page.empty is not None and page.panel is not None)
    assert "conversation" in page.empty.accessibleName() or page.empty.action.text() == "Draw a picture"
    page.empty.action.click()
    focused = QApplication.focusWidget()
    assert isinstance(focused, QPlainTextEdit) and page.panel.isAncestorOf(focused)


def test_the_first_picture_takes_the_place_of_the_words(qtbot: QtBot, window: MainWindow, thau: Thau) -> None:
    page = window.show_page("gallery")
    assert isinstance(page, GalleryPage)
    qtbot.waitUntil(lambda: page.empty is not None)
    page._looking.setInterval(10)
    draw(thau.gallery, "a fox")
    qtbot.waitUntil(lambda: page.empty is None and page.grid.isVisible())
    assert page.bar.count.text() == "1 picture"


# --- looking for pictures -----------------------------------------------------------------------------------


def test_search_finds_words_of_descriptions_and_says_when_there_are_none(qtbot: QtBot, page: GalleryPage) -> None:
    page.find()
    qtbot.keyClicks(page.bar.search, "fox re")
    qtbot.waitUntil(lambda: set(shown(page)) == {PROMPTS[0]})
    assert page.bar.count.text() == "2 found"
    qtbot.keyClicks(page.bar.search, "zzz")
    qtbot.waitUntil(lambda: page.empty is not None)
    assert page.bar.search.hasFocus(), "who types goes on typing"
    page.empty.action.click()
    qtbot.waitUntil(lambda: len(page.model.ids) == 6 and page.empty is None)
    assert page.bar.search.text() == ""


def test_enter_in_the_search_goes_to_the_pictures(qtbot: QtBot, page: GalleryPage) -> None:
    page.find()
    qtbot.keyClick(page.bar.search, Qt.Key.Key_Return)
    assert page.grid.hasFocus() and page.grid.currentIndex().row() == 0


def test_letters_typed_in_the_grid_are_searched_for(qtbot: QtBot, page: GalleryPage) -> None:
    page.grid.setFocus()
    qtbot.keyClicks(page.grid, "b")
    assert page.bar.search.hasFocus() and page.bar.search.text() == "b"
    qtbot.waitUntil(lambda: set(shown(page)) == {PROMPTS[1]})


def test_filters_narrow_and_their_chips_widen_again(qtbot: QtBot, page: GalleryPage) -> None:
    page.bar.want(model="two")
    qtbot.waitUntil(lambda: len(page.model.ids) == 1)
    page.bar.want(model="", size=(64, 96))
    qtbot.waitUntil(lambda: len(page.model.ids) == 3)
    chips = [page.bar._chips_row.itemAt(place).widget() for place in range(page.bar._chips_row.count())]
    chip = next(one for one in chips if one is not None and "64 × 96" in one.accessibleName())
    chip.click()
    qtbot.waitUntil(lambda: len(page.model.ids) == 6)
    assert page.bar.wanted == Wanted()


def test_favourites_alone(qtbot: QtBot, page: GalleryPage, thau: Thau) -> None:
    thau.pictures.set_favourite([page.model.ids[2]])
    page.bar.favourites.click()
    qtbot.waitUntil(lambda: len(page.model.ids) == 1)
    page.bar.favourites.click()
    qtbot.waitUntil(lambda: len(page.model.ids) == 6)


def test_dates_are_days_here(page: GalleryPage, qtbot: QtBot) -> None:
    page.bar.want(period="today")
    qtbot.waitUntil(lambda: len(page.model.ids) == 1)
    page.bar.want(period="week")
    qtbot.waitUntil(lambda: len(page.model.ids) == 6)
    yesterday = date.today() - timedelta(days=1)
    page.bar.want(period="between", first=yesterday, last=yesterday)
    qtbot.waitUntil(lambda: shown(page) == [PROMPTS[1]])
    assert "–" in page.bar.date.text()


def test_a_period_means_another_time_tomorrow() -> None:
    wanted = Wanted(period="yesterday")
    today = date(2026, 3, 1)
    before, after = wanted.filter(today), wanted.filter(today + timedelta(days=1))
    assert before.until == after.since and before.since < before.until
    assert {period for period, _words in PERIODS} >= {"", "today", "week", "month", "year", "earlier"}
    assert Wanted(period="earlier").filter(today).until == Wanted(period="year").filter(today).since
    assert period_name(Wanted()) == "Any date"


def test_two_days_are_chosen_in_either_order(qtbot: QtBot, page: GalleryPage) -> None:
    page.bar.choose_days()
    (sheet,) = page.window().findChildren(Days)
    first, last = sheet.last.date().addDays(3), sheet.first.date()
    sheet.first.setDate(first)
    sheet.last.setDate(last)
    sheet._choose()
    assert page.bar.wanted.period == "between" and page.bar.wanted.first < page.bar.wanted.last


def test_the_menus_of_the_filters_know_models_sizes_and_origins(page: GalleryPage, qtbot: QtBot) -> None:
    menu = page.bar.more.menu()
    menu.aboutToShow.emit()
    titles = {one.title(): [action.text() for action in one.actions()] for one in menu.findChildren(QMenu)}
    assert titles["Model"] == ["Any model", "one", "two"]
    assert titles["Size"] == ["Any size", "64 × 64", "64 × 96"]
    assert "Imported" in titles["Where from"]
    by_model = next(one for one in menu.findChildren(QMenu) if one.title() == "Model")
    by_model.actions()[2].trigger()
    qtbot.waitUntil(lambda: len(page.model.ids) == 1)


# --- what is done with pictures -------------------------------------------------------------------------------


def test_delete_with_the_key_can_be_undone(qtbot: QtBot, window: MainWindow, page: GalleryPage, thau: Thau) -> None:
    ids = select(page, 1, 3)
    beside = page.model.ids[4]
    qtbot.keyClick(page.grid, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(page.model.ids) == 4 and toast(window) == "2 pictures were deleted")
    assert page.grid.current_id() == beside and page.grid.hasFocus()
    window._toast.undo()
    qtbot.waitUntil(lambda: len(page.model.ids) == 6)
    assert all(thau.pictures.get(one).deleted_at is None for one in ids)


def test_f_makes_favourites_and_takes_it_back(qtbot: QtBot, page: GalleryPage, thau: Thau) -> None:
    ids = select(page, 0, 2)
    thau.pictures.set_favourite(ids[:1])
    qtbot.keyClick(page.grid, Qt.Key.Key_F)
    qtbot.waitUntil(lambda: all(one.favourite for one in thau.pictures.rows(ids)))
    qtbot.waitUntil(lambda: page.model.known(ids[1]) is not None and page.model.known(ids[1]).favourite)
    qtbot.keyClick(page.grid, Qt.Key.Key_F)
    qtbot.waitUntil(lambda: not any(one.favourite for one in thau.pictures.rows(ids)))
    assert page.grid.selected_ids() == ids


def test_the_star_is_of_one_picture(qtbot: QtBot, page: GalleryPage, thau: Thau) -> None:
    select(page, 0, 1)
    page.grid.star_clicked.emit(page.model.ids[4])
    qtbot.waitUntil(lambda: thau.pictures.get(page.model.ids[4]).favourite)
    assert not thau.pictures.get(page.model.ids[0]).favourite


def test_copying_one_is_a_picture_and_several_are_files(qtbot: QtBot, window: MainWindow, page: GalleryPage) -> None:
    clipboard = QApplication.clipboard()
    clipboard.clear()
    select(page, 1)
    qtbot.keyClick(page.grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(clipboard.mimeData()) and clipboard.mimeData().hasImage())
    select(page, 1, 2)
    qtbot.keyClick(page.grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(clipboard.mimeData().urls()) == 2)
    assert all(Path(url.toLocalFile()).exists() for url in clipboard.mimeData().urls())
    page.doing.copy_prompts()
    qtbot.waitUntil(lambda: clipboard.text() == f"{PROMPTS[1]}\n{PROMPTS[2]}")


def test_export_copies_the_files(qtbot: QtBot, window: MainWindow, page: GalleryPage, tmp_path: Path) -> None:
    ids = select(page, 0, 5)
    page.transport.export(ids, tmp_path)
    qtbot.waitUntil(lambda: toast(window).startswith("2 pictures exported"))
    assert len(list(tmp_path.glob("*.png"))) == 2


def test_the_bar_at_the_foot_says_how_many_and_offers_what_can_be_done(qtbot: QtBot, page: GalleryPage) -> None:
    assert not page.selection.isVisible()
    select(page, 0)
    assert page.selection.isVisible() and page.selection._words.text() == "1 selected"
    offered = [made.defaultAction() for made in page.selection._buttons]
    assert page.doing.delete in offered and page.doing.compare not in offered
    qtbot.waitUntil(lambda: page.selection._size.text() != "")
    select(page, 0, 1)
    assert page.doing.compare in [made.defaultAction() for made in page.selection._buttons]
    page.selection._close.click()
    assert page.grid.selected_count() == 0 and not page.selection.isVisible()


def test_the_menu_is_about_what_is_selected(page: GalleryPage) -> None:
    def words() -> list[str]:
        return [action.text() for action in page.doing.menu().actions() if action.text()]

    assert words()[0] == "Select all"
    select(page, 1)
    assert words()[0] == "Open" and "Variations" in words()
    select(page, 1, 2)
    assert words()[0] == "Compare" and "Use these settings" not in words()
    select(page, 1, 2, 3)
    assert "Compare" not in words() and words()[-1] == "Delete"


def test_the_palette_offers_what_the_page_can_do(page: GalleryPage) -> None:
    titles = [entry.title for entry in page.actions()]
    assert "Import pictures…" in titles and "Delete" not in titles
    select(page, 0)
    assert "Delete" in [entry.title for entry in page.actions()]


# --- the trash ----------------------------------------------------------------------------------------------


def test_the_trash_shows_what_was_deleted_and_gives_it_back(
    qtbot: QtBot, window: MainWindow, page: GalleryPage, thau: Thau
) -> None:
    ids = list(page.model.ids[:3])
    thau.gallery.delete(ids)
    page.bar.trash.click()
    qtbot.waitUntil(lambda: sorted(page.model.ids) == sorted(ids))
    assert page.strip.isVisible() and page.grid.trash and page.bar.count.text() == "3 deleted"
    select(page, 1)
    assert not page.doing.favourite.isEnabled() and page.doing.restore.isEnabled()
    page.doing.restore.trigger()
    qtbot.waitUntil(lambda: len(page.model.ids) == 2)
    page.strip.restore_all.emit()
    qtbot.waitUntil(lambda: page.empty is not None)
    assert page.empty.action.text() == "Back to the pictures"
    page.empty.action.click()
    qtbot.waitUntil(lambda: len(page.model.ids) == 6)
    assert not page.strip.isVisible()


def test_deleting_for_good_is_asked_first(qtbot: QtBot, window: MainWindow, page: GalleryPage, thau: Thau) -> None:
    ids = list(page.model.ids[:2])
    thau.gallery.delete(ids)
    files = [thau.gallery.path(thau.pictures.get(one)) for one in ids]
    page.bar.want(trash=True)
    qtbot.waitUntil(lambda: len(page.model.ids) == 2)
    page.doing.empty_trash()
    answer(qtbot, 0)
    qtbot.waitUntil(lambda: not open_questions())
    assert all(file.exists() for file in files)
    page.doing.empty_trash()
    answer(qtbot, 1)
    qtbot.waitUntil(lambda: page.empty is not None)
    assert not any(file.exists() for file in files)
    assert [thau.pictures.find(one) for one in ids] == [None, None]


def test_a_deleted_picture_says_how_long_it_stays(thau: Thau) -> None:
    number = draw(thau.gallery, "a fox")
    assert days_left(thau.pictures.get(number)) == ""
    thau.gallery.delete([number])
    deleted = thau.pictures.get(number)
    assert days_left(deleted) == "30 days"
    assert days_left(deleted, datetime.now(UTC) + timedelta(days=29.5)) == "1 day"
    assert days_left(deleted, datetime.now(UTC) + timedelta(days=40)) == "0 days"


# --- files that come in ---------------------------------------------------------------------------------------


def test_dropped_files_come_in_and_bad_ones_are_told_with_their_reason(
    qtbot: QtBot, window: MainWindow, page: GalleryPage, tmp_path: Path
) -> None:
    for name, color in (("one.png", 0xFF0000), ("two.png", 0x00FF00)):
        image = QImage(32, 32, QImage.Format.Format_RGB32)
        image.fill(color)
        image.save(str(tmp_path / name))
    (tmp_path / "words.png").write_text("no picture")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / name)) for name in ("one.png", "words.png", "two.png")])
    event = QDropEvent(
        QPointF(50, 50), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    page.dropEvent(event)
    qtbot.waitUntil(lambda: len(page.model.ids) == 8)
    qtbot.waitUntil(lambda: toast(window) == "2 pictures imported · 1 left out")
    window._toast.action.click()
    qtbot.waitUntil(lambda: bool(open_questions()))
    (question,) = open_questions()
    details = question.findChild(QPlainTextEdit)
    assert details is not None and details.toPlainText().startswith("2. words.png: ")
    question.buttons[0].click()


def test_more_than_can_be_dragged_is_told(window: MainWindow, page: GalleryPage) -> None:
    page.transport.drag(page.grid, [], DRAGGED + 1, None)
    assert "Export" in toast(window)


# --- changes from elsewhere -----------------------------------------------------------------------------------


def test_another_process_that_draws_is_noticed_and_nothing_jumps(qtbot: QtBot, page: GalleryPage, thau: Thau) -> None:
    page._looking.setInterval(10)
    chosen = select(page, 2)
    with Database(thau.paths.database, thau.paths.backups) as elsewhere:
        draw(Gallery(Pictures(elsewhere), thau.paths.generated_images), "from elsewhere")
    qtbot.waitUntil(lambda: len(page.model.ids) == 7)
    assert shown(page)[0] == "from elsewhere"
    assert page.grid.selected_ids() == chosen and page.grid.current_id() == chosen[0]


def test_a_write_that_is_no_picture_reads_no_ids(
    qtbot: QtBot, page: GalleryPage, thau: Thau, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    read = Pictures.ids
    monkeypatch.setattr(Pictures, "ids", lambda self, filter: asked.append(filter) or read(self, filter))
    thau.conversations.create("Words")
    page._look()
    before = page._asked
    draw(thau.gallery, "a new one")
    page._look()
    qtbot.waitUntil(lambda: len(page.model.ids) == 7)
    assert page._asked == before + 1 and len(asked) == 1


# --- viewer and form --------------------------------------------------------------------------------------------


def test_a_picture_opens_and_the_grid_follows_the_viewer(qtbot: QtBot, page: GalleryPage) -> None:
    page.open_picture(str(page.model.ids[1]))
    assert page.viewer is not None and page.viewer.isVisible()
    page.viewer.step(1)
    assert page.grid.current_id() == page.model.ids[2]
    page.stop()
    assert not page.viewer.isVisible() and page.grid.hasFocus()


def test_a_picture_that_is_gone_is_told(window: MainWindow, page: GalleryPage) -> None:
    page.open_picture(123456)
    assert toast(window) == "That picture no longer exists."
    assert page.viewer is None or not page.viewer.isVisible()


def test_a_picture_opens_on_a_page_that_was_never_shown(qtbot: QtBot, window: MainWindow, thau: Thau) -> None:
    ids = [draw(thau.gallery, "a fox", float(number)) for number in range(3)]
    page = window.show_page("gallery")
    assert isinstance(page, GalleryPage)
    page.open_picture(str(ids[1]))
    assert page.viewer is not None and page.viewer.picture.id == ids[1]
    page.viewer.step(1)
    assert page.viewer.picture.id == ids[2]


def test_the_first_picture_keeps_the_keyboard_in_the_viewer(qtbot: QtBot, window: MainWindow, thau: Thau) -> None:
    page = window.show_page("gallery")
    assert isinstance(page, GalleryPage)
    qtbot.waitUntil(lambda: page.empty is not None)
    page.empty.findChildren(QAbstractButton)[0].setFocus()
    page.open_picture(draw(thau.gallery, "a fox"))
    page.refresh()
    qtbot.waitUntil(lambda: page.empty is None)
    assert page.viewer.canvas.hasFocus()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    page.stop()
    assert page.grid.hasFocus()


def test_tab_passes_by_what_the_viewer_covers(qtbot: QtBot, page: GalleryPage, window: MainWindow) -> None:
    page.open_picture(page.model.ids[0])
    inside = [one for one in reading_order(window) if page.isAncestorOf(one)]
    assert len(inside) > 8 and all(page.viewer.isAncestorOf(one) for one in inside)
    page.draw()
    assert not page.viewer.isVisible() and page.panel.prompt.hasFocus()
    assert page.bar.search in reading_order(window)


def test_two_are_compared_with_c(qtbot: QtBot, page: GalleryPage) -> None:
    select(page, 0, 1)
    qtbot.keyClick(page.grid, Qt.Key.Key_C)
    assert page.viewer is not None and page.viewer.comparison.isVisible()
    page.stop()
    assert not page.viewer.isVisible()


def test_the_settings_of_a_picture_come_into_the_form(qtbot: QtBot, page: GalleryPage) -> None:
    page.show_panel(False)
    select(page, 2)
    page.doing.use.trigger()
    qtbot.waitUntil(lambda: page.panel.isVisible() and page.panel.prompt.toPlainText() == PROMPTS[2])


def test_the_form_is_hidden_and_remembered_and_leaves_room_in_a_small_window(
    qtbot: QtBot, window: MainWindow, page: GalleryPage
) -> None:
    assert page.panel.isVisible() and page.bar.panel.isChecked()
    wide = page.grid.places.columns
    page.bar.panel.click()
    assert not page.panel.isVisible() and not page.bar.panel.isChecked()
    qtbot.waitUntil(lambda: page.grid.places.columns > wide)
    again = GalleryPage(page._thau, window)
    qtbot.addWidget(again)
    again.resize(1200, 700)
    assert not again.form.shown
    page.bar.panel.click()
    window.resize(700, 500)
    qtbot.waitUntil(lambda: not page.panel.isVisible())
    window.resize(1280, 800)
    qtbot.waitUntil(page.panel.isVisible)


def test_the_size_of_the_tiles_is_remembered(qtbot: QtBot, window: MainWindow, page: GalleryPage) -> None:
    page.bar.zoom.setValue(280)
    assert page.grid.places.wanted == 280
    page._keep_zoom()
    again = GalleryPage(page._thau, window)
    qtbot.addWidget(again)
    assert again.grid.places.wanted == 280 and again.bar.zoom.value() == 280


def test_escape_goes_back_step_by_step(qtbot: QtBot, page: GalleryPage, thau: Thau) -> None:
    thau.gallery.delete(list(page.model.ids[:2]))
    page.bar.want(trash=True)
    qtbot.waitUntil(lambda: len(page.model.ids) == 2)
    select(page, 0)
    qtbot.keyClick(page.grid, Qt.Key.Key_Escape)
    assert page.grid.selected_count() == 0 and page.bar.wanted.trash
    qtbot.keyClick(page.grid, Qt.Key.Key_Escape)
    assert not page.bar.wanted.trash
    qtbot.waitUntil(lambda: len(page.model.ids) == 4)


def test_the_page_can_be_used_at_every_size(qtbot: QtBot, window: MainWindow, page: GalleryPage) -> None:
    for size in ((640, 400), (900, 600), (1280, 800), (1920, 1080)):
        window.resize(*size)
        qtbot.waitUntil(lambda size=size: window.width() == size[0])
        QApplication.processEvents()
        right = page.bar.panel.mapTo(page, QPoint(page.bar.panel.width(), 0)).x()
        assert right <= page.width(), size
        assert page.grid.width() > 300, size


def test_every_control_of_a_full_gallery_has_a_name(qtbot: QtBot, page: GalleryPage, thau: Thau) -> None:
    page.bar.want(model="one")
    select(page, 0, 1)
    qtbot.waitUntil(lambda: len(page.model.ids) == 5)
    thau.gallery.delete(list(page.model.ids[:2]))
    for trash in (False, True):
        page.bar.want(trash=trash)
        qtbot.waitUntil(lambda trash=trash: page.grid.trash == trash)
        select(page, 0)
        controls = [one for one in page.findChildren(QAbstractButton) if one.isVisible()]
        controls = [one for one in controls if not isinstance(one.parentWidget(), QLineEdit)]  # Qt's own parts
        assert len(controls) > 12
        for one in controls:
            assert one.accessibleName().strip() or one.text().strip(), one
            assert one.text().strip() or one.toolTip(), one.accessibleName()
