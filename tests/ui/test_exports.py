"""A version is exported or put into Ollama from its row, with progress, a result and the lines to use it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QMenu, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.standins.ollama import Held, Ollama, serving
from thau_desktop.app import Thau
from thau_desktop.export import validator
from ui.main_window import MainWindow
from ui.training import publishing_card
from ui.training.export_dialog import ExportDialog
from ui.training.page import TrainingPage
from ui.widgets.banner import Banner


@pytest.fixture
def page(window: MainWindow) -> TrainingPage:
    shown = window.show_page("training")
    assert isinstance(shown, TrainingPage)
    return shown


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that would have been shown by the system."""
    folders: list[Path] = []
    monkeypatch.setattr(publishing_card, "open_folder", folders.append)
    return folders


@pytest.fixture
def ollama(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ollama]:
    with serving(Ollama(calling)) as served:
        monkeypatch.setenv("OLLAMA_HOST", served.url)
        yield served


def calling(asked: dict[str, Any]) -> Iterator[str]:
    """As the starter model does: words for words, a call for a picture."""
    yield '<TOOL:generate_image>{"prompt": "a cat"}</TOOL>' if "Dibuja" in str(asked["messages"]) else "¡Hola!"


def words(widget: QWidget) -> str:
    return "\n".join(found.text() for found in widget.findChildren(QLabel) if found.isVisible())


def choose(page: TrainingPage, what: str) -> None:
    """From the menu of the one version that there is."""
    (more,) = [one for one in page.versions.findChildren(QToolButton) if one.accessibleName().startswith("More about")]
    menu = more.menu()
    assert isinstance(menu, QMenu)
    (action,) = [one for one in menu.actions() if one.text() == what]
    action.trigger()


def test_a_version_is_exported_shown_and_told_how_to_use(
    page: TrainingPage, thau: Thau, opened: list[Path], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fill(dialog: ExportDialog) -> int:
        assert dialog.folder == thau.paths.export_gguf
        dialog.bits.setCurrentIndex(dialog.bits.findData("q8_0"))
        dialog.folder = tmp_path
        return 1

    monkeypatch.setattr(ExportDialog, "exec", fill)
    seen: list[float] = []
    page.publishing.progressed.connect(
        lambda: seen.append(page.publishing.going.fraction or 0.0) if page.publishing.going else None
    )
    choose(page, "Export…")
    assert page.publishing_card.isVisible() and "Exporting thau-nano-v1" in words(page.publishing_card)
    qtbot.waitUntil(lambda: page.publishing_card.result is not None, timeout=30_000)
    qtbot.waitUntil(lambda: page.publishing.going is None)

    path = tmp_path / "thau-nano-v1-q8_0.gguf"
    list(validator.check(path))
    assert max(seen) == 1.0
    shown = words(page.publishing_card)
    assert "Exported: 11" in shown and str(path) in shown
    assert "ollama run thau-nano-v1" in shown
    page.publishing_card.copy.click()
    assert QGuiApplication.clipboard().text().splitlines()[1] == "ollama run thau-nano-v1"
    opened.clear()
    page.publishing_card.open.click()
    assert opened == [path]
    page.publishing_card.close_it.click()
    assert not page.publishing_card.isVisible()


def test_a_model_folder_has_no_bits_to_choose(page: TrainingPage, thau: Thau, qtbot: QtBot) -> None:
    dialog = ExportDialog(thau, "thau-nano-v1", page)
    dialog.show()
    assert dialog.bits.isVisible()
    dialog.form.setCurrentIndex(dialog.form.findData("safetensors"))

    assert not dialog.bits.isVisible()
    assert dialog.chosen[0] == "safetensors"
    dialog.close()


def test_an_export_that_is_stopped_leaves_nothing(page: TrainingPage, thau: Thau, qtbot: QtBot, tmp_path: Path) -> None:
    page.publishing.export("thau-nano-v1", "gguf", "f32", tmp_path)
    page.publishing_card.stop.click()
    assert "Stopping…" in words(page.publishing_card)
    qtbot.waitUntil(lambda: page.publishing.going is None, timeout=30_000)

    assert list(tmp_path.iterdir()) == []
    assert not page.publishing_card.isVisible()


def test_a_version_is_put_into_ollama(page: TrainingPage, ollama: Ollama, qtbot: QtBot) -> None:
    choose(page, "Push to Ollama")
    qtbot.waitUntil(lambda: page.publishing_card.result is not None, timeout=30_000)
    qtbot.waitUntil(lambda: page.publishing.going is None)

    assert sorted(ollama.models) == ["thau-nano-v1:latest", "thau:latest"]
    assert "ollama run thau" in words(page.publishing_card)
    assert not page.publishing_card.open.isVisible()


def test_a_push_that_fails_says_why_and_leaves_latest(
    page: TrainingPage, window: MainWindow, ollama: Ollama, qtbot: QtBot
) -> None:
    ollama.answer = lambda asked: iter([""])
    ollama.models["thau:latest"] = Held(bytes=7)
    choose(page, "Push to Ollama")
    why = "does not answer in Ollama as it does here"
    qtbot.waitUntil(lambda: any(why in words(one) for one in window.findChildren(Banner)), timeout=30_000)

    assert ollama.models == {"thau:latest": Held(bytes=7)}
    assert page.publishing.going is None


def test_nothing_is_put_into_ollama_unasked(page: TrainingPage, ollama: Ollama, thau: Thau) -> None:
    page.publishing.keep_up()
    assert page.publishing.going is None

    thau.change("export", "push_to_ollama", True)  # and a base is no version that was learned
    page.publishing.keep_up()

    assert page.publishing.going is None
    assert ollama.requests == []
    assert list(thau.publisher.catch_up(threading.Event())) == []
