"""One window a data folder: a second start hands its arguments to the first and ends."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_PATIENCE = 2000  # milliseconds for the first to answer


class SingleInstance(QObject):
    """`asked` carries the arguments of a second start.

    A lock file decides who is first (it outlives no crash: its process id is checked), a local socket carries
    the message.
    """

    asked = Signal(list)

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = "thau-" + hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:16]
        self._lock = QLockFile(str(home / "window.lock"))
        self._lock.setStaleLockTime(0)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connected)

    def claim(self, seconds: float = 0.0) -> bool:
        """Whether this is the first, or becomes it within `seconds`; it listens from then on.

        Where no lock can be written (a full disk, a folder that is not ours) it is: opening the store says why.
        """
        if not self._lock.tryLock(int(seconds * 1000)) and self._lock.error() == QLockFile.LockError.LockFailedError:
            return False
        QLocalServer.removeServer(self._name)
        self._server.listen(self._name)
        return True

    def ask_first(self, arguments: list[str]) -> bool:
        """Hand `arguments` to the first; False if it does not answer."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_PATIENCE):
            return False
        socket.write(json.dumps(arguments).encode() + b"\n")
        return socket.waitForBytesWritten(_PATIENCE) and socket.waitForReadyRead(_PATIENCE)

    def release(self) -> None:
        """Let another start be the first."""
        self._server.close()
        self._lock.unlock()

    @Slot()
    def _on_connected(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(self._on_line)
            socket.disconnected.connect(socket.deleteLater)
            if socket.canReadLine():
                self._answer(socket)

    @Slot()
    def _on_line(self) -> None:
        socket = self.sender()
        if isinstance(socket, QLocalSocket) and socket.canReadLine():
            self._answer(socket)

    def _answer(self, socket: QLocalSocket) -> None:
        try:
            arguments = json.loads(bytes(socket.readLine().data()))
        except ValueError:
            arguments = []
        socket.write(b"ok\n")
        socket.flush()
        self.asked.emit([str(part) for part in arguments] if isinstance(arguments, list) else [])
