"""The API's page: the switch, where it is, its token, what is asked of it just now, and lines to copy."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication, QImage, QPixmap
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from thau_desktop.api.token import Token
from thau_desktop.errors import ThauError
from thau_desktop.translation import _
from ui.settings.api_server import ApiServer, Seen
from ui.settings.api_snippets import SnippetsCard
from ui.settings.group_page import GroupPage, Part, action_row
from ui.times import moment
from ui.widgets.ask import Ask
from ui.widgets.buttons import button
from ui.widgets.labels import ElidedLabel, label

if TYPE_CHECKING:
    from thau_desktop.app import Thau

_SHOWN = 8  # requests in the list
_QR_PIXELS = 5  # of the screen, for a dot of the code
_QR_BORDER = 4  # dots


class ApiPage(GroupPage):
    """The group's fields around what the server does. Attributes: `server`; `address`, `token`, `requests`, cards."""

    def __init__(self, thau: Thau, window: QWidget) -> None:
        super().__init__("api", {})
        self.server = ApiServer.of(thau, window)
        self.address = AddressCard(self.server)
        self.token = TokenCard(Token(thau.paths), self.server, window)
        self.requests = RequestsCard(self.server)
        self.snippets = SnippetsCard(self.server, thau.settings.api.port)
        for number, part in enumerate((self.address, self.token, self.requests, self.snippets)):
            self.put(part, 1 + number)
        self.server.changed.connect(self._on_changed)
        self._on_changed()

    @Slot()
    def _on_changed(self) -> None:
        for card in (self.address, self.token, self.requests, self.snippets):
            card.follow()


class AddressCard(Part):
    """Whether it listens, and where."""

    def __init__(self, server: ApiServer) -> None:
        super().__init__(_("Address"), _("url docs openai base"))
        self._server = server
        self._said = label("", "dim", wrap=True)
        self._said.setContentsMargins(16, 10, 16, 10)
        self._copy = button(_("Copy"), self._on_copy, icon_name="copy")
        self._copy.setAccessibleName(_("Copy the address"))
        self._docs = button(_("Documentation"), self._on_docs, icon_name="book-open")
        self._row = action_row(_("Programs find it at"), "", self._docs, self._copy)
        self._url = self._row.findChildren(QLabel)[1]
        self.inside.addWidget(self._said)
        self.inside.addWidget(self._row)

    def follow(self) -> None:
        """Show how it stands."""
        server = self._server
        self._row.setVisible(bool(server.url))
        self._url.setText(f"{server.url}/v1")
        words = "" if server.url else _("Starting…") if server.running else server.problem or _("It is switched off.")
        self._said.setText(words)
        self._said.setVisible(bool(words))

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(f"{self._server.url}/v1")

    def _on_docs(self) -> None:
        QDesktopServices.openUrl(QUrl(f"{self._server.url}/docs"))


