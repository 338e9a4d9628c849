"""Looks at everything THAU needs and says of each what works, what does not, and what to do. It mends nothing."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from thau_desktop import hardware
from thau_desktop.acceleration import Acceleration
from thau_desktop.doctor_probes import QtLibraries, TorchFacts, qt_libraries, torch_facts
from thau_desktop.errors import ModelMissing, ThauError
from thau_desktop.inference import gguf_file, image_model_folder, model_folder
from thau_desktop.inference.ollama_probe import probe
from thau_desktop.models import catalog
from thau_desktop.models.image_catalog import ImageModels
from thau_desktop.paths import Paths, resources
from thau_desktop.process import run_in_child
from thau_desktop.settings import SettingsFile
from thau_desktop.store import backup, schema
from thau_desktop.translation import N_, _, language

State = Literal["ok", "warn", "fail"]
GB = 1 << 30

# Module and distribution of what this version can't do without.
_NEEDED = {
    "PySide6": "PySide6_Essentials",
    "torch": "torch",
    "transformers": "transformers",
    "diffusers": "diffusers",
    "tokenizers": "tokenizers",
    "safetensors": "safetensors",
    "pydantic": "pydantic",
    "tomlkit": "tomlkit",
    "platformdirs": "platformdirs",
    "filelock": "filelock",
    "psutil": "psutil",
    "typer": "typer",
    "markdown_it": "markdown-it-py",
    "pygments": "Pygments",
    "qtawesome": "QtAwesome",
    "PIL": "pillow",
}
_OPTIONAL = {
    "bitsandbytes": N_("4-bit models"),
    "keyring": N_("the system's password store"),
    "pynvml": N_("NVIDIA cards"),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: `what` is how it stands, `advice` what to do about it ("" when nothing is to be done)."""

    name: str
    state: State
    what: str
    advice: str = ""


def examine(paths: Paths, cancel: threading.Event | None = None) -> Iterator[Check]:
    """Every check, as soon as it is made. A check that breaks is a failed check, not the end."""
    cancel = cancel or threading.Event()
    checks: tuple[tuple[str, Callable[[], Iterator[Check]]], ...] = (
        ("python", _python),
        ("packages", _packages),
        ("torch", lambda: _torch(paths, cancel)),
        ("memory", lambda: _memory(paths)),
        ("disk", lambda: _disk(paths)),
        ("folder", lambda: _folder(paths)),
        ("settings", lambda: _settings(paths)),
        ("database", lambda: _database(paths)),
        ("starter model", _starter),
        ("model", lambda: _model(paths)),
        ("image model", lambda: _image_model(paths)),
        ("window", lambda: _window(cancel)),
        ("ollama", _ollama),
        ("language", _language),
    )
    for name, check in checks:
        if cancel.is_set():
            return
        try:
            yield from check()
        except ThauError as error:
            yield Check(name, "fail", error.what, error.advice)
        except Exception as bug:  # noqa: BLE001 - one thing that can't be looked at must not hide the others
            yield Check(name, "fail", _("This could not be checked: {bug}").format(bug=repr(bug)))


def _python() -> Iterator[Check]:
    running = f"Python {sys.version.split()[0]}, {sys.platform}"
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        yield Check("python", "warn", running, _("THAU is made for Python 3.11 to 3.13."))
    else:
        yield Check("python", "ok", running)


def _packages() -> Iterator[Check]:
    missing = [package for module, package in _NEEDED.items() if importlib.util.find_spec(module) is None]
    versions = ", ".join(f"{package} {_version(package)}" for package in _NEEDED.values() if package not in missing)
    if missing:
        advice = _("Install them with: pip install {names}").format(names=" ".join(missing))
        yield Check("packages", "fail", _("Missing: {names}").format(names=", ".join(missing)), advice)
    elif sys.version_info < (3, 12) and _version("PySide6_Essentials").startswith("6.12."):
        advice = _("Install an older one: pip install 'pyside6-essentials>=6.11.3,<6.12'")
        yield Check("packages", "fail", _("PySide6 6.12 crashes on this Python."), advice)
    else:
        yield Check("packages", "ok", versions)
    absent = [f"{name} ({_(use)})" for name, use in _OPTIONAL.items() if importlib.util.find_spec(name) is None]
    told = _("Not installed: {names}").format(names=", ".join(absent)) if absent else _("All installed.")
    yield Check("optional packages", "ok", told)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "?"  # an installed application carries no package records


