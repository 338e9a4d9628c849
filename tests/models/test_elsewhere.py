"""Models of other programs are found where those keep them, and taken in without taking room twice."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from thau_desktop.errors import StoreError
from thau_desktop.models.elsewhere import elsewhere
from thau_desktop.models.events import DownloadFinished
from thau_desktop.models.importing import take_in

GGUF = b"GGUF" + bytes(2_000_000)


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a model of each program."""
    for name in ("OLLAMA_MODELS", "HF_HOME", "HF_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    studio = tmp_path / ".lmstudio/models/lab/tiny-GGUF"
    studio.mkdir(parents=True)
    (studio / "tiny-Q4_K_M.gguf").write_bytes(GGUF)
    (studio / "mmproj-tiny.gguf").write_bytes(GGUF)
    ollama = tmp_path / ".ollama/models"
    (ollama / "blobs").mkdir(parents=True)
    (ollama / "blobs/sha256-abc").write_bytes(GGUF)
    manifest = ollama / "manifests/registry.ollama.ai/library/qwen/1.5b"
    manifest.parent.mkdir(parents=True)
    layers = [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:abc", "size": len(GGUF)}]
    manifest.write_text(json.dumps({"schemaVersion": 2, "layers": layers}))
    manifest.with_name("broken").write_text("{")
    cache = tmp_path / ".cache/huggingface/hub/models--lab--small/snapshots/0123"
    cache.mkdir(parents=True)
    (cache / "config.json").write_text("{}")
    (cache / "model.safetensors").write_bytes(bytes(10))
    return tmp_path


def test_each_program_is_asked_where_it_keeps_its_models(user: Path) -> None:
    found = [(each.program, each.name) for each in elsewhere(user)]
    assert ("LM Studio", "tiny-Q4_K_M") in found and ("Ollama", "qwen-1.5b") in found
    assert ("Hugging Face", "small") in found and not any("mmproj" in name for _program, name in found)


def test_a_model_of_another_program_takes_no_room_twice(user: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    (mine,) = [each for each in elsewhere(user) if each.program == "Ollama"]
    last = list(take_in(mine.path, models, threading.Event(), mine.name, shared=True))[-1]
    assert isinstance(last, DownloadFinished) and last.path == models / "qwen-1.5b.gguf"
    assert last.path.samefile(mine.path)
    with pytest.raises(StoreError, match="already"):
        list(take_in(mine.path, models, threading.Event(), mine.name))


def test_a_copy_that_is_stopped_leaves_nothing(user: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    cancel = threading.Event()
    events = take_in(user / ".lmstudio/models/lab/tiny-GGUF/tiny-Q4_K_M.gguf", models, cancel)
    next(events)
    cancel.set()
    last = list(events)[-1]
    assert isinstance(last, DownloadFinished) and last.state == "paused"
    assert [path for path in models.rglob("*") if path.is_file()] == []
