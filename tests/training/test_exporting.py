"""Examples go out into a file that an import takes in again, whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from thau_desktop.app import Thau
from thau_desktop.errors import DiskFull, ThauError
from thau_desktop.store.examples import NewExample
from thau_desktop.training import intake
from thau_desktop.training.exporting import export


@pytest.fixture
def filled(home: Path) -> Any:
    with Thau(home) as thau:
        thau.examples.insert(
            [NewExample(f"¿Pregunta {n}?", f"respuesta {n}\nñ", history=(("user", "antes"),)) for n in range(1200)]
        )
        thau.examples.exclude([5])
        yield thau


def test_what_goes_out_comes_in_again(filled: Thau, tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    assert export(filled.examples, path) == 1200
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert records[0]["instruction"] == "¿Pregunta 0?" and records[0]["output"] == "respuesta 0\nñ"
    assert export(filled.examples, path, "excluded") == 1
    assert export(filled.examples, path, None, "pregunta 77?") == 1
    export(filled.examples, path)
    with Thau(tmp_path / "other") as other:
        *_events, done = intake.take_in(other.examples, path)
        assert done.added == 1200
        assert other.examples.list(limit=1)[0].history == (("user", "antes"),)


def test_a_file_that_can_not_be_written_leaves_the_old_one(
    filled: Thau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("old")
    cancel = threading.Event()
    cancel.set()
    assert export(filled.examples, path, cancel=cancel) == 0
    with pytest.raises(ThauError, match="can't be written"):
        export(filled.examples, tmp_path / "nowhere" / "out.jsonl")

    def full(_number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull):
        export(filled.examples, path)
    assert path.read_text() == "old" and [file.name for file in tmp_path.iterdir()] == ["out.jsonl"]
