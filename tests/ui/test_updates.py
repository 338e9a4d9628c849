"""The notice of a newer version: only where an address was given, once for each version."""

from __future__ import annotations

import json

from pytestqt.qtbot import QtBot

from tests.test_updates import answering
from thau_desktop.app import Thau
from ui.main_window import MainWindow
from ui.updates import Updates
from ui.widgets.banner import Banner
from ui.worker import workers


def test_nobody_is_asked_without_an_address(window: MainWindow, thau: Thau) -> None:
    Updates(thau, window, window).ask()
    assert not workers().calling


def test_a_version_is_told_once(window: MainWindow, thau: Thau, qtbot: QtBot) -> None:
    updates = Updates(thau, window, window)
    release = {"version": "99.1", "page": "https://example.org/new"}
    with answering(json.dumps(release).encode()) as (address, asked):
        thau.change("general", "updates", address)
        updates.ask()
        qtbot.waitUntil(lambda: bool(window.findChildren(Banner)))
        (banner,) = window.findChildren(Banner)
        assert "THAU 99.1" in banner.accessibleName() and banner.action is not None
        updates.ask()
        qtbot.waitUntil(lambda: len(asked) == 2 and not workers().calling)
        assert window.findChildren(Banner) == [banner]


def test_a_network_that_is_away_is_no_news(window: MainWindow, thau: Thau, qtbot: QtBot, caplog) -> None:
    thau.change("general", "updates", "http://127.0.0.1:9/latest")
    Updates(thau, window, window).ask()
    qtbot.waitUntil(lambda: "newer THAU" in caplog.text)
    assert window.findChildren(Banner) == []
