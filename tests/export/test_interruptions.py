"""Nothing half-written lies under the final name, whatever happens while it is written."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.conftest import ROOT
from tests.export.test_gguf import NANO
from tests.full_disk import full_disk, needs_limits
from thau_desktop.errors import ChildCrashed, DiskFull, ThauError
from thau_desktop.export import validator
from thau_desktop.export.gguf import to_gguf
from thau_desktop.export.merge import to_safetensors
from thau_desktop.messages import Exported, ExportEvent, ExportProgress

Export = Callable[..., Iterator[ExportEvent]]
EXPORTS = pytest.mark.parametrize("export", [to_gguf, to_safetensors])


def child_of(process: int) -> int:
    """The export's own process."""
    (child,) = [p for p in psutil.Process(process).children() if "resource_tracker" not in " ".join(p.cmdline())]
    return int(child.pid)


@EXPORTS
def test_a_stopped_export_leaves_nothing(export: Export, tmp_path: Path) -> None:
    cancel = threading.Event()
    events: list[Any] = []
    for event in export(NANO, tmp_path / "model", cancel=cancel):
        events.append(event)
        cancel.set()

    assert isinstance(events[0], ExportProgress)
    assert isinstance(events[-1], Exported)
    assert events[-1].state == "stopped"
    assert list(tmp_path.iterdir()) == []


def test_a_stopped_export_leaves_the_older_file(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(b"older")
    cancel = threading.Event()
    for _event in to_gguf(NANO, tmp_path / "model", cancel=cancel):
        cancel.set()

    assert (tmp_path / "model").read_bytes() == b"older"


def test_an_older_export_is_replaced_and_nothing_else_ever_is(tmp_path: Path) -> None:
    for _turn in range(2):
        *_progress, done = to_safetensors(NANO, tmp_path / "model")
        assert isinstance(done, Exported)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "to-ana.txt").write_text("Hola")

    for folder in (tmp_path / "letters", tmp_path / "letters" / "to-ana.txt", NANO):
        with pytest.raises(ThauError, match="no earlier export"):
            list(to_safetensors(NANO, folder))

    assert (tmp_path / "letters" / "to-ana.txt").read_text() == "Hola"
    assert (NANO / "model.safetensors").is_file()


def test_the_death_of_its_process_leaves_nothing_under_the_final_name_and_the_next_try_is_clean(tmp_path: Path) -> None:
    with pytest.raises(ChildCrashed):
        events = to_gguf(NANO, tmp_path / "model.gguf", "q5_0")
        assert isinstance(next(events), ExportProgress)
        (child,) = (one for one in multiprocessing.active_children() if one.name == "export")
        child.kill()
        list(events)

    (left,) = tmp_path.iterdir()  # what it had begun
    assert left.name.startswith(".model.gguf.")
    *_progress, done = to_gguf(NANO, tmp_path / "model.gguf", "f32")
    assert isinstance(done, Exported)
    assert [path.name for path in tmp_path.iterdir()] == ["model.gguf"]
    list(validator.check(tmp_path / "model.gguf"))


def test_the_kill_of_everything_leaves_nothing_under_the_final_name(tmp_path: Path) -> None:
    script = f"""
from pathlib import Path
from thau_desktop.export.gguf import to_gguf
if __name__ == "__main__":
    for event in to_gguf(Path({str(NANO)!r}), Path({str(tmp_path / "model.gguf")!r}), "f32"):
        print(event, flush=True)
        import time; time.sleep(60)
"""
    (tmp_path / "run.py").write_text(script)
    command = [sys.executable, str(tmp_path / "run.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        assert process.stdout is not None
        assert b"ExportProgress" in process.stdout.readline()
        child = psutil.Process(child_of(process.pid))
        process.kill()
        child.wait(10)

    assert not (tmp_path / "model.gguf").exists()
    list(to_gguf(NANO, tmp_path / "model.gguf", "f32"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.gguf", "run.py"]


@needs_limits
@EXPORTS
def test_a_full_disk_is_told_and_leaves_nothing(export: Export, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with full_disk(4_000_000), pytest.raises(DiskFull, match="disk is full"):
        list(export(NANO, tmp_path / "out" / "model"))

    assert list((tmp_path / "out").iterdir()) == []
    *_progress, done = export(NANO, tmp_path / "out" / "model")
    assert isinstance(done, Exported)
    assert done.state == "complete"


def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(ThauError, match="can't be written"):
        list(to_gguf(NANO, tmp_path / "file" / "model.gguf"))
