"""The model card of the starter model: what it is, what it can do, and what not to expect of it."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from thau_desktop.models.catalog import DEFAULT_MODEL
from thau_desktop.paths import resources
from thau_desktop.translation import _
from ui.settings.group_page import Part, action_row
from ui.widgets.buttons import button
from ui.widgets.labels import label

_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


class ModelCard(Part):
    """The `README.md` that lies in the model's folder, shown on demand."""

    def __init__(self) -> None:
        keywords = _("model card licence data trained")
        super().__init__(_("Starter model"), f"{DEFAULT_MODEL} {keywords}")
        self._file = resources() / "starter" / DEFAULT_MODEL / "README.md"
        self._show = button(_("Model card"), self._on_show, icon_name="file-text")
        sentence = _("The small model that came with THAU. It was trained from nothing, on texts made for it.")
        self.inside.addWidget(action_row(DEFAULT_MODEL, sentence, self._show))
        self._words: QLabel | None = None

    def _on_show(self) -> None:
        if self._words is None:
            try:
                text = _FRONT_MATTER.sub("", self._file.read_text(encoding="utf-8"))
            except OSError:
                text = _("There is no model card in {folder}.").format(folder=self._file.parent)
            self._words = label(text, wrap=True)
            self._words.setTextFormat(Qt.TextFormat.MarkdownText)
            self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
            self._words.setContentsMargins(16, 4, 16, 12)
            self.inside.addWidget(self._words)
            return
        self._words.setVisible(not self._words.isVisible())
