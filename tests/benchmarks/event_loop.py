"""How smooth the window is while an answer streams, in an empty conversation and in one of 10,000 messages.

The whole app runs: `Session`, window, chat page and core are real, words come through the pipe of a real child at a
real model's speed; only the model is a script. A timer beats in the window's thread meanwhile. The cost of a token is
the processor time of all of the window's process.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.filling import fill
from tests.benchmarks.heartbeat import Heartbeat
from tests.benchmarks.keys import Typist
from tests.benchmarks.launch import used_home
from tests.benchmarks.report import Figure, middle, percentile, spread
from tests.benchmarks.scripted import TOKEN
from tests.benchmarks.window import Window, pause
from thau_desktop.app import Thau

LENGTH = 24_000  # characters
RATE = 150.0  # tokens a second
OPEN_MILLISECONDS, KEY_MILLISECONDS, COST_RATIO = 300.0, 16.0, 1.15


def measure(quick: bool) -> Iterator[Figure]:
    """Milliseconds and ratios."""
    length, messages = (2_400, 1_000) if quick else (LENGTH, 10_000)
    with tempfile.TemporaryDirectory(prefix="thau-bench-") as folder:
        home = used_home(Path(folder), 20)
        with Thau(home) as thau:
            long = fill(thau.conversations, messages, "Long")
        with Window(home, RATE) as window:
            yield from _opening(window, long, messages)
            window.open(None)
            window.answer(2_400)  # what is imported and cached at the first answer is not a token's cost
            yield from _streaming(window, length, long, messages)
            yield from _typing(window, length // 4)


def _opening(window: Window, long: int, messages: int) -> Iterator[Figure]:
    found = []
    for _time in range(7):
        found.append(window.open(long))
        pause(0.2)
        window.open(None)
        pause(0.2)
    name = f"open a conversation of {messages:,} messages"
    yield Figure(f"{name}: the first time", found[0], "ms", most=OPEN_MILLISECONDS)
    yield Figure(f"{name}: median", middle(found), "ms", most=OPEN_MILLISECONDS, note=spread(found))


def _streaming(window: Window, length: int, long: int, messages: int) -> Iterator[Figure]:
    idle = Heartbeat()
    idle.start()
    pause(2)
    idle.stop()
    costs: list[float] = []
    yield from idle.figures("idle", bound=False)
    for name, conversation in (("in an empty conversation", None), (f"after {messages:,} messages", long)):
        window.open(conversation)
        pause(0.5)
        heart = Heartbeat()
        started = time.process_time()
        heart.start()
        window.answer(length)
        heart.stop()
        costs.append(1000 * (time.process_time() - started) / (length / TOKEN))
        yield from heart.figures(f"{length:,} characters {name}")
        yield Figure(f"processor time of a token {name}", costs[-1], "ms")
    yield Figure("cost of a token, long : empty conversation", costs[1] / costs[0], "", most=COST_RATIO)


def _typing(window: Window, length: int) -> Iterator[Figure]:
    field = window.page.composer.editor
    for name in ("idle", "while an answer streams"):
        window.open(None)
        pause(0.3)
        typist = Typist(field)
        field.setFocus()
        typist.start()
        if name == "idle":
            pause(4)
        else:
            window.answer(length)
        typist.stop()
        pause(0.2)
        found = [1000 * seconds for seconds in typist.seconds]
        yield Figure(f"key to paint, {name}: median", middle(found), "ms", most=KEY_MILLISECONDS)
        yield Figure(
            f"key to paint, {name}: p95", percentile(found, 0.95), "ms", most=KEY_MILLISECONDS, note=spread(found)
        )
