"""Generators in real spawned processes: events, errors, cancelling, crashes, and nothing left behind."""

from __future__ import annotations

import gc
import multiprocessing
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from thau_desktop.errors import ChildCrashed, ModelMissing, OutOfMemory
from thau_desktop.process import Child, ChildBug, run_in_child

# --- what runs in the children ---------------------------------------------------------------------------


class Counter:
    """Counts in the child, so that tests can see that the object lasts."""

    def __init__(self) -> None:
        self.calls = 0
        self.closed_generators = 0

    def count(self, up_to: int, *, cancel: threading.Event) -> Iterator[int]:
        self.calls += 1
        for number in range(up_to):
            if cancel.is_set():
                yield -1
                return
            yield number

    def forever(self, *, cancel: threading.Event) -> Iterator[int]:
        number = 0
        try:
            while not cancel.wait(0.001):
                yield number
                number += 1
            yield -1
        finally:
            self.closed_generators += 1

    def stubborn(self, *, cancel: threading.Event) -> Iterator[int]:
        yield 0
        threading.Event().wait()

    def facts(self, *, cancel: threading.Event) -> Iterator[tuple[int, int, int]]:
        yield os.getpid(), self.calls, self.closed_generators

    def modules(self, *, cancel: threading.Event) -> Iterator[list[str]]:
        yield sorted(sys.modules)

    def fail(self, how: str, *, cancel: threading.Event) -> Iterator[int]:
        yield 1
        print("about to fail:", how)
        if how == "missing":
            raise ModelMissing("no model", "get one", details="x")
        if how == "memory":
            raise MemoryError
        if how == "bug":
            raise KeyError("who")
        if how == "exit":
            os._exit(3)
        if how == "unpicklable":
            yield lambda: 1  # type: ignore[misc]
        os.kill(os.getpid(), getattr(signal, how))
        threading.Event().wait()


def three(start: int, *, cancel: threading.Event) -> Iterator[int]:
    yield from range(start, start + 3)


def until_cancelled(*, cancel: threading.Event) -> Iterator[int]:
    yield os.getpid()
    cancel.wait()
    yield -1


def broken_factory() -> Counter:
    raise ModelMissing("the factory failed")


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    with_log = Child(Counter, name="counter", log=tmp_path / "child.log", grace=10)
    yield with_log
    with_log.close()


# --- the tests ---------------------------------------------------------------------------------------------


def test_events_arrive_in_order_and_the_object_lasts(child: Child) -> None:
    assert list(child.call("count", 500)) == list(range(500))
    assert list(child.call("count", 3)) == [0, 1, 2]
    pid, calls, _closed = next(child.call("facts"))
    assert pid == child.pid != os.getpid()
    assert calls == 2


