"""The welcome shows what is ready and what the machine could run, takes two choices, and comes once."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QWidget

from thau_desktop.app import Thau
from ui.first_run import FirstRun
from ui.main_window import MainWindow
from ui.models.page import ModelsPage
from ui.theme import Theme
from ui.tokens import DARK


def write_model(folder: Path, name: str = "thau-nano-v1") -> None:
    """A folder that looks like a model; its weights are never read."""
    place = folder / name
    place.mkdir(parents=True)
    manifest = {"name": "THAU nano", "languages": ["es", "en"], "native_tools": ["generate_image"], "context": 2048}
    (place / "thau.json").write_text(json.dumps(manifest), encoding="utf-8")
    (place / "config.json").write_text(json.dumps({"max_position_embeddings": 4096}), encoding="utf-8")
    (place / "tokenizer.json").write_text("{}", encoding="utf-8")
    header = {
        "one": {"dtype": "F32", "shape": [1000, 1200], "data_offsets": [0, 4_800_000]},
        "two": {"dtype": "F32", "shape": [300_000], "data_offsets": [4_800_000, 6_000_000]},
    }
    data = json.dumps(header).encode()
    with (place / "model.safetensors").open("wb") as file:
        file.write(struct.pack("<Q", len(data)) + data)
        file.truncate(8 + len(data) + 6_000_000)


def _words(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel))


@pytest.fixture
def thau(thau: Thau) -> Thau:
    write_model(thau.paths.models)
    return thau


@pytest.fixture
def window(qtbot, theme: Theme, thau: Thau) -> MainWindow:
    made = MainWindow(thau.paths.home)
    qtbot.addWidget(made)
    made.show()
    made.set_thau(thau)
    return made


def test_the_welcome_shows_the_model_and_the_machine(qtbot, window: MainWindow) -> None:
    page = window.page
    assert isinstance(page, FirstRun)
    qtbot.waitUntil(lambda: "THAU nano" in _words(page) and "7 B model" in _words(page))
    words = _words(page)
    assert "1.5 M" in words and "6.0 MB" in words and "2\u202f048" in words and "ready now" in words


def test_colours_and_language_change_while_one_looks(qtbot, window: MainWindow, thau: Thau, theme: Theme) -> None:
    page = window.page
    page.colors.setCurrentIndex(page.colors.findData("dark"))
    page.colors.activated.emit(page.colors.currentIndex())
    assert theme.tokens.bg == DARK.bg and thau.settings.appearance.theme == "dark"
    with qtbot.waitSignal(window.language_changed):
        page.language.activated.emit(page.language.findData("es"))
    assert thau.settings.general.language == "es"
    assert page.language.currentData() == "es"


def test_the_models_that_could_be_had_are_a_click_away(qtbot, window: MainWindow, thau: Thau) -> None:
    page = window.page
    qtbot.waitUntil(lambda: hasattr(page, "models"))
    page.models.click()
    assert window.page_name == "models" and thau.settings.general.first_run_done


def test_start_leads_to_the_chat_and_the_welcome_comes_no_more(qtbot, window: MainWindow, thau: Thau) -> None:
    with qtbot.waitSignal(window.page.finished):
        window.page.start.click()
    assert window.page_name == "chat"
    assert thau.settings.general.first_run_done
    again = MainWindow(thau.paths.home)
    qtbot.addWidget(again)
    again.set_thau(thau)
    assert again.page_name == "chat"


def test_the_models_page_lists_what_is_on_this_disk(qtbot, window: MainWindow, thau: Thau) -> None:
    page = window.show_page("models")
    assert isinstance(page, ModelsPage)
    qtbot.waitUntil(lambda: len(page.shelf.rows) == 1)
    assert "in use" in _words(page.shelf.rows[0]) and "1.5 M" in _words(page.shelf.rows[0])
    write_model(thau.paths.models, "my-model")
    page.activate()
    qtbot.waitUntil(lambda: len(page.shelf.rows) == 2)


def test_a_model_whose_files_are_broken_still_has_a_row(qtbot, window: MainWindow, thau: Thau) -> None:
    (thau.paths.models / "thau-nano-v1" / "model.safetensors").write_bytes(b"no")
    page = window.show_page("models")
    qtbot.waitUntil(lambda: len(page.shelf.rows) == 1)
    assert "parameters" not in _words(page.shelf.rows[0])


def test_an_empty_page_teaches(window: MainWindow) -> None:
    page = window.show_page("training")
    assert "changes only if it lost nothing" in _words(page)
