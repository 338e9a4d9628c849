"""A torch for this machine's GPU: what would fit, getting it, using it, and taking it away again.

THAU comes with the torch for processors, which is a tenth of the other. The packages for a GPU are fetched into a
folder of the user's data (`side_packages` lets child processes import them from there); pip says where its index has
them, `resources/acceleration.toml` which they are and their checksums.
"""

from __future__ import annotations

import io
import json
import os
import platform
import shutil
import sys
import threading
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from filelock import FileLock, Timeout

from thau_desktop import hardware, side_packages
from thau_desktop.doctor_probes import TorchFacts, torch_facts
from thau_desktop.errors import DownloadFailed, StoreError, ThauError
from thau_desktop.models.downloading import RemoteFile
from thau_desktop.models.events import DownloadEvent, DownloadFinished, DownloadProgress, DownloadStarted
from thau_desktop.models.meter import Meter
from thau_desktop.paths import Paths, atomic_write, disk_full, no_room, resources, sync_folder
from thau_desktop.process import run_in_child
from thau_desktop.translation import _

if TYPE_CHECKING:
    import httpx2

_READY = "ready.json"
_ADDRESSES = "addresses.json"


@dataclass(frozen=True, slots=True)
class Wheel:
    """One package of a build: `size` in bytes."""

    name: str
    version: str
    file: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Build:
    """What makes torch compute on a kind of GPU.

    Attributes:
        backend: as `hardware.Gpu` names it; `title` is for people ("CUDA 13.0").
        system, machine, python, torch: what it is made for: `sys.platform`, the processor, and versions.
        driver, capability: the oldest driver and the oldest card that serve.
        unpacked: bytes on the disk.
    """

    backend: str
    title: str
    system: str
    machine: str
    python: str
    torch: str
    driver: int
    capability: float
    unpacked: int
    wheels: tuple[Wheel, ...]

    @property
    def key(self) -> str:
        """The name of its folder."""
        return f"torch-{self.torch}-{self.title.lower().replace(' ', '-')}"

    @property
    def bytes(self) -> int:
        """What has to be fetched."""
        return sum(wheel.size for wheel in self.wheels)


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand: at most one of the last four says something.

    Attributes:
        gpu: the card, "" where none was found.
        build: what would fit it, or is there.
        why_not: a sentence, where nothing can or need be done.
        done: bytes of it that are here, of a download that was stopped.
        ready: it is in use.
        broken: a sentence: it is here, and not used.
    """

    gpu: str = ""
    build: Build | None = None
    why_not: str = ""
    done: int = 0
    ready: bool = False
    broken: str = ""


class Acceleration:
    """The packages for the GPU under one home. `machine` tells of the hardware, `own` is THAU's version of torch."""

    def __init__(
        self,
        paths: Paths,
        machine: Callable[[], hardware.Hardware] = hardware.facts,
        catalog: Path | None = None,
        own: str = "",
    ) -> None:
        self._folder = paths.acceleration
        self._log = paths.logs / "thau_acceleration.log"
        self._machine = machine
        self._catalog = catalog or resources() / "acceleration.toml"
        self._own = own or metadata.version("torch")

    def apply(self) -> bool:
        """Let child processes that start from now on use what is there; whether there is anything they can use."""
        build = self._installed()
        if build is not None and not side_packages.broken(self._packages(build)) and self._machine().gpus:
            os.environ[side_packages.VARIABLE] = str(self._packages(build))
            return True
        os.environ.pop(side_packages.VARIABLE, None)
        return False

    def standing(self) -> Standing:
        """How things stand. Asks the driver, which takes a moment."""
        machine = self._machine()
        gpu = machine.gpus[0] if machine.gpus else None
        installed = self._installed()
        if installed is not None:
            name = gpu.name if gpu else ""
            broken = side_packages.broken(self._packages(installed)) or ("" if gpu else machine.gpu_problem)
            return Standing(name, installed, broken=broken, ready=not broken)
        if gpu is None:
            return Standing(why_not=machine.gpu_problem or _no_build("AMD" if Path("/dev/kfd").exists() else ""))
        if gpu.backend == "mps" or (sys.platform == "linux" and "+cpu" not in self._own):  # PyPI's is CUDA's
            return Standing(gpu.name, why_not=_("THAU computes on {gpu} already.").format(gpu=gpu.name))
        build = self._build_for(gpu)
        if build is None:
            return Standing(gpu.name, why_not=_no_build(gpu.name))
        if (reason := _too_old(gpu, build)) != "":
            return Standing(gpu.name, build, why_not=reason)
        return Standing(gpu.name, build, done=self._here(build))

    def install(self, cancel: threading.Event) -> Iterator[DownloadEvent]:
        """Fetch, unpack and try it. Yields what downloads of models yield; `cancel` pauses it.

        Raises `DownloadFailed`, `DiskFull`, or `ThauError` where nothing fits or what came does not work.
        """
        standing = self.standing()
        build = standing.build
        if build is None or standing.why_not:
            raise ThauError(standing.why_not, "")
        folder = self._folder / build.key
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self._folder / ".lock", timeout=0):
                for event in run_in_child(fetch, (build, folder), cancel, name=_("The download"), log=self._log):
                    if isinstance(event, DownloadFinished) and event.state == "complete":
                        self._prove(build, cancel)
                    yield event
        except Timeout as error:
            raise DownloadFailed(
                _("{repo} is being downloaded already.").format(repo=build.title), _("Wait until it is done.")
            ) from error

    def try_again(self) -> None:
        """Use what is there although it failed before. Raises `ThauError` where it still does."""
        build = self._installed()
        if build is not None:
            side_packages.forget_broken(self._packages(build))
            self._prove(build, threading.Event())

    def remove(self) -> int:
        """Take everything of it away, also what is half here; the bytes that it took. Raises `StoreError`."""
        os.environ.pop(side_packages.VARIABLE, None)
        freed = sum(path.stat().st_size for path in self._folder.rglob("*") if path.is_file())
        if self._folder.exists():
            # Renamed first: a process that starts meanwhile must not find half of it.
            leaving = self._folder.with_name(self._folder.name + ".leaving")
            try:
                shutil.rmtree(leaving, ignore_errors=True)
                self._folder.rename(leaving)
                shutil.rmtree(leaving)
            except OSError as error:
                raise StoreError(
                    _("THAU can't delete {path}.").format(path=self._folder),
                    _("Close other programs that use it, then try again."),
                    details=str(error),
                ) from error
        return freed

    def _prove(self, build: Build, cancel: threading.Event) -> None:
        """Compute something on the GPU in a process of its own, and use the packages from now on."""
        packages, found = self._packages(build), None
        for found in run_in_child(_try, (str(packages),), cancel, name="torch", log=self._log):
            assert isinstance(found, TorchFacts)
        reason = side_packages.broken(packages)
        if not reason and found is not None and found.device == "cpu":
            reason = found.problem or found.build
            side_packages.note_broken(packages, reason)
        self.apply()
        if reason:
            raise ThauError(
                _("The packages for {title} are here, but torch can't compute with them: {reason}").format(
                    title=build.title, reason=reason
                ),
                _("Update the graphics driver, restart the computer and try again. Meanwhile the processor is used."),
            )

    def _packages(self, build: Build) -> Path:
        return self._folder / build.key / "packages"

    def _installed(self) -> Build | None:
        """The build that is here whole, and made for this THAU."""
        for build in self._builds() if self._folder.exists() else ():
            if (self._folder / build.key / _READY).exists() and self._is_for_us(build):
                return build
        return None

    def _here(self, build: Build) -> int:
        from thau_desktop.models.incoming import here  # late: it brings the library that speaks HTTP

        folder = self._folder / build.key
        return sum(here(folder / wheel.file) for wheel in build.wheels) if folder.exists() else 0

    def _build_for(self, gpu: hardware.Gpu) -> Build | None:
        return next((b for b in self._builds() if b.backend == gpu.backend and self._is_for_us(b)), None)

    def _is_for_us(self, build: Build) -> bool:
        here = (sys.platform, platform.machine(), "{}.{}".format(*sys.version_info), self._own.partition("+")[0])
        return (build.system, build.machine, build.python, build.torch) == here

    def _builds(self) -> Iterator[Build]:
        """Those that the catalog has."""
        for values in tomllib.loads(self._catalog.read_text(encoding="utf-8"))["builds"]:
            wheels = tuple(Wheel(**file) for file in values.pop("files"))
            yield Build(**values, wheels=wheels)


