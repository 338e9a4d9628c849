"""The theme dresses every widget, follows the settings, and its pictures fit its tokens."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QPushButton, QVBoxLayout, QWidget

from thau_desktop.paths import resources
from thau_desktop.settings import Appearance, Settings
from ui.theme import Theme, icon
from ui.theme import theme as current
from ui.tokens import DARK, LIGHT, Tokens


def _with(**appearance: object) -> Settings:
    return Settings(appearance=Appearance(**appearance))


def _luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, two: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_tokens_are_the_designs() -> None:
    assert (LIGHT.bg, LIGHT.accent, LIGHT.line, LIGHT.code) == ("#fbfbfd", "#5b5bd6", "#e3e3ea", "#f5f5f9")
    assert (DARK.bg, DARK.accent, DARK.line, DARK.code) == ("#121217", "#8484f0", "#2b2b35", "#15151b")


# What words are written in, and on what: every pair that the window paints.
_WORDS = {
    "text": ("bg", "panel", "card", "code", "hover", "press", "accent_soft", "warn_soft", "bad_soft"),
    "dim": ("bg", "panel", "card", "code", "hover", "accent_soft", "warn_soft", "bad_soft"),
    "accent": ("bg", "panel", "card", "code", "hover", "accent_soft"),
    "accent_hover": ("bg", "card"),
    "on_accent": ("accent", "accent_hover"),
    "good": ("bg", "card", "code", "good_soft"),
    "warn": ("bg", "card", "code", "warn_soft"),
    "bad": ("bg", "panel", "card", "code", "hover", "bad_soft"),
    "bg": ("text",),  # a toast
    "accent_soft": ("text",),
}


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_words_are_readable_on_every_surface(tokens: Tokens) -> None:
    for surface in (tokens.bg, tokens.panel, tokens.card, tokens.hover):
        assert _contrast(tokens.text, surface) > 7
    pale = [
        f"{ink} on {surface}: {contrast:.2f}"
        for ink, surfaces in _WORDS.items()
        for surface in surfaces
        if (contrast := _contrast(getattr(tokens, ink), getattr(tokens, surface))) < 4.5
    ]
    assert not pale


def test_words_are_faint_only_where_they_are_switched_off(theme: Theme) -> None:
    sheet = (resources() / "theme" / "thau.qss").read_text(encoding="utf-8")
    rules = re.findall(r"([^{}]+)\{([^{}]*(?:\{[a-z_]+\}[^{}]*)*)\}", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL))
    faint = [selector.strip() for selector, body in rules if re.search(r"(?<![-a-z])color: \{faint\}", body)]
    assert faint and all(":disabled" in selector for selector in faint)
    assert QApplication.palette().placeholderText().color() == QColor(theme.tokens.dim)


def test_a_changed_setting_changes_the_colours_and_says_so_once(qtbot, theme: Theme) -> None:
    with qtbot.waitSignal(theme.changed):
        theme.apply(_with(theme="dark"))
    assert theme.dark and theme.tokens.bg == DARK.bg
    assert QApplication.palette().window().color() == QColor(DARK.bg)
    with qtbot.assertNotEmitted(theme.changed):
        theme.apply(_with(theme="dark"))
    theme.apply(_with(theme="light"))
    assert not theme.dark


def test_text_scale_makes_text_larger_and_nothing_else(theme: Theme) -> None:
    theme.apply(_with(text_scale=1.6))
    assert (theme.tokens.type_body, theme.tokens.type_title, theme.tokens.space_m) == (21, 32, 12)
    assert QApplication.font().pixelSize() == 21
    assert theme.mono(13).pixelSize() == 21


def test_reduced_motion_is_respected(theme: Theme) -> None:
    theme.apply(_with(reduced_motion=True))
    assert not theme.motion


def test_no_placeholder_is_left_and_every_picture_exists(theme: Theme) -> None:
    sheet = theme.style_sheet()
    assert "{images}" not in sheet and "{accent}" not in sheet
    files = set(re.findall(r'url\("([^"]+)"\)', sheet))
    assert len(files) > 10
    assert [file for file in files if not Path(file).is_file()] == []


@pytest.mark.parametrize(("name", "tokens"), [("light", LIGHT), ("dark", DARK)])
def test_the_shipped_pictures_have_the_tokens_colours(name: str, tokens) -> None:
    source = Path(__file__).parents[2] / "packaging" / "icons" / "draw.py"
    spec = importlib.util.spec_from_file_location("draw_pictures", source)
    draw = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(draw)
    shipped = {file.name: file.read_text(encoding="utf-8") for file in (resources() / "theme" / name).iterdir()}
    assert shipped == draw.theme_pictures(tokens)


def _inks(image: QImage) -> set[str]:
    return {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }


def test_icons_have_a_tokens_colour_and_follow_the_theme_by_themselves(theme: Theme) -> None:
    theme.apply(_with(theme="light"))
    made = icon("cube", "accent")
    assert current() is theme
    assert LIGHT.accent in _inks(made.pixmap(QSize(64, 64)).toImage())
    theme.apply(_with(theme="dark"))
    assert DARK.accent in _inks(made.pixmap(QSize(64, 64)).toImage())
    faint = made.pixmap(QSize(64, 64), QIcon.Mode.Disabled).toImage()
    assert DARK.faint in _inks(faint)


def test_a_checked_icon_takes_its_other_colour(theme: Theme) -> None:
    made = theme.icon("chat", "dim", on="accent")
    image = made.pixmap(QSize(64, 64), QIcon.Mode.Normal, QIcon.State.On).toImage()
    assert theme.tokens.accent in _inks(image)


def test_an_icon_without_room_is_nothing(theme: Theme) -> None:
    for size in (QSize(0, 16), QSize(16, 0)):
        assert theme.icon("chat").pixmap(size).isNull()  # and Qt does not complain


def test_an_unknown_icon_is_a_bug(theme: Theme) -> None:
    with pytest.raises(KeyError):
        theme.icon("no-such-icon")


def test_dressed_widgets_paint_in_token_colours(qtbot, theme: Theme) -> None:
    theme.apply(_with(theme="light"))
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    button, box, combo = QPushButton("Go"), QCheckBox("On"), QComboBox()
    button.setProperty("accent", True)
    box.setChecked(True)
    combo.addItems(["One", "Two"])
    for widget in (button, box, combo):
        column.addWidget(widget)
        widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    window.show()
    image = window.grab().toImage()
    assert {LIGHT.accent, LIGHT.line, LIGHT.card, LIGHT.bg} <= _inks(image)


def test_the_focus_ring_is_seen(qtbot, theme: Theme) -> None:
    theme.apply(_with(theme="light"))
    button = QPushButton("Go")
    qtbot.addWidget(button)
    button.show()
    qtbot.waitExposed(button)
    button.clearFocus()
    assert LIGHT.accent not in _inks(button.grab().toImage())
    button.activateWindow()
    button.setFocus()
    qtbot.waitUntil(button.hasFocus)
    assert LIGHT.accent in _inks(button.grab().toImage())
