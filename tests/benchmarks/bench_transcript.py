"""How smooth the transcript stays: stalls of the event loop while long answers stream, and times to open.

Run it as `python -m tests.benchmarks transcript`, or as `python -m tests.benchmarks.bench_transcript [--seconds 5]`.
Each answer of 24,000 characters arrives in batches at 30 Hz, as `ui/worker.py` hands them on. The design's numbers
bound what the window's thread "worked" between two beats, which does not depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from collections.abc import Iterator, Sequence

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from tests.benchmarks.heartbeat import Heartbeat
from tests.benchmarks.report import Figure
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
    missed = False
    for figure in _figures(options.parse_args().seconds):
        print(figure.row(), flush=True)
        missed |= figure.met is False
    return 1 if missed else 0


def measure(quick: bool) -> Iterator[Figure]:
    """Milliseconds, for the runner."""
    yield from _figures(0.3 if quick else 4.0)


def _figures(seconds: float) -> Iterator[Figure]:
    application = QApplication.instance() or QApplication(sys.argv[:1])
    theme = Theme(Settings())
    transcript = Transcript(theme)
    transcript.resize(1000, 800)
    transcript.show()
    application.processEvents()
    # As the application does once it has started: a full collection pauses the window by 20 ms and more.
    gc.collect()
    gc.freeze()
    for count in (2, 100, 10_000):
        start = time.perf_counter()
        transcript.set_source(Long(count))
        application.processEvents()
        yield Figure(f"open {count:,} messages", 1000 * (time.perf_counter() - start), "ms", most=300)
    stage = transcript._stage
    start = time.perf_counter()
    views = [(UserMessage if n % 2 else AnswerMessage)(stage, Long._make(n)) for n in range(1, 41)]
    for view in views:
        view.fit(760)
    yield Figure("create and lay out 40 messages", 1000 * (time.perf_counter() - start), "ms")
    _wait(300)
    costs: dict[tuple[str, int], float] = {}
    for name, unit in ANSWERS.items():
        text = OPENINGS.get(name, "") + unit * (LENGTH // len(unit) + 1)
        for count in (2, 5_000):
            transcript.set_source(Long(count))
            _wait(300)
            heart, cost = _stream(transcript, count + 2, text[:LENGTH], seconds)
            yield from heart.figures(f"{name}, after {count:,}", "worked")
            costs[name, count] = cost
    for name in ANSWERS:
        short, long = costs[name, 2], costs[name, 5_000]
        note = f"{short:.3f} ms after 2, {long:.3f} ms after 5,000 messages"
        yield Figure(f"{name}: cost of a token, after 5,000 : after 2", long / short, note=note)
    transcript.close()


def _stream(transcript: Transcript, message_id: int, text: str, seconds: float) -> tuple[Heartbeat, float]:
    """The beats while that text arrives, and the processor's ms for each token, of 4 characters."""
    pieces = max(1, round(seconds * 30))
    step = len(text) // pieces + 1
    chunks = [text[at : at + step] for at in range(0, len(text), step)]
    transcript.begin_answer(message_id)
    timer, loop, heart = QTimer(interval=33), QEventLoop(), Heartbeat()

    def feed() -> None:
        if chunks:
            transcript.append_text(message_id, chunks.pop(0))
            return
        timer.stop()
        transcript.finish_answer(Shown(message_id, "assistant", (Text(text),), tokens_per_second=30))
        QTimer.singleShot(500, loop.quit)

    timer.timeout.connect(feed)
    start = time.process_time()
    heart.start()
    timer.start()
    loop.exec()
    heart.stop()
    return heart, 1000 * (time.process_time() - start) / (len(text) / 4)


def _wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


if __name__ == "__main__":
    sys.exit(main())
