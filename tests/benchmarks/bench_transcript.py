"""How smooth the transcript stays: stalls of the event loop while long answers stream, and times to open.

Run it as `python -m tests.benchmarks.bench_transcript [--seconds 5]`. A 5 ms timer beats while each answer of 24,000
characters arrives in batches at 30 Hz, as `ui/worker.py` hands them on. Of each beat it takes how much later than
5 ms it comes ("wall") and how long the window's thread had worked for itself since the last one ("own"), which
does not depend on what else the machine does. Figures are milliseconds. It ends with status 1 where "own" misses
the design's numbers.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from thau_desktop.messages import Reasoning, Text
from thau_desktop.settings import Settings
from ui.chat.answer import AnswerMessage
from ui.chat.message_view import UserMessage
from ui.chat.shown import Shown
from ui.chat.transcript import Transcript
from ui.theme import Theme

LENGTH = 24_000
_SENTENCE = "The quick **brown** fox jumps over the `lazy` dog, and [nobody](https://example.org) minds at all. "
_CODE = "    total = compute(value, other=42)  # comment number one\n    if total > 'limit': return None\n"

ANSWERS = {
    "mixed": "## Part\n\n" + 3 * _SENTENCE + "\n\n- one\n- two **bold**\n\n```python\n" + 2 * _CODE + "```\n\n",
    "one paragraph": _SENTENCE,
    "one code block": _CODE,
    "one table": "| cell of a row | another **cell** | 12.5 |\n",
    "one list": "- an item with `code` and **bold** words that go on for a while\n",
    "one quote": "> a line that is quoted, with *emphasis*\n",
    "one word": "abcdefghij",
}
OPENINGS = {"one code block": "```python\n", "one table": "| a | b | c |\n|---|---|--:|\n"}


class Long:
    """A conversation of `count` messages that are made when they are asked for."""

    def __init__(self, count: int) -> None:
        self.count = count

    def before(self, message_id: int | None, limit: int) -> Sequence[Shown]:
        end = self.count if message_id is None else message_id - 1
        return [self._make(number) for number in range(max(1, end - limit + 1), end + 1)]

    def after(self, message_id: int | None, limit: int) -> Sequence[Shown]:
        start = 1 if message_id is None else message_id + 1
        return [self._make(number) for number in range(start, min(self.count, start + limit - 1) + 1)]

    @staticmethod
    def _make(number: int) -> Shown:
        if number % 2:
            return Shown(number, "user", (Text(f"Question {number}: how do I do this?"),))
        parts = (Reasoning("Let me think.", 2.0), Text(ANSWERS["mixed"]))
        return Shown(number, "assistant", parts, tokens_per_second=31, first_token_seconds=0.2)


def main() -> int:
    """Print all figures; returns 1 where one misses its aim."""
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=4.0, help="how long each answer streams")
    seconds = options.parse_args().seconds
    application = QApplication.instance() or QApplication(sys.argv)
    theme = Theme(Settings())
    transcript = Transcript(theme)
    transcript.resize(1000, 800)
    transcript.show()
    application.processEvents()
    # As the application does once it has started: a full collection pauses the window by 20 ms and more.
    gc.collect()
    gc.freeze()
    missed = False
    for count in (2, 100, 10_000):
        start = time.perf_counter()
        transcript.set_source(Long(count))
        application.processEvents()
        spent = 1000 * (time.perf_counter() - start)
        missed |= spent > 300
        print(f"open {count:6} messages: {spent:6.1f} ms")
    stage = transcript._stage
    start = time.perf_counter()
    views = [(UserMessage if n % 2 else AnswerMessage)(stage, Long._make(n)) for n in range(1, 41)]
    for view in views:
        view.fit(760)
    print(f"create and lay out 40 messages: {1000 * (time.perf_counter() - start):6.1f} ms")
    _wait(300)
    print(f"{'':30} {'wall p50':>9} {'p99':>6} {'max':>6} {'own p99':>9} {'max':>6} {'ms/token':>9}")
    _report("idle", _beats(lambda done: QTimer.singleShot(1000, done)))
    for name, unit in ANSWERS.items():
        text = OPENINGS.get(name, "") + unit * (LENGTH // len(unit) + 1)
        for count in (2, 5_000):
            transcript.set_source(Long(count))
            _wait(300)
            beats, cost = _stream(transcript, count + 2, text[:LENGTH], seconds)
            missed |= _report(f"{name}, after {count}", beats, cost)
    return 1 if missed else 0


def _report(name: str, beats: Sequence[tuple[float, float]], cost: float = 0.0) -> bool:
    """Print a line; returns whether it misses its aim."""
    wall, own = [late for late, _worked in beats], [worked for _late, worked in beats]
    wall_cuts, own_cuts = statistics.quantiles(wall, n=100), statistics.quantiles(own, n=100)
    walls = f"{wall_cuts[49]:9.1f} {wall_cuts[98]:6.1f} {max(wall):6.1f}"
    print(f"{name:30} {walls} {own_cuts[98]:9.1f} {max(own):6.1f} {cost:9.3f}", flush=True)
    return own_cuts[98] > 20 or max(own) > 50


def _stream(
    transcript: Transcript, message_id: int, text: str, seconds: float
) -> tuple[list[tuple[float, float]], float]:
    """The lateness and the work of each beat while that text arrives, and the processor's ms for each token.

    A token is 4 characters.
    """
    pieces = max(1, round(seconds * 30))
    step = len(text) // pieces + 1
    chunks = [text[at : at + step] for at in range(0, len(text), step)]
    transcript.begin_answer(message_id)
    timer = QTimer(interval=33)
    done: list[Callable[[], object]] = []

    def feed() -> None:
        if chunks:
            transcript.append_text(message_id, chunks.pop(0))
            return
        timer.stop()
        transcript.finish_answer(Shown(message_id, "assistant", (Text(text),), tokens_per_second=30))
        QTimer.singleShot(500, done[0])

    def begin(finish: Callable[[], object]) -> None:
        done.append(finish)
        timer.timeout.connect(feed)
        timer.start()

    start = time.process_time()
    beats = _beats(begin)
    return beats, 1000 * (time.process_time() - start) / (len(text) / 4)


def _beats(begin: Callable[[Callable[[], object]], object]) -> list[tuple[float, float]]:
    loop = QEventLoop()
    beats: list[tuple[float, float]] = []
    last = time.perf_counter(), time.thread_time()

    def beat() -> None:
        nonlocal last
        now = time.perf_counter(), time.thread_time()
        beats.append((max(0.0, 1000 * (now[0] - last[0]) - 5), 1000 * (now[1] - last[1])))
        last = now

    timer = QTimer(interval=5)
    timer.timeout.connect(beat)
    timer.start()
    begin(loop.quit)
    loop.exec()
    timer.stop()
    return beats


def _wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


if __name__ == "__main__":
    sys.exit(main())
