"""Tokens become what Qt paints with: palette, style sheet, fonts and icons, in light and in dark.

The application owns one `Theme`; `theme()` finds it. Icons and everything dressed by the style sheet follow a
change by themselves; widgets that paint on their own connect to `changed`.
"""

from __future__ import annotations

import re
import sys
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QStyle, QWidget

from thau_desktop.paths import resources
from ui.icons import Glyphs
from ui.tokens import DARK, LIGHT, Tokens

__all__ = ["Theme", "Tokens", "icon", "theme"]

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
# Where no desktop says which font is the system's, Qt falls back to an alias; these read better than it.
_GOOD_FAMILIES = ("Inter", "Cantarell", "Noto Sans", "Ubuntu", "Liberation Sans")


class _Appearance(Protocol):
    @property
    def theme(self) -> str: ...
    @property
    def text_scale(self) -> float: ...
    @property
    def reduced_motion(self) -> bool: ...


class _Settings(Protocol):
    @property
    def appearance(self) -> _Appearance: ...


class Theme(QObject):
    """What the window looks like now.

    Attributes: `tokens` in use, `dark`, `motion` (whether things may move), `mono_family`.
    """

    changed = Signal()

    def __init__(self, settings: _Settings, parent: QObject | None = None) -> None:
        super().__init__(parent or QApplication.instance())
        self.setObjectName("theme")
        self.dark = False
        self.motion = True
        self.tokens = LIGHT
        self._appearance = settings.appearance
        self._template = (resources() / "theme" / "thau.qss").read_text(encoding="utf-8")
        self._glyphs = Glyphs()
        self.mono_family = _load_mono()
        self._family = _ui_family()
        hints = _application().styleHints()
        hints.colorSchemeChanged.connect(self._follow_system)
        _application().setStyle("Fusion")
        self._render()

    def apply(self, settings: _Settings) -> None:
        """Take over changed settings; renders only if the appearance is another one."""
        if settings.appearance != self._appearance:
            self._appearance = settings.appearance
            self._render()

    def color(self, token: str) -> QColor:
        """The colour of that token, such as "accent"."""
        return QColor(getattr(self.tokens, token))

    def icon(self, name: str, color: str = "dim", on: str = "") -> QIcon:
        """The Phosphor icon of that name ("chat", "trash", "star-fill"), in the colour of a token.

        `on` is the colour while a button is checked. The icon follows a change of theme by itself.
        """
        return self._glyphs.icon(name, lambda checked: self.color(on if checked and on else color), self._faint)

    def pixmap(self, name: str, color: str = "dim", size: int = 20, widget: QWidget | None = None) -> QPixmap:
        """The icon painted once, `size` pixels high; for labels, which must ask again on `changed`."""
        ratio = widget.devicePixelRatioF() if widget else _application().devicePixelRatio()
        return self.icon(name, color).pixmap(QSize(size, size), ratio)

    def mono(self, size: int = 13) -> QFont:
        """The font for code, `size` pixels before the text scale."""
        font = QFont(self.mono_family)
        font.setStyleHint(QFont.StyleHint.Monospace)
        font.setPixelSize(max(9, round(size * self._appearance.text_scale)))
        return font

    def _faint(self) -> QColor:
        return self.color("faint")

    @Slot()
    def _follow_system(self) -> None:
        self._render()

    def _render(self) -> None:
        application = _application()
        hints = application.styleHints()
        chosen = self._appearance.theme
        scheme = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}.get(chosen)
        # Title bars and native dialogs follow this too.
        hints.colorSchemeChanged.disconnect(self._follow_system)
        hints.setColorScheme(scheme) if scheme is not None else hints.unsetColorScheme()
        hints.colorSchemeChanged.connect(self._follow_system)
        self.dark = (scheme or hints.colorScheme()) == Qt.ColorScheme.Dark
        self.motion = not (self._appearance.reduced_motion or _system_reduces_motion())
        self.tokens = (DARK if self.dark else LIGHT).scaled(self._appearance.text_scale)
        application.setPalette(_palette(self.tokens))
        font = QFont(application.font())
        font.setFamilies([self._family, *font.families()])
        font.setPixelSize(self.tokens.type_body)
        application.setFont(font)
        application.setStyleSheet(self.style_sheet())
        self.changed.emit()

    def style_sheet(self) -> str:
        """The style sheet with every placeholder filled in."""
        values = {name: str(getattr(self.tokens, name)) for name in Tokens.__dataclass_fields__}
        values["mono"] = self.mono_family
        values["images"] = (resources() / "theme" / ("dark" if self.dark else "light")).as_posix()
        return _PLACEHOLDER.sub(lambda match: values[match.group(1)], self._template)


def theme() -> Theme:
    """The application's theme."""
    found = _application().findChild(Theme, "theme", Qt.FindChildOption.FindDirectChildrenOnly)
    assert found is not None, "the application has no theme yet"
    return found


def icon(name: str, color_token: str = "dim", on: str = "") -> QIcon:
    """`Theme.icon` of the application's theme."""
    return theme().icon(name, color_token, on)


def restyle(widget: QWidget) -> None:
    """Let the style sheet look again at a widget whose property (`accent`, `role`, …) was changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    _application().sendEvent(widget, QEvent(QEvent.Type.StyleChange))
    widget.update()


def _application() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application


def _system_reduces_motion() -> bool:
    # Only the Windows plugin tells Qt's styles what the person chose; elsewhere zero means that nobody knows.
    duration = _application().style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration)
    return sys.platform == "win32" and duration == 0


def _ui_family() -> str:
    family = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
    if sys.platform == "linux" and family.lower() in ("sans serif", "sans", "sans-serif", ""):
        return next((name for name in _GOOD_FAMILIES if QFontDatabase.hasFamily(name)), family)
    return family


def _load_mono() -> str:
    """Register the bundled monospace font; the system's where it is missing."""
    family = ""
    for file in sorted((resources() / "fonts").glob("JetBrainsMono-*.ttf")):
        number = QFontDatabase.addApplicationFont(str(file))
        family = next(iter(QFontDatabase.applicationFontFamilies(number)), family) if number >= 0 else family
    return family or QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()


def _palette(tokens: Tokens) -> QPalette:
    role = QPalette.ColorRole
    colors = {
        role.Window: tokens.bg,
        role.WindowText: tokens.text,
        role.Base: tokens.card,
        role.AlternateBase: tokens.panel,
        role.Text: tokens.text,
        role.Button: tokens.card,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.bad,
        role.ToolTipBase: tokens.card,
        role.ToolTipText: tokens.text,
        role.PlaceholderText: tokens.dim,
        role.Highlight: tokens.accent,
        role.HighlightedText: tokens.on_accent,
        role.Accent: tokens.accent,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.accent,
        role.Light: tokens.card,
        role.Midlight: tokens.line,
        role.Mid: tokens.line,
        role.Dark: tokens.dim,
        role.Shadow: tokens.line,
    }
    palette = QPalette()
    for name, value in colors.items():
        palette.setColor(name, QColor(value))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(tokens.faint))
    return palette
