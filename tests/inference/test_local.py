"""The local backend over a real spawned process with a real, tiny model."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from thau_desktop.errors import ChildCrashed, ModelMissing
from thau_desktop.inference.backend import GenerationRequest
from thau_desktop.inference.host import Host, HostOptions
from thau_desktop.inference.local import LocalBackend
from thau_desktop.messages import GenerationDone, Message, ModelLoading, ModelReady, Sampling, Text, TextDelta
from thau_desktop.models.catalog import InstalledModel

NEVER = threading.Event()
HELLO = GenerationRequest((Message("user", (Text("Hola"),)),), Sampling(temperature=0, max_new_tokens=12))
LONG = GenerationRequest(HELLO.messages, Sampling(temperature=1.3, max_new_tokens=480, seed=2))


def options(model: InstalledModel) -> HostOptions:
    return HostOptions(model.folder, model.name, context=500, threads=1)


@pytest.fixture(scope="module")
def backend(tiny_model: InstalledModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBackend]:
    local = LocalBackend(options(tiny_model), log=tmp_path_factory.mktemp("log") / "child.log")
    list(local.load(NEVER))  # started before the fixtures of a test look at what is running
    yield local
    local.close()


def said(backend: LocalBackend) -> str:
    """The answer to a greeting; into how many pieces it is cut is a matter of time."""
    return "".join(event.text for event in backend.stream(HELLO, NEVER) if isinstance(event, TextDelta))


def test_a_model_is_loaded_once_and_answers(backend: LocalBackend) -> None:
    backend.unload()
    loading, ready = backend.load(NEVER)
    assert isinstance(loading, ModelLoading) and loading.model == "tiny"
    assert 0 < loading.needed < 400 << 20 and loading.needed < loading.free
    assert isinstance(ready, ModelReady) and ready == backend.ready
    assert (ready.device, ready.dtype, ready.context) == ("cpu", "float32", 500)
    assert ready.threads == 1 and ready.memory == 4 * ready.parameters
    assert list(backend.load(NEVER)) == []
    *deltas, done = backend.stream(HELLO, NEVER)
    assert deltas and all(isinstance(event, TextDelta) for event in deltas)
    assert isinstance(done, GenerationDone) and done.tokens > 0
    assert 0 < done.first_token_seconds <= done.seconds


def test_counting_goes_on_while_a_generation_runs(backend: LocalBackend) -> None:
    events = backend.stream(LONG, NEVER)
    next(events)
    counts = backend.count_tokens(HELLO.messages)
    assert counts.total > 0 and counts.limit == 500
    assert isinstance(list(events)[-1], GenerationDone)


def test_a_second_generation_waits_for_the_first_and_can_be_cancelled_in_line(backend: LocalBackend) -> None:
    events = backend.stream(LONG, NEVER)
    next(events)
    cancel = threading.Event()
    cancel.set()
    (done,) = backend.stream(HELLO, cancel)
    assert isinstance(done, GenerationDone) and done.reason == "cancelled"
    assert isinstance(list(events)[-1], GenerationDone)


def test_a_stopped_or_abandoned_generation_frees_the_model_for_the_next(backend: LocalBackend) -> None:
    expected = said(backend)
    cancel = threading.Event()
    events = backend.stream(LONG, cancel)
    next(events)
    cancel.set()
    assert isinstance(list(events)[-1], GenerationDone)
    abandoned = backend.stream(LONG, NEVER)
    next(abandoned)
    abandoned.close()  # type: ignore[attr-defined]
    assert said(backend) == expected


def test_after_a_kill_the_next_answer_comes_from_a_fresh_process(tiny_model: InstalledModel) -> None:
    backend = LocalBackend(options(tiny_model))
    events = backend.stream(LONG, NEVER)
    next(events)
    pid = backend._child.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(ChildCrashed, match="memory"):
        list(events)
    assert isinstance(list(backend.stream(HELLO, NEVER))[-1], GenerationDone)
    assert backend._child.pid != pid
    backend.close()


def test_unloading_frees_the_model_and_the_next_call_loads_again(backend: LocalBackend) -> None:
    list(backend.load(NEVER))
    backend.unload()
    kinds = [type(event) for event in backend.stream(HELLO, NEVER)]
    assert kinds[:2] == [ModelLoading, ModelReady]


def test_an_idle_model_leaves_memory(tiny_folder: Path) -> None:
    host = Host(HostOptions(tiny_folder, "tiny", threads=1))
    list(host.load(cancel=NEVER))
    assert not host.resident.unload_if_idle(60)
    assert host.resident.model is not None
    assert host.resident.unload_if_idle(0)
    assert host.resident.model is None
    assert isinstance(list(host.stream(HELLO, cancel=NEVER))[-1], GenerationDone)


def test_a_missing_model_is_told_and_nothing_is_left(tmp_path: Path, tiny_folder: Path) -> None:
    folder = tmp_path / "gone"
    backend = LocalBackend(HostOptions(folder, "gone"))
    with pytest.raises(ModelMissing, match="gone"):
        list(backend.load(NEVER))
    shutil.copytree(tiny_folder, folder)
    assert isinstance(list(backend.stream(HELLO, NEVER))[-1], GenerationDone)
    pid = backend._child.pid
    backend.close()
    backend.close()
    assert pid is not None and not psutil.pid_exists(pid)


def test_counting_with_a_closed_model_is_told(tiny_model: InstalledModel) -> None:
    local = LocalBackend(options(tiny_model))
    local.close()
    with pytest.raises(ChildCrashed, match="closed"):
        local.count_tokens(HELLO.messages)
