"""Fits a conversation into a model's context, with the exact counts of its tokenizer.

Whole messages go, oldest first; an assistant's message holds its calls and their results, so none is torn apart. The
system message and the latest question, with what has been answered to it so far, always stay. Messages go in blocks:
the prompt then begins alike for several turns, and what the model has read of it need not be read again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from thau_desktop.errors import ContextTooLong
from thau_desktop.inference.backend import TokenCounts
from thau_desktop.messages import Attachment, Message, Text
from thau_desktop.translation import _

Strategy = Literal["drop_oldest", "summarise_oldest", "refuse"]
Count = Callable[[Sequence[Message]], TokenCounts]
Summarise = Callable[[Sequence[Message]], str]

_BLOCK = 4  # a block is this part of the budget
_CUT_ROUNDS = 12  # halvings until a too long message fits as exactly as matters


@dataclass(frozen=True, slots=True)
class Fitted:
    """Messages that fit.

    Attributes:
        used: tokens of the prompt, exact.
        limit: tokens that the context holds.
        dropped: messages left out.
        summarised: how many of these are in a summary.
        cut: the latest question lost its middle.
    """

    messages: tuple[Message, ...]
    used: int
    limit: int
    dropped: int = 0
    summarised: int = 0
    cut: bool = False


def fit(
    messages: Sequence[Message],
    count: Count,
    limit: int,
    reserve: int,
    strategy: Strategy = "drop_oldest",
    summarise: Summarise | None = None,
) -> Fitted:
    """The messages to send so that prompt and `reserve` tokens of answer take at most `limit` tokens.

    Raises `ContextTooLong` when they do not fit and `strategy` is "refuse", or when nothing more can go.
    """
    counts = count(messages)
    budget = limit - reserve
    if counts.total <= budget:
        return Fitted(tuple(messages), counts.total, limit)
    if strategy == "refuse":
        raise _too_long(counts.total, limit)
    first = 1 if messages and messages[0].role == "system" else 0
    system, rest = tuple(messages[:first]), list(messages[first:])
    keep = _latest_question(rest)
    surplus, block = counts.total - budget, max(1, budget // _BLOCK)
    dropped = _how_many_to_drop(counts.messages[first:], keep, -(-surplus // block) * block, rest)
    if dropped >= keep:
        dropped = _how_many_to_drop(counts.messages[first:], keep, surplus, rest)
    summary = ""
    while True:
        if strategy == "summarise_oldest" and summarise is not None and dropped and not summary:
            summary = summarise(rest[:dropped]).strip()
        fitted = (*_with_summary(system, summary), *rest[dropped:])
        total = count(fitted).total
        if total <= budget:
            return Fitted(fitted, total, limit, dropped, dropped if summary else 0)
        if dropped < keep:
            dropped = _next_question(rest, dropped + 1, keep)
        elif summary:
            summary, strategy = "", "drop_oldest"
        else:
            break
    cut = _cut_question((*system, *rest[keep:]), len(system), count, budget)
    if cut is None:
        raise _too_long(total, limit)
    return Fitted(cut, count(cut).total, limit, dropped, 0, cut=True)


def _latest_question(rest: Sequence[Message]) -> int:
    """Where the latest user message is; it and what follows stay."""
    return max((n for n, message in enumerate(rest) if message.role == "user"), default=0)


def _how_many_to_drop(tokens: Sequence[int], keep: int, surplus: int, rest: Sequence[Message]) -> int:
    """How many of the oldest must go by the counts of single messages; the whole prompt is counted after."""
    dropped = 0
    while dropped < keep and surplus > 0:
        surplus -= tokens[dropped]
        dropped += 1
    return _next_question(rest, dropped, keep)


def _next_question(rest: Sequence[Message], start: int, keep: int) -> int:
    """The first user message from `start` on, so that no answer stands without its question."""
    return next((n for n in range(start, keep) if rest[n].role == "user"), keep)


def _with_summary(system: tuple[Message, ...], summary: str) -> tuple[Message, ...]:
    if not summary:
        return system
    words = _("Summary of the conversation so far: {summary}").format(summary=summary)
    before = f"{system[0].text}\n\n" if system and system[0].text else ""
    return (Message("system", (Text(before + words),)),)


def _cut_question(messages: tuple[Message, ...], at: int, count: Count, budget: int) -> tuple[Message, ...] | None:
    """The messages with as much of the question's beginning and end as fits; None when not even its edges fit."""
    if at >= len(messages) or messages[at].role != "user":
        return None
    fits: tuple[Message, ...] | None = None
    low, high = 0.0, 1.0
    for _round in range(_CUT_ROUNDS):
        share = (low + high) / 2
        tried = (*messages[:at], _without_middle(messages[at], share), *messages[at + 1 :])
        if count(tried).total <= budget:
            fits, low = tried, share
        else:
            high = share
    return fits


def _without_middle(message: Message, share: float) -> Message:
    parts = []
    for part in message.parts:
        if isinstance(part, Text | Attachment):
            part = replace(part, text=_middle_cut(part.text, share))
        parts.append(part)
    return replace(message, parts=tuple(parts))


def _middle_cut(text: str, share: float) -> str:
    kept = int(len(text) * share)
    if kept >= len(text):
        return text
    note = _("[… {n} characters left out because they do not fit …]").format(n=len(text) - kept)
    end = kept // 2
    return f"{text[: kept - end]}\n{note}\n{text[len(text) - end :]}"


def _too_long(used: int, limit: int) -> ContextTooLong:
    return ContextTooLong(
        _("The conversation takes {used} tokens, the model holds {limit}.").format(used=used, limit=limit),
        _("Start a new conversation, shorten the message, or let THAU leave out the oldest in the chat settings."),
    )
