"""The training page: what waits, what runs, what came of it, and the way back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from thau_desktop.app import Thau
from thau_desktop.store.examples import NewExample
from thau_desktop.training import curriculum, intake, night
from thau_desktop.training.importers import ExampleRefused
from thau_desktop.training.intake import IntakeFinished
from thau_desktop.training.night import Finished
from thau_desktop.training.recipe import Recipe
from ui.main_window import MainWindow
from ui.training.add_dialog import AddDialog
from ui.training.import_report import Imported, ImportReport, gathered
from ui.training.nights import in_words
from ui.training.page import TrainingPage
from ui.training.queue_model import KIND
from ui.training.report_dialog import ReportDialog
from ui.widgets.ask import Ask
from ui.worker import workers

RECIPE = Recipe(epochs=40, batch_size=8, lora_r=16, lora_alpha=32, learning_rate=1e-2, replay_share=0.0)
PORT = "The port of the server?"


@pytest.fixture
def page(window: MainWindow) -> TrainingPage:
    shown = window.show_page("training")
    assert isinstance(shown, TrainingPage)
    return shown


def words(widget: QWidget) -> str:
    return "\n".join(found.text() for found in widget.findChildren(QLabel) if found.isVisible())


def test_an_empty_page_says_what_it_is_for(page: TrainingPage) -> None:
    assert "v1 in use · 0 new examples" in words(page)
    assert "changes only if it lost nothing" in words(page)
    assert not page.train.isEnabled() and not page.live.isVisible()


def test_an_example_is_added_by_hand_and_filtered(
    page: TrainingPage, window: MainWindow, thau: Thau, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(dialog: AddDialog) -> int:
        assert not dialog.keep.isEnabled()
        dialog.question.setPlainText(PORT)
        dialog.answer.setPlainText("7443")
        assert dialog.keep.isEnabled()
        return 1

    monkeypatch.setattr(AddDialog, "exec", fill)
    page.add()
    intake.add(thau.examples, NewExample("Who is it?", "Ana, +34 612 345 678", "team.jsonl"))
    qtbot.waitUntil(lambda: page.queue.model.rowCount() == 2)  # the second came from outside
    assert "v1 in use · 1 new example" in words(page)
    assert "1 to review" in words(page)
    rows = [[page.queue.model.index(row, column).data() for column in range(4)] for row in range(2)]
    assert rows[1] == [PORT, "7443", "by hand", "waiting"]
    assert rows[0][2:] == ["team.jsonl", "to review"]
    assert [page.queue.model.index(row, 3).data(KIND) for row in range(2)] == ["warn", "accent"]
    assert "1 waiting" in words(page)
    assert not page.queue.marked.isVisible()
    page.queue.table.selectRow(0)
    page.look_again()  # as every second, while something writes
    qtbot.waitUntil(lambda: not workers().calling)
    assert page.queue.table.marked() == thau.examples.list(search="Who")
    assert page.queue.marked.note.text() == "Look at it before it is learned: it seems to hold personal data."
    qtbot.mouseClick(page.queue.marked.allow, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "v1 in use · 2 new examples" in words(page))
    qtbot.waitUntil(lambda: not page.queue.marked.allow.isVisible())
    page.queue.search.setText("server")
    qtbot.waitUntil(lambda: page.queue.model.rowCount() == 1)
    page.queue.table.selectAll()
    assert page.queue.marked.note.text() == "1 marked" and page.queue.marked.edit.isVisible()
    page.queue.delete()
    qtbot.waitUntil(lambda: page.queue.model.rowCount() == 0)
    assert [one.instruction for one in thau.examples.list()] == ["Who is it?"]
    assert window._toast.text == "1 example was deleted"
    window._toast.action.click()
    qtbot.waitUntil(lambda: page.queue.model.rowCount() == 1)
    assert [one.instruction for one in thau.examples.list()] == [PORT, "Who is it?"]


def test_an_example_is_edited_excluded_and_found_by_its_state(
    page: TrainingPage, window: MainWindow, thau: Thau, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake.add(thau.examples, NewExample(PORT, "7443"))
    qtbot.waitUntil(lambda: page.queue.model.rowCount() == 1)

    def improve(dialog: AddDialog) -> int:
        assert (dialog.question.toPlainText(), dialog.answer.toPlainText()) == (PORT, "7443")
        dialog.answer.setPlainText("8080, ask ana@example.org")
        return 1

    monkeypatch.setattr(AddDialog, "exec", improve)
    page.queue.table.selectRow(0)
    qtbot.keyClick(page.queue.table, Qt.Key.Key_Return)
    (edited,) = thau.examples.list()
    assert (edited.output, edited.flags, edited.review) == ("8080, ask ana@example.org", ("personal",), True)
    window._toast.action.click()
    assert thau.examples.list()[0].output == "7443"
    qtbot.waitUntil(lambda: not workers().calling)
    page.queue.table.selectRow(0)
    page.queue.exclude()
    assert thau.examples.counts()["excluded"] == 1
    page.queue.state.setCurrentIndex(page.queue.state.findData("pending"))
    qtbot.waitUntil(lambda: page.queue.model.rowCount() == 0)
    page.queue.state.setCurrentIndex(page.queue.state.findData("excluded"))
    qtbot.waitUntil(lambda: page.queue.model.rowCount() == 1)


def test_what_a_night_gave_is_told_in_the_morning() -> None:
    left_out = ("1 new example was left out: its answer is made of no words.",)
    promoted = Finished("promoted", "thau-nano-v4", (), {}, 1, 12, left_out)
    assert in_words(promoted) == f"Last night thau-nano-v4 learned 12 things. {left_out[0]}"
    rejected = Finished("rejected", "thau-nano-v3", ("It lost too much of when to draw.",), {})
    assert in_words(rejected) == (
        "Last night's training changed nothing: thau-nano-v3 stays in use. It lost too much of when to draw."
    )
    assert in_words(Finished("failed", "thau-nano-v3", ("The disk is full.",), {})).endswith("The disk is full.")
    assert in_words(Finished("skipped", "thau-nano-v3", ("2 new examples wait.",), {})) == ""


def test_a_training_is_followed_promoted_and_undone(
    page: TrainingPage,
    window: MainWindow,
    thau: Thau,
    tiny_folder: Path,
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(tiny_folder, thau.paths.models / "thau-tiny-v1")
    for key, value in (("name", "thau-tiny-v1"), ("device", "cpu"), ("threads", 1)):
        thau.change("model", key, value)
    (tmp_path / "evaluation").mkdir()
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "reminders.jsonl").write_text("")
    asked = {"language": "en", "prompt": PORT, "question": PORT, "picture": False, "keywords": [["nothing like this"]]}
    for name in ("tool_calling", "concepts"):
        (tmp_path / "evaluation" / f"{name}.jsonl").write_text(json.dumps(asked))
    monkeypatch.setattr(curriculum, "data", lambda: tmp_path)
    monkeypatch.setattr(night, "preset", lambda *_arguments: RECIPE)
    intake.add(thau.examples, NewExample(PORT, "7443"))
    qtbot.waitUntil(page.train.isEnabled)
    qtbot.mouseClick(page.train, Qt.MouseButton.LeftButton)
    assert not page.train.isEnabled()
    qtbot.waitUntil(page.live.isVisible)
    seen: set[str] = set()
    page.trainings.progressed.connect(lambda: seen.add(page.trainings.live.stage if page.trainings.live else ""))
    qtbot.waitSignal(page.trainings.finished).wait()
    qtbot.waitUntil(lambda: page.trainings.live is None)
    assert seen >= {"training", "evaluating"}
    qtbot.waitUntil(lambda: "v2 in use · 0 new examples" in words(page))
    assert thau.settings.model.name == "thau-tiny-v2"
    qtbot.waitUntil(lambda: page.queue.model.index(0, 3).data() == "in v2")
    assert not page.live.isVisible()
    qtbot.mouseClick(page.versions.back, Qt.MouseButton.LeftButton)
    assert thau.settings.model.name == "thau-tiny-v1"

    def links() -> list[QPushButton]:
        return [each for each in page.versions.findChildren(QPushButton) if each.text() == "Use" and each.isVisible()]

    qtbot.waitUntil(lambda: len(links()) == 1)
    qtbot.mouseClick(links()[0], Qt.MouseButton.LeftButton)
    assert thau.settings.model.name == "thau-tiny-v2"


def test_a_file_is_imported_and_what_was_refused_is_told(
    page: TrainingPage, window: MainWindow, thau: Thau, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [{"instruction": "q", "output": answer} for answer in ("a", "b", "a")]
    (tmp_path / "set.jsonl").write_text("\n".join(map(json.dumps, records)) + "\n{broken\n")
    page.take(tmp_path / "set.jsonl")
    qtbot.waitUntil(lambda: page.queue.model.rowCount() == 2)
    assert thau.examples.list()[0].source == "set.jsonl"
    qtbot.waitUntil(lambda: window._toast.text == "2 added, 1 already here, 1 refused")
    shown: list[str] = []
    monkeypatch.setattr(ImportReport, "exec", lambda dialog: shown.extend(dialog.found.toPlainText().splitlines()))
    window._toast.action.click()
    first, second = (one.id for one in sorted(thau.examples.list(), key=lambda one: one.id))
    assert shown[0] == f"2: another answer to the same question as example {first}"
    assert shown[1].startswith("4: refused, ") and len(shown) == 2  # the third is only counted
    row = next(row for row in range(2) if page.queue.model.example(row).id == second)
    page.queue.table.selectRow(row)
    assert page.queue.marked.note.text() == "Another example answers: “a”"


def test_a_file_of_a_million_faults_is_told_in_its_first_thousand() -> None:
    refused = [ExampleRefused(number, "it is empty.") for number in range(1, 1501)]
    end = IntakeFinished(0, 0, 1500)
    (imported,) = gathered([*refused, end])
    assert isinstance(imported, Imported)
    assert (len(imported.lines), imported.more, imported.finished) == (1000, 500, end)
    assert imported.lines[-1] == "1000: refused, it is empty."


def test_other_recipes_are_in_the_menu_beside_the_button(
    page: TrainingPage, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, bool]] = []

    def train(recipe: Recipe, cancel: object, *, cause: str, force: bool) -> Iterator[Finished]:
        asked.append((recipe.name, force))
        yield Finished("skipped", "thau-nano-v1", ("It was not wanted.",), {})

    monkeypatch.setattr(page.trainings._thau.trainer, "train", train)
    tools, anew = page.more.menu().actions()
    for action in (tools, anew):
        qtbot.waitUntil(page.more.isEnabled)
        with qtbot.waitSignal(page.trainings.finished):
            action.trigger()
    assert asked == [("tools", True), ("consolidate", True)]
    qtbot.waitUntil(lambda: window._toast.text == "It was not wanted.")


def told(page: TrainingPage) -> list[str]:
    """What the rows of the timeline say."""
    return [
        " | ".join(filter(None, (found.text() for found in row.findChildren(QLabel)))) for row in page.versions.rows
    ]


def test_the_timeline_tells_of_nights_that_led_to_nothing(page: TrainingPage, thau: Thau, qtbot: QtBot) -> None:
    lost = "It lost too much of when to draw: 71 % instead of 98 %."
    scores = {"candidate": {"new": 0.9, "tools": 0.71}, "incumbent": {"new": 0.0, "tools": 0.98}}
    rejected = thau.runs.begin("schedule", "thau-nano-v1", "thau-nano-v1", {})
    thau.runs.end(rejected.id, "rejected", reasons=[lost, "It answers 90 % of what is new."], scores=scores)
    for waiting in (3, 5):
        skipped = thau.runs.begin("schedule", "thau-nano-v1", "thau-nano-v1", {})
        thau.runs.end(skipped.id, "skipped", reasons=[f"{waiting} new examples wait."])
    thau.runs.begin("schedule", "thau-other-v1", "thau-other-v1", {})  # another model's
    running = thau.runs.begin("schedule", "thau-nano-v1", "thau-nano-v1", {})
    thau.runs.progress(running.id, "training", 30, 120)
    qtbot.waitUntil(lambda: len(page.versions.rows) == 4)
    coming, nothing, turned_away, base = told(page)
    assert coming == "v2 | in training | step 30 of 120"
    assert nothing.startswith("— | skipped | 2 times · Today") and nothing.endswith("5 new examples wait.")
    assert turned_away.startswith("— | rejected | Today") and turned_away.endswith(lost)
    assert base == "v1 | in use | 0 · 98 · — | first model"
    thau.runs.progress(running.id, "evaluating")
    qtbot.waitUntil(lambda: told(page)[0] == "v2 | in training | compared with the version in use")
    thau.runs.end(running.id, "stopped")
    qtbot.waitUntil(lambda: told(page)[0].startswith("— | stopped"))


def test_a_report_says_how_it_was_decided(
    page: TrainingPage, thau: Thau, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    (example,) = (intake.add(thau.examples, NewExample(PORT, "7443")).example_id,)
    run = thau.runs.begin("person", "thau-nano-v1", "thau-nano-v1", asdict(Recipe(epochs=2)), [example])
    scores = {"candidate": {"new": 0.9, "tools": 0.71}, "incumbent": {"new": 0.0, "tools": 0.98}}
    thau.runs.progress(run.id, "training", 24, 24, 0.25, 900.0)
    thau.runs.end(run.id, "rejected", reasons=["It lost too much of when to draw."], scores=scores)
    shown: list[ReportDialog] = []

    def read(dialog: ReportDialog) -> int:
        dialog.show()
        shown.append(dialog)
        return 1

    monkeypatch.setattr(ReportDialog, "exec", read)
    qtbot.waitUntil(lambda: len(page.versions.rows) == 2)
    (link,) = [each for each in page.versions.findChildren(QPushButton) if each.text() == "Report"]
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    (dialog,) = shown
    said = words(dialog)
    assert "from thau-nano-v1 · 1 example" in said and "It lost too much of when to draw." in said
    assert "When to draw\n71 %\n98 %" in said and "What is new\n90 %\n0 %" in said
    assert "2 epochs · learning rate 0.0002 · rank 32 · replay 50 % · 24 steps" in said
    qtbot.mouseClick(dialog.findChild(QPushButton), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == dialog.words
    assert "When to draw: now 71 % · before 98 %" in dialog.words
    dialog.close()


def test_a_version_is_deleted_once_it_was_asked(
    page: TrainingPage, thau: Thau, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = thau.paths.checkpoints / "run-0001" / "adapter"
    folder.mkdir(parents=True)
    columns = {"base": "thau-nano-v1", "base_digest": "", "parent": "thau-nano-v1", "run_id": None, "data_digest": ""}
    thau.versions.add("thau-nano-v2", folder="run-0001/adapter", learned=3, scores={"new": 1.0}, **columns)
    qtbot.waitUntil(lambda: len(page.versions.rows) == 2)
    (row, base) = page.versions.rows
    delete = [action for menu in row.findChildren(QMenu) for action in menu.actions() if action.text() == "Delete…"]
    assert not [action for menu in base.findChildren(QMenu) for action in menu.actions() if "Delete" in action.text()]
    answers = [0, 1]

    def ask(asked: Ask) -> int:
        asked.choice = answers.pop(0)
        return 1

    monkeypatch.setattr(Ask, "exec", ask)
    delete[0].trigger()
    assert folder.exists() and thau.versions.find("thau-nano-v2") is not None
    page.versions.delete.emit("thau-nano-v2")
    assert not folder.exists() and thau.versions.find("thau-nano-v2") is None
    qtbot.waitUntil(lambda: len(page.versions.rows) == 1)


def test_the_palette_offers_what_the_page_can_do(page: TrainingPage, thau: Thau, qtbot: QtBot) -> None:
    titles = [entry.title for entry in page.actions()]
    assert titles[:2] == ["Teach something", "Import examples"] and "Learn everything anew" in titles
    intake.add(thau.examples, NewExample(PORT, "7443"))
    qtbot.waitUntil(page.train.isEnabled)
    assert page.actions()[0].title == "Train now"
