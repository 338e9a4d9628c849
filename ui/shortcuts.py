"""Every key of the window in one table, and the sheet (F1) that shows them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from thau_desktop.translation import N_, _
from ui.widgets.buttons import button
from ui.widgets.labels import label


@dataclass(frozen=True, slots=True)
class Key:
    """`action` is the window's name for what the keys do; empty where the place itself listens to them."""

    action: str
    keys: tuple[str, ...]
    text: str
    group: str


KEYS = (
    Key("new_chat", ("Ctrl+N",), N_("New conversation"), N_("Everywhere")),
    Key("palette", ("Ctrl+K",), N_("Find any action, conversation or setting"), N_("Everywhere")),
    Key("find", ("Ctrl+F",), N_("Find on this page"), N_("Everywhere")),
    Key("", ("Esc",), N_("Stop what is running"), N_("Everywhere")),
    Key("", ("Ctrl+B",), N_("Show or hide the list of conversations"), N_("Everywhere")),
    Key("undo", ("Ctrl+Z",), N_("Undo the last action"), N_("Everywhere")),
    Key("keys", ("F1",), N_("Show the keys"), N_("Everywhere")),
    Key("quit", ("Ctrl+Q",), N_("Quit THAU"), N_("Everywhere")),
    Key("page:chat", ("Ctrl+1",), N_("Chat"), N_("Pages")),
    Key("page:gallery", ("Ctrl+2",), N_("Gallery"), N_("Pages")),
    Key("page:training", ("Ctrl+3",), N_("Training"), N_("Pages")),
    Key("page:models", ("Ctrl+4",), N_("Models"), N_("Pages")),
    Key("page:settings", ("Ctrl+5", "Ctrl+,"), N_("Settings"), N_("Pages")),
    Key("", ("Enter",), N_("Send the message"), N_("Message")),
    Key("", ("Shift+Enter",), N_("Start a new line"), N_("Message")),
    Key("", ("Up",), N_("Edit your last message"), N_("Message")),
    Key("", ("F2",), N_("Rename"), N_("Conversations")),
    Key("", ("Del",), N_("Delete"), N_("Conversations")),
    Key("", ("Enter",), N_("Open the picture"), N_("Gallery")),
    Key("", ("Space",), N_("Choose or leave out"), N_("Gallery")),
    Key("", ("F",), N_("Favourite"), N_("Gallery")),
    Key("", ("Ctrl+C",), N_("Copy the picture"), N_("Gallery")),
    Key("", ("Ctrl+Shift+C",), N_("Copy the description"), N_("Gallery")),
    Key("", ("Ctrl+S",), N_("Export…"), N_("Gallery")),
    Key("", ("Del",), N_("Delete"), N_("Gallery")),
    Key("", ("Ctrl+Enter",), N_("Draw what is described"), N_("Gallery")),
    Key("", ("Left", "Right"), N_("Previous or next picture"), N_("Picture")),
    Key("", ("Home", "End"), N_("First or last picture"), N_("Picture")),
    Key("", ("+", "-"), N_("Larger or smaller"), N_("Picture")),
    Key("", ("0",), N_("Show all of it"), N_("Picture")),
    Key("", ("1",), N_("Show it at its own size"), N_("Picture")),
    Key("", ("F",), N_("Favourite"), N_("Picture")),
    Key("", ("C",), N_("Compare with another picture"), N_("Picture")),
    Key("", ("W",), N_("One over the other, parted by a slider"), N_("Picture")),
    Key("", ("X",), N_("Swap left and right"), N_("Picture")),
    Key("", ("I",), N_("About this picture"), N_("Picture")),
    Key("", ("Ctrl+C",), N_("Copy the picture"), N_("Picture")),
    Key("", ("Ctrl+S",), N_("Export…"), N_("Picture")),
    Key("", ("Del",), N_("Delete"), N_("Picture")),
)


