"""What keeps one model in memory, with a model that is only its own name."""

from __future__ import annotations

import gc
import threading
from dataclasses import dataclass

import pytest

from thau_desktop.errors import ModelMissing
from thau_desktop.inference.resident import Resident
from thau_desktop.messages import ModelLoading, ModelReady

NEVER = threading.Event()


@dataclass(frozen=True)
class Named:
    ready: ModelReady


def make() -> Named:
    return Named(ModelReady("named", "cpu", "float32", 0.0, 1, 4, 16, 1))


def test_a_model_is_made_once_and_again_after_it_was_unloaded() -> None:
    resident = Resident("named", make)
    with resident.line(NEVER) as mine:
        assert mine
        assert list(resident.load()) == [ModelLoading("named"), make().ready]
        assert list(resident.load()) == []
        resident.unload()
        resident.unload()
        assert resident.model is None
        assert len(list(resident.load())) == 2


def test_a_call_that_is_cancelled_while_another_works_goes_away() -> None:
    resident = Resident("named", make)
    cancelled = threading.Event()
    cancelled.set()
    with resident.line(NEVER), resident.line(cancelled) as mine:
        assert not mine
    with resident.line(cancelled) as mine:
        assert mine  # free again: whoever is first need not wait


def test_it_leaves_memory_when_nobody_has_used_it_for_long_enough() -> None:
    resident = Resident("named", make)
    assert not resident.unload_if_idle(0)
    with resident.line(NEVER):
        list(resident.load())
        assert not resident.unload_if_idle(0)
    assert not resident.unload_if_idle(60)
    assert resident.unload_if_idle(0)
    assert resident.model is None


def test_the_watch_unloads_by_itself_and_ends_when_closed() -> None:
    unloaded = threading.Event()

    class Watched(Resident[Named]):
        def unload(self) -> None:
            super().unload()
            unloaded.set()

    resident = Watched("named", make, idle_seconds=0.05)
    with resident.line(NEVER):
        list(resident.load())
    assert unloaded.wait(20)
    assert resident.model is None
    resident.close()


def test_garbage_collection_rests_while_a_model_is_made_and_goes_on_whatever_happens() -> None:
    asked: list[bool] = []

    def missing() -> Named:
        asked.append(gc.isenabled())
        raise ModelMissing("it is gone")

    resident = Resident("named", missing)
    with resident.line(NEVER), pytest.raises(ModelMissing):
        list(resident.load())
    assert asked == [False]
    assert gc.isenabled()
    assert resident.model is None
