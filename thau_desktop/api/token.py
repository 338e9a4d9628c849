"""The bearer token: made once, kept in a file of its own that nobody else may read, replaced on request.

It is no setting in `settings.toml`, so that no export and no shared settings file carries it away.
"""

from __future__ import annotations

import hmac
import re
import secrets
from pathlib import Path

from thau_desktop.errors import SettingsError
from thau_desktop.paths import Paths, atomic_write
from thau_desktop.translation import _

_FORM = re.compile(r"thau-[A-Za-z0-9_-]{43}")


class Token:
    """The token of one home. `matches` follows a token that another process has rotated."""

    def __init__(self, paths: Paths) -> None:
        self.path = paths.api_token
        self._read: tuple[int, str] = 0, ""

    def value(self) -> str:
        """The token; made now where there is none, or none that can be used. Raises `SettingsError` or `DiskFull`."""
        return self.known() or self.rotate()

    def rotate(self) -> str:
        """Another token; the one before is worth nothing from now on. Raises `SettingsError` or `DiskFull`."""
        token = f"thau-{secrets.token_urlsafe(32)}"
        try:
            atomic_write(self.path, f"{token}\n".encode())  # its temporary file is 0600, and so is what it becomes
        except OSError as problem:
            raise _not_written(self.path, problem) from problem
        return token

    def matches(self, given: str) -> bool:
        """Whether `given` is the token, in a time that does not depend on where they differ."""
        token = self.known()
        same = hmac.compare_digest(given.encode("utf-8", "surrogateescape"), (token or "-").encode())
        return same and bool(token)

    def known(self) -> str:
        """The token, "" where there is none yet."""
        try:
            stamp = self.path.stat().st_mtime_ns
            if stamp != self._read[0]:
                text = self.path.read_text(encoding="ascii").strip()
                self._read = stamp, text if _FORM.fullmatch(text) else ""
        except (OSError, ValueError):
            return ""
        return self._read[1]


def _not_written(path: Path, problem: OSError) -> SettingsError:
    return SettingsError(
        _("The token of the API can't be kept in {path}.").format(path=path),
        _("Check that you may write there."),
        details=str(problem),
    )
