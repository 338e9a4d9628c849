"""Text files that join a message: reading them safely, and the chips that stand for them in the composer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from thau_desktop.errors import ThauError
from thau_desktop.messages import Attachment
from thau_desktop.translation import _
from ui.widgets.buttons import icon_button
from ui.widgets.labels import IconLabel, label

MAX_BYTES = 256 * 1024
# A paste longer than this is offered as an attachment: it would bury what the person writes around it.
LONG_PASTE = 6000


class AttachmentError(ThauError):
    """A file can't join a message: it is too large, not text, or can't be read."""


def read_attachment(path: Path) -> Attachment:
    """The text of a file. Raises `AttachmentError` with a sentence for the person who dropped it."""
    name = path.name
    if path.is_dir():
        raise AttachmentError(_("“{name}” is a folder. Drop the files that are in it.").format(name=name))
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        sentence = _("“{name}” can't be read: {reason}.")
        raise AttachmentError(sentence.format(name=name, reason=error.strerror or error)) from error
    if len(data) > MAX_BYTES:
        sentence = _("“{name}” is larger than {limit} KB, more than a message can hold.")
        raise AttachmentError(sentence.format(name=name, limit=MAX_BYTES // 1024))
    text = _decoded(data)
    if text is None:
        raise AttachmentError(_("“{name}” is not a text file, and THAU reads only text so far.").format(name=name))
    if not text.strip():
        raise AttachmentError(_("“{name}” is empty.").format(name=name))
    return Attachment(name, text)


def _decoded(data: bytes) -> str | None:
    """The text in `data`, None where it is binary."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            return None
    if b"\x00" in data:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    # Old Windows text: accept it only where it has no control characters, which pictures and archives have.
    text = data.decode("cp1252", errors="replace")
    strange = sum(1 for char in text if (ord(char) < 32 and char not in "\t\n\r\f") or char == "\ufffd")
    return text if strange == 0 else None


def size_words(text: str) -> str:
    """How much text that is, in the words of the chip: "12 KB"."""
    size = len(text.encode())
    return _("{count} bytes").format(count=size) if size < 1000 else _("{count} KB").format(count=round(size / 1000))


class AttachmentChip(QFrame):
    """One attachment, with a button that takes it off again."""

    removed = Signal()

    def __init__(self, attachment: Attachment, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.attachment = attachment
        self.setProperty("card", True)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 4, 4)
        row.setSpacing(6)
        picture = IconLabel("file-text", "accent", 16)
        name = label("")
        name.setText(name.fontMetrics().elidedText(attachment.name, Qt.TextElideMode.ElideMiddle, 200))
        name.setToolTip(attachment.name)
        size = label(size_words(attachment.text), "small")
        remove = icon_button("x", _("Remove {name}").format(name=attachment.name), self.removed.emit, size=12)
        for widget in (picture, name, size, remove):
            row.addWidget(widget)