def test_calls_of_several_threads_run_side_by_side(child: Child) -> None:
    endless = child.call("forever")
    assert next(endless) == 0
    results: list[list[int]] = []
    threads = [threading.Thread(target=lambda: results.append(list(child.call("count", 200)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [list(range(200))] * 4
    assert next(endless) >= 1
    endless.close()


def test_cancelling_reaches_the_generator(child: Child) -> None:
    cancel = threading.Event()
    events = child.call("forever", cancel=cancel)
    assert next(events) == 0
    cancel.set()
    assert list(events)[-1] == -1


def test_cancelling_is_seen_while_no_event_comes() -> None:
    cancel, seen = threading.Event(), queue.SimpleQueue[int]()
    reader = threading.Thread(target=lambda: [seen.put(event) for event in run_in_child(until_cancelled, (), cancel)])
    reader.start()
    assert seen.get(timeout=60) != os.getpid()
    cancel.set()  # now the reader waits for an event that would never come
    reader.join()
    assert seen.get_nowait() == -1


def test_a_generator_that_ignores_cancelling_is_killed_and_the_next_call_is_served(tmp_path: Path) -> None:
    child = Child(Counter, name="counter", log=tmp_path / "log", grace=0.2)
    cancel = threading.Event()
    events = child.call("stubborn", cancel=cancel)
    assert next(events) == 0
    first = child.pid
    cancel.set()
    assert list(events) == []
    assert list(child.call("count", 2)) == [0, 1]
    assert child.pid != first
    child.close()


def test_an_abandoned_iterator_closes_the_generator_there(child: Child) -> None:
    events = child.call("forever")
    assert next(events) == 0
    events.close()
    assert next(child.call("facts"))[2] == 1


def test_a_typed_error_travels_as_itself(child: Child) -> None:
    events = child.call("fail", "missing")
    assert next(events) == 1
    with pytest.raises(ModelMissing) as caught:
        next(events)
    assert (caught.value.what, caught.value.advice, caught.value.details) == ("no model", "get one", "x")
    assert list(child.call("count", 1)) == [0]


def test_memory_that_ran_out_is_told_with_advice(child: Child) -> None:
    with pytest.raises(OutOfMemory) as caught:
        list(child.call("fail", "memory"))
    assert caught.value.advice


@pytest.mark.parametrize("how", ["bug", "unpicklable"])
def test_a_bug_carries_the_traceback_of_the_child(child: Child, how: str) -> None:
    with pytest.raises(ChildBug) as caught:
        list(child.call("fail", how))
    assert "Traceback" in caught.value.details
    assert list(child.call("count", 1)) == [0]


def test_a_method_that_is_not_there_is_a_bug_too(child: Child) -> None:
    with pytest.raises(ChildBug):
        list(child.call("no_such_method"))


@pytest.mark.parametrize(("how", "said"), [("exit", "exit code 3"), ("SIGKILL", "memory"), ("SIGTERM", "SIGTERM")])
def test_sudden_death_says_how_and_shows_the_log_and_the_next_call_works(child: Child, how: str, said: str) -> None:
    bystander = child.call("forever")
    next(bystander)
    before = child.pid
    with pytest.raises(ChildCrashed) as caught:
        list(child.call("fail", how))
    assert said in str(caught.value)
    assert f"about to fail: {how}" in caught.value.details
    with pytest.raises(ChildCrashed):
        list(bystander)
    assert list(child.call("count", 3)) == [0, 1, 2]
    assert child.pid != before


def test_a_factory_that_fails_tells_why_each_time() -> None:
    child = Child(broken_factory)
    for _attempt in range(2):
        with pytest.raises(ModelMissing):
            list(child.call("anything"))
    child.close()


def test_one_generator_in_one_process() -> None:
    assert list(run_in_child(three, (5,))) == [5, 6, 7]


def test_the_child_imports_nothing_heavy(child: Child) -> None:
    modules = next(child.call("modules"))
    assert not {"torch", "transformers", "PySide6", "pydantic"} & set(modules)


def test_an_interrupt_is_the_parents_to_handle(child: Child) -> None:
    events = child.call("forever")
    next(events)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGINT)
    assert next(events) >= 1
    events.close()
    assert list(child.call("count", 2)) == [0, 1]


def test_closing_leaves_no_process_thread_or_descriptor(tmp_path: Path) -> None:
    with_log = Child(Counter, name="warm-up", log=tmp_path / "log")
    list(with_log.call("count", 1))
    with_log.close()  # multiprocessing's resource tracker is running now, once for all
    me = psutil.Process()
    threads, descriptors = threading.active_count(), me.num_fds()
    children = [Child(Counter, name=f"c{n}", log=tmp_path / "log") for n in range(3)]
    opened = [child.call("forever") for child in children]
    for events in opened:
        next(events)
    pids = [child.pid for child in children]
    for child in children:
        child.close()
        child.close()
    for events in opened:
        assert all(isinstance(number, int) for number in events)  # what was still queued, then a quiet end
    assert threading.active_count() == threads
    assert me.num_fds() == descriptors
    assert not any(pid is not None and psutil.pid_exists(pid) for pid in pids)
    assert not multiprocessing.active_children()


def test_a_closed_child_refuses_calls_politely(child: Child) -> None:
    child.close()
    with pytest.raises(ChildCrashed):
        list(child.call("count", 1))


def test_a_forgotten_child_ends() -> None:
    child = Child(Counter)
    list(child.call("count", 1))
    process = psutil.Process(child.pid)
    del child
    gc.collect()
    process.wait(60)
    assert not process.is_running()


PARENT = """
import sys, threading
from tests.test_process import Counter
from thau_desktop.process import Child
if __name__ == "__main__":
    child = Child(Counter)
    events = child.call("forever")
    next(events)
    print(child.pid, flush=True)
    {then}
"""


@pytest.mark.parametrize("then", ["sys.stdin.read()", "pass", "raise SystemExit(1)"])
def test_the_child_dies_with_its_parent(tmp_path: Path, then: str) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(then=then))
    root = Path(__file__).resolve().parents[1]
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as parent:
        assert parent.stdout is not None and parent.stderr is not None
        child = psutil.Process(int(parent.stdout.readline()))
        if then.startswith("sys"):
            parent.kill()  # no time to say goodbye
        parent.wait(60)
        child.wait(60)
        assert not child.is_running()
        assert "Traceback" not in parent.stderr.read()
