"""What was found about examples, in words that a person reads: why one waits, what was refused, what is alike."""

from __future__ import annotations

from collections.abc import Iterable

from thau_desktop.training.importers import ExampleRefused
from thau_desktop.training.intake import ExampleAlike, ExampleFlagged, Finding
from thau_desktop.translation import N_, _

FLAGS: dict[str, str] = {
    "secret": N_("it seems to hold a key or a password"),
    "personal": N_("it seems to hold personal data"),
    "untrusted": N_("it comes from the web or a tool"),
    "proposed": N_("it is an answer of the model’s own"),
    "contradiction": N_("another answer to the same question is there"),
    "near_duplicate": N_("nearly the same is there already"),
}
"""Ends of sentences; "allowed" is none: it is what a person said to the others."""


def flags_in_words(flags: Iterable[str]) -> str:
    """What the flags say, with commas between; "" where they say nothing."""
    return ", ".join(_(FLAGS[flag]) for flag in flags if flag in FLAGS)


def in_words(finding: Finding | ExampleRefused) -> str:
    """A finding as a sentence without its beginning, which is the number of the record."""
    if isinstance(finding, ExampleRefused):
        return _("refused, {reason}").format(reason=finding.reason)
    if isinstance(finding, ExampleFlagged):
        waits = [flag for flag in finding.flags if flag not in ("contradiction", "near_duplicate")]
        return _("not learned until you have looked at it: {reasons}").format(reasons=flags_in_words(waits))
    return _alike(finding)


def is_telling(finding: Finding | ExampleRefused) -> bool:
    """Whether a person wants to read of it: not of each example that is here already."""
    return not (isinstance(finding, ExampleAlike) and finding.kind == "duplicate")


def _alike(finding: ExampleAlike) -> str:
    sentence = {
        "duplicate": _("already here, as example {id}"),
        "near_duplicate": _("nearly the same as example {id}"),
        "contradiction": _("another answer to the same question as example {id}"),
    }[finding.kind]
    return sentence.format(id=finding.other)
