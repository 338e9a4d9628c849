"""Everything that runs beside the event loop: a generator of typed events in a thread, or one short call.

Text arrives faster than eyes read, so neighbouring text events are joined and handed over about 30 times a
second; every other event is handed over at once, and the order never changes. The application object owns what
runs (`Workers`), so that nothing is destroyed while its thread lives, whatever happens to the widget that
asked for it.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QObject, Qt, QThread, QTimer, Signal, Slot

from thau_desktop.errors import ThauError
from thau_desktop.messages import ReasoningDelta, TextDelta

T = TypeVar("T")
Events = Callable[[threading.Event], Iterable[Any]]

_TEXT_INTERVAL = 1 / 30  # seconds
_SLICE = 0.008  # seconds that one delivery of events may take before the event loop gets its turn
_CALL_THREADS = 4


class Workers(QObject):
    """What runs now, owned by the application. `changed` when something starts, ends or makes progress.

    `noted` repeats every event but text, for those who only watch (the status pill).

    Attributes: `closing`, the application ends: nothing new should be started.
    """

    changed = Signal()
    noted = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("workers")
        self._workers: list[Worker] = []
        self._calls: set[_Call] = set()
        self._pool: ThreadPoolExecutor | None = None
        self._futures: set[Future[None]] = set()
        self.closing = False

    @property
    def running(self) -> tuple[Worker, ...]:
        """The workers whose threads live, oldest first."""
        return tuple(self._workers)

    @property
    def fraction(self) -> float | None:
        """How far (0 to 1) the work is that began last and knows it; None without such."""
        return next((worker.fraction for worker in reversed(self._workers) if worker.fraction is not None), None)

    def stop_all(self, seconds: float = 10.0, but: Worker | None = None) -> bool:
        """Stop every worker (except `but`) and the calls, and wait; True when all threads ended in time.

        What a call found and has not handed over yet is dropped: who stops everything is about to close what the
        results would be shown with.
        """
        workers = [worker for worker in self.running if worker is not but]
        for worker in workers:
            worker.stop()
        end = time.monotonic() + seconds
        ended = [worker.wait(max(0.0, end - time.monotonic())) for worker in workers]
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
        wait(self._futures, max(0.0, end - time.monotonic()))
        for call in tuple(self._calls):
            call.drop()
        return all(ended) and not self.calling

    @property
    def calling(self) -> bool:
        """Whether a short call (`run_in_background`) still blocks its thread."""
        return any(not future.done() for future in tuple(self._futures))

    def add(self, worker: Worker) -> None:
        self._workers.append(worker)
        self.changed.emit()

    def remove(self, worker: Worker) -> None:
        self._workers.remove(worker)
        self.changed.emit()

    def submit(self, call: _Call) -> None:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(_CALL_THREADS, thread_name_prefix="call")
        self._calls.add(call)
        future = self._pool.submit(call.run)
        self._futures.add(future)
        future.add_done_callback(lambda done: self._on_done(done, call))

    def _on_done(self, future: Future[None], call: _Call) -> None:
        self._futures.discard(future)
        if future.cancelled():  # it never ran, and has nothing to hand over
            self._calls.discard(call)

    def discard(self, call: _Call) -> None:
        self._calls.discard(call)


def workers() -> Workers:
    """The application's workers."""
    application = QCoreApplication.instance()
    assert application is not None
    found = application.findChild(Workers, "workers", Qt.FindChildOption.FindDirectChildrenOnly)
    return found or Workers(application)


