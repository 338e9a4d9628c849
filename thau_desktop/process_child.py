"""The child's side of `process.py`: serves calls, each in its own thread, until its parent closes it or dies.

Everything here runs in the spawned process and is imported before its log is open, so it imports nothing heavy.
"""

from __future__ import annotations

import atexit
import faulthandler
import logging
import os
import pickle
import signal
import struct
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from multiprocessing import connection, parent_process
from pathlib import Path
from typing import Any, NoReturn

from thau_desktop import side_packages
from thau_desktop.errors import ChildCrashed, OutOfMemory, ThauError
from thau_desktop.translation import _, language, set_language

HEADER = struct.Struct("<qb")  # call number, kind of message; a pickle follows
CALL, CANCEL, ABANDON, CLOSE = range(4)  # parent → child
EVENT, ENDED, FAILED = range(3)  # child → parent
LOG_BYTES = 2_000_000  # a longer log is set aside when a process starts; one old one is kept
CLOSE_SECONDS = 2.0  # how long open calls have to end when the child is closed

_logger = logging.getLogger(__name__)


class ChildBug(ChildCrashed):
    """Code in a child raised something that nobody expected; `details` holds the traceback from there."""


class Single:
    """The object of a child that runs one generator function."""

    def __init__(self, function: Callable[..., Iterator[Any]]) -> None:
        self._function = function

    def run(self, *args: Any, cancel: threading.Event) -> Iterator[Any]:
        return self._function(*args, cancel=cancel)


def serve(pipe: connection.Connection, factory: bytes, log: str | None, name: str) -> None:
    """The main function of the process: it never returns."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to handle
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    _redirect_output(log)
    faulthandler.enable()
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s", level="INFO")
    threading.Thread(target=_die_with_parent, daemon=True).start()
    side_packages.enter()
    _Server(pipe, factory, name).serve()


class _Server:
    """Takes messages off the pipe; `served` is the object that the factory made, once something was called."""

    def __init__(self, pipe: connection.Connection, factory: bytes, name: str) -> None:
        self._pipe = pipe
        self._factory = factory
        self._name = name
        self._served: Any = None
        self._making = threading.Lock()
        self._sending = threading.Lock()
        self._calls: dict[int, _Call] = {}

    def serve(self) -> None:
        while True:
            try:
                message = self._pipe.recv_bytes()
            except (EOFError, OSError):
                _leave()
            number, kind = HEADER.unpack_from(message)
            if kind == CALL:
                call = self._calls[number] = _Call(self, number, message[HEADER.size :])
                call.thread.start()
            elif kind == CLOSE:
                self._close()
            elif number in self._calls:
                running = self._calls[number]
                running.abandoned = running.abandoned or kind == ABANDON
                running.cancel.set()

    def object(self) -> Any:
        with self._making:
            if self._served is None:
                self._served = pickle.loads(self._factory)()
            return self._served

    def answer(self, number: int, kind: int, value: Any) -> None:
        payload = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        with self._sending:
            self._pipe.send_bytes(HEADER.pack(number, kind) + payload)

    def finish(self, number: int, error: BaseException | None) -> None:
        """Tell the parent that a call is over; a pipe that broke means that the parent is gone."""
        self._calls.pop(number, None)
        try:
            if error is None:
                self.answer(number, ENDED, None)
            else:
                self.answer(number, FAILED, typed(error, self._name))
        except OSError:
            _leave()

    def _close(self) -> None:
        calls = list(self._calls.values())
        for call in calls:
            call.abandoned = True
            call.cancel.set()
        for call in calls:
            call.thread.join(CLOSE_SECONDS)
        close = getattr(self._served, "close", None)
        if close is not None:
            close()
        atexit._run_exitfuncs()  # what libraries registered, semaphores among them, would outlive `os._exit`
        sys.stderr.flush()
        _leave()


class _Call:
    """One generator at work in its own thread."""

    def __init__(self, server: _Server, number: int, payload: bytes) -> None:
        self.cancel = threading.Event()
        self.abandoned = False
        self.thread = threading.Thread(target=self._run, name=f"call {number}", daemon=True)
        self._server = server
        self._number = number
        self._payload = payload

    def _run(self) -> None:
        error: BaseException | None = None
        try:
            words, method, args = pickle.loads(self._payload)
            if words != language():  # the user may have changed it since this process started
                set_language(words)
            events = getattr(self._server.object(), method)(*args, cancel=self.cancel)
            try:
                for event in events:
                    if self.abandoned:
                        break
                    self._server.answer(self._number, EVENT, event)
            finally:
                events.close()
        except BaseException as problem:  # noqa: BLE001 - the parent raises it where the call was made
            error = problem
        self._server.finish(self._number, error)


def typed(error: BaseException, name: str) -> ThauError:
    """The error of the THAU family that says `error` to a person; expected ones stay as they are."""
    if isinstance(error, ThauError):
        if error.details:  # a face may show the sentence alone
            _logger.warning("%s\n%s", error, error.details)
        return error
    details = "".join(traceback.format_exception(error))
    if is_out_of_memory(error):
        _logger.error("out of memory in %s\n%s", name, details)
        return OutOfMemory(
            _("Memory ran out in {name}.").format(name=name),
            _("Close other programs, choose a smaller model or a shorter context, then try again."),
            details=details,
        )
    _logger.error("bug in %s\n%s", name, details)
    return ChildBug(
        _("{name} met an error that THAU did not expect: {error}.").format(
            name=name, error=f"{type(error).__name__}: {error}".rstrip(".")
        ),
        _("Try again. If it happens again, report it with the details."),
        details=details,
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether Python, torch on a GPU or torch's CPU allocator says that memory ran out (torch is not imported)."""
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or (isinstance(error, RuntimeError) and "DefaultCPUAllocator" in str(error))
    )


def _redirect_output(log: str | None) -> None:
    """Send what this process and its libraries print to `log`; without one, keep stdout for the parent alone."""
    if log is not None:
        Path(log).parent.mkdir(parents=True, exist_ok=True)
        if Path(log).exists() and Path(log).stat().st_size > LOG_BYTES:
            Path(log).replace(f"{log}.1")
        target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    elif sys.stderr is not None:
        target = os.dup(2)
    else:
        target = os.open(os.devnull, os.O_WRONLY)
    os.dup2(target, 1)
    os.dup2(target, 2)
    os.close(target)
    # Python's own streams may be missing in a windowed frozen program: make them anew over the descriptors.
    sys.stdout = open(1, "w", encoding="utf-8", errors="replace", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="replace", buffering=1, closefd=False)  # noqa: SIM115


def _die_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        _leave()


def _leave() -> NoReturn:
    """End now: threads of torch and half-done calls must not hold the process."""
    os._exit(0)
