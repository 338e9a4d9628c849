"""The studio: from a request to pictures in the gallery, in turn, stopped, short of memory, and at the end."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PIL import Image

from tests.images.conftest import Atelier, pixels
from thau_desktop.errors import ChildCrashed, DiskFull, ModelBroken, ModelMissing, OutOfMemory, ThauError
from thau_desktop.images.metadata import PictureUnreadable
from thau_desktop.images.request import PictureRequest
from thau_desktop.inference.drawing import Lora
from thau_desktop.messages import (
    DrawingEvent,
    DrawingFinished,
    DrawingNote,
    DrawingStep,
    Drawn,
    ImageReady,
    ModelLoading,
)

NEVER = threading.Event()
SMALL = PictureRequest("a fox", steps=10, width=256, height=256, seed=7)
Event = TypeVar("Event")


def of(events: list[DrawingEvent], kind: type[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, kind)]


def end(events: Iterator[DrawingEvent]) -> DrawingFinished:
    last = list(events)[-1]
    assert isinstance(last, DrawingFinished)
    return last


def test_a_request_becomes_pictures_with_all_that_draws_them_again(atelier: Atelier, tmp_path: Path) -> None:
    parent = end(atelier.studio.generate(SMALL, NEVER)).ids[0]
    source = tmp_path / "begin.png"
    Image.new("RGB", (256, 256)).save(source)
    request = PictureRequest(
        "a fox", "rain", 12, 5.0, 256, 320, 7, 2, "other", "Euler", source, 0.4, (Lora(Path("fur.safetensors"), 0.5),),
        parent,
    )  # fmt: skip
    events = list(atelier.studio.generate(request, NEVER, source="cli"))
    ready, finished = of(events, ImageReady), events[-1]
    assert isinstance(finished, DrawingFinished) and finished.state == "complete" and finished.notes == ()
    assert finished.ids == tuple(event.id for event in ready) and [event.number for event in ready] == [0, 1]
    assert len(of(events, DrawingStep)) == 24 and not of(events, Drawn)
    first, second = atelier.pictures.rows(finished.ids)
    assert (first.prompt, first.negative_prompt, first.model, first.scheduler) == ("a fox", "rain", "other", "euler")
    assert (first.width, first.height, first.steps, first.guidance) == (256, 320, 12, 5.0)
    assert (first.seed, second.seed, first.source, first.parent_id, first.seconds) == (7, 8, "cli", parent, 1.5)
    with Image.open(atelier.gallery.path(second)) as image:
        assert image.tobytes() == pixels(256, 320, 8)
        said = json.loads(image.info["thau"])
    assert said == second.parameters and (said["seed"], said["strength"]) == (8, 0.4)
    assert said["loras"] == [{"file": "fur.safetensors", "strength": 0.5}] and said["source_picture"] == "begin.png"
    assert all(atelier.gallery.thumbnail_path(picture_id).exists() for picture_id in finished.ids)


def test_without_a_seed_each_drawing_has_another_and_keeps_it(atelier: Atelier) -> None:
    request = PictureRequest("a fox", steps=10, width=256, height=256)
    seeds = {atelier.pictures.get(end(atelier.studio.generate(request, NEVER)).ids[0]).seed for _time in range(3)}
    assert len(seeds) == 3
    assert {drawn.seed for drawn in atelier.drawing.requests} == seeds


def test_what_is_out_of_bounds_is_moved_within_and_said(atelier: Atelier) -> None:
    request = PictureRequest("a fox", steps=2, width=300, height=9999, seed=1)
    events = list(atelier.studio.generate(request, NEVER))
    finished = events[-1]
    assert isinstance(finished, DrawingFinished) and len(finished.notes) == 3
    assert [event.text for event in of(events, DrawingNote)][:3] == list(finished.notes)
    picture = atelier.pictures.get(finished.ids[0])
    assert (picture.steps, picture.width, picture.height) == (10, 304, 1024)


def test_what_can_not_be_drawn_is_said_before_it_waits(atelier: Atelier) -> None:
    for request, kind in (
        (PictureRequest("  "), ThauError),
        (PictureRequest("x", model="nothing"), ModelMissing),
        (PictureRequest("x", source=Path("nowhere.png")), PictureUnreadable),
    ):
        with pytest.raises(kind):
            next(atelier.studio.generate(request, NEVER))
        assert atelier.studio.running() is None


def test_the_settings_decide_about_the_safety_checker_and_a_withheld_picture_is_said(atelier: Atelier) -> None:
    atelier.drawing.unsafe = True
    finished = end(atelier.studio.generate(SMALL, NEVER))
    assert (finished.ids, finished.state) == ((), "complete") and "safety checker" in finished.notes[0]
    images = atelier.settings.images.model_copy(update={"safety": False})
    atelier.settings = atelier.settings.model_copy(update={"images": images})
    end(atelier.studio.generate(SMALL, NEVER))
    assert [request.safety for request in atelier.drawing.requests] == [True, False]


# --- stopping and the queue -----------------------------------------------------------------------------------


def test_a_stop_in_mid_step_keeps_the_pictures_that_are_done(atelier: Atelier) -> None:
    cancel = threading.Event()
    atelier.drawing.before_step = lambda number, step: cancel.set() if (number, step) == (2, 5) else None
    request = PictureRequest("a fox", steps=10, width=256, height=256, count=5)
    finished = end(atelier.studio.generate(request, cancel))
    assert (len(finished.ids), finished.state) == (2, "stopped")
    assert atelier.pictures.count() == 2
    assert len([path for path in atelier.gallery.folder.iterdir() if path.is_file()]) == 2


def test_a_drawing_that_nobody_listens_to_any_more_frees_the_studio(atelier: Atelier) -> None:
    events = atelier.studio.generate(SMALL, NEVER)
    next(events)
    assert atelier.studio.running() is not None
    events.close()
    assert atelier.studio.running() is None
    assert end(atelier.studio.generate(SMALL, NEVER)).state == "complete"


def test_requests_are_drawn_in_the_order_in_which_they_came(atelier: Atelier) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def hold(number: int, step: int) -> None:
        begun.set()
        assert may_end.wait(60)

    atelier.drawing.before_step = hold
    cancels = {name: threading.Event() for name in "abcd"}
    results: dict[str, list[DrawingEvent]] = {name: [] for name in "abcd"}
    waits = {name: threading.Event() for name in "abcd"}

    def draw(name: str) -> None:
        request = PictureRequest(name, steps=10, width=256, height=256)
        for event in atelier.studio.generate(request, cancels[name]):
            results[name].append(event)
            waits[name].set()

    threads = []
    for name in "abcd":
        threads.append(threading.Thread(target=draw, args=(name,)))
        threads[-1].start()
        assert (begun if name == "a" else waits[name]).wait(60)
    running = atelier.studio.running()
    assert running is not None and running.request.prompt == "a"
    assert [job.request.prompt for job in atelier.studio.waiting()] == ["b", "c", "d"]
    assert results["c"] == [DrawingNote("Waits: 2 drawings come before it.")]
    atelier.studio.waiting()[0].cancel.set()
    threads[1].join(60)
    assert results["b"][-1] == DrawingFinished((), "stopped")
    may_end.set()
    for thread in threads:
        thread.join(60)
    assert [request.prompt for request in atelier.drawing.requests] == ["a", "c", "d"]
    assert results["d"][0] == DrawingNote("Waits: 3 drawings come before it.")
    assert atelier.pictures.count() == 3 and atelier.studio.running() is None


def test_another_model_ends_the_one_before(atelier: Atelier) -> None:
    end(atelier.studio.generate(SMALL, NEVER))
    first = atelier.drawing
    loadings = of(list(atelier.studio.generate(PictureRequest("x", model="other"), NEVER)), ModelLoading)
    assert loadings == [ModelLoading("other")] and first.closed
    again = list(atelier.studio.generate(PictureRequest("x", model="other"), NEVER))
    assert not of(again, ModelLoading) and atelier.studio.ready is not None
    atelier.studio.unload()
    assert atelier.drawings[1].unloaded == 1


def test_the_end_stops_what_is_drawn_and_begins_nothing(atelier: Atelier) -> None:
    atelier.drawing.before_step = lambda number, step: atelier.studio.close() if step == 3 else None
    assert end(atelier.studio.generate(SMALL, NEVER)) == DrawingFinished((), "stopped")
    atelier.studio.close()
    with pytest.raises(ChildCrashed, match="closed"):
        next(atelier.studio.generate(SMALL, NEVER))


# --- what goes wrong ------------------------------------------------------------------------------------------


def test_out_of_memory_offers_a_smaller_size(atelier: Atelier) -> None:
    def fail(number: int, step: int) -> None:
        if number == 1:
            raise OutOfMemory("The GPU's memory ran out.", details="CUDA")

    atelier.drawing.before_step = fail
    events = []
    with pytest.raises(OutOfMemory) as caught:
        events.extend(atelier.studio.generate(PictureRequest("x", width=768, height=512, count=3), NEVER))
    action = caught.value.action
    assert action is not None and action.name == "draw_smaller"
    width, height = map(int, action.argument.split("x"))
    assert 256 <= width < 768 and 256 <= height < 512 and f"{width} × {height}" in caught.value.advice
    assert (caught.value.what, caught.value.details) == ("The GPU's memory ran out.", "CUDA")
    assert atelier.pictures.count() == 1 and atelier.studio.running() is None
    with pytest.raises(OutOfMemory) as smallest:
        list(atelier.studio.generate(PictureRequest("x", width=256, height=256, count=3), NEVER))
    assert smallest.value.action is None and "smaller image model" in smallest.value.advice


def test_the_language_model_leaves_memory_where_both_do_not_fit(atelier: Atelier) -> None:
    atelier.language, atelier.drawing.free = 3 << 30, 2 << 30
    events = list(atelier.studio.generate(SMALL, NEVER))
    assert atelier.language == 0 and "don't both fit" in of(events, DrawingNote)[0].text
    assert atelier.drawing.unloaded == 1, "or it could not come back"
    atelier.language, atelier.drawing.free = 3 << 30, 8 << 30
    list(atelier.studio.generate(SMALL, NEVER))
    assert (atelier.language, atelier.drawing.unloaded) == (3 << 30, 1)


def test_a_language_model_too_small_to_help_stays(atelier: Atelier) -> None:
    atelier.language, atelier.drawing.free = 30 << 20, 2 << 30
    assert end(atelier.studio.generate(SMALL, NEVER)).state == "complete"
    assert atelier.language == 30 << 20


def test_when_memory_runs_out_the_language_model_leaves_it_and_the_rest_is_drawn(atelier: Atelier) -> None:
    atelier.language = 3 << 30

    def fail(number: int, step: int) -> None:
        if atelier.language and number == 1:
            raise OutOfMemory("The GPU's memory ran out.")

    atelier.drawing.before_step = fail
    request = PictureRequest("x", steps=10, width=256, height=256, seed=5, count=3)
    events = list(atelier.studio.generate(request, NEVER))
    finished = events[-1]
    assert isinstance(finished, DrawingFinished) and finished.state == "complete"
    assert [picture.seed for picture in atelier.pictures.rows(finished.ids)] == [5, 6, 7]
    assert [event.number for event in of(events, ImageReady)] == [0, 1, 2]
    assert {event.number for event in of(events, DrawingStep)} == {0, 1, 2}


@pytest.mark.parametrize("problem", [ModelBroken("It is cut off."), ChildCrashed("It stopped.")])
def test_a_model_that_fails_is_said_and_the_next_request_is_drawn(atelier: Atelier, problem: ThauError) -> None:
    problems = [problem]

    def fail(number: int, step: int) -> None:
        if problems:
            raise problems.pop()

    atelier.drawing.before_step = fail
    with pytest.raises(type(problem)):
        list(atelier.studio.generate(SMALL, NEVER))
    assert end(atelier.studio.generate(SMALL, NEVER)).state == "complete"


def test_a_disk_that_fills_up_keeps_the_pictures_before(atelier: Atelier, monkeypatch: pytest.MonkeyPatch) -> None:
    keep = atelier.gallery.keep_drawn

    def full(*values: object, **columns: object) -> object:
        if atelier.pictures.count() == 1:
            raise DiskFull("The disk is full.")
        return keep(*values, **columns)  # type: ignore[arg-type]

    monkeypatch.setattr(atelier.gallery, "keep_drawn", full)
    events = []
    with pytest.raises(DiskFull):
        for event in atelier.studio.generate(PictureRequest("x", steps=10, width=256, height=256, count=3), NEVER):
            events.append(event)
    assert len(of(events, ImageReady)) == atelier.pictures.count() == 1