class Worker(QObject):
    """Iterates `events(cancel)` in a thread of its own and emits what it yields in the window's thread.

    After the last `event` comes exactly one of `failed` (an error that a person can mend), `crashed` (a bug,
    with its traceback) or `done`; nothing is emitted once `parent` is gone. It starts at once.

    Attributes: `title` says what it does for the status pill; `fraction` (0 to 1, or None) and `note` are the
    progress last reported; `cancelled` is whether somebody asked it to stop.
    """

    event = Signal(object)  # type: ignore[assignment]  # QObject.event is not ours to call
    failed = Signal(object)  # ThauError
    crashed = Signal(str)
    done = Signal()
    _wake = Signal()

    def __init__(self, events: Events, parent: QObject | None = None, title: str = "") -> None:
        super().__init__()
        self.title = title
        self.fraction: float | None = None
        self.note = ""
        self._events = events
        self._cancel = threading.Event()
        self._lock = threading.Lock()
        self._pending: list[Any] = []
        self._urgent = False
        self._woken = False
        self._orphan = False
        self._last_delivery = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._deliver)
        self._wake.connect(self._on_wake, Qt.ConnectionType.QueuedConnection)
        if parent is not None:
            parent.destroyed.connect(self._on_parent_gone)
        self._thread = _Thread(self._run)
        self._workers = workers()
        self._workers.add(self)
        self._thread.start()

    @property
    def cancelled(self) -> bool:
        return self._cancel.is_set()

    @property
    def running(self) -> bool:
        """Until its last signal was emitted."""
        return self in self._workers.running

    @Slot()
    def stop(self) -> None:
        """Ask the generator to end; it says when it has through `done`."""
        self._cancel.set()

    def wait(self, seconds: float = 10.0) -> bool:
        """Block until the thread has ended; False if it did not in time. Its last events arrive later."""
        return self._thread.wait(int(seconds * 1000))

    # --- in the thread ---------------------------------------------------------------------------------

    def _run(self) -> None:
        ending: _Ending
        generator: Any = None
        try:
            generator = self._events(self._cancel)
            for event in generator:
                self._put(event)
            ending = _Ending()
        except ThauError as error:
            ending = _Ending(error=error)
        except BaseException:  # noqa: BLE001 - a bug in the generator must reach the window, not kill the thread
            ending = _Ending(trace=traceback.format_exc())
        finally:
            if hasattr(generator, "close"):
                generator.close()
        self._put(ending)

    def _put(self, event: Any) -> None:
        with self._lock:
            text = isinstance(event, TextDelta | ReasoningDelta)
            last = self._pending[-1] if self._pending else None
            if text and isinstance(last, _Joined) and last.kind is type(event):
                last.pieces.append(event.text)
            else:
                self._pending.append(_Joined(event) if text else event)
            wake = not self._woken or (not text and not self._urgent)
            self._woken = True
            self._urgent = self._urgent or not text
        if wake:
            self._wake.emit()

    # --- in the window's thread --------------------------------------------------------------------------

    @Slot()
    def _on_wake(self) -> None:
        left = _TEXT_INTERVAL - (time.monotonic() - self._last_delivery)
        if self._urgent or left <= 0:
            self._deliver()
        elif not self._timer.isActive():
            self._timer.start(max(1, int(left * 1000)))

    @Slot()
    def _deliver(self) -> None:
        self._timer.stop()
        with self._lock:
            events, self._pending = self._pending, []
            self._urgent = self._woken = False
        start = self._last_delivery = time.monotonic()
        for number, event in enumerate(events):
            if number and time.monotonic() - start > _SLICE:
                self._later(events[number:])
                return
            self._emit(event)

    def _later(self, events: list[Any]) -> None:
        """Put back what did not fit into this turn of the event loop."""
        with self._lock:
            self._pending[:0] = events
            self._urgent = self._woken = True
        self._timer.start(0)

    def _emit(self, event: Any) -> None:
        if isinstance(event, _Ending):
            self._end(event)
            return
        if isinstance(event, _Joined):
            event = event.kind("".join(event.pieces))
        else:
            self._note(event)
        if not self._orphan:
            self.event.emit(event)

    def _note(self, event: Any) -> None:
        fraction = getattr(event, "fraction", None)
        if isinstance(fraction, int | float):
            self.fraction, self.note = float(fraction), getattr(event, "note", "")
            self._workers.changed.emit()
        self._workers.noted.emit(event)

    def _end(self, ending: _Ending) -> None:
        self._thread.wait()
        self._workers.remove(self)
        if self._orphan:
            if ending.trace:
                raise RuntimeError(f"a worker crashed after its widget was gone:\n{ending.trace}")
        elif ending.error is not None:
            self.failed.emit(ending.error)
        elif ending.trace:
            self.crashed.emit(ending.trace)
        else:
            self.done.emit()

    @Slot()
    def _on_parent_gone(self) -> None:
        self._orphan = True
        self.stop()


def run_in_background(
    parent: QObject,
    function: Callable[[], T],
    on_result: Callable[[T], object] | None = None,
    on_error: Callable[[ThauError], object] | None = None,
) -> None:
    """Run a short blocking call (database, disk) in another thread and hand its result over in the window's.

    Nothing is handed over once `parent` is gone. A `ThauError` goes to `on_error`; without one, and for any
    other exception, it is raised in the window's thread, where the application's hook logs and shows it. Calls
    don't wait for each other: chain them in `on_result` where the order matters.
    """
    workers().submit(_Call(parent, function, on_result, on_error))


class _Thread(QThread):
    """A thread that calls one function. It has no parent: `Worker` keeps it until it has ended."""

    def __init__(self, function: Callable[[], None]) -> None:
        super().__init__()
        self._function = function

    def run(self) -> None:
        self._function()


class _Joined:
    """Neighbouring text events of one kind, waiting to be handed over as one."""

    def __init__(self, event: TextDelta | ReasoningDelta) -> None:
        self.kind = type(event)
        self.pieces = [event.text]


class _Ending:
    """How a generator ended: well, with an error, or with a bug's traceback."""

    def __init__(self, error: ThauError | None = None, trace: str = "") -> None:
        self.error = error
        self.trace = trace


class _Call(QObject):
    _finished = Signal()

    def __init__(self, parent: QObject, function: Any, on_result: Any, on_error: Any) -> None:
        super().__init__()
        self._function = function
        self._on_result = on_result
        self._on_error = on_error
        self._orphan = False
        self._result: Any = None
        self._error: BaseException | None = None
        parent.destroyed.connect(self.drop)
        self._finished.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    def run(self) -> None:
        try:
            self._result = self._function()
        except BaseException as error:  # noqa: BLE001 - raised again in the window's thread
            self._error = error
        self._finished.emit()

    @Slot()
    def _hand_over(self) -> None:
        workers().discard(self)
        error = self._error
        if error is None:
            if self._on_result is not None and not self._orphan:
                self._on_result(self._result)
        elif isinstance(error, ThauError) and self._on_error is not None:
            if not self._orphan:
                self._on_error(error)
        else:
            raise error

    @Slot()
    def drop(self) -> None:
        """Hand nothing over any more; a bug in the function is still raised."""
        self._orphan = True