def _torch(paths: Paths, cancel: threading.Event) -> Iterator[Check]:
    Acceleration(paths).apply()
    for facts in run_in_child(torch_facts, cancel=cancel, name="torch"):
        yield Check("torch", "ok", f"PyTorch {facts.version} ({facts.build})")
        yield device_check(facts, hardware.facts())


def device_check(facts: TorchFacts, machine: hardware.Hardware) -> Check:
    """What models run on, and why a graphics card that is there is not used."""
    if facts.device != "cpu":
        return Check("device", "ok", f"{facts.device}: {', '.join(facts.names) or machine.cpu}")
    cards = ", ".join(gpu.name for gpu in machine.gpus)
    amd = Path("/dev/kfd").exists()
    what = _("Processor {cpu}, {threads} threads, {instructions}").format(
        cpu=machine.cpu, threads=facts.threads, instructions=facts.instructions
    )
    if cards and facts.build == "cpu":
        what = _("{cards} is not used: this PyTorch is built for the processor only.").format(cards=cards)
        return Check(
            "device",
            "warn",
            what,
            _("Settings → Model → Speed up fetches one for CUDA that uses it, or: thau accelerate."),
        )
    if amd and not facts.build.startswith("rocm"):
        what = _("An AMD card is not used: this PyTorch is not built for ROCm.")
        return Check("device", "warn", what, _("Install a PyTorch for ROCm; https://pytorch.org says which."))
    if cards or (amd and facts.problem):
        what = _("{cards} is not used: {reason}").format(cards=cards or "AMD", reason=facts.problem or facts.build)
        return Check("device", "warn", what, _("Update the graphics driver, then restart the computer."))
    return Check("device", "ok", f"{what}. {machine.gpu_problem}".rstrip(". ") + ".")


def _memory(paths: Paths) -> Iterator[Check]:
    machine = hardware.facts(paths.home)
    free, total = machine.memory_available, machine.memory_total
    what = _("{free:.1f} GB of {total:.1f} GB free").format(free=free / GB, total=total / GB)
    if total and free < GB // 2:
        yield Check("memory", "warn", what, _("Close other programs, or only the smallest models will run."))
    else:
        yield Check("memory", "ok", what)


def _disk(paths: Paths) -> Iterator[Check]:
    disk = hardware.facts(paths.home).disk
    what = _("{free:.1f} GB of {total:.1f} GB free").format(free=disk.free / GB, total=disk.total / GB)
    if disk.total and disk.free < GB // 10:
        yield Check("disk", "fail", what, _("Free some space: conversations may no longer be saved."))
    elif disk.total and disk.free < 3 * GB:
        yield Check("disk", "warn", what, _("There is no room here for larger models."))
    else:
        yield Check("disk", "ok", what)


def _folder(paths: Paths) -> Iterator[Check]:
    paths.create()
    try:
        with tempfile.TemporaryFile(dir=paths.home):
            pass
    except OSError as error:
        advice = _("Check that you may write there, or set THAU_HOME to another folder.")
        yield Check("folder", "fail", f"{paths.home}: {error.strerror or error}", advice)
        return
    yield Check("folder", "ok", str(paths.home))


def _settings(paths: Paths) -> Iterator[Check]:
    file = SettingsFile(paths.settings)
    file.load()
    aside = sorted(path.name for path in paths.home.glob("settings.toml.broken-*"))
    if file.problems:
        yield Check("settings", "warn", " ".join(file.problems), _("Change these values in the settings."))
    elif aside:
        what = _("A damaged settings file was put aside: {names}").format(names=", ".join(aside))
        yield Check("settings", "warn", what, _("Set what you miss again, then delete that file."))
    else:
        yield Check("settings", "ok", str(paths.settings) if paths.settings.exists() else _("All at their defaults."))


