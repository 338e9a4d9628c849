"""The worker hands events over in order, joins text, and never outlives or dies under its thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QEventLoop, QObject, QThread, QTimer
from PySide6.QtWidgets import QApplication

from thau_desktop.errors import StoreError
from thau_desktop.messages import GenerationDone, ReasoningDelta, TextDelta, ToolProgress
from ui import worker as worker_module
from ui.worker import Worker, run_in_background, workers

DONE = GenerationDone("stop", 3, 1.0, 0.1)


def test_neighbouring_text_is_joined_and_the_order_is_kept(qtbot) -> None:
    def events(cancel: threading.Event) -> Iterator[Any]:
        yield from (ReasoningDelta("a"), ReasoningDelta("b"))
        yield from (TextDelta(letter) for letter in "hello")
        yield DONE
        yield TextDelta("!")

    seen: list[Any] = []
    worker = Worker(events)
    worker.event.connect(seen.append)
    with qtbot.waitSignal(worker.done):
        pass
    text = "".join(e.text for e in seen if isinstance(e, TextDelta))
    assert text == "hello!"
    assert "".join(e.text for e in seen if isinstance(e, ReasoningDelta)) == "ab"
    assert [type(e) for e in seen].index(GenerationDone) == len(seen) - 2
    assert len(seen) < 9
    assert not worker.running


def test_text_waits_for_its_time_and_other_events_come_at_once(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "_TEXT_INTERVAL", 1000.0)

    def events(cancel: threading.Event) -> Iterator[Any]:
        yield from [TextDelta("x")] * 200
        yield DONE
        yield from [TextDelta("y")] * 200

    seen: list[Any] = []
    worker = Worker(events)
    worker.event.connect(seen.append)
    with qtbot.waitSignal(worker.done):
        pass
    assert len(seen) <= 4  # the very first word, and what was joined until another event came
    assert "".join(event.text for event in seen if isinstance(event, TextDelta)) == "x" * 200 + "y" * 200


def test_a_lonely_word_is_not_kept_back_until_the_next_one(qtbot) -> None:
    go_on = threading.Event()

    def events(cancel: threading.Event) -> Iterator[Any]:
        yield TextDelta("one")
        yield TextDelta("two")
        go_on.wait(60)

    seen: list[Any] = []
    worker = Worker(events)
    worker.event.connect(seen.append)
    qtbot.waitUntil(lambda: "".join(e.text for e in seen) == "onetwo")
    assert worker.running
    with qtbot.waitSignal(worker.done):
        go_on.set()


def test_events_arrive_in_the_windows_thread(qtbot) -> None:
    threads: list[QThread] = []

    class Receiver(QObject):
        def receive(self, event: object) -> None:
            threads.append(QThread.currentThread())

    receiver = Receiver()
    worker = Worker(lambda cancel: iter([DONE]), receiver)
    worker.event.connect(receiver.receive)
    with qtbot.waitSignal(worker.done):
        pass
    assert threads == [QApplication.instance().thread()]


def test_stop_sets_cancel_and_the_generator_ends_itself(qtbot) -> None:
    def events(cancel: threading.Event) -> Iterator[Any]:
        yield TextDelta("on")
        cancel.wait(60)
        yield DONE

    seen: list[Any] = []
    worker = Worker(events)
    worker.event.connect(seen.append)
    with qtbot.waitSignal(worker.event):
        pass
    with qtbot.waitSignal(worker.done):
        worker.stop()
    assert worker.cancelled and seen[-1] == DONE


def test_an_expected_error_and_a_bug_arrive_as_different_signals(qtbot) -> None:
    def failing(cancel: threading.Event) -> Iterator[Any]:
        yield TextDelta("before")
        raise StoreError("The disk is gone.", "Plug it in.")

    def crashing(cancel: threading.Event) -> Iterator[Any]:
        raise ZeroDivisionError("a bug")
        yield

    worker = Worker(failing)
    with qtbot.waitSignal(worker.failed) as failed:
        pass
    assert failed.args[0].what == "The disk is gone."
    worker = Worker(crashing)
    with qtbot.waitSignal(worker.crashed) as crashed:
        pass
    assert "ZeroDivisionError: a bug" in crashed.args[0]


def test_a_worker_survives_the_widget_that_asked_for_it_and_stays_silent(qtbot) -> None:
    def events(cancel: threading.Event) -> Iterator[Any]:
        cancel.wait(60)
        yield DONE

    parent = QObject()
    seen: list[Any] = []
    worker = Worker(events, parent)
    worker.event.connect(seen.append)
    worker.done.connect(lambda: seen.append("done"))
    parent.deleteLater()
    del parent, worker
    qtbot.waitUntil(lambda: not workers().running)
    assert seen == []


def test_the_window_waits_for_every_worker_when_it_closes(qtbot) -> None:
    def events(cancel: threading.Event) -> Iterator[Any]:
        cancel.wait(60)
        yield DONE

    Worker(events)
    Worker(events, title="Drawing")
    assert [worker.title for worker in workers().running] == ["", "Drawing"]
    assert workers().stop_all(60)
    qtbot.waitUntil(lambda: not workers().running)


def test_progress_is_kept_for_the_status_pill(qtbot) -> None:
    worker = Worker(lambda cancel: iter([ToolProgress("1", 0.25, "step 5 of 20")]))
    with qtbot.waitSignal(worker.done):
        pass
    assert (worker.fraction, worker.note) == (0.25, "step 5 of 20")


def test_a_flood_of_events_leaves_the_event_loop_its_turn(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "_SLICE", -1.0)  # every event takes longer than a delivery may
    worker = Worker(lambda cancel: iter(range(200)))
    assert worker.wait(60)
    happened: list[Any] = []
    worker.event.connect(happened.append)
    timer = QTimer()
    timer.timeout.connect(lambda: happened.append("beat"))
    timer.start(0)
    with qtbot.waitSignal(worker.done):
        pass
    timer.stop()
    assert [event for event in happened if event != "beat"] == list(range(200))
    assert "beat" in happened[:3]
    assert all("beat" in three for three in zip(happened, happened[1:], happened[2:], strict=False))


def test_a_background_call_hands_its_result_over_in_the_windows_thread(qtbot) -> None:
    parent = QObject()
    loop = QEventLoop()
    results: list[Any] = []

    def receive(value: object) -> None:
        results.append((value, threading.current_thread() is threading.main_thread()))
        loop.quit()

    run_in_background(parent, lambda: threading.current_thread() is threading.main_thread(), receive)
    loop.exec()
    assert results == [(False, True)]


def test_a_background_error_goes_to_its_handler_and_a_bug_to_the_applications_hook(qtbot) -> None:
    parent = QObject()
    errors: list[str] = []

    def fail() -> None:
        raise StoreError("No.")

    run_in_background(parent, fail, on_error=lambda error: errors.append(error.what))
    qtbot.waitUntil(lambda: errors == ["No."])
    with qtbot.captureExceptions() as exceptions:
        run_in_background(parent, lambda: 1 / 0)
        qtbot.waitUntil(lambda: len(exceptions) == 1)
    assert exceptions[0][0] is ZeroDivisionError


@pytest.mark.parametrize("kind", ["result", "error"])
def test_a_background_call_says_nothing_to_a_parent_that_is_gone(qtbot, kind: str) -> None:
    release, ended = threading.Event(), threading.Event()
    said: list[Any] = []

    def call() -> int:
        release.wait(60)
        ended.set()
        if kind == "error":
            raise StoreError("No.")
        return 1

    parent = QObject()
    run_in_background(parent, call, said.append, said.append)
    parent.deleteLater()
    del parent
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    release.set()
    other, arrived = QObject(), []
    qtbot.waitUntil(ended.is_set)
    run_in_background(other, lambda: 2, arrived.append)  # comes after what the first would have said
    qtbot.waitUntil(lambda: arrived == [2])
    assert said == []


def test_a_call_that_never_ran_is_not_kept(qtbot) -> None:
    parent, release, ran = QObject(), threading.Event(), []
    for _place in range(4):
        run_in_background(parent, lambda: release.wait(60))
    run_in_background(parent, lambda: ran.append(True))
    workers().stop_all(0)
    release.set()
    qtbot.waitUntil(lambda: not workers()._calls)
    assert not ran


def test_what_a_call_found_is_dropped_once_everything_stops(qtbot) -> None:
    """It would be shown with a database that is closed by then."""
    parent, arrived, ended = QObject(), [], threading.Event()
    run_in_background(parent, lambda: ended.set() or 1, arrived.append)
    assert ended.wait(60)
    assert workers().stop_all(60)
    qtbot.waitUntil(lambda: not workers()._calls)
    assert arrived == []
    run_in_background(parent, lambda: 2, arrived.append)  # what starts afterwards is handed over as ever
    qtbot.waitUntil(lambda: arrived == [2])
