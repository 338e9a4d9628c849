"""Pictures in a conversation: drawn while one looks, there again after a restart, and what became of them since."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.gallery_pictures import STARTER, Easel, keep
from tests.ui.test_chat_page import Script
from thau_desktop.app import Thau
from thau_desktop.messages import Text, ToolCall, ToolResult
from thau_desktop.settings import Appearance, Settings
from thau_desktop.store.pictures import Picture
from ui.chat.buttons import WordButton
from ui.chat.page import ChatPage
from ui.chat.picture_view import PictureBlock, PictureView
from ui.chat.text_view import TextView
from ui.chat.tool_card import ToolCard
from ui.gallery.page import GalleryPage
from ui.main_window import MainWindow
from ui.theme import Theme
from ui.worker import workers


@pytest.fixture
def easel(thau: Thau) -> Iterator[Easel]:
    made = Easel(thau, STARTER)
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
def picture(thau: Thau) -> Picture:
    return keep(thau, "a red fox", width=256, height=128, steps=10)


@pytest.fixture
def chat(window: MainWindow, thau: Thau, picture: Picture) -> ChatPage:
    """A conversation with that picture in it."""
    store = thau.conversations
    number = store.create("A fox").id
    store.add_message(number, "user", (Text("Draw a fox"),))
    call = ToolCall("c", "generate_image", {"prompt": "a red fox"})
    content = json.dumps({"status": "done", "image": str(picture.id), "notes": ["width 9 is out of bounds."]})
    result = ToolResult("c", "generate_image", content, (str(picture.id),))
    store.add_message(number, "assistant", (Text("Here it is:"), call, result))
    page = window.show_page("chat")
    assert isinstance(page, ChatPage)
    page.open_conversation(number)
    return page


def views(page: ChatPage) -> list[PictureView]:
    QApplication.processEvents()
    return [view for view in page.transcript.findChildren(PictureView) if view.isVisible()]


def words(page: ChatPage) -> str:
    QApplication.processEvents()
    return "\n".join(v.document.toPlainText() for v in page.transcript.findChildren(TextView) if v.isVisible())


def press(page: ChatPage, name: str) -> None:
    QApplication.processEvents()
    (button,) = [b for b in page.transcript.findChildren(WordButton) if b.text() == name and b.isVisible()]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def jpeg(width: int, height: int) -> bytes:
    image, buffer = QImage(width, height, QImage.Format.Format_RGB32), QBuffer()
    image.fill(0)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPEG")
    return bytes(buffer.data().data())


# --- a picture that is there ------------------------------------------------------------------------------------


def test_a_conversation_that_is_opened_shows_its_pictures(chat: ChatPage) -> None:
    (view,) = views(chat)
    (block,) = chat.transcript.findChildren(PictureBlock)
    assert view.height() == view.width() // 2
    assert block.picture is not None and block.picture.note == "256 × 128 · 10 steps · seed 4127 · 8.2 s"
    assert "width 9 is out of bounds." in words(chat)


def test_a_click_opens_it_in_the_gallery_s_viewer(
    qtbot: QtBot, chat: ChatPage, window: MainWindow, picture: Picture
) -> None:
    (view,) = views(chat)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Return)
    page = window.page
    assert isinstance(page, GalleryPage) and page.viewer is not None
    assert page.viewer.picture is not None and page.viewer.picture.id == picture.id


def test_its_menu_copies_draws_again_and_draws_more(
    qtbot: QtBot, chat: ChatPage, window: MainWindow, thau: Thau, picture: Picture
) -> None:
    menu = chat.pictures.menu(picture)
    named = {action.text(): action for action in menu.actions() if action.text()}
    assert list(named) == ["Open in the gallery", "Copy the picture", "Save as…", "Use these settings", "Variations"]
    named["Copy the picture"].trigger()
    qtbot.waitUntil(lambda: window._toast.text == "The picture was copied")
    assert QApplication.clipboard().image().size().toTuple() == (256, 128)
    named["Use these settings"].trigger()
    page = window.page
    assert isinstance(page, GalleryPage) and page.panel is not None
    assert page.panel.values.prompt == "a red fox" and page.panel.values.seed == 4127
    vary = named["Variations"].menu()
    vary.actions()[1].trigger()
    assert page.panel.values.source == str(thau.gallery.path(picture))
    menu.deleteLater()


def test_the_menu_comes_by_mouse_and_by_key(qtbot: QtBot, chat: ChatPage, picture: Picture) -> None:
    (view,) = views(chat)
    chat.transcript.image_menu.disconnect()  # a menu that pops up would grab the keyboard of this machine
    pointer, middle = view.mapToGlobal(QPoint(5, 5)), view.mapToGlobal(view.rect().center())
    for reason, place in ((QContextMenuEvent.Reason.Mouse, pointer), (QContextMenuEvent.Reason.Keyboard, middle)):
        with qtbot.waitSignal(chat.transcript.image_menu) as asked:
            QApplication.sendEvent(view, QContextMenuEvent(reason, QPoint(5, 5), pointer))
        assert asked.args == [str(picture.id), place]


def test_a_damaged_file_is_said_where_the_picture_was(qtbot: QtBot, chat: ChatPage, thau: Thau) -> None:
    damaged = keep(thau, "a boat")
    thau.gallery.path(damaged).write_text("no picture")
    block = PictureBlock(chat.transcript._stage, str(damaged.id), chat)
    assert block.view is not None
    block.view.resize(100, 100)
    block.view.grab()
    qtbot.waitUntil(lambda: block.view is not None and block.view._image is not None)
    block.view.grab()
    block.deleteLater()


# --- a picture that is not there any more -----------------------------------------------------------------------


def test_a_deleted_picture_leaves_a_sentence_and_a_way_back(
    qtbot: QtBot, chat: ChatPage, window: MainWindow, thau: Thau, picture: Picture
) -> None:
    window.show_page("gallery")
    thau.gallery.delete([picture.id])
    window.show_page("chat")
    assert not views(chat) and "This picture was deleted." in words(chat)
    press(chat, "Restore")
    qtbot.waitUntil(lambda: len(views(chat)) == 1)
    assert "deleted" not in words(chat) and thau.pictures.get(picture.id).deleted_at is None


def test_a_picture_that_is_gone_for_good_leaves_a_sentence(chat: ChatPage, thau: Thau, picture: Picture) -> None:
    thau.gallery.delete([picture.id])
    thau.gallery.purge(days=0)
    chat.transcript.refresh_pictures()
    assert "This picture is no longer on the disk." in words(chat) and not views(chat)
    assert not [b for b in chat.transcript.findChildren(WordButton) if b.text() == "Restore" and b.isVisible()]


def test_a_file_that_somebody_moved_is_found_when_it_is_back(
    chat: ChatPage, thau: Thau, picture: Picture, tmp_path: Path
) -> None:
    path = thau.gallery.path(picture)
    path.rename(tmp_path / "away.png")
    chat.transcript.refresh_pictures()
    assert "no longer on the disk" in words(chat)
    (tmp_path / "away.png").rename(path)
    chat.activate()
    assert len(views(chat)) == 1


def test_an_id_that_is_none_is_no_picture(chat: ChatPage) -> None:
    assert chat.pictures.find("no id") is None and chat.pictures.find("999") is None


# --- a picture that is asked for ----------------------------------------------------------------------------------


def test_a_message_becomes_a_picture_on_screen_and_in_the_gallery(
    qtbot: QtBot, window: MainWindow, thau: Thau, easel: Easel
) -> None:
    script = Script()
    script.calls_tool = True
    thau.backend = lambda name="": script  # type: ignore[method-assign]
    page = window.show_page("chat")
    assert isinstance(page, ChatPage)
    easel.hold_at = (0, 20)
    page.composer.editor.setPlainText("Draw a red fox")
    qtbot.keyClick(page.composer.editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: any(card._fraction for card in page.transcript.findChildren(ToolCard)))
    assert not views(page)
    easel.go.set()
    qtbot.waitUntil(lambda: len(views(page)) == 1 and page.answering.turns.current is None)
    (drawn,) = thau.pictures.rows(thau.pictures.ids())
    assert (drawn.prompt, drawn.source, drawn.conversation_id) == ("a red fox", "chat", page.conversation_id)
    (view,) = views(page)
    view.click()
    gallery = window.page
    assert isinstance(gallery, GalleryPage) and gallery.viewer is not None and gallery.viewer.picture is not None
    assert gallery.viewer.picture.id == drawn.id
    script.close()


# --- a picture that is being drawn ------------------------------------------------------------------------------


def test_the_card_follows_a_drawing_with_its_preview_and_what_is_left(
    qtbot: QtBot, chat: ChatPage, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    transcript = chat.transcript
    clock = [100.0]
    monkeypatch.setattr("ui.chat.tool_card.time.monotonic", lambda: clock[0])
    transcript.begin_answer(99)
    transcript.tool_started(99, "generate_image")
    transcript.tool_ready(99, ToolCall("d", "generate_image", {"prompt": "a boat"}))
    card = transcript.findChildren(ToolCard)[-1]
    low = card.height()
    for step in range(1, 11):
        clock[0] += 0.5
        transcript.tool_progress(99, "d", step / 30, f"Step {step} of 30", jpeg(64, 32) if step % 3 == 0 else b"")
    assert card._left == pytest.approx(10.0)
    assert card.height() - low == pytest.approx((card.width() if card.width() < 420 else 418) / 2, abs=2)
    transcript.tool_progress(99, "d", 0.0, "The language model is moved out of memory.")
    assert card._fraction == pytest.approx(10 / 30), "a note is no step back"
    transcript.tool_finished(99, ToolResult("d", "generate_image", "{}", (str(picture.id),)))
    assert len(views(chat)) == 2


def test_progress_that_is_told_again_at_once_claims_no_speed(chat: ChatPage, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("ui.chat.tool_card.time.monotonic", lambda: clock[0])
    card = ToolCard(chat.transcript._stage, "generate_image", chat)
    for step in range(1, 16):
        card.progress(step / 30)
    assert card._left is None
    clock[0] += 1.0
    card.progress(16 / 30)
    assert card._left == pytest.approx(14.0)
    card.deleteLater()
