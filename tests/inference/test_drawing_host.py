"""The drawing child: a real spawned process with a real, tiny pipeline."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import tiny_pictures
from thau_desktop.errors import ChildCrashed, ModelMissing
from thau_desktop.inference.drawing import DrawingMemory, DrawingRequest
from thau_desktop.inference.drawing_client import LocalDrawing
from thau_desktop.inference.drawing_host import OFFLINE, DrawingHost, DrawingHostOptions
from thau_desktop.inference.image_model_folder import InstalledImageModel, describe
from thau_desktop.messages import DrawingStep, Drawn, ModelLoading, ModelReady

NEVER = threading.Event()
SMALL = DrawingRequest("a red fox", steps=2, width=64, height=64)
LONG = DrawingRequest("a red fox", steps=900, width=64, height=64, scheduler="ddim")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> InstalledImageModel:
    return describe(tiny_pictures.sd(tmp_path_factory.mktemp("models") / "tiny"))


def options(model: InstalledImageModel, idle_seconds: float = 0.0) -> DrawingHostOptions:
    return DrawingHostOptions(model.path, model.name, threads=1, device="cpu", idle_seconds=idle_seconds)


@pytest.fixture(scope="module")
def drawing(model: InstalledImageModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalDrawing]:
    local = LocalDrawing(model, options(model), log=tmp_path_factory.mktemp("log") / "child.log")
    list(local.load(NEVER))  # started before the fixtures of a test look at what is running
    yield local
    local.close()


@pytest.fixture
def restored_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host in this process sets variables that are meant for its child."""
    for name, value in OFFLINE.items():
        monkeypatch.setenv(name, value)


def picture(drawing: LocalDrawing) -> Drawn:
    last = list(drawing.draw(SMALL, NEVER))[-1]
    assert isinstance(last, Drawn)
    return last


def test_a_model_is_loaded_once_and_draws(drawing: LocalDrawing) -> None:
    drawing.unload()
    loading, ready = drawing.load(NEVER)
    assert loading == ModelLoading("tiny")
    assert isinstance(ready, ModelReady) and ready == drawing.ready
    assert (ready.device, ready.dtype, ready.threads) == ("cpu", "float32", 1)
    assert list(drawing.load(NEVER)) == []
    assert picture(drawing).pixels == picture(drawing).pixels


def test_what_it_needs_is_told_without_loading(drawing: LocalDrawing) -> None:
    list(drawing.load(NEVER))
    memory = drawing.memory()
    assert isinstance(memory, DrawingMemory)
    assert memory.resident and memory.fits and memory.needed > 1_000_000 and memory.device == "cpu"
    drawing.unload()
    assert not drawing.memory().resident


def test_a_second_drawing_waits_for_the_first_and_can_be_cancelled_in_line(drawing: LocalDrawing) -> None:
    cancel = threading.Event()
    first = drawing.draw(LONG, cancel)
    while not isinstance(next(first), DrawingStep):
        pass
    in_line = threading.Event()
    in_line.set()
    assert list(drawing.draw(SMALL, in_line)) == []
    waited: list[object] = []
    second = threading.Thread(target=lambda: waited.extend(drawing.draw(SMALL, NEVER)))
    second.start()
    assert isinstance(next(first), DrawingStep) and not waited
    cancel.set()
    assert not any(isinstance(event, Drawn) for event in first)
    second.join()
    assert isinstance(waited[-1], Drawn)


def test_a_stopped_or_abandoned_drawing_frees_the_model_for_the_next(drawing: LocalDrawing) -> None:
    expected = picture(drawing)
    cancel = threading.Event()
    events = drawing.draw(LONG, cancel)
    next(events)
    cancel.set()
    assert not any(isinstance(event, Drawn) for event in events)
    abandoned = drawing.draw(LONG, NEVER)
    next(abandoned)
    abandoned.close()  # type: ignore[attr-defined]
    assert picture(drawing).pixels == expected.pixels


def test_after_a_kill_the_next_picture_comes_from_a_fresh_process(model: InstalledImageModel) -> None:
    drawing = LocalDrawing(model, options(model))
    events = drawing.draw(LONG, NEVER)
    next(events)
    pid = drawing._child.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(ChildCrashed, match="memory"):
        list(events)
    assert drawing.memory().resident is False
    assert drawing._child.pid != pid
    drawing.close()
    drawing.close()


@pytest.mark.usefixtures("restored_environment")
def test_an_idle_model_leaves_memory(model: InstalledImageModel) -> None:
    host = DrawingHost(options(model))
    list(host.load(cancel=NEVER))
    assert not host.resident.unload_if_idle(60)
    assert host.resident.model is not None
    assert host.resident.unload_if_idle(0)
    assert host.resident.model is None
    assert isinstance(list(host.draw(SMALL, cancel=NEVER))[-1], Drawn)


@pytest.mark.usefixtures("restored_environment")
def test_a_missing_model_is_told(tmp_path: Path) -> None:
    host = DrawingHost(DrawingHostOptions(tmp_path / "gone", "gone"))
    with pytest.raises(ModelMissing, match="gone"):
        list(host.load(cancel=NEVER))
    assert list(host.unload(cancel=NEVER)) == []
