"""The spin boxes of forms and settings."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QLocale, Qt
from pytestqt.qtbot import QtBot

from ui.theme import Theme
from ui.widgets.number_box import number_box


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("typed", ["0.35", "0,35", ".35", ",35"])
def test_a_point_and_a_comma_are_the_same_in_every_language(
    qtbot: QtBot, theme: Theme, language: str, typed: str
) -> None:
    box = number_box(False, 0.0, 2.0, 0.05, "s")
    box.setLocale(QLocale(language))
    qtbot.addWidget(box)
    box.selectAll()
    qtbot.keyClicks(box, typed)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == 0.35
    assert box.text() == ("0.35 s" if language == "en" else "0,35 s")
