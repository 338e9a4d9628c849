"""What every route works with: the core, the lines before its models, the trainings that were asked for."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from thau_desktop.api.access import Rules
from thau_desktop.api.events import ApiEvent
from thau_desktop.api.line import Line
from thau_desktop.api.problems import Problem
from thau_desktop.api.running import iterate
from thau_desktop.api.token import Token
from thau_desktop.inference.ollama_probe import OllamaServer, probe
from thau_desktop.settings import Settings
from thau_desktop.training.night import Finished, NightEvent, RunStarted
from thau_desktop.translation import _

if TYPE_CHECKING:
    from thau_desktop.app import Thau

ANSWER_SECONDS = 900.0  # an answer, or a picture, that takes longer is cut off
_OLLAMA_SECONDS = 15.0  # how old an answer about Ollama may be
_FIRST_EVENT_SECONDS = 30.0

T = TypeVar("T")
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many requests stand before this one."""

    ahead: int


class Api:
    """One served home.

    Attributes: `answering` and `drawing`, the lines before the two models; `stopping`, set when the server ends;
    `statuses`, how many requests ended with each; `tell` takes what is to be told to whoever watches.
    """

    def __init__(self, thau: Thau, stopping: threading.Event, tell: Callable[[ApiEvent | NightEvent], None]) -> None:
        self.thau = thau
        self.token = Token(thau.paths)
        self.stopping = stopping
        self.tell = tell
        self.answering, self.drawing = Line(), Line()
        self.statuses: dict[int, int] = {}
        self.since = time.monotonic()
        self._ollama: tuple[float, OllamaServer | None] = float("-inf"), None
        self._training: threading.Thread | None = None
        self._settings_stamp = 0

    # --- settings ---------------------------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """The settings, read again where the window or another program has changed them."""
        file = self.thau.settings_file
        try:
            stamp = file.path.stat().st_mtime_ns
        except OSError:
            stamp = 0
        if stamp != self._settings_stamp:
            self._settings_stamp = stamp
            file.load()
        return file.settings

    def rules(self) -> Rules:
        api = self.settings.api
        return Rules.listed(api.allowed_hosts, api.allowed_origins)

    # --- models -----------------------------------------------------------------------------------------------

    async def run(
        self, line: Line, make: Callable[[threading.Event], Iterator[T]]
    ) -> AsyncGenerator[T | Waiting, None]:
        """Yield `Waiting` while others come first, then what the generator `make(cancel)` yields.

        Raises `Problem` 429 where too many wait, and what the generator raises.
        """
        async with line.place() as place:
            async for ahead in place.ahead():
                yield Waiting(ahead)
            async with aclosing(iterate(self._until_late(make))) as events:
                async for event in events:
                    yield event

    def _until_late(self, make: Callable[[threading.Event], Iterator[T]]) -> Callable[[threading.Event], Iterator[T]]:
        def making(cancel: threading.Event) -> Iterator[T]:
            late = threading.Timer(ANSWER_SECONDS, cancel.set)
            late.daemon = True
            late.start()
            try:
                yield from make(cancel)
            finally:
                late.cancel()

        return making

    # --- Ollama -----------------------------------------------------------------------------------------------

    def ollama(self) -> OllamaServer | None:
        """What is known of Ollama, at once; asked anew in the background where that is old."""
        asked, found = self._ollama
        if time.monotonic() - asked > _OLLAMA_SECONDS:
            self._ollama = time.monotonic(), found
            threading.Thread(target=self._ask_ollama, name="ollama", daemon=True).start()
        return found

    def _ask_ollama(self) -> None:
        self._ollama = time.monotonic(), probe()

    # --- trainings --------------------------------------------------------------------------------------------

    @property
    def training(self) -> bool:
        """Whether a training that was asked for here is running."""
        return self._training is not None and self._training.is_alive()

    def train(self) -> RunStarted:
        """Begin a training, however few examples wait. Raises `Problem` 409 where there is nothing to train."""
        first: queue.SimpleQueue[NightEvent | None] = queue.SimpleQueue()

        def run() -> None:
            told = False
            try:
                for event in self.thau.trainer.train(None, self.stopping, force=True):
                    self.tell(event)
                    if not told:
                        told = True
                        first.put(event)
            except Exception:  # nobody awaits it any more
                _logger.exception("a training that was asked for ran into a bug")
            finally:
                if not told:
                    first.put(None)

        if self.training:
            raise _no_training(_("Another training is running."))
        self._training = threading.Thread(target=run, name="training", daemon=True)
        self._training.start()
        try:
            event = first.get(timeout=_FIRST_EVENT_SECONDS)
        except queue.Empty:
            event = None
        if isinstance(event, RunStarted):
            return event
        raise _no_training(" ".join(event.reasons) if isinstance(event, Finished) else _("The training has not begun."))

    async def end(self) -> None:
        """Wait until a training has written its checkpoint. `stopping` is set by then."""
        if self._training is not None:
            await asyncio.to_thread(self._training.join)


def _no_training(why: str) -> Problem:
    return Problem(409, "no_training", why, _("Add examples, or wait until the training that runs has ended."))
