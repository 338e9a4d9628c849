"""Asks before a link of an answer is opened: it shows the whole address and where it really leads."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from thau_desktop.translation import _
from ui.chat.style import Style
from ui.widgets.buttons import button
from ui.widgets.labels import IconLabel, label


class LinkDialog(QDialog):
    """The address in full, its host in bold; a host written with other alphabets is named as it is sent, too."""

    def __init__(self, style: Style, url: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Open link"))
        self.setMinimumWidth(440)
        before, host, after = parts_of(url)
        address = QLabel(self)
        address.setTextFormat(Qt.TextFormat.RichText)
        color = style.theme.tokens
        address.setText(
            f'<span style="color:{color.dim}">{_breakable(before)}</span><b style="color:{color.text}">'
            f'{_breakable(host)}</b><span style="color:{color.dim}">{_breakable(after)}</span>'
        )
        address.setWordWrap(True)
        address.setAccessibleName(url)
        address.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(label(_("Open this page in your browser?"), "heading"))
        layout.addWidget(address)
        if warning := warning_of(url):
            across = QHBoxLayout()
            across.setSpacing(8)
            across.addWidget(IconLabel("warning", "warn", 18), 0, Qt.AlignmentFlag.AlignTop)
            across.addWidget(label(warning, wrap=True), 1)
            layout.addLayout(across)
        layout.addSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(button(_("Copy link"), lambda: QApplication.clipboard().setText(url), icon_name="copy"))
        row.addStretch()
        cancel = button(_("Cancel"), self.reject)
        row.addWidget(cancel)
        row.addWidget(button(_("Open"), self.accept, kind="accent"))
        layout.addLayout(row)
        cancel.setFocus()


def parts_of(url: str) -> tuple[str, str, str]:
    """The address cut in three: before the host (or the mail address), that, and what follows."""
    scheme, separator, rest = url.partition(":")
    if scheme.lower() == "mailto":
        address, question, more = rest.partition("?")
        return scheme + separator, address, question + more
    rest = rest.removeprefix("//")
    end = min((found for mark in "/?#" if (found := rest.find(mark)) >= 0), default=len(rest))
    user, sign, host = rest[:end].rpartition("@")
    return f"{scheme}://{user}{sign}", host, rest[end:]


def warning_of(url: str) -> str:
    """What is odd about that address, "" if nothing is."""
    before, host, _after = parts_of(url)
    sent = QUrl(url).host(QUrl.ComponentFormattingOption.FullyEncoded)
    if any(part.startswith("xn--") for part in sent.split(".")) or not host.isascii():
        return _("Its name is written with letters that can look like others. It is sent as “{host}”.").format(
            host=sent
        )
    if "@" in before and not url.lower().startswith("mailto:"):
        return _("What comes before “@” is not the site it opens.")
    return ""


def _breakable(text: str) -> str:
    """Escaped, and free to wrap anywhere."""
    return "\u200b".join(escape(character) for character in text)
