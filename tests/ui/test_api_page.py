"""The API's page: the switch begins a real server, whose requests appear; the token is hidden, shown, rotated."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from thau_desktop.api.token import Token
from thau_desktop.app import Thau
from ui.settings.api_page import ApiPage, qr_code
from ui.settings.api_server import ApiServer
from ui.settings.api_snippets import snippets
from ui.settings.page import SettingsPage
from ui.theme import Theme


@pytest.fixture
def page(thau: Thau, theme: Theme, qtbot: QtBot) -> Iterator[SettingsPage]:
    """The settings in a window of their own, open at the API."""
    window = QWidget()
    made = SettingsPage(thau, window)
    qtbot.addWidget(window)
    qtbot.addWidget(made)
    made.resize(1000, 900)
    made.show()
    made.open_group("api")
    yield made
    ApiServer.of(thau, window).stop()


def api_page(page: SettingsPage) -> ApiPage:
    found = page._page("api")
    assert isinstance(found, ApiPage)
    return found


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def test_nothing_listens_and_there_is_no_token_before_it_is_switched_on(page: SettingsPage, home: Path) -> None:
    api = api_page(page)
    assert not api.server.running and not (home / "api_token").exists()
    assert api.token.field.text() == "" and not api.token._copy.isEnabled()


def test_the_switch_begins_and_ends_a_server_and_what_it_is_asked_appears(
    page: SettingsPage, thau: Thau, qtbot: QtBot
) -> None:
    api = api_page(page)
    thau.change("api", "port", free_port())
    page._on_edited("api", "enabled", True)
    qtbot.waitUntil(lambda: bool(api.server.url) and api.address._url.text() == f"{api.server.url}/v1")
    url, process = api.server.url, api.server._process
    assert process is not None
    headers = {"Authorization": f"Bearer {Token(thau.paths).value()}"}
    assert httpx.get(f"{url}/status", headers=headers).status_code == 200
    assert httpx.get(f"{url}/status").status_code == 401
    qtbot.waitUntil(lambda: len(api.requests.rows) == 2 and all("·" in ended for _asked, ended in api.requests.rows))
    assert [(asked, ended[:3]) for asked, ended in api.requests.rows] == [
        ("GET /status", "401"),
        ("GET /status", "200"),
    ]
    pid = process.processId()
    page._on_edited("api", "enabled", False)
    assert not psutil.pid_exists(pid) and not api.server.url
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/health")


def test_a_port_that_is_taken_is_told_where_the_switch_is(page: SettingsPage, thau: Thau, qtbot: QtBot) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        thau.change("api", "port", int(taken.getsockname()[1]))
        page._on_edited("api", "enabled", True)
        server = api_page(page).server
        qtbot.waitUntil(lambda: bool(server.problem))
    said = api_page(page).address._said
    assert "choose another with --port" in said.text() and "Error" not in said.text() and not server.running


def test_the_token_is_hidden_until_it_is_wanted_copied_and_rotated(page: SettingsPage, thau: Thau) -> None:
    token, card = Token(thau.paths).value(), api_page(page).token
    card.follow()
    assert card.field.text() == token and card.field.echoMode() == QLineEdit.EchoMode.Password
    card._show.click()
    assert card.field.echoMode() == QLineEdit.EchoMode.Normal
    card._copy.click()
    assert QGuiApplication.clipboard().text() == token
    card.rotate()
    assert card.field.text() == Token(thau.paths).value() != token


def test_the_code_holds_what_is_written_into_it_in_black_on_white(theme: Theme) -> None:
    small, large = qr_code("a"), qr_code("a" * 200)
    assert 0 < small.width() < large.width() and small.width() == small.height()
    image = small.toImage()
    assert image.pixelColor(0, 0).lightness() == 255  # its border
    assert image.pixelColor(4 * 5 + 1, 4 * 5 + 1).lightness() == 0  # the corner of its first eye


def test_the_lines_to_copy_hold_the_address_and_never_the_token(page: SettingsPage, thau: Thau) -> None:
    token, card = Token(thau.paths).value(), api_page(page).snippets
    for name, (_title, lines) in snippets("http://127.0.0.1:8000").items():
        card.choice.setCurrentIndex(card.choice.findData(name))
        assert card.shown.text() == lines and "http://127.0.0.1:8000" in lines and token not in lines
