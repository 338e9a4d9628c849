"""The composer: keys, growth, attachments, and what it says about files that it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, QUrl
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from thau_desktop.messages import Attachment
from ui.chat.attachments import LONG_PASTE, MAX_BYTES, AttachmentError, read_attachment
from ui.chat.composer import Composer, Draft
from ui.theme import Theme


@pytest.fixture
def composer(qtbot: QtBot, theme: Theme) -> Iterator[Composer]:
    made = Composer()
    qtbot.addWidget(made)
    made.resize(760, 100)
    made.show()
    made.editor.setFocus()
    yield made


def test_enter_sends_and_shift_enter_breaks_the_line(composer: Composer, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer.editor, "one")
    qtbot.keyClick(composer.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(composer.editor, "two")
    with qtbot.waitSignal(composer.send_requested) as sent:
        qtbot.keyClick(composer.editor, Qt.Key.Key_Return)
    assert sent.args == [Draft("one\ntwo")]


def test_the_setting_turns_enter_into_a_line_break(composer: Composer, qtbot: QtBot) -> None:
    composer.set_send_with_enter(False)
    qtbot.keyClicks(composer.editor, "one")
    with qtbot.assertNotEmitted(composer.send_requested):
        qtbot.keyClick(composer.editor, Qt.Key.Key_Return)
    with qtbot.waitSignal(composer.send_requested):
        qtbot.keyClick(composer.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_nothing_but_spaces_is_not_sent(composer: Composer, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer.editor, "   ")
    with qtbot.assertNotEmitted(composer.send_requested):
        qtbot.keyClick(composer.editor, Qt.Key.Key_Return)


def test_it_grows_to_eight_lines_and_then_scrolls(composer: Composer) -> None:
    one = composer.editor.height()
    composer.editor.setPlainText("\n".join("12345678"))
    eight = composer.editor.height()
    assert eight > 6 * one
    composer.editor.setPlainText("\n".join("123456789abc"))
    assert composer.editor.height() <= eight
    composer.editor.clear()
    assert composer.editor.height() == one


def test_up_in_an_empty_field_asks_to_edit_the_last_message(composer: Composer, qtbot: QtBot) -> None:
    with qtbot.waitSignal(composer.edit_last_requested):
        qtbot.keyClick(composer.editor, Qt.Key.Key_Up)
    qtbot.keyClicks(composer.editor, "words")
    with qtbot.assertNotEmitted(composer.edit_last_requested):
        qtbot.keyClick(composer.editor, Qt.Key.Key_Up)


def test_a_dropped_text_file_becomes_an_attachment(composer: Composer, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("remember the milk", encoding="utf-8")
    dropped = QMimeData()
    dropped.setUrls([QUrl.fromLocalFile(str(file))])
    composer.editor.insertFromMimeData(dropped)
    assert composer.draft() == Draft("", (Attachment("notes.txt", "remember the milk"),))
    assert composer.send_button.isEnabled()


def test_a_binary_file_is_refused_with_a_sentence(composer: Composer, tmp_path: Path) -> None:
    file = tmp_path / "photo.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    composer.attach_files([file])
    assert composer.draft().attachments == ()
    assert "photo.png" in composer.note.words
    assert "not a text file" in composer.note.words


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "big.txt"
    file.write_text("x" * (MAX_BYTES + 1))
    with pytest.raises(AttachmentError, match="256 KB"):
        read_attachment(file)


@pytest.mark.parametrize(
    ("data", "text"),
    [("café".encode(), "café"), ("café".encode("utf-16"), "café"), ("café".encode("cp1252"), "café")],
)
def test_text_is_read_whatever_its_encoding(tmp_path: Path, data: bytes, text: str) -> None:
    file = tmp_path / "menu.txt"
    file.write_bytes(data)
    assert read_attachment(file).text == text


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(AttachmentError, match="folder"):
        read_attachment(tmp_path)
    with pytest.raises(AttachmentError, match="can't be read"):
        read_attachment(tmp_path / "gone.txt")


def test_a_long_paste_is_attached_and_can_be_put_into_the_message(composer: Composer) -> None:
    pasted = QMimeData()
    pasted.setText("word " * LONG_PASTE)
    composer.editor.insertFromMimeData(pasted)
    assert composer.editor.toPlainText() == ""
    assert len(composer.draft().attachments) == 1
    composer.note.press()
    assert composer.draft().attachments == ()
    assert composer.editor.toPlainText() == pasted.text()


def test_while_an_answer_streams_there_is_a_stop_button(composer: Composer, qtbot: QtBot) -> None:
    composer.set_streaming(True)
    assert composer.stop_button.isVisible()
    assert not composer.send_button.isVisible()
    qtbot.keyClicks(composer.editor, "next")
    assert composer.send_button.isVisible()
    with qtbot.waitSignal(composer.stop_requested):
        composer.stop_button.click()


def test_a_draft_is_shown_without_being_told_as_a_change(composer: Composer, qtbot: QtBot) -> None:
    draft = Draft("half a thought", (Attachment("a.txt", "a"),))
    with qtbot.assertNotEmitted(composer.draft_changed):
        composer.set_draft(draft)
    assert composer.draft() == draft


def test_a_letter_that_adds_no_line_lays_nothing_out_anew(composer: Composer, qtbot: QtBot) -> None:
    seen: list[QEvent.Type] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            seen.append(event.type())
            return False

    composer.editor.setPlainText("line\n" * 7)
    QApplication.processEvents()
    watch = Watch()
    for widget in (composer, composer.editor):
        widget.installEventFilter(watch)
    qtbot.keyClicks(composer.editor, "words")
    QApplication.processEvents()
    assert seen.count(QEvent.Type.KeyPress) == 5
    assert not {QEvent.Type.LayoutRequest, QEvent.Type.Resize} & set(seen)
    composer.editor.clear()
    QApplication.processEvents()
    assert QEvent.Type.Resize in seen