_MARGIN = 24
_BETWEEN = 56  # pixels between the columns
_HEADING = 2  # lines that the name of a group takes
_BAR = 24  # pixels around the keys, with room for a scroll bar
_TITLE = 40  # of the frame that the desktop puts around a dialog


def install(window: QWidget, actions: Mapping[str, Callable[[], object]]) -> None:
    """Listen to every key of the table that `actions` has something for."""
    for key in KEYS:
        if key.action in actions:
            for keys in key.keys:
                shortcut = QShortcut(QKeySequence(keys), window)
                shortcut.activated.connect(actions[key.action])


def keys_of(action: str) -> str:
    """The keys of an action as the system writes them, or ""."""
    for key in KEYS:
        if key.action == action and action:
            return native(key.keys[0])
    return ""


def native(keys: str) -> str:
    """ "Ctrl+N" as this system writes it; elsewhere than on macOS in our own short words (Qt says «Mayúsculas»)."""
    if sys.platform == "darwin":
        return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
    names = {"Shift": _("Shift"), "Enter": _("Enter"), "Return": _("Enter"), "Del": _("Del"), "Home": _("Home")}
    names |= {"End": _("End"), "Space": _("Space"), "Up": "↑", "Down": "↓", "Left": "←", "Right": "→", "-": "−"}
    text = QKeySequence(keys).toString(QKeySequence.SequenceFormat.PortableText)
    return "+".join(names.get(key, key) for key in text.split("+")) if "++" not in text else text


class KeysDialog(QDialog):
    """The keys, group by group."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Keys"))
        self.setModal(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(_MARGIN, 20, _MARGIN, 20)
        column.setSpacing(16)
        column.addWidget(label(_("Keys"), "title"))
        inside, scroll = QWidget(), QScrollArea()
        inside.setProperty("plain", True)
        room = parent.screen().availableSize() - QSize(0, _TITLE)
        self._fill(inside, 2)
        if inside.sizeHint().width() + 2 * _MARGIN + _BAR > room.width():
            inside = QWidget()
            inside.setProperty("plain", True)
            self._fill(inside, 1)
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAccessibleName(_("Keys"))
        scroll.setMinimumWidth(inside.sizeHint().width() + 16)
        column.addWidget(scroll, 1)
        row = QHBoxLayout()
        row.addStretch()
        close = button(_("Close"), self.accept)
        close.setDefault(True)
        row.addWidget(close)
        column.addLayout(row)
        around = self.sizeHint() - scroll.sizeHint()
        wanted = inside.sizeHint() + QSize(_BAR, around.height() + _BAR)
        self.resize(wanted.boundedTo(room))
        close.setFocus()

    def _fill(self, inside: QWidget, columns: int) -> None:
        """All groups in their order, in columns that are about as long as each other."""
        groups: dict[str, list[Key]] = {}
        for key in KEYS:
            groups.setdefault(key.group, []).append(key)
        lines = len(KEYS) + _HEADING * len(groups)
        row, before = QHBoxLayout(inside), 0
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(_BETWEEN)
        made = [QVBoxLayout() for _number in range(columns)]
        for name, keys in groups.items():
            column = made[min(columns - 1, before * columns // lines)]
            group = QVBoxLayout()
            group.setSpacing(8)
            group.addWidget(label(_(name), "section"))
            group.addLayout(self._grid(keys))
            column.addLayout(group)
            before += len(keys) + _HEADING
        for column in made:
            column.setSpacing(16)
            column.addStretch(1)
            row.addLayout(column, 1)

    def _grid(self, keys: list[Key]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(48)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        for row, key in enumerate(keys):
            grid.addWidget(label(_(key.text)), row, 0)
            caps = QHBoxLayout()
            caps.setSpacing(6)
            caps.addStretch()
            for written in key.keys:
                caps.addWidget(label(native(written), "key"), 0, Qt.AlignmentFlag.AlignRight)
            grid.addLayout(caps, row, 1)
        return grid
