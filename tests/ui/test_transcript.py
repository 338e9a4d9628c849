"""The transcript as a person meets it: opening, scrolling, finding, selecting, and the buttons of a message."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QScrollBar, QWidget
from pytestqt.qtbot import QtBot

from thau_desktop.messages import Part, Reasoning, Text, ToolCall, ToolResult
from thau_desktop.translation import set_language
from ui.chat.actions import speed_of
from ui.chat.answer import AnswerMessage
from ui.chat.buttons import IconButton, WordButton
from ui.chat.code_view import CodeView
from ui.chat.links import LinkDialog
from ui.chat.picture_view import PictureView
from ui.chat.shown import Picture, Shown
from ui.chat.text_view import TextView
from ui.chat.tool_card import ToolCard
from ui.chat.transcript import Transcript
from ui.theme import Theme


class Stored:
    """A conversation in memory."""

    def __init__(self, messages: Sequence[Shown]) -> None:
        self.messages = list(messages)
        self.asked = 0

    def before(self, message_id: int | None, limit: int) -> Sequence[Shown]:
        found = [shown for shown in self.messages if message_id is None or shown.id < message_id]
        self.asked += 1
        return found[-limit:]

    def after(self, message_id: int | None, limit: int) -> Sequence[Shown]:
        return [shown for shown in self.messages if message_id is None or shown.id > message_id][:limit]


def talk(count: int) -> Stored:
    return Stored(
        [
            Shown(n, "user", (Text(f"Question {n}"),))
            if n % 2
            else Shown(n, "assistant", (Text(f"Answer {n}. " * 40),))
            for n in range(1, count + 1)
        ]
    )


def answer(*parts: Part, **more: object) -> Stored:
    return Stored([Shown(1, "user", (Text("Hello"),)), Shown(2, "assistant", parts, **more)])  # type: ignore[arg-type]


@pytest.fixture
def transcript(qtbot: QtBot, theme: Theme) -> Transcript:
    made = Transcript(theme)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    qtbot.waitExposed(made)
    return made


def named(transcript: QWidget, name: str) -> IconButton | WordButton:
    found = [
        button
        for kind in (IconButton, WordButton)
        for button in transcript.findChildren(kind)
        if button.accessibleName() == name and button.isVisibleTo(transcript)
    ]
    assert found, f"no button {name}"
    return found[-1]


def press(button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def words(transcript: Transcript) -> str:
    return "\n".join(view.document.toPlainText() for view in transcript.findChildren(TextView) if view.isVisible())


def bar(transcript: Transcript) -> QScrollBar:
    return transcript.verticalScrollBar()


# --- the window of messages ---------------------------------------------------------------------------


def test_a_long_conversation_opens_at_its_end_with_few_messages(transcript: Transcript) -> None:
    transcript.set_source(talk(10_000))
    assert transcript.loaded[-1] == 10_000
    assert len(transcript.loaded) <= 40
    assert bar(transcript).value() == bar(transcript).maximum() > 0


def test_scrolling_up_loads_earlier_messages_without_a_jump(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.set_source(talk(400))
    first = transcript.loaded[0]
    bar(transcript).setValue(200)
    seen = transcript.messages[transcript.first_seen()]
    place = seen.mapTo(transcript.viewport(), QPoint(0, 0)).y()
    qtbot.waitUntil(lambda: transcript.loaded[0] < first)
    assert seen.mapTo(transcript.viewport(), QPoint(0, 0)).y() == place


def test_no_more_than_120_messages_have_widgets_and_the_way_back_loads_the_later_ones(
    transcript: Transcript, qtbot: QtBot
) -> None:
    transcript.set_source(talk(400))
    while transcript.loaded[0] > 200:
        before = transcript.loaded[0]
        bar(transcript).setValue(0)
        qtbot.waitUntil(lambda before=before: transcript.loaded[0] < before)
    assert len(transcript.loaded) <= 120
    assert transcript.loaded[-1] < 400
    while transcript.loaded[-1] < 400:
        last = transcript.loaded[-1]
        bar(transcript).setValue(bar(transcript).maximum())
        qtbot.waitUntil(lambda last=last: transcript.loaded[-1] > last)
        assert len(transcript.loaded) <= 120
    assert transcript.loaded == list(range(transcript.loaded[0], 401))


def test_the_jump_button_leads_back_to_the_latest_message(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.set_source(talk(60))
    bar(transcript).setValue(bar(transcript).maximum() - 500)
    press(named(transcript, "Jump to the latest"))
    assert bar(transcript).value() == bar(transcript).maximum()
    assert transcript.loaded[-1] == 60


def test_a_far_message_can_be_shown(transcript: Transcript) -> None:
    transcript.set_source(talk(1_000))
    assert transcript.show_message(123)
    assert 123 in transcript.loaded
    shown = next(view for view in transcript.messages if view.shown.id == 123)
    assert 0 <= shown.mapTo(transcript.viewport(), QPoint(0, 0)).y() < transcript.viewport().height()
    assert not transcript.show_message(5_000)


def test_a_message_sent_from_far_up_is_shown_at_the_end(transcript: Transcript) -> None:
    stored = talk(1_000)
    transcript.set_source(stored)
    transcript.show_message(10)
    stored.messages.append(Shown(1_001, "user", (Text("New"),)))
    transcript.add_message(stored.messages[-1])
    assert transcript.loaded[-2:] == [1_000, 1_001]
    assert bar(transcript).value() == bar(transcript).maximum()


def test_what_is_read_stays_in_place_when_the_window_is_made_narrow(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.set_source(talk(60))
    bar(transcript).setValue(bar(transcript).maximum() // 2)
    seen = transcript.messages[transcript.first_seen()]
    transcript.resize(500, 700)
    qtbot.waitUntil(lambda: not transcript._stale)
    assert transcript.messages[transcript.first_seen()] is seen
    widths = {view.width() for view in transcript.messages}
    assert len(widths) == 1 and widths.pop() < 500


def test_every_text_is_as_high_as_its_words(transcript: Transcript) -> None:
    long = "word " * 400 + "\n\n" + "- item\n" * 20 + "\n| a | b |\n|---|---|\n| " + "cell " * 60 + " | x |\n"
    transcript.set_source(answer(Text(long)))
    views = transcript.findChildren(TextView)
    assert len(views) == 3  # the question, the prose, the table
    for view in views:
        assert view.height() >= view.text_height() > 10
        assert view.width() <= 760


# --- parts of an answer -------------------------------------------------------------------------------


def test_reasoning_is_one_line_until_it_is_unfolded(transcript: Transcript) -> None:
    transcript.set_source(answer(Reasoning("First I think.", 4.2), Text("Then I speak.")))
    assert "First I think." not in words(transcript)
    before = transcript.messages[1].height()
    press(named(transcript, "Thought for 4 s. Show"))
    assert "First I think." in words(transcript)
    assert transcript.messages[1].height() > before
    press(named(transcript, "Thought for 4 s. Hide"))
    assert transcript.messages[1].height() == before


def test_code_is_coloured_and_copied_without_its_fence(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.set_source(answer(Text("```python\ndef f():\n    return 1\n```")))
    (code,) = transcript.findChildren(CodeView)
    document = code.texts()[0].document
    qtbot.waitUntil(lambda: len(document.firstBlock().layout().formats()) >= 2)
    press(named(code, "Copy"))
    assert QApplication.clipboard().text() == "def f():\n    return 1"


def test_a_long_code_line_scrolls_sideways(transcript: Transcript) -> None:
    transcript.set_source(answer(Text("```\n" + "x" * 400 + "\n```\n\n```\nshort\n```")))
    wide, short = transcript.findChildren(CodeView)
    assert wide.findChild(QScrollBar).isVisible()
    assert not short.findChild(QScrollBar).isVisible()
    assert wide.width() == short.width() == 760


def test_a_picture_of_a_tool_call_is_shown_and_opens(transcript: Transcript, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "fox.png"
    QImage(64, 32, QImage.Format.Format_RGB32).save(str(path))
    transcript.set_pictures(lambda image_id: Picture(image_id, path, 64, 32, "a fox", "64 × 32"))
    call = ToolCall("c", "generate_image", {"prompt": "a fox"})
    transcript.set_source(answer(call, ToolResult("c", "generate_image", "done", ("7",))))
    (view,) = transcript.findChildren(PictureView)
    assert view.height() == view.width() // 2
    with qtbot.waitSignal(transcript.open_image) as opened:
        press(view)
    assert opened.args == ["7"]


def test_a_picture_that_is_gone_leaves_a_line(transcript: Transcript) -> None:
    call = ToolCall("c", "generate_image", {"prompt": "a fox"})
    transcript.set_source(answer(call, ToolResult("c", "generate_image", "done", ("7",))))
    assert "no longer on the disk" in words(transcript)
    assert not transcript.findChildren(PictureView)


def test_arguments_and_result_of_a_tool_are_shown_on_demand(transcript: Transcript) -> None:
    call = ToolCall("c", "web_search", {"query": "tea", "count": 3})
    transcript.set_source(answer(call, ToolResult("c", "web_search", "result " * 200)))
    assert '"count": 3' not in words(transcript)
    press(named(transcript, "Show the details"))
    assert '"count": 3' in words(transcript)
    press(named(transcript, "Hide the details"))
    assert '"count": 3' not in words(transcript)


def test_a_tool_that_failed_says_why(transcript: Transcript) -> None:
    call = ToolCall("c", "code_execution", {"code": "1/0"})
    transcript.set_source(answer(call, ToolResult("c", "code_execution", "division by zero", error=True)))
    assert "division by zero" in words(transcript)


@pytest.mark.parametrize(
    ("state", "said"),
    [("error", "Out of memory. Close something."), ("stopped", "Stopped."), ("interrupted", "Interrupted:")],
)
def test_an_answer_that_is_not_whole_says_so_and_can_be_tried_again(
    transcript: Transcript, qtbot: QtBot, state: str, said: str
) -> None:
    transcript.set_source(answer(Text("Half"), state=state, error="Out of memory.", advice="Close something."))
    assert said in words(transcript)
    with qtbot.waitSignal(transcript.retry) as asked:
        press(named(transcript, "Try again"))
    assert asked.args == [2]


# --- what can be done with a message ------------------------------------------------------------------


def test_the_buttons_under_an_answer_say_what_was_wanted(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.set_source(answer(Text("**Yes**"), variant=2, variants=3, rating=1))
    for name, signal, expected in (
        ("Answer again", transcript.regenerate, [2]),
        ("Previous answer", transcript.choose_variant, [2, -1]),
        ("Next answer", transcript.choose_variant, [2, 1]),
        ("Good answer (chosen)", transcript.rate, [2, 0]),
        ("Bad answer", transcript.rate, [2, -1]),
    ):
        with qtbot.waitSignal(signal) as caught:
            press(named(transcript, name))
        assert caught.args == expected
    press(named(transcript, "Copy the answer"))
    assert QApplication.clipboard().text() == "**Yes**"


def test_a_rating_shows_without_a_new_message(transcript: Transcript) -> None:
    transcript.set_source(answer(Text("Yes")))
    view = transcript.messages[1]
    transcript.update_message(Shown(2, "assistant", (Text("Yes"),), rating=-1))
    named(transcript, "Bad answer (chosen)")
    assert transcript.messages[1] is view


def test_an_answer_is_corrected_where_it_stands(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.set_source(answer(Text("2 + 2 = **5**")))
    press(named(transcript, "Correct this answer"))
    editor = transcript.findChild(QPlainTextEdit)
    assert editor.toPlainText() == "2 + 2 = **5**"
    editor.setPlainText("2 + 2 = **4**")
    with qtbot.waitSignal(transcript.correct) as corrected:
        press(named(transcript, "Save the correction"))
    assert corrected.args == [2, "2 + 2 = **4**"]


def test_escape_leaves_the_editor_without_a_change(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.set_source(answer(Text("Yes")))
    before = transcript.messages[1].height()
    assert transcript.edit_message(2)
    QTest.keyClick(transcript.findChild(QPlainTextEdit), Qt.Key.Key_Escape)
    assert transcript.messages[1].editor is None
    assert transcript.messages[1].height() == before


def test_a_question_is_edited_and_sent_with_control_enter(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.set_source(answer(Text("Yes")))
    press(named(transcript, "Edit"))
    editor = transcript.findChild(QPlainTextEdit)
    editor.setPlainText("Hello there")
    with qtbot.waitSignal(transcript.edit) as edited:
        QTest.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert edited.args == [1, "Hello there"]


def test_the_speed_has_the_decimal_mark_of_the_language() -> None:
    shown = Shown(1, "assistant", tokens_per_second=31.2, first_token_seconds=0.214)
    assert speed_of(shown) == "31 tok/s · 0.21 s"
    set_language("es")
    assert speed_of(shown) == "31 tok/s · 0,21 s"


def test_every_button_has_a_name_a_tooltip_and_takes_the_focus(transcript: Transcript) -> None:
    transcript.set_source(answer(Reasoning("Hm", 1), Text("```py\n1\n```"), variants=2, state="stopped"))
    buttons = transcript.findChildren(IconButton) + transcript.findChildren(WordButton)
    assert len(buttons) > 8
    for button in buttons:
        assert button.accessibleName()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert button.toolTip() or button.text()


# --- links, selection, finding ------------------------------------------------------------------------


def test_a_link_asks_before_it_is_opened(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.set_source(answer(Text("[docs](https://example.org/a?b=1)")))
    view = transcript.messages[1].texts()[0]
    press_at = QPoint(10, 10)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=press_at)
    dialog = transcript.window().findChild(LinkDialog)
    assert dialog is not None and dialog.isVisible()
    with qtbot.waitSignal(transcript.link_requested) as requested:
        dialog.accept()
    assert requested.args == ["https://example.org/a?b=1"]


def test_a_link_that_is_declined_is_not_opened(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.set_source(answer(Text("[docs](https://example.org/)")))
    with qtbot.assertNotEmitted(transcript.link_requested):
        QTest.mouseClick(transcript.messages[1].texts()[0], Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
        transcript.window().findChild(LinkDialog).reject()


def test_links_are_reached_with_the_keyboard(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.set_source(answer(Text("[one](https://a.example/) and [two](https://b.example/)")))
    view = transcript.messages[1].texts()[0]
    view.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(view, Qt.Key.Key_Tab)
    QTest.keyClick(view, Qt.Key.Key_Return)
    dialog = transcript.window().findChild(LinkDialog)
    with qtbot.waitSignal(transcript.link_requested) as requested:
        dialog.accept()
    assert requested.args == ["https://b.example/"]


def test_a_selection_may_reach_over_several_messages(transcript: Transcript) -> None:
    transcript.set_source(answer(Text("First words.\n\n```\ncode here\n```\n\nLast words.")))
    texts = transcript.messages[1].texts()
    QTest.mousePress(texts[0], Qt.MouseButton.LeftButton, pos=QPoint(0, 5))
    QTest.mouseMove(texts[2], QPoint(texts[2].width() - 1, texts[2].height() - 2))
    transcript._stage.selection.extend(texts[2].mapToGlobal(QPoint(texts[2].width() - 1, texts[2].height() - 2)))
    QTest.mouseRelease(texts[2], Qt.MouseButton.LeftButton)
    QTest.keyClick(texts[0], Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "First words.\ncode here\nLast words."


def test_all_of_a_message_can_be_selected(transcript: Transcript) -> None:
    transcript.set_source(answer(Text("One.\n\n```\ntwo\n```")))
    QTest.keyClick(transcript.messages[1].texts()[0], Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert transcript._stage.selection.text() == "One.\ntwo"


def test_finding_goes_through_all_places_and_then_says_that_there_are_no_more(transcript: Transcript) -> None:
    transcript.set_source(answer(Text("A needle, a Needle.\n\n```\nneedle()\n```")))
    bar(transcript).setValue(0)
    found = [transcript.find("needle") for _turn in range(4)]
    assert found == [True, True, True, False]
    assert transcript.matches() == (3, 3)
    assert transcript.find("needle", backwards=True)
    assert transcript.matches() == (2, 3)
    transcript.clear_find()
    assert transcript.matches() == (0, 0)
    assert not transcript.find("absent")


def test_finding_scrolls_to_the_place(transcript: Transcript) -> None:
    transcript.set_source(answer(Text("needle\n\n" + "word " * 3_000 + "\n\nneedle")))
    assert transcript.find("needle", backwards=True)
    assert transcript.find("needle", backwards=True)
    assert bar(transcript).value() < 200


# --- theme --------------------------------------------------------------------------------------------


def test_a_change_of_theme_reaches_what_is_shown(transcript: Transcript, theme: Theme, qtbot: QtBot) -> None:
    transcript.set_source(answer(Text("[a](https://x.example)\n\n| a |\n|---|\n| b |\n\n```py\nimport os\n```")))
    heights = [view.height() for view in transcript.messages]
    theme.changed.emit()
    qtbot.waitUntil(lambda: not transcript._stale)
    assert [view.height() for view in transcript.messages] == heights
    assert isinstance(transcript.messages[1], AnswerMessage)
    assert not transcript.findChildren(ToolCard)
