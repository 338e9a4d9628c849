"""Speed up, in the settings: the card in the machine, its packages on their way, in use, and gone again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from tests.standins.package_index import GPU_TORCH
from tests.test_acceleration import Place, place  # noqa: F401 - a fixture
from thau_desktop.app import Thau
from ui.settings.model_page import ModelPage
from ui.settings.speed_card import SpeedCard
from ui.theme import Theme


def test_one_press_fetches_and_uses_and_another_removes(card: SpeedCard, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: card.standing.gpu == "RTX 4070")
    assert card.get.isVisible()
    assert "CUDA 99.9" in card.sentence.text()
    card.get.click()
    assert card.pause.isVisible()
    qtbot.waitUntil(lambda: card.standing.ready)
    assert "computes on it" in card.sentence.text()
    assert not card.get.isVisible()
    card.remove.click()
    qtbot.waitUntil(lambda: card.get.isVisible())


def test_what_failed_is_told_and_can_be_tried_again(card: SpeedCard, place: Place, qtbot: QtBot) -> None:  # noqa: F811
    place.index.down = True
    qtbot.waitUntil(lambda: card.get.isVisible())
    card.get.click()
    qtbot.waitUntil(lambda: "pip does not find" in card.sentence.text())
    place.index.down = False
    card.get.click()
    qtbot.waitUntil(lambda: card.standing.ready)


def test_without_a_card_the_reason_is_told(card: SpeedCard, place: Place, qtbot: QtBot) -> None:  # noqa: F811
    place.cards = ()
    card.look()
    qtbot.waitUntil(lambda: card.sentence.text() == "No driver.")
    assert not (card.get.isVisible() or card.remove.isVisible() or card.again.isVisible())


@pytest.fixture
def card(place: Place, thau: Thau, theme: Theme, qtbot: QtBot) -> Iterator[SpeedCard]:  # noqa: F811
    thau.acceleration = place.with_torch(GPU_TORCH)
    page = ModelPage(thau, {})
    qtbot.addWidget(page)
    page.show_settings(thau.settings)
    page.resize(760, 900)
    page.show()
    yield page.speed