class TokenCard(Part):
    """The token, hidden until it is asked for. Attributes: `field`, where it is shown; `code`, the QR code."""

    def __init__(self, token: Token, server: ApiServer, window: QWidget) -> None:
        super().__init__(_("Token"), _("key password bearer qr rotate"))
        self._token, self._server, self._window = token, server, window
        self.field = QLineEdit()
        self.field.setReadOnly(True)
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setAccessibleName(_("The API's token"))
        self._show = button(_("Show"), self._on_show, icon_name="eye")
        self._copy = button(_("Copy"), self._on_copy, icon_name="copy")
        self._copy.setAccessibleName(_("Copy the token"))
        self._new = button(_("New token…"), self._on_new, icon_name="arrows-clockwise")
        self._qr = button(_("QR code"), self._on_qr, icon_name="qr-code")
        sentence = _("Every program needs it, as its “API key”. Who has it can talk with your model and add examples.")
        self.inside.addWidget(action_row(_("Token"), sentence, self._show, self._copy))
        holder = action_row("", "", self._qr, self._new)
        for empty in holder.findChildren(QLabel):
            empty.hide()
        self.field.setMinimumWidth(200)
        layout = holder.layout()
        assert layout is not None
        layout.insertWidget(0, self.field, 1)  # type: ignore[attr-defined]
        self.inside.addWidget(holder)
        self.code = QLabel()
        self.code.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.code.setContentsMargins(16, 4, 16, 12)
        self.code.setAccessibleName(_("Address and token as a QR code"))
        self.code.hide()
        self.problem = label("", "error", wrap=True)
        self.problem.setContentsMargins(16, 0, 16, 8)
        self.problem.hide()
        self.inside.addWidget(self.code)
        self.inside.addWidget(self.problem)

    def follow(self) -> None:
        """Show the token that holds now; there is none before the API was first switched on."""
        known = self._token.known()
        self.field.setText(known)
        for control in (self._show, self._copy, self._qr):
            control.setEnabled(bool(known))
        if self.code.isVisible():
            self._draw()

    def rotate(self) -> None:
        """Another token; a problem is said in place."""
        try:
            self._token.rotate()
        except ThauError as error:
            self.problem.setText(str(error))
            self.problem.show()
            return
        self.problem.hide()
        self.follow()

    def _on_show(self) -> None:
        hidden = self.field.echoMode() == QLineEdit.EchoMode.Password
        self.field.setEchoMode(QLineEdit.EchoMode.Normal if hidden else QLineEdit.EchoMode.Password)
        self._show.setText(_("Hide") if hidden else _("Show"))

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.field.text())

    def _on_new(self) -> None:
        box = Ask(
            self._window,
            _("New token"),
            _("Make another token?"),
            _("Programs that have the one of now can do nothing any more until you give them the new one."),
            choices=((_("Cancel"), ""), (_("Make a new one"), "accent")),
            icon="arrows-clockwise",
        )
        box.exec()
        if box.choice == 1:
            self.rotate()

    def _on_qr(self) -> None:
        if self.code.isVisible():
            self.code.hide()
        else:
            self._draw()
            self.code.show()

    def _draw(self) -> None:
        said = json.dumps({"base_url": f"{self._server.url}/v1", "api_key": self.field.text()})
        self.code.setPixmap(qr_code(said))


class RequestsCard(Part):
    """The newest requests, as they come. Attributes: `rows`, what is shown: method, path, how it ended."""

    def __init__(self, server: ApiServer) -> None:
        super().__init__(_("Requests"), _("live log list programs"))
        self._server = server
        self._nothing = label(_("Nobody has asked anything yet."), "dim")
        self._nothing.setContentsMargins(16, 10, 16, 10)
        self.inside.addWidget(self._nothing)
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(16, 6, 16, 6)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        self._cells: list[tuple[QLabel, QLabel, QLabel]] = []
        for number in range(_SHOWN):
            cells = (label("", "small"), ElidedLabel(""), label("", "small"))
            for column, cell in enumerate(cells):
                grid.addWidget(cell, number, column)
            self._cells.append(cells)
        self._table = table
        self.inside.addWidget(table)

    @property
    def rows(self) -> list[tuple[str, str]]:
        return [(asked.text(), ended.text()) for _time, asked, ended in self._cells if asked.text()]

    def follow(self) -> None:
        """Show the newest."""
        seen = list(self._server.requests)[:_SHOWN]
        self._nothing.setVisible(not seen)
        self._table.setVisible(bool(seen))
        for cells, one in zip(self._cells, [*seen, *[None] * (_SHOWN - len(seen))], strict=True):
            words = (
                ("", "", "")
                if one is None
                else (moment(datetime.fromisoformat(one.began_at)), f"{one.method} {one.path}", _ended(one))
            )
            for cell, text in zip(cells, words, strict=True):
                cell.setText(text)
                cell.setVisible(one is not None)


def _ended(one: Seen) -> str:
    if one.status is None:
        return _("in the making…")
    if one.status == 0:
        return _("went away")
    return f"{one.status} · {1000 * one.seconds:.0f} ms"


def qr_code(text: str) -> QPixmap:
    """`text` as a code that a camera reads, black on white in every theme."""
    import segno  # late: only who wants to see a code needs it

    rows = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=_QR_BORDER)]
    side = len(rows)
    image = QImage(side, side, QImage.Format.Format_Grayscale8)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            image.setPixel(x, y, 0xFF000000 if dark else 0xFFFFFFFF)
    return QPixmap.fromImage(image.scaled(side * _QR_PIXELS, side * _QR_PIXELS))
