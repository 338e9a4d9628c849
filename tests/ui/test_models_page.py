"""The models page: what is here, what fits, fetching with pause and resume, tokens for gated models, removing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests import tiny_gguf, tiny_model
from tests.standins.hub import TOKEN, Hub, Repo
from thau_desktop.app import Thau
from thau_desktop.errors import Action
from thau_desktop.keys import HUB
from thau_desktop.models.elsewhere import Found
from thau_desktop.paths import docs
from thau_desktop.translation import set_language
from ui.main_window import MainWindow
from ui.models.add_dialog import AddDialog
from ui.models.concepts import ConceptsDialog, Topic
from ui.models.get_row import GetRow
from ui.models.page import ModelsPage
from ui.models.run_dialog import RunDialog
from ui.models.token_dialog import TokenDialog
from ui.widgets.ask import Ask

CODER = "Qwen2.5-Coder-1.5B-Instruct"
WEIGHTS = "model.safetensors"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tiny_folder: Path, tmp_path: Path) -> Iterator[Hub]:
    """A hub whose "Coder 1.5B" is a tiny model."""
    folder = tiny_model.copy(tiny_folder, tmp_path / "coder", 4096)
    (folder / "thau.json").unlink()
    with Hub() as made:
        monkeypatch.setenv("HF_ENDPOINT", made.address)
        made.repos[f"Qwen/{CODER}"] = Repo.of(folder)
        yield made


@pytest.fixture
def page(window: MainWindow, qtbot: QtBot) -> ModelsPage:
    shown = window.show_page("models")
    assert isinstance(shown, ModelsPage)
    qtbot.waitUntil(lambda: bool(shown.shelf.offers and shown.shelf.rows))
    return shown


def row(page: ModelsPage, title: str = CODER) -> GetRow:
    return next(each for each in page.shelf.offers if each.title == title)


def names(page: ModelsPage) -> list[str]:
    return [each.facts.name for each in page.shelf.rows]


def words(widget: QWidget) -> str:
    return "\n".join(found.text() for found in widget.findChildren(QLabel) if found.isVisible())


def test_the_page_says_what_is_here_and_what_fits(page: ModelsPage) -> None:
    assert names(page) == ["thau-nano-v1"] and page.shelf.rows[0].in_use
    assert "GB of the memory can hold a model" in words(page) or "graphics card" in words(page)
    coder = row(page)
    assert "Apache-2.0" in words(coder) and "32\u202f768 tokens of context" in words(coder)
    assert any(sentence in words(coder) for sentence in ("fits", "too large"))
    assert coder.get.text().strip() == "3.1 GB" and coder.gguf.text() == "4-bit GGUF: 1.1 GB"


def test_a_download_is_paused_goes_on_and_the_model_answers_from_then_on(
    page: ModelsPage, window: MainWindow, thau: Thau, hub: Hub, qtbot: QtBot
) -> None:
    repo = hub.repos[f"Qwen/{CODER}"]
    repo.hold_after[WEIGHTS] = 60_000
    row(page).get.click()
    qtbot.waitUntil(lambda: row(page).pause.isVisible())
    repo.holding.wait()
    row(page).pause.click()
    qtbot.waitUntil(lambda: row(page).resume.isVisible())
    assert "are here" in words(row(page))
    repo.released.set()
    row(page).resume.click()
    qtbot.waitUntil(lambda: CODER in names(page))
    qtbot.waitUntil(lambda: "on this disk" in words(row(page)))
    (mine,) = [each for each in page.shelf.rows if each.facts.name == CODER]
    assert mine.facts.languages[:2] == ("en", "es")
    mine.use.click()
    assert thau.settings.model.name == CODER
    qtbot.waitUntil(lambda: next(each for each in page.shelf.rows if each.facts.name == CODER).in_use)


def test_what_is_half_here_is_thrown_away(page: ModelsPage, hub: Hub, qtbot: QtBot) -> None:
    repo = hub.repos[f"Qwen/{CODER}"]
    repo.hold_after[WEIGHTS] = 60_000
    row(page).get.click()
    repo.holding.wait()
    row(page).pause.click()
    qtbot.waitUntil(lambda: row(page).discard.isVisible())
    row(page).discard.click()
    qtbot.waitUntil(lambda: row(page).get.isVisible())


def test_a_gated_model_asks_for_a_token_and_then_comes(
    page: ModelsPage, thau: Thau, hub: Hub, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.repos[f"Qwen/{CODER}"].gated = True
    asked: list[str] = []

    def fill(dialog: TokenDialog) -> int:
        asked.append(words(dialog))
        assert not dialog.keep.isEnabled()
        dialog.field.setText(TOKEN)
        thau.keys.set(HUB, dialog.field.text())
        return 1

    monkeypatch.setattr(TokenDialog, "exec", fill)
    row(page).get.click()
    qtbot.waitUntil(lambda: CODER in names(page))
    assert len(asked) == 1


def test_the_token_dialog_keeps_the_token(page: ModelsPage, thau: Thau, qtbot: QtBot) -> None:
    dialog = TokenDialog(thau.keys, "lab/model", page)
    qtbot.addWidget(dialog)
    dialog.show()
    assert "system's keyring" in words(dialog)
    dialog.field.setText(" hf_abc ")
    with qtbot.waitSignal(dialog.accepted):
        dialog.keep.click()
    assert thau.keys.get(HUB) == "hf_abc"


def test_the_button_of_a_gated_error_opens_the_dialog(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[TokenDialog] = []
    monkeypatch.setattr(TokenDialog, "exec", lambda dialog: opened.append(dialog) or 0)
    window.act(Action("hub_token", "Give a token"))
    assert len(opened) == 1 and window.page_name == "models"


def test_a_failed_download_says_why_and_can_be_tried_again(
    page: ModelsPage, window: MainWindow, hub: Hub, qtbot: QtBot
) -> None:
    hub.repos[f"Qwen/{CODER}"].damaged.add(WEIGHTS)
    row(page).get.click()
    qtbot.waitUntil(lambda: "arrived damaged" in words(window))
    qtbot.waitUntil(lambda: row(page).resume.isVisible())


def test_removing_is_asked_first(
    page: ModelsPage, thau: Thau, tiny_folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(tiny_folder, thau.paths.models / "tiny")
    page.activate()
    qtbot.waitUntil(lambda: "tiny" in names(page))
    answers = [0, 1]

    def answer(ask: Ask) -> int:
        ask.choice = answers.pop(0)
        return 1

    monkeypatch.setattr(Ask, "exec", answer)
    for left in (1, 0):
        next(each for each in page.shelf.rows if each.facts.name == "tiny").remove.click()
        assert len(answers) == left
        assert (thau.paths.models / "tiny").exists() or not left
    qtbot.waitUntil(lambda: "tiny" not in names(page))
    assert not (thau.paths.models / "tiny").exists()
    assert page.shelf.rows[0].remove.isHidden()  # the starter stays


def test_a_folder_or_another_programs_model_is_taken_in(
    page: ModelsPage, thau: Thau, tiny_folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "blob").write_bytes(b"GGUF" + bytes(5000))

    def choose(dialog: AddDialog) -> int:
        dialog.show_found([Found("Ollama", "qwen-1.5b", tmp_path / "blob", 5004)])
        dialog.found.item(0).setSelected(True)
        assert dialog.take.isEnabled() and "other programs" in dialog._heading.text()
        dialog.take.click()
        return 1

    monkeypatch.setattr(AddDialog, "exec", choose)
    page.shelf.add()
    qtbot.waitUntil(lambda: "qwen-1.5b" in names(page))
    page.shelf.take_in(tiny_folder)
    qtbot.waitUntil(lambda: "tiny" in names(page))
    assert (thau.paths.models / "tiny" / WEIGHTS).exists()


# --- tokens -----------------------------------------------------------------------------------------------


def test_a_text_is_shown_under_every_tokenizer_that_is_chosen(page: ModelsPage, qtbot: QtBot) -> None:
    page.tabs.setCurrentIndex(2)
    view = page.tokens
    qtbot.waitUntil(lambda: view.idle and len(view.results) == 4)
    view.text.setPlainText("El camión azul 🐱")
    qtbot.waitUntil(lambda: view.results["thau-nano-v1"].view.toPlainText() == "El camión azul 🐱")
    shown = view.results["thau-nano-v1"]
    assert "characters a token" in shown.numbers.text() and "of context" in shown.numbers.text()
    colored = shown.view.extraSelections()
    assert "".join(each.cursor.selectedText() for each in colored) == "El camión azul 🐱"
    assert shown.view.words_of(0).startswith("Token")
    assert [bar.words[:2] for bar in view.costs.bars[:2]] == ["es", "en"]
    view.choices["example-unigram"].setChecked(False)
    qtbot.waitUntil(lambda: view.idle and len(view.results) == 3)


# --- benchmark --------------------------------------------------------------------------------------------


def test_a_model_is_measured_and_the_table_exported(
    page: ModelsPage, thau: Thau, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_gguf.write(thau.paths.models / "mini.gguf", context=2048)
    page.tabs.setCurrentIndex(1)
    view = page.benchmark
    assert "eight short questions" in words(view)
    view.activate()
    qtbot.waitUntil(lambda: view.model.findText("mini") >= 0)
    view.model.setCurrentText("mini")
    view.run.click()
    assert view.stop.isVisible() and not view.run.isVisible()
    qtbot.waitUntil(lambda: view.idle)
    (measured,) = view.results
    assert measured.tokens_per_second > 0 and "GGUF" in words(view) and "ms" in words(view)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(tmp_path / "mini.csv"), ""))
    view.export.click()
    assert "mini,gguf" in (tmp_path / "mini.csv").read_text()


def test_a_benchmark_is_stopped(page: ModelsPage, thau: Thau, qtbot: QtBot) -> None:
    tiny_gguf.write(thau.paths.models / "mini.gguf", context=2048)
    page.tabs.setCurrentIndex(1)
    view = page.benchmark
    view.activate()
    qtbot.waitUntil(lambda: view.model.findText("mini") >= 0)
    view.model.setCurrentText("mini")
    view.run.click()
    view.stop.click()
    qtbot.waitUntil(lambda: view.idle)
    assert view.results == [] and view.run.isVisible()


# --- concepts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spoken", ["en", "es"])
def test_the_concepts_open_at_what_is_in_view(page: ModelsPage, qtbot: QtBot, spoken: str) -> None:
    set_language(spoken)
    dialog = ConceptsDialog(page, "tokens")
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.topics.currentRow() == 3)
    assert dialog.topics.count() == len(get_args(Topic)) and dialog.topics.currentItem().text() == "Tokens"
    seen = dialog.browser.cursorForPosition(QPoint(8, 8)).block().text()
    assert seen == "Tokens"
    assert "SentencePiece" in dialog.browser.toPlainText()


def test_the_button_opens_the_topic_of_the_view(page: ModelsPage, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[int] = []
    monkeypatch.setattr(ConceptsDialog, "exec", lambda dialog: opened.append(dialog._first) or 0)
    for view in range(3):
        page.tabs.setCurrentIndex(view)
        page.explain()
    assert opened == [4, 1, 3]


def test_both_languages_have_the_same_sections_and_tables() -> None:
    shapes = [
        [
            line.split(maxsplit=1)[0]
            for line in (docs() / f"concepts.{spoken}.md").read_text().splitlines()
            if line.startswith(("#", "|", "- "))
        ]
        for spoken in ("en", "es")
    ]
    assert shapes[0] == shapes[1] and shapes[0].count("##") == len(get_args(Topic))


def test_one_model_is_let_run_otherwise_and_back(
    page: ModelsPage, thau: Thau, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def choose(dialog: RunDialog) -> int:
        qtbot.waitUntil(lambda: "GB" in dialog.memory.text())
        box = dialog.choices["precision"]
        box.setCurrentIndex(box.findData("nf4"))
        dialog.choices["window"].setCurrentIndex(dialog.choices["window"].findData(1024))
        qtbot.waitUntil(lambda: "GB" in box.itemText(box.findData("nf4")))
        assert "4096" not in [dialog.choices["context"].itemText(place) for place in range(3)]
        dialog.keep.click()
        return dialog.result()

    monkeypatch.setattr(RunDialog, "exec", choose)
    qtbot.waitUntil(lambda: page.shelf.rows[0].tune.isVisible())  # rows are shown once the loop has run
    row = page.shelf.rows[0]
    row.tune.click()
    assert thau.settings.model.of("thau-nano-v1").precision == "nf4"
    assert thau.settings.model.precision == "auto"
    told = [each.text() for each in page.shelf.rows[0].findChildren(QLabel)]
    assert any("1\u202f024" in words for words in told), told
    monkeypatch.setattr(RunDialog, "exec", lambda dialog: dialog.reset.click() or dialog.keep.click() or 1)
    page.shelf.rows[0].tune.click()
    assert not thau.settings.model.own


def test_the_dialog_of_a_gguf_file_leaves_out_what_its_file_decides(page: ModelsPage, thau: Thau) -> None:
    facts = replace(page.shelf.rows[0].facts, name="mine", kind="gguf")
    before = set(QApplication.topLevelWidgets())
    dialog = RunDialog(thau, facts, page)
    assert list(dialog.choices) == ["device", "context"] and dialog.memory.isHidden()
    whole = RunDialog(thau, page.shelf.rows[0].facts, page)
    assert not whole.memory.isHidden()
    windows = {each for each in QApplication.topLevelWidgets() if each.isVisible()}
    assert windows <= before  # no part of a dialog became a window of its own


def test_the_palette_leads_to_the_other_views(page: ModelsPage, qtbot: QtBot) -> None:
    entries = {entry.title: entry for entry in page.actions()}
    assert {"Add a model", "Benchmark", "Tokens", "Concepts"} <= entries.keys() and "Models" not in entries
    entries["Tokens"].run()
    assert page.tabs.currentIndex() == 2
    qtbot.waitUntil(lambda: page.tokens.idle)
    assert {"Models", "Benchmark"} <= {entry.title for entry in page.actions()}
