"""Lines to copy into a terminal, a Python script, or an editor's settings."""

from __future__ import annotations

import json

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from thau_desktop.translation import _
from ui.settings.api_server import ApiServer
from ui.settings.group_page import Part
from ui.theme import theme
from ui.widgets.buttons import button
from ui.widgets.labels import label


def snippets(url: str) -> dict[str, tuple[str, str]]:
    """By a stable name: what it is for, and the lines. The token is read where it lies, or asked for, never shown."""
    editor = {
        "models": [
            {
                "title": "THAU",
                "provider": "openai",
                "model": "thau",
                "apiBase": f"{url}/v1",
                "apiKey": "TOKEN",
            }
        ]
    }
    return {
        "curl": (
            _("Terminal (curl)"),
            f"curl {url}/v1/chat/completions \\\n"
            '  -H "Authorization: Bearer $(thau api token)" -H "Content-Type: application/json" \\\n'
            '  -d \'{"model": "thau", "messages": [{"role": "user", "content": "Hola"}]}\'',
        ),
        "python": (
            _("Python (openai)"),
            "from openai import OpenAI\n\n"
            f'thau = OpenAI(base_url="{url}/v1", api_key="TOKEN")\n'
            "answer = thau.chat.completions.create(\n"
            '    model="thau", messages=[{"role": "user", "content": "Hola"}]\n'
            ")\n"
            "print(answer.choices[0].message.content)",
        ),
        "editor": (_("Editor (Continue and others)"), json.dumps(editor, indent=2)),
        "examples": (
            _("An example to learn"),
            f"curl {url}/training/add \\\n"
            '  -H "Authorization: Bearer $(thau api token)" -H "Content-Type: application/json" \\\n'
            '  -d \'{"instruction": "¿Qué puerto usa THAU?", "output": "El 8000."}\'',
        ),
    }


class SnippetsCard(Part):
    """One of the snippets, chosen from a list. Attributes: `choice`; `shown`, its lines."""

    def __init__(self, server: ApiServer, port: int) -> None:
        super().__init__(_("To copy"), _("snippet example curl python editor vscode continue"))
        self._server = server
        self._usual = f"http://127.0.0.1:{port}"
        self.choice = QComboBox()
        self.choice.setAccessibleName(_("What the lines are for"))
        for name, (title, _lines) in snippets(self._usual).items():
            self.choice.addItem(title, name)
        self.choice.currentIndexChanged.connect(self.follow)
        copy = button(_("Copy"), self._on_copy, icon_name="copy")
        copy.setAccessibleName(_("Copy the lines"))
        top = QWidget()
        across = QHBoxLayout(top)
        across.setContentsMargins(16, 10, 16, 4)
        across.addWidget(self.choice)
        across.addStretch()
        across.addWidget(copy)
        self.shown = label("", wrap=True)
        lines = QVBoxLayout()
        lines.setContentsMargins(16, 4, 16, 12)  # of its own: a style sheet takes those of a label
        lines.addWidget(self.shown)
        self.inside.addWidget(top)
        self.inside.addLayout(lines)
        theme().changed.connect(self.follow)

    @Slot()
    def follow(self) -> None:
        """Show the lines with the address of now."""
        self.shown.setStyleSheet(f"font-family: '{theme().mono_family}'; font-size: {theme().tokens.type_small}px;")
        self.shown.setText(snippets(self._server.url or self._usual)[self.choice.currentData()][1])

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.shown.text())
