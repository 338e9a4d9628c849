"""The database at 10,000 messages in one conversation and 30,000 in all: reading, searching, writing.

The window reads and writes a few rows in its own thread, so these have the event loop's bound of 20 ms; a search
feels like one with typing below 100 ms.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks.filling import COMMON, RARE, fill
from tests.benchmarks.report import Figure, percentile
from thau_desktop.messages import Text
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.database import Database

LOOP = 20.0  # milliseconds
TYPING = 100.0
ANSWER = "All the words of an answer that has grown long. " * 500  # 24,000 characters


def measure(quick: bool) -> Iterator[Figure]:
    """Figures in milliseconds, each the median of several calls."""
    long, others = (1000, 2) if quick else (10_000, 20)
    with tempfile.TemporaryDirectory(prefix="thau-bench-") as folder, Database(Path(folder) / "thau.db") as database:
        store = Conversations(database)
        started = time.perf_counter()
        conversation = fill(store, long, "The long one")
        yield Figure("add a message, thousands in one transaction", 1000 * (time.perf_counter() - started) / long, "ms")
        for number in range(others):
            fill(store, 1000 if not quick else 100, f"Other {number}")
        yield from _reading(store, conversation, long)
        yield from _searching(store)
        yield from _writing(store, conversation, 30 if quick else 300)


def _reading(store: Conversations, conversation: int, messages: int) -> Iterator[Figure]:
    whole = store.path(conversation)
    assert len(whole) == messages
    middle = whole[messages // 2].id
    of = f"of {messages:,} messages"
    yield _timed(f"path: the last 12 {of}", lambda: store.path(conversation, 12), LOOP)
    yield _timed(f"path: 6 before the middle one {of}", lambda: store.path(conversation, 6, before=middle), LOOP)
    yield _timed(f"path: 6 after the middle one {of}", lambda: store.path(conversation, 6, after=middle), LOOP)
    yield _timed(f"path: the first 12 {of}", lambda: store.path(conversation, 12, after=0), LOOP)
    yield _timed(f"path: the last 512 {of} (a turn's context)", lambda: store.path(conversation, 512))
    yield _timed(f"path: all {of}", lambda: store.path(conversation), times=5)
    yield _timed(f"count {of}", lambda: store.count(conversation))
    yield _timed("list: all conversations", lambda: store.list(), LOOP)
    yield _timed("data_version", store.database.data_version, LOOP)


def _searching(store: Conversations) -> Iterator[Figure]:
    rows = store.database.row("SELECT count(*) FROM messages")
    among = f"among {rows[0] if rows else 0:,} messages"
    for what, query in {
        "a common word": COMMON,
        "a rare word": RARE,
        "the beginning of a word": RARE[:5],
        "two words": f"{COMMON} {RARE}",
        "one letter": "m",
        "nothing that is there": "xylophonist",
        "an emoji (no index)": "🦊",
    }.items():
        yield _timed(f"search: {what}, {among}", lambda query=query: store.search(query), TYPING, times=9)  # type: ignore[misc]
    yield _timed(f"filter the list by a common word, {among}", lambda: store.list(COMMON), TYPING, times=9)


def _writing(store: Conversations, conversation: int, times: int) -> Iterator[Figure]:
    def add() -> None:
        store.add_message(conversation, "user", [Text("How long does it take to keep this?")])

    yield from _spread("commit a message", add, times)
    answer = store.add_message(conversation, "assistant", [Text("")], state="streaming").id
    size = iter(range(len(ANSWER) // times, len(ANSWER) * 2, len(ANSWER) // times))
    yield from _spread(
        "autosave of an answer that grows to 24,000 characters",
        lambda: store.update_message(answer, parts=[Text(ANSWER[: next(size)])]),
        times,
    )


def _timed(name: str, call: Callable[[], object], most: float | None = None, times: int = 21) -> Figure:
    found = _milliseconds(call, times)
    return Figure(name, statistics.median(found), "ms", most=most, note=f"first {found[0]:.2f}, max {max(found):.2f}")


def _spread(name: str, call: Callable[[], object], times: int) -> Iterator[Figure]:
    found = _milliseconds(call, times)
    yield Figure(f"{name}: median", statistics.median(found), "ms", most=LOOP)
    yield Figure(f"{name}: p99", percentile(found, 0.99), "ms", most=LOOP, note=f"max {max(found):.2f}")


def _milliseconds(call: Callable[[], object], times: int) -> list[float]:
    found = []
    for _time in range(times):
        started = time.perf_counter()
        call()
        found.append(1000 * (time.perf_counter() - started))
    return found
