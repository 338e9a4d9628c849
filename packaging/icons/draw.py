"""Draws the pictures that are made once and shipped: `python packaging/icons/draw.py`.

- `resources/theme/light|dark/*.svg`: the arrows, ticks and switches that a style sheet can only take from files,
  from the templates beside this script, in the colours of `ui/tokens.py`;
- `resources/icons/thau-<size>.png`, `thau.ico`: the application's icon from `resources/icons/thau.svg`.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from ui.tokens import DARK, LIGHT, Tokens  # noqa: E402

SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


def theme_pictures(tokens: Tokens) -> dict[str, str]:
    """File name to SVG, filled with those colours."""
    pictures = {}
    for template in sorted(Path(__file__).parent.glob("*.svg")):
        text = template.read_text(encoding="utf-8")
        pictures[template.name] = re.sub(r"\{(\w+)\}", lambda match: getattr(tokens, match.group(1)), text)
    return pictures


def draw_application_icons(folder: Path) -> None:
    """The moon on a rounded tile, as each system shows it beside other programs."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QRectF, Qt
    from PySide6.QtGui import QColor, QGuiApplication, QImage, QLinearGradient, QPainter
    from PySide6.QtSvg import QSvgRenderer

    application = QGuiApplication.instance() or QGuiApplication([])
    white = (folder / "thau.svg").read_text(encoding="utf-8").replace(LIGHT.accent, "#ffffff")
    renderer = QSvgRenderer(white.encode())
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tile = QRectF(0, 0, size, size).adjusted(size / 24, size / 24, -size / 24, -size / 24)
        shade = QLinearGradient(tile.topLeft(), tile.bottomRight())
        shade.setColorAt(0, QColor("#7676ec"))
        shade.setColorAt(1, QColor("#4a4ac4"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade)
        painter.drawRoundedRect(tile, size * 0.22, size * 0.22)
        margin = size * (0.2 if size > 24 else 0.14)
        renderer.render(painter, QRectF(margin, margin, size - 2 * margin, size - 2 * margin))
        painter.end()
        image.save(str(folder / f"thau-{size}.png"))
        if size == 256:
            image.save(str(folder / "thau.ico"))
    del application


def main() -> None:
    for name, tokens in (("light", LIGHT), ("dark", DARK)):
        folder = ROOT / "resources" / "theme" / name
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in theme_pictures(tokens).items():
            (folder / file).write_text(text, encoding="utf-8")
    draw_application_icons(ROOT / "resources" / "icons")


if __name__ == "__main__":
    main()
