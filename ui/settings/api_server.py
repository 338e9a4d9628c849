"""The API that this window serves: a process of its own, begun and ended by the switch in the settings.

Not a thread: uvicorn and the window would share Python's one lock, and two hundred clients would be felt at every key.
The price is that the process has a model of its own in memory while programs use it; it leaves when nobody does.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Qt, QTimer, Signal, Slot

from thau_desktop.autostart import command_line
from thau_desktop.translation import _

if TYPE_CHECKING:
    from thau_desktop.app import Thau

_KEPT = 30  # requests that are remembered
_TELL_MS = 150  # how often a change is told: a crowd of clients must not be felt
_GRACE_MS = 10_000
_SECOND_MS = 1000


@dataclass(slots=True)
class Seen:
    """A request; `status` None while it is answered, 0 where its client went away."""

    number: int
    method: str
    path: str
    began_at: str
    status: int | None = None
    seconds: float = 0.0


class ApiServer(QObject):
    """`changed` when the server comes, goes, fails, or is asked something. `follow` looks at the settings.

    Attributes: `url`, "" while it does not listen; `problem`, why it does not; `requests`, the newest first.
    """

    changed = Signal()

    def __init__(self, thau: Thau, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("api server")
        self._thau = thau
        self.url = self.problem = ""
        self.requests: deque[Seen] = deque(maxlen=_KEPT)
        self._process: QProcess | None = None
        self._told: tuple[str, int] | None = None  # what the running one was told to listen on
        self._tell = QTimer(self)
        self._tell.setSingleShot(True)
        self._tell.setInterval(_TELL_MS)
        self._tell.timeout.connect(self.changed)

    @classmethod
    def of(cls, thau: Thau, window: QObject) -> ApiServer:
        """The window's."""
        found = window.findChild(cls, "api server", Qt.FindChildOption.FindDirectChildrenOnly)
        return found or cls(thau, window)

    @property
    def running(self) -> bool:
        """Whether its process lives, listening already or not yet."""
        return self._process is not None

    @Slot()
    def follow(self) -> None:
        """Begin, end, or begin anew, as the settings have it."""
        api = self._thau.settings.api
        wish = (api.host, api.port) if api.enabled else None
        if self.running and wish == self._told:
            return
        self.stop()
        if wish is not None:
            self._begin(wish)
        self.changed.emit()

    def stop(self) -> None:
        """End it, and wait until it has; answers in the making are cut off after a while. Safe to call twice."""
        process, self._process = self._process, None
        self.url = self.problem = ""
        if process is None:
            return
        process.blockSignals(True)
        process.closeWriteChannel()  # it ends with its standard input
        if not process.waitForFinished(_GRACE_MS):
            process.kill()
            process.waitForFinished(_SECOND_MS)
        process.deleteLater()

    def _begin(self, wish: tuple[str, int]) -> None:
        process = self._process = QProcess(self)
        self._told = wish
        surroundings = QProcessEnvironment.systemEnvironment()
        surroundings.insert("THAU_HOME", str(self._thau.paths.home))  # this window's, however it was chosen
        process.setProcessEnvironment(surroundings)
        process.readyReadStandardOutput.connect(self._on_lines)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        options = ("start", "--json", "--no-nights", "--with-parent", "--port", str(wish[1]))
        program, *arguments = command_line(*options)
        process.start(program, arguments)

    @Slot()
    def _on_lines(self) -> None:
        process = self._process
        while process is not None and process.canReadLine():
            try:
                event = json.loads(bytes(process.readLine().data()))
            except ValueError:
                continue
            self._take(event)
        if not self._tell.isActive():
            self._tell.start()

    def _take(self, event: Mapping[str, Any]) -> None:
        match event.get("type"):
            case "serving":
                self.url = str(event["url"])
            case "request_began":
                self.requests.appendleft(Seen(event["number"], event["method"], event["path"], event["began_at"]))
            case "request_ended":
                for seen in self.requests:
                    if seen.number == event["number"]:
                        seen.status, seen.seconds = event["status"], event["seconds"]

    @Slot()
    def _on_finished(self) -> None:
        process, self._process = self._process, None
        self.url = ""
        if process is not None:
            said = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip()
            lead = _("Error: {what}").format(what="")
            last = said.splitlines()[-1] if said else ""
            self.problem = last.removeprefix(lead) or _("The API has ended. Switch it off and on again.")
            process.deleteLater()
        self.changed.emit()

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._on_finished()
