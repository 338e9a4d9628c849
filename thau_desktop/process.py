"""Generators that run in child processes: one mechanism for models, training and everything heavy.

`Child` is a lasting process that holds one object, `run_in_child` a process for one generator. Typed events travel over
a pipe, cancelling is an `Event` on this side, and a crash there becomes a typed error here. Nothing of Qt is imported.
"""

from __future__ import annotations

import itertools
import logging
import multiprocessing
import multiprocessing.connection
import pickle
import queue
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from thau_desktop import process_child
from thau_desktop.errors import ChildCrashed, ThauError
from thau_desktop.process_child import ABANDON, CALL, CANCEL, CLOSE, ENDED, EVENT, FAILED, HEADER, ChildBug
from thau_desktop.side_packages import BEGIN_AGAIN
from thau_desktop.translation import _, language

__all__ = ["Child", "ChildBug", "run_in_child"]

POLL_SECONDS = 0.03  # how often a waiting call looks at its cancel event
LOG_TAIL_BYTES = 4000

_logger = logging.getLogger(__name__)
_Answer = tuple[int, Any]  # (EVENT, event), (FAILED, exception) or (ENDED, None)
_Answers = queue.SimpleQueue[_Answer]


class Child:
    """A lasting spawned process that makes `factory()` there once, at the first call.

    Attributes:
        name: what people see in errors ("language model").
        log: where the child's stdout and stderr go; None: to this process's stderr.
        grace: seconds that a cancelled call has to end before the whole child is killed.
    """

    def __init__(
        self, factory: Callable[[], Any], *, name: str = "worker", log: Path | None = None, grace: float = 5.0
    ) -> None:
        self.name = name
        self.log = log
        self.grace = grace
        self._factory = factory
        self._running: _Running | None = None
        self._finalizer: weakref.finalize[..., Child] | None = None
        self._lock = threading.Lock()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The id of the process that serves calls now, None when there is none."""
        running = self._running
        return running.pid if running is not None and not running.ended else None

    def call(self, method: str, *args: Any, cancel: threading.Event | None = None) -> Iterator[Any]:
        """Yield what the generator `object.method(*args, cancel=event)` yields in the child.

        Calls from several threads run side by side. Setting `cancel` sets the event there; closing the iterator
        abandons the call. Raises what the generator raised when that is a `ThauError`, `OutOfMemory` when memory ran
        out there, `ChildBug` for any other exception, `ChildCrashed` when the process died.
        """
        running, number, answers = self._open(method, args)
        finished = False
        deadline: float | None = None
        try:
            while True:
                if deadline is None and cancel is not None and cancel.is_set():
                    running.send(CANCEL, number)
                    deadline = time.monotonic() + self.grace
                try:
                    kind, value = answers.get(timeout=POLL_SECONDS if cancel is not None else None)
                except queue.Empty:
                    if deadline is not None and time.monotonic() > deadline:
                        _logger.warning("%s did not stop within %.1f s: killed", self.name, self.grace)
                        running.kill()
                        finished = True
                        return
                    continue
                if kind == EVENT:
                    yield value
                    continue
                if kind == FAILED and isinstance(value, _BeginAgain):
                    running.forget(number)
                    running, number, answers = self._open(method, args)
                    deadline = None
                    continue
                finished = True
                if kind == FAILED:
                    raise value
                return
        finally:
            if not finished:
                self._abandon(running, number, answers)
            running.forget(number)

    def close(self, grace: float | None = None) -> None:
        """End the process and everything of it here: threads, pipes. Open calls end quietly. Safe to call twice.

        `grace` seconds are given before it is killed, by default the child's own.
        """
        with self._lock:
            self._closed = True
            running, self._running = self._running, None
            if self._finalizer is not None:
                self._finalizer.detach()
        if running is not None:
            running.close(self.grace if grace is None else grace)

    def _open(self, method: str, args: tuple[Any, ...]) -> tuple[_Running, int, _Answers]:
        payload = pickle.dumps((language(), method, args), pickle.HIGHEST_PROTOCOL)
        for _attempt in range(2):  # the process may die between the look and the call: once more with a fresh one
            with self._lock:
                if self._closed:
                    raise ChildCrashed(_("{name} is closed.").format(name=self.name))
                if self._running is None or self._running.ended:
                    if self._running is not None and self._finalizer is not None:
                        self._finalizer.detach()
                        self._running.close(0)
                    self._running = _Running(self._factory, self.name, self.log)
                    # A forgotten child ends with its last reference, and at exit.
                    self._finalizer = weakref.finalize(self, self._running.close, 1.0)
                running = self._running
            opened = running.open()
            if opened is not None:
                running.send(CALL, opened[0], payload)
                return running, *opened
        raise ChildCrashed(
            _("{name} ends as soon as it starts.").format(name=self.name),
            _("Start THAU again. If that does not help, install it again: its files may be incomplete."),
            details=running.log_tail(),
        )

    def _abandon(self, running: _Running, number: int, answers: _Answers) -> None:
        """The caller went away: let the generator there be closed, and wait until it is."""
        running.send(ABANDON, number)
        if running.is_reader():
            return  # garbage collected there: it can't wait for itself
        deadline = time.monotonic() + self.grace
        while True:
            try:
                kind, _value = answers.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                running.kill()
                return
            if kind != EVENT:
                return


def run_in_child(
    function: Callable[..., Iterator[Any]],
    args: tuple[Any, ...] = (),
    cancel: threading.Event | None = None,
    *,
    name: str = "worker",
    log: Path | None = None,
    grace: float = 5.0,
) -> Iterator[Any]:
    """Yield what `function(*args, cancel=event)` yields in a process of its own. Raises as `Child.call` does."""
    child = Child(partial(process_child.Single, function), name=name, log=log, grace=grace)
    try:
        yield from child.call("run", *args, cancel=cancel)
    finally:
        child.close()


class _BeginAgain(ChildCrashed):
    """The process found that it has to be started anew; its calls are made again there."""


class _Running:
    """One living process, the thread that reads its answers, and the calls that wait for them."""

    def __init__(self, factory: Callable[[], Any], name: str, log: Path | None) -> None:
        self.name = name
        self.ended = False
        self._log = log
        self._log_start = log.stat().st_size if log is not None and log.exists() else 0
        self._closing = False
        self._killed = False
        self._calls: dict[int, _Answers] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=process_child.serve,
            args=(theirs, pickle.dumps(factory), str(log) if log is not None else None, name),
            name=name,
            daemon=True,
        )
        try:
            _start_deaf_to_interrupts(self._process)
        except BaseException:
            self._connection.close()
            raise
        finally:
            theirs.close()
        self.pid = self._process.pid
        self._reader = threading.Thread(target=self._read, name=f"{name} reader", daemon=True)
        self._reader.start()

    def open(self) -> tuple[int, _Answers] | None:
        """A number and a queue for a new call; None when the process has ended."""
        with self._lock:
            if self.ended:
                return None
            number = next(self._numbers)
            answers = self._calls[number] = queue.SimpleQueue()
            return number, answers

    def is_reader(self) -> bool:
        return threading.current_thread() is self._reader

    def forget(self, number: int) -> None:
        with self._lock:
            self._calls.pop(number, None)

    def send(self, kind: int, number: int, payload: bytes = b"") -> None:
        """Send a message; when the process is gone the reader tells every call, so nothing is raised here."""
        try:
            with self._sending:
                self._connection.send_bytes(HEADER.pack(number, kind) + payload)
        except OSError:
            _logger.debug("%s is gone, message %d not sent", self.name, kind)

    def kill(self) -> None:
        """End the process now; it is gone when this returns."""
        with self._lock:
            if self.ended:
                return
            self._killed = True
            self._process.kill()
        self._reader.join()

    def close(self, grace: float) -> None:
        """End the process within `grace` seconds, kill it after. Joins the reader and closes every handle."""
        with self._lock:
            first, self._closing = not self._closing, True
        if first:
            if not self.ended:
                self.send(CLOSE, 0)
                if not multiprocessing.connection.wait([self._process.sentinel], grace):
                    self._process.kill()
            if not self.is_reader():
                self._reader.join()
            with self._sending:
                self._connection.close()
            self._process.close()
        elif not self.is_reader():
            self._reader.join()

    def log_tail(self) -> str:
        """The last lines that this process wrote to its log."""
        if self._log is None:
            return ""
        try:
            with self._log.open("rb") as file:
                end = file.seek(0, 2)
                file.seek(max(self._log_start if self._log_start <= end else 0, end - LOG_TAIL_BYTES))
                return file.read().decode("utf-8", "replace").strip()
        except OSError:
            return ""  # it wrote nothing

    def _read(self) -> None:
        """Dispatch answers until the pipe ends, then tell every open call how it ended."""
        while True:
            try:
                message = self._connection.recv_bytes()
            except (EOFError, OSError):
                break
            number, kind = HEADER.unpack_from(message)
            try:
                value = pickle.loads(message[HEADER.size :])
            except Exception as problem:  # noqa: BLE001 - what can't be read here is a bug of the sender
                kind, value = FAILED, ChildBug(_("An answer of {name} can't be read.").format(name=self.name))
                value.details = repr(problem)
            with self._lock:
                answers = self._calls.get(number)
            if answers is not None:
                answers.put((kind, value))
        self._connection_ended()

    def _connection_ended(self) -> None:
        if not multiprocessing.connection.wait([self._process.sentinel], 2.0):
            self._process.kill()  # the pipe is gone but the process is not: it can serve nothing any more
        multiprocessing.connection.wait([self._process.sentinel])
        self._process.join()
        exit_code = self._process.exitcode
        with self._lock:
            self.ended = True
            calls, quiet = list(self._calls.values()), self._closing
        if calls and not quiet:
            _logger.error("%s ended unexpectedly with %s", self.name, exit_code)
        for answers in calls:
            answers.put((ENDED, None) if quiet else (FAILED, self._death(exit_code)))

    def _death(self, exit_code: int | None) -> ThauError:
        details = self.log_tail()
        if exit_code == BEGIN_AGAIN:
            return _BeginAgain(_("{name} begins again.").format(name=self.name), details=details)
        if self._killed:
            return ChildCrashed(
                _("{name} was ended because another task in it did not stop.").format(name=self.name),
                _("Try again: it starts afresh."),
                details=details,
            )
        if exit_code is not None and exit_code < 0:
            how = _signal_name(-exit_code)
            if -exit_code == getattr(signal, "SIGKILL", 9):
                return ChildCrashed(
                    _("{name} was ended by the system (SIGKILL), probably because memory ran out.").format(
                        name=self.name
                    ),
                    _("Close other programs or choose a smaller model, then try again."),
                    details=details,
                )
        else:
            how = _("exit code {code}").format(code=exit_code)
        return ChildCrashed(
            _("{name} stopped unexpectedly ({how}).").format(name=self.name, how=how),
            _("Try again: it starts afresh. The details say what it wrote last."),
            details=details,
        )


def _start_deaf_to_interrupts(process: Any) -> None:
    """Start a process whose Ctrl+C is ours to handle, from its first instruction (the signal mask is inherited)."""
    if sys.platform == "win32" or not hasattr(signal, "pthread_sigmask"):
        process.start()
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # it would restore the mask when `start` had to start it
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return _("signal {number}").format(number=number)
