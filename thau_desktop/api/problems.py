"""Every problem as `application/problem+json` (RFC 9457): what happened, what to do, and for OpenAI's and Ollama's
clients the member in which they look for it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from thau_desktop.errors import (
    ChildCrashed,
    ContextTooLong,
    DiskFull,
    ModelBroken,
    ModelMissing,
    ModelUnsupported,
    NewerDatabase,
    OutOfMemory,
    SettingsError,
    StoreError,
    ThauError,
    ToolRefused,
)
from thau_desktop.translation import _

MEDIA_TYPE = "application/problem+json"
_AGAIN = {"Retry-After": "5"}

# The first class that fits counts: subclasses stand before their parents.
_STATUSES: tuple[tuple[type[ThauError], int, str], ...] = (
    (ModelMissing, 404, "model_not_found"),
    (ModelUnsupported, 400, "unsupported"),
    (ModelBroken, 422, "model_broken"),
    (ContextTooLong, 400, "context_length_exceeded"),
    (OutOfMemory, 503, "out_of_memory"),
    (ChildCrashed, 503, "model_crashed"),
    (ToolRefused, 422, "tool_refused"),
    (SettingsError, 422, "settings"),
    (NewerDatabase, 503, "newer_database"),
    (StoreError, 503, "store"),
    (DiskFull, 507, "disk_full"),
    (ThauError, 422, "refused"),
)

_logger = logging.getLogger(__name__)


@dataclass(eq=False)  # not frozen: an exception is given its traceback
class Problem(Exception):
    """A refusal with its status. `code` is stable, `what` and `advice` are translated sentences.

    Attributes: `errors` says for each field of a request what is wrong with it.
    """

    status: int
    code: str
    what: str
    advice: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, error: ThauError) -> Problem:
        """What a core error is over HTTP."""
        status, code = next((status, code) for kind, status, code in _STATUSES if isinstance(error, kind))
        return cls(status, code, error.what, error.advice, _AGAIN if status == 503 else {})

    def body(self, path: str = "") -> dict[str, Any]:
        """The document. Under `/v1` and `/api` it has the member `error` that their clients read."""
        document: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.what,
            "advice": self.advice,
        }
        if self.errors:
            document["errors"] = list(self.errors)
        words = f"{self.what} {self.advice}".strip()
        if path.startswith("/v1/"):
            kind = "invalid_request_error" if self.status < 500 and self.status != 429 else "server_error"
            document["error"] = {"message": words, "type": kind, "param": None, "code": self.code}
        elif path.startswith("/api/"):
            document["error"] = words
        return document

    def encoded(self, path: str = "") -> bytes:
        return json.dumps(self.body(path), ensure_ascii=False).encode("utf-8", "replace")


def bug(problem: Exception) -> Problem:
    """A bug: its traceback goes into the log, and nothing of it to the client."""
    _logger.critical("a request ran into a bug", exc_info=problem)
    return Problem(500, "bug", _("THAU ran into a bug."), _("The details are in its log."))


def not_found(what: str, advice: str = "") -> Problem:
    return Problem(404, "not_found", what, advice)


def unsupported(what: str, advice: str = "") -> Problem:
    """A request that is well formed and asks for what can't be done here."""
    return Problem(400, "unsupported", what, advice)
