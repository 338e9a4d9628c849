"""A conversation's first name: the first words of its first message."""

from __future__ import annotations

import re

from thau_desktop.translation import _

WORDS = 6
LENGTH = 60  # characters

_APART = re.compile(r"```.*?(```|$)|https?://\S+", re.DOTALL)  # code and links
_MARKS = re.compile(r"[#*`>~|\[\]]+")


def title_from(text: str) -> str:
    """A short title without Markdown marks, links and dangling punctuation."""
    words = _MARKS.sub("", _APART.sub(" ", text)).split()
    title = " ".join(words[:WORDS])
    if len(title) > LENGTH:
        title = title[:LENGTH].rsplit(" ", 1)[0] + "…"
    elif len(words) > WORDS:
        title = title.rstrip(".,;:-–—") + "…"
    title = title.rstrip(".,;:")
    return title[:1].upper() + title[1:] if title else _("New conversation")
