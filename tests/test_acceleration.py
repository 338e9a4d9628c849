"""The packages for a GPU: pip finds them on an index on loopback, child processes import them, and do without."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import tomlkit

from tests.standins.package_index import GPU_TORCH, PackageIndex, wheel
from thau_desktop import hardware, side_packages
from thau_desktop.acceleration import Acceleration
from thau_desktop.errors import ChildCrashed, DownloadFailed, ThauError
from thau_desktop.models import incoming
from thau_desktop.models.events import DownloadFinished, DownloadProgress
from thau_desktop.paths import Paths
from thau_desktop.process import run_in_child

CARD = hardware.Gpu(0, "RTX 4070", 12 << 30, 11 << 30, "cuda", "580.1", "8.9")
LIBRARY = wheel("nvidia_tiny", "1.0", "", filler=3_000_000)


def which_torch(cancel: threading.Event) -> Iterator[str]:
    """What a child process imports."""
    import torch

    yield torch.__version__


def imported() -> str:
    return next(iter(run_in_child(which_torch)))


def test_what_came_is_used_by_children_and_removed_again(place: Place) -> None:
    acceleration = place.with_torch(GPU_TORCH)
    offered = acceleration.standing()
    assert (offered.gpu, offered.why_not, offered.ready) == ("RTX 4070", "", False)
    assert not acceleration.apply()
    *_, last = acceleration.install(threading.Event())
    assert isinstance(last, DownloadFinished)
    assert last.state == "complete"
    assert acceleration.standing().ready
    assert imported() == "9.0+cu999"
    assert not list(place.home.rglob("*.whl"))  # unpacked, they would only take room
    assert acceleration.remove() > 3_000_000
    assert not acceleration.standing().ready
    assert imported().startswith("2.")
    assert list(place.home.glob("acceleration*")) == []


def test_a_download_that_was_stopped_goes_on_where_it_was(place: Place) -> None:
    acceleration, cancel = place.with_torch(GPU_TORCH), threading.Event()
    for event in acceleration.install(cancel):
        if isinstance(event, DownloadProgress) and event.done and event.stage == "downloading":
            cancel.set()
    assert isinstance(event, DownloadFinished)
    assert event.state == "paused"
    assert acceleration.standing().done > 0
    part = next(place.home.rglob("acceleration/*/")) / f"{LIBRARY[0]}.partial"
    part.write_bytes(LIBRARY[1][:1_000_000])  # as a kill leaves it
    place.index.asked.clear()
    *_, last = acceleration.install(threading.Event())
    assert isinstance(last, DownloadFinished)
    assert last.state == "complete"
    assert (LIBRARY[0], "bytes=1000000-") in place.index.asked


def test_only_bytes_with_the_known_checksum_are_unpacked(place: Place) -> None:
    acceleration = place.with_torch(GPU_TORCH)
    place.index.damaged.add(LIBRARY[0])
    with pytest.raises(DownloadFailed, match="damaged"):
        list(acceleration.install(threading.Event()))
    assert not list(place.home.rglob("nvidia_tiny/__init__.py"))
    place.index.damaged.clear()
    assert list(acceleration.install(threading.Event()))[-1].state == "complete"  # type: ignore[union-attr]


def test_an_index_that_has_other_files_or_none_is_told(place: Place) -> None:
    acceleration = place.with_torch(GPU_TORCH)
    place.index.wheels[LIBRARY[0]] += b" "
    with pytest.raises(DownloadFailed, match="pip does not find") as told:
        list(acceleration.install(threading.Event()))
    assert "nvidia" in told.value.details
    assert not acceleration.standing().ready


def test_a_torch_that_can_not_be_imported_is_told_and_done_without(place: Place) -> None:
    acceleration = place.with_torch("raise ImportError('libcudart.so.13: cannot open shared object file')")
    with pytest.raises(ThauError, match="libcudart"):
        list(acceleration.install(threading.Event()))
    assert "libcudart" in acceleration.standing().broken
    assert side_packages.VARIABLE not in os.environ
    with pytest.raises(ThauError, match="libcudart"):
        acceleration.try_again()


def test_a_child_begins_again_without_packages_that_broke_later(place: Place) -> None:
    acceleration = place.with_torch(GPU_TORCH)
    list(acceleration.install(threading.Event()))
    next(place.home.rglob("torch/__init__.py")).write_text("raise ImportError('half of it is gone')", encoding="utf-8")
    assert imported().startswith("2.")  # nobody notices but for the time that it takes
    assert "half of it is gone" in acceleration.standing().broken


def test_packages_that_end_the_process_are_left_out_after_the_second_time(place: Place) -> None:
    acceleration = place.with_torch(GPU_TORCH)
    list(acceleration.install(threading.Event()))
    next(place.home.rglob("torch/__init__.py")).write_text("import os; os.abort()", encoding="utf-8")
    for _time in range(2):
        with pytest.raises(ChildCrashed, match="SIGABRT"):
            imported()
    assert imported().startswith("2.")
    assert acceleration.standing().broken


def test_a_card_that_went_away_leaves_the_processor(place: Place) -> None:
    acceleration = place.with_torch(GPU_TORCH)
    list(acceleration.install(threading.Event()))
    place.cards = ()
    assert not acceleration.apply()
    assert acceleration.standing().broken == "No driver."
    place.cards = (CARD,)
    assert acceleration.apply()


@pytest.mark.parametrize(
    ("card", "said"),
    [
        (replace(CARD, driver="535.2"), "580 or newer"),
        (replace(CARD, capability="6.1"), "RTX 4070 is too old"),
        (replace(CARD, backend="mps"), "already"),
        (replace(CARD, backend="xpu"), "no list of tested packages"),
        (None, "No driver"),
    ],
)
def test_what_does_not_fit_is_told_before_anything_is_fetched(
    place: Place, card: hardware.Gpu | None, said: str
) -> None:
    acceleration = place.with_torch(GPU_TORCH)
    place.cards = (card,) if card else ()
    assert said in acceleration.standing().why_not
    with pytest.raises(ThauError, match=said):
        list(acceleration.install(threading.Event()))


def test_the_catalog_that_ships_is_for_the_torch_that_ships() -> None:
    own = Acceleration(Paths(Path("/nowhere")))
    builds = list(own._builds())
    pinned = Path(__file__).parent.parent.joinpath("constraints.txt").read_text(encoding="utf-8")
    for build in builds:
        assert f"torch=={build.torch}\n" in pinned
        assert all(len(each.sha256) == 64 and each.size > 0 for each in build.wheels)
    assert any(build.backend == "cuda" for build in builds)


class Place:
    """A home, an index, and a machine with a card. Attributes: `cards`, what the machine has now."""

    def __init__(self, home: Path, index: PackageIndex) -> None:
        self.home = home
        self.index = index
        self.cards: tuple[hardware.Gpu, ...] = (CARD,)

    def machine(self) -> hardware.Hardware:
        return replace(hardware.facts(), gpus=self.cards, gpu_problem="" if self.cards else "No driver.")

    def with_torch(self, module: str) -> Acceleration:
        """An index that has a torch with this module, and a catalog of it and a library."""
        torch = wheel("torch", "9.0", module)
        self.index.wheels = dict((LIBRARY, torch))
        files = [
            {
                "name": file.partition("-")[0].replace("_", "-"),
                "version": file.split("-")[1],
                "file": file,
                "size": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
            }
            for file, data in self.index.wheels.items()
        ]
        build = {
            "backend": "cuda",
            "title": "CUDA 99.9",
            "system": sys.platform,
            "machine": platform.machine(),
            "python": "{}.{}".format(*sys.version_info),
            "torch": "9.0",
            "driver": 580,
            "capability": 7.5,
            "unpacked": 3_100_000,
            "files": files,
        }
        catalog = self.home.with_name("acceleration.toml")
        catalog.write_text(tomlkit.dumps({"builds": [build]}), encoding="utf-8")
        return Acceleration(Paths(self.home).create(), self.machine, catalog, own="9.0+cpu")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with PackageIndex() as index:
        for name in ("EXTRA_INDEX_URL", "FIND_LINKS", "CONSTRAINT"):
            monkeypatch.setenv(f"PIP_{name}", "")
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_INDEX_URL", index.address)
        monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
        monkeypatch.setenv(side_packages.VARIABLE, "")
        monkeypatch.setattr(incoming, "DELAYS", ())
        yield Place(tmp_path / "home", index)
