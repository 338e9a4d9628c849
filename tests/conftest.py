"""What holds for every test: no screen, English, a THAU_HOME of its own, and nothing left behind."""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import tiny_model
from thau_desktop import autostart
from thau_desktop.training import schedule
from thau_desktop.translation import set_language

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LANGUAGE"] = "en"  # whatever this machine speaks; children inherit it
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"  # this machine's keyring stays as it is

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new THAU_HOME for each test."""
    folder = tmp_path_factory.mktemp("thau-home")
    monkeypatch.setenv("THAU_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def told_to_the_system(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The commands that would tell this machine what to start; its own folders and services stay as they are."""
    commands: list[tuple[str, ...]] = []
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setattr(autostart, "_run", commands.append)
    return commands


@pytest.fixture(autouse=True)
def nobody_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A training that is due need not wait for a quiet hour of the machine that runs the tests."""
    monkeypatch.setattr(schedule, "in_use", lambda: False)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model with random weights, made once; copy it to change it."""
    return tiny_model.build(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(autouse=True)
def english() -> None:
    """Whatever the test before has chosen."""
    set_language("en")


@pytest.fixture(autouse=True)
def nothing_left_behind(
    home: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Fails the test that leaves a thread, a child process, a running QThread, an active timer or a temporary file."""
    # What is there already is none of this test's: the look below costs a hundredth without torch's and Qt's objects.
    gc.freeze()
    temporary = tmp_path_factory.mktemp("tmp")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("TMPDIR", str(temporary))
    threads, children = set(threading.enumerate()), set(multiprocessing.active_children())
    yield
    gc.collect()
    # Python keeps a dummy for every QThread that it ever saw; the QThreads themselves are looked at below.
    started = [t for t in set(threading.enumerate()) - threads if not isinstance(t, threading._DummyThread)]
    for thread in started:
        thread.join(timeout=60)
    left: list[str] = [f"thread {t.name}" for t in started if t.is_alive()]
    left += [f"process {c.name} ({c.pid})" for c in set(multiprocessing.active_children()) - children]
    left += [f"temporary file {p}" for p in temporary.rglob("*") if p.is_file()]
    left += _left_in_qt()
    assert not left, f"left behind: {', '.join(left)}"


def _left_in_qt() -> list[str]:
    """Running QThreads and parentless active timers that this test made; empty where no test has used Qt."""
    core = sys.modules.get("PySide6.QtCore")
    if core is None or core.QCoreApplication.instance() is None:
        return []
    found = []
    main_thread = core.QCoreApplication.instance().thread()
    for thing in gc.get_objects():
        if isinstance(thing, core.QThread | core.QTimer):
            try:
                if isinstance(thing, core.QThread) and thing.isRunning() and thing != main_thread:
                    found.append(f"QThread {thing.objectName()}")
                elif isinstance(thing, core.QTimer) and thing.isActive() and thing.parent() is None:
                    found.append("QTimer without parent")
            except RuntimeError:
                continue  # its C++ side is gone
    return found
