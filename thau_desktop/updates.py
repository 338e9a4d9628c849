"""Whether there is a newer THAU: one address is asked, and only where its user gave it.

The answer is JSON: GitHub's of a latest release, or `{"version": "1.2.0", "page": "https://…"}`. Nothing is sent but
the request itself, and nothing is downloaded.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from thau_desktop import __version__
from thau_desktop.errors import ThauError
from thau_desktop.translation import _

if TYPE_CHECKING:
    import httpx

PATIENCE = 10.0  # seconds
LARGEST = 1 << 20  # bytes of an answer


@dataclass(frozen=True, slots=True)
class Release:
    """A version that is newer than this one. `page` is where to read of it and get it, "" where none is named."""

    version: str
    page: str


def newer(address: str, than: str = __version__) -> Release | None:
    """Ask the address; None where there is nothing newer.

    Raises `ThauError` where there is no answer, or none that names a version.
    """
    import httpx  # late: most never ask
    from packaging.version import InvalidVersion, Version

    try:
        asked = httpx.stream(
            "GET", address, headers={"Accept": "application/json"}, timeout=PATIENCE, follow_redirects=True
        )
        with asked as answer:
            answer.raise_for_status()
            found = _json(answer)
        named = str(found.get("version") or found["tag_name"]).strip()
        if Version(named) <= Version(than):
            return None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ThauError(
            _("{address} does not say whether there is a newer THAU: {reason}.").format(address=address, reason=error),
            _("The address is in the settings, under General."),
        ) from error
    except (ValueError, KeyError, AttributeError, InvalidVersion) as error:
        raise ThauError(
            _("{address} does not name a version.").format(address=address),
            _("The address is in the settings, under General."),
        ) from error
    page = found.get("page") or found.get("html_url") or ""
    return Release(named.removeprefix("v"), page if re.match(r"https?://", str(page)) else "")


def _json(answer: httpx.Response) -> dict[str, Any]:
    """The body as JSON, not more of it than such an answer can have."""
    body = b""
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > LARGEST:
            raise ValueError("too long")
    found = json.loads(body)
    return found if isinstance(found, dict) else {}
