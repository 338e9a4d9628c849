"""One family of errors that people can read: what happened, what to do now, and what a button could do.

Anything that a user can cause or mend is a `ThauError`. Anything else is a bug: it propagates with its
traceback into the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Action:
    """Something a face may offer next to an error: `name` is stable ("open_folder"), `argument` its object."""

    name: str
    label: str
    argument: str = ""


class ThauError(Exception):
    """An expected problem. `what` and `advice` are translated sentences, `details` is for the curious."""

    def __init__(self, what: str, advice: str = "", *, action: Action | None = None, details: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice
        self.action = action
        self.details = details

    def __str__(self) -> str:
        return f"{self.what} {self.advice}".strip()

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors cross process boundaries: keep the keyword arguments when pickled.
        return _rebuild, (type(self), self.what, self.advice, self.action, self.details)


def _rebuild(kind: type[ThauError], what: str, advice: str, action: Action | None, details: str) -> ThauError:
    return kind(what, advice, action=action, details=details)


class SettingsError(ThauError):
    """A settings value or file can't be used or written."""


class StoreError(ThauError):
    """The database can't be opened, read or written."""


class NewerDatabase(StoreError):
    """The database was written by a newer THAU than this one."""


class DiskFull(ThauError):
    """The disk has no room for what was to be written."""


class ModelMissing(ThauError):
    """The model asked for is not on this disk, or its folder is incomplete."""


class ModelBroken(ThauError):
    """A model's files are there but can't be read."""


class ModelUnsupported(ModelBroken):
    """A model of an architecture that this version can't run."""


class ModelGated(ThauError):
    """The hub gives a model out only to accounts that its maker has let in."""


class DownloadFailed(ThauError):
    """A download could not be made or finished."""


class KeysLocked(ThauError):
    """The system's keyring does not give out a key that it keeps."""


class ContextTooLong(ThauError):
    """The conversation does not fit the model's context and the strategy is to refuse."""


class OutOfMemory(ThauError):
    """RAM or VRAM ran out."""


class ChildCrashed(ThauError):
    """A child process ended without being asked to."""


class ServerUnreachable(ThauError):
    """No server answers at an address, or the connection to it broke."""


class ServerRefused(ThauError):
    """A server answered with an error. `status` is HTTP's, 0 where the error came in the middle of an answer."""

    status = 0


class ToolRefused(ThauError):
    """A tool call is unknown, has invalid arguments, or was not permitted."""