def fetch(build: Build, folder: Path, *, cancel: threading.Event) -> Iterator[DownloadEvent]:
    """Bring the wheels into `folder` and unpack each into `packages`. Runs in a child."""
    from thau_desktop.models.incoming import Incoming, check_disk

    done = sum(_got(folder, wheel) for wheel in build.wheels)
    yield DownloadStarted(build.title, len(build.wheels), build.bytes, done)
    largest = max(wheel.size for wheel in build.wheels)
    otherwise = _("Free some space on the disk that holds {folder}.").format(folder=folder)
    check_disk(folder, round((build.unpacked + largest) * (1 - done / build.bytes)), otherwise)
    meter = Meter(done, build.bytes)
    for wheel in build.wheels:
        if _marker(folder, wheel).exists():
            continue
        target = folder / wheel.file
        if not target.exists():
            address = _address(build, wheel, folder)
            opened = partial(_from_disk if address.startswith("file:") else _opened, address)
            remote = RemoteFile(wheel.file, wheel.size, sha256=wheel.sha256)
            yield from Incoming(remote, target, meter, opened, _gave_up).fetch(cancel)
        if cancel.is_set():
            yield DownloadFinished(build.title, folder, "paused", meter.done)
            return
        yield DownloadProgress(meter.done, meter.total, wheel.file, "unpacking")
        _unpack(target, folder / "packages")
        _marker(folder, wheel).touch()
        target.unlink()
    atomic_write(folder / _READY, json.dumps({"torch": build.torch, "title": build.title}).encode())
    yield DownloadFinished(build.title, folder, "complete", build.bytes)