def _database(paths: Paths) -> Iterator[Check]:
    if not paths.database.exists():
        yield Check("database", "ok", _("Not made yet; the first start makes it."))
        return
    try:
        reason = backup.damage(paths.database)
        connection = sqlite3.connect(f"{paths.database.as_uri()}?mode=ro", uri=True, timeout=10)
        try:
            at = 0 if reason else schema.version(connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        reason, at = str(error), 0
    newest = len(schema.migrations())
    copies = len(backup.backups(paths.backups))
    if reason:
        advice = _("Start THAU: it keeps the damaged file and goes back to the latest good backup.")
        yield Check("database", "fail", _("Damaged: {reason}").format(reason=reason), advice)
    elif at > newest:
        yield Check("database", "fail", _("It was written by a newer THAU."), _("Install the newest THAU."))
    else:
        size = paths.database.stat().st_size / (1 << 20)
        what = _("Whole, {size:.1f} MB, version {version}, {copies} backups")
        yield Check("database", "ok", what.format(size=size, version=at, copies=copies))


def _starter() -> Iterator[Check]:
    folder = resources() / "starter" / catalog.DEFAULT_MODEL
    advice = _("Install THAU again: its starter model is a part of it.")
    if not folder.is_dir():
        yield Check("starter model", "fail", _("{name} is not there.").format(name=catalog.DEFAULT_MODEL), advice)
        return
    model_folder.verify(folder)
    yield Check("starter model", "ok", _("{name} is complete.").format(name=catalog.DEFAULT_MODEL))


def _model(paths: Paths) -> Iterator[Check]:
    wish = SettingsFile(paths.settings).load().model
    model = catalog.find(paths, wish.name, wish.servers)
    if model.path is None:
        yield Check("model", "ok", _("{name} answers, on a server").format(name=model.name))
        return
    if model.kind == "gguf":
        gguf_file.facts(model.path)
    elif not model.starter:
        model_folder.check(model.path)
    yield Check("model", "ok", _("{name} answers, {size:.0f} MB").format(name=model.name, size=model.bytes / 1e6))


def _image_model(paths: Paths) -> Iterator[Check]:
    chosen = SettingsFile(paths.settings).load().images.model
    try:
        model = ImageModels(paths, lambda: chosen).find()
    except ModelMissing as missing:
        yield Check("image model", "warn", missing.what, missing.advice)
        return
    if model.starter:
        image_model_folder.verify(model.path)
    else:
        image_model_folder.check(model.path)
    yield Check("image model", "ok", _("{name} draws, {size:.0f} MB").format(name=model.name, size=model.bytes / 1e6))


def _window(cancel: threading.Event) -> Iterator[Check]:
    screen, advice = _screen()
    if not sys.platform.startswith("linux") or importlib.util.find_spec("PySide6") is None:
        yield Check("window", "ok", screen)
        return
    libraries: QtLibraries | None = next(iter(run_in_child(qt_libraries, cancel=cancel, name="Qt")), None)
    if libraries is not None and libraries.problem:
        install = _("Install them (Debian, Ubuntu): sudo apt install {names}")
        hint = install.format(names=" ".join(libraries.packages)) if libraries.packages else ""
        what = _("The window can't open, libraries are missing: {reason}").format(reason=libraries.problem)
        # A machine without a screen has no window to miss: the command line works all the same.
        yield Check("window", "warn" if advice else "fail", what, hint or _("Install Qt's libraries for X."))
    yield Check("screen", "warn" if advice else "ok", screen, advice)


def _screen() -> tuple[str, str]:
    """Where a window would appear, and what to do when it can't."""
    if not sys.platform.startswith("linux"):
        return _("This system has a screen of its own."), ""
    if os.environ.get("WAYLAND_DISPLAY"):
        return f"Wayland {os.environ['WAYLAND_DISPLAY']}", ""
    display = os.environ.get("DISPLAY", "")
    number = display.removeprefix(":").partition(".")[0]
    gone = display.startswith(":") and not Path(f"/tmp/.X11-unix/X{number}").exists()
    if display and not gone:
        return f"X {display}", ""
    what = _("The screen {display} is not there.").format(display=display) if gone else _("There is no screen.")
    if shutil.which("xvfb-run"):
        return what, _("For a window without a screen: xvfb-run -a thau. The command line works as it is.")
    return what, _("For a window without a screen: sudo apt install xvfb, then xvfb-run -a thau.")


def _ollama() -> Iterator[Check]:
    server = probe()
    if server is None:
        yield Check("ollama", "ok", _("Not running. THAU does not need it; it can use its models."))
    elif not server.safe:
        yield Check("ollama", "warn", *server.hole())
    else:
        yield Check("ollama", "ok", f"Ollama {server.version}, {server.url}")


def _language() -> Iterator[Check]:
    chosen = language()
    if chosen != "en" and not (resources() / "locale" / chosen / "LC_MESSAGES" / "thau.mo").exists():
        yield Check(
            "language",
            "warn",
            _("The words in “{language}” are missing.").format(language=chosen),
            _("Install THAU again."),
        )
    else:
        yield Check("language", "ok", chosen)
