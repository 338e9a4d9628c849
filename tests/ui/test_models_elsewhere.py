"""Models of servers in the window: listed without waiting, chosen by name, and plain about where words go."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.standins.ollama import Held, Ollama, serving
from tests.standins.openai_server import OpenAIServer
from tests.standins.openai_server import serving as serving_openai
from thau_desktop.app import Thau
from thau_desktop.keys import Keys
from ui.chat.header import ChatHeader
from ui.main_window import MainWindow
from ui.settings.model_page import ModelPage
from ui.theme import Theme
from ui.widgets.banner import Banner


def texts(header: ChatHeader) -> list[str]:
    return [action.text() for action in header.model.menu().actions() if action.isCheckable()]


@pytest.mark.qt_log_ignore("does not support grabbing", extend=True)
def test_the_picker_lists_what_servers_have_once_they_answered(
    thau: Thau, theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Ollama(models={"qwen:1.5b": Held()})) as ollama, serving_openai(OpenAIServer()) as lab:
        monkeypatch.setenv("OLLAMA_HOST", ollama.url)
        thau.change("model", "servers", f"lab={lab.url} off=http://127.0.0.1:9/v1")
        header = ChatHeader(thau)
        qtbot.addWidget(header)
        header.model.menu().popup(header.pos())
        assert "Asking Ollama and other servers…" in [action.text() for action in header.model.menu().actions()]
        qtbot.waitUntil(lambda: texts(header)[-2:] == ["ollama/qwen:1.5b", "lab/qwen"], timeout=20_000)
        with qtbot.waitSignal(header.model_chosen) as chosen:
            header.model.menu().actions()[texts(header).index("lab/qwen") + 1].trigger()
        assert chosen.args == ["lab/qwen"]
        header.model.menu().hide()
        QApplication.processEvents()


def test_a_model_on_another_computer_is_marked_as_long_as_it_answers(thau: Thau, theme: Theme, qtbot: QtBot) -> None:
    thau.change("model", "servers", "lab=http://10.1.2.3:8000/v1 here=http://127.0.0.1:1234/v1")
    header = ChatHeader(thau)
    qtbot.addWidget(header)
    header.show_conversation("lab/qwen", "thau", False)
    assert not header.leaving.isHidden() and "10.1.2.3" in header.leaving.toolTip()
    assert header.context_limit == 4096
    header.show_conversation("here/qwen", "thau", False)
    assert header.leaving.isHidden()


def test_a_key_goes_from_its_field_to_where_keys_are_kept(thau: Thau, theme: Theme, qtbot: QtBot) -> None:
    page = ModelPage(thau, {})
    qtbot.addWidget(page)
    page.show_settings(thau.settings)
    assert page.servers.isHidden()
    thau.change("model", "servers", "lab=http://10.1.2.3:8000/v1")
    page.show_settings(thau.settings)
    page.servers.fields["lab"].setText(" sk-1 ")
    page.servers.keep("lab")
    qtbot.waitUntil(lambda: page.servers.fields["lab"].placeholderText() == "The key is kept", timeout=10_000)
    assert Keys(thau.paths).get("server:lab") == "sk-1" and page.servers.fields["lab"].text() == ""
    page.servers.keep("lab")
    qtbot.waitUntil(lambda: page.servers.fields["lab"].placeholderText() == "No key is kept", timeout=10_000)
    assert Keys(thau.paths).get("server:lab") is None


def test_an_ollama_with_a_known_hole_is_told_where_its_models_are(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Ollama(models={"qwen:1.5b": Held()}, version="0.34.2")) as ollama:
        monkeypatch.setenv("OLLAMA_HOST", ollama.url)
        window.show_page("models")
        qtbot.waitUntil(lambda: bool(window.findChildren(Banner)))
        (banner,) = window.findChildren(Banner)
        assert "0.34.2" in banner.accessibleName() and "0.35.0 or newer" in banner.accessibleName()