def _got(folder: Path, wheel: Wheel) -> int:
    """The bytes of a wheel that need not be fetched again."""
    from thau_desktop.models.incoming import here

    return wheel.size if _marker(folder, wheel).exists() else here(folder / wheel.file)


def _marker(folder: Path, wheel: Wheel) -> Path:
    """Says that a wheel is unpacked."""
    return folder / f"{wheel.name}.unpacked"


def _address(build: Build, wheel: Wheel, folder: Path) -> str:
    """Where pip's index has a wheel; asked once for all of them."""
    kept = folder / _ADDRESSES
    try:
        addresses = json.loads(kept.read_text(encoding="utf-8"))
        return str(addresses[wheel.file])
    except (OSError, ValueError, KeyError):
        addresses = _ask_pip(build, folder)
        atomic_write(kept, json.dumps(addresses).encode())
    return str(addresses[wheel.file])


def _ask_pip(build: Build, folder: Path) -> dict[str, str]:
    """The address of each file. Raises `DownloadFailed` where the index lacks one with our checksum."""
    from pip._internal.cli.main import main as pip

    wanted, report = folder / "requirements.txt", folder / "report.json"
    # Without `--hash`, or pip would fetch all of them to know their checksums; `===` leaves other builds out.
    lines = [f"{wheel.name}==={wheel.version}" for wheel in build.wheels]
    wanted.write_text("\n".join(lines), encoding="utf-8")
    said = io.StringIO()
    options = ["--dry-run", "--ignore-installed", "--no-deps", "--only-binary", ":all:"]
    with redirect_stdout(said), redirect_stderr(said):
        status = pip(["install", *options, "--disable-pip-version-check", "--no-input", "--retries", "2",
                      "--report", str(report), "--requirement", str(wanted)])  # fmt: skip
    found = [] if status else [each["download_info"] for each in json.loads(report.read_text("utf-8"))["install"]]
    by_hash = {each["archive_info"]["hashes"].get("sha256"): each["url"] for each in found}
    missing = [wheel.file for wheel in build.wheels if wheel.sha256 not in by_hash]
    if missing:
        raise DownloadFailed(
            _("pip does not find the packages for {title}.").format(title=build.title),
            _("Check the connection, then try again. The details say what pip answered."),
            details=said.getvalue() + "\n" + "\n".join(missing),
        )
    return {wheel.file: by_hash[wheel.sha256] for wheel in build.wheels}


@contextmanager
def _opened(address: str, more: dict[str, str]) -> Iterator[httpx2.Response]:
    """The index's answer to a wish for a file."""
    import httpx2

    from thau_desktop.models.incoming import NO_MORE, TIMEOUT

    headers = {"Accept-Encoding": "identity", **more}
    with httpx2.stream("GET", address, headers=headers, timeout=TIMEOUT, follow_redirects=True) as response:
        if response.status_code != NO_MORE:
            response.raise_for_status()
        yield response


@contextmanager
def _from_disk(address: str, more: dict[str, str]) -> Iterator[httpx2.Response]:
    """The same of an index that lies in a folder here."""
    import httpx2

    try:
        with Path(url2pathname(urlsplit(address).path)).open("rb") as file:
            yield httpx2.Response(200, content=iter(partial(file.read, 1 << 20), b""))
    except FileNotFoundError as error:
        raise _gave_up(error) from error


def _gave_up(error: Exception) -> DownloadFailed:
    return DownloadFailed(
        _("The package index can't be reached, or the connection broke."),
        _("Try again later: it goes on from where it stopped."),
        details=f"{type(error).__name__}: {error}",
    )


def _unpack(wheel: Path, packages: Path) -> None:
    """What pip would do with wheels that hold modules and nothing else, which all of these are."""
    try:
        with zipfile.ZipFile(wheel) as opened:
            opened.extractall(packages)
    except OSError as error:
        if no_room(error):
            raise disk_full(packages / wheel.name, str(error)) from error
        raise
    sync_folder(packages)


def _try(packages: str, cancel: threading.Event) -> Iterator[Any]:
    """What torch says of itself in a process that uses the packages; nothing where it can't be imported."""
    if side_packages.enter(Path(packages)):
        yield from torch_facts(cancel)


def _too_old(gpu: hardware.Gpu, build: Build) -> str:
    driver = gpu.driver.partition(".")[0]
    if driver.isdigit() and int(driver) < build.driver:
        sentence = _("The driver {driver} is too old for {title}: install {needed} or newer, then look here again.")
        return sentence.format(driver=gpu.driver, title=build.title, needed=build.driver)
    if gpu.capability and float(gpu.capability) < build.capability:
        return _("{gpu} is too old for {title}, so THAU uses the processor.").format(gpu=gpu.name, title=build.title)
    return ""


def _no_build(gpu: str) -> str:
    if not gpu:
        return _("No graphics card was found, so THAU uses the processor.")
    sentence = _(
        "For {gpu} on this system THAU has no list of tested packages; a PyTorch of your own works from sources."
    )
    return sentence.format(gpu=gpu)
