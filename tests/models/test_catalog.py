"""What is on the disk: starters and the user's own folders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import tiny_gguf
from thau_desktop.errors import ModelBroken, ModelMissing, ModelUnsupported
from thau_desktop.inference.model_folder import digest
from thau_desktop.models import catalog
from thau_desktop.paths import Paths
from thau_desktop.store.database import Database
from thau_desktop.store.versions import Versions


@pytest.fixture
def paths(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setattr(catalog, "resources", lambda: tmp_path / "resources")
    return Paths.find(home).create()


def add(folder: Path, manifest: str | None = None) -> None:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    if manifest is not None:
        (folder / "thau.json").write_text(manifest)


def test_folders_with_a_config_are_models_and_the_default_comes_first(paths: Paths, tmp_path: Path) -> None:
    add(tmp_path / "resources/starter/thau-nano-v1", json.dumps({"native_tools": ["generate_image"], "context": 512}))
    add(paths.models / "alpha", "not json")
    (paths.models / "no-model").mkdir()
    (paths.models / "file").write_text("x")
    nano, alpha = catalog.installed(paths)
    assert (nano.name, nano.starter, nano.manifest.context) == ("thau-nano-v1", True, 512)
    assert (alpha.name, alpha.starter, alpha.manifest.needs_tool_prompt) == ("alpha", False, True)
    assert alpha.bytes == len("{}") + len("not json")


def test_a_folder_of_the_user_hides_a_starter_of_its_name(paths: Paths, tmp_path: Path) -> None:
    add(tmp_path / "resources/starter/thau-nano-v1")
    add(paths.models / "thau-nano-v1")
    (model,) = catalog.installed(paths)
    assert model.path == paths.models / "thau-nano-v1" and not model.starter


def test_finding_by_name_by_default_and_not_at_all(paths: Paths) -> None:
    with pytest.raises(ModelMissing, match="models"):
        catalog.find(paths)
    add(paths.models / "beta")
    assert catalog.find(paths).name == catalog.find(paths, "beta").name == "beta"
    with pytest.raises(ModelMissing, match="beta") as caught:
        catalog.find(paths, "gamma")
    assert "gamma" in caught.value.what and caught.value.action is not None


def test_a_trained_version_is_its_base_with_an_adapter(paths: Paths, tmp_path: Path) -> None:
    add(paths.models / "thau-nano-v1", json.dumps({"context": 512}))
    (paths.models / "thau-nano-v1" / "model.safetensors").write_bytes(b"weights")
    with Database(tmp_path / "thau.db") as database:
        models = catalog.Models(paths, Versions(database))
        Versions(database).add(
            "thau-nano-v2",
            base="thau-nano-v1",
            base_digest=digest(paths.models / "thau-nano-v1"),
            parent="thau-nano-v1",
            folder="thau-nano-v2",
            run_id=None,
            data_digest="y",
            learned=1,
            scores={},
        )
        with pytest.raises(ModelMissing, match="has lost its files"):
            models.find("thau-nano-v2")
        (paths.checkpoints / "thau-nano-v2").mkdir()
        found = models.find("thau-nano-v2")
        assert (found.name, found.path.name, found.manifest.context) == ("thau-nano-v2", "thau-nano-v1", 512)
        assert found.adapter == paths.checkpoints / "thau-nano-v2"
        assert models.find("thau-nano-v1").adapter is None
        (paths.models / "thau-nano-v1" / "model.safetensors").write_bytes(b"others!")
        with pytest.raises(ModelBroken, match="trained on another thau-nano-v1"):
            models.find("thau-nano-v2")


def test_version_1_of_a_size_is_its_base_under_that_name(paths: Paths, tmp_path: Path) -> None:
    add(tmp_path / "resources/starter/thau-nano-v1")
    with Database(paths.database, paths.backups) as database:
        models = catalog.Models(paths, Versions(database))
        assert models.first("nano").name == "thau-nano-v1"
        with pytest.raises(ModelMissing, match="no size 2b"):
            models.first("2b")
        with pytest.raises(ModelMissing, match=r"Qwen2.5-Coder-1.5B-Instruct \(about 2 GB\), is not on this disk"):
            models.first("1.5b")
        add(paths.models / "Qwen2.5-Coder-1.5B-Instruct")
        assert models.first("1.5b").path == paths.models / "thau-1.5b-v1"
        assert models.first("1.5b").name == "thau-1.5b-v1"


def test_gguf_files_are_models_too_beside_folders_and_adapters(paths: Paths, tmp_path: Path) -> None:
    add(tmp_path / "resources/starter/thau-nano-v1")
    tiny_gguf.write(paths.models / "thau-nano-v1.gguf")
    tiny_gguf.write(paths.models / "big-00001-of-00002.gguf")
    (paths.models / "big-00002-of-00002.gguf").write_bytes(b"GGUF")
    (paths.models / "mmproj-big.gguf").write_bytes(b"GGUF")
    tiny_gguf.write(paths.models / "from a friend" / "phi.gguf")
    tiny_gguf.write(paths.models / "from a friend" / "phi.pirate.gguf", adapter=True)
    tiny_gguf.write(paths.models / "stray.gguf", adapter=True)
    (paths.models / "broken.gguf").write_bytes(b"what")
    found = {model.name: model for model in catalog.installed(paths)}
    assert list(found) == ["thau-nano-v1", "big", "broken", "phi", "phi.pirate", "thau-nano-v1.gguf"]
    phi, pirate = found["phi"], found["phi.pirate"]
    assert (phi.kind, phi.adapter, phi.manifest.context) == ("gguf", None, 256)
    assert pirate.path == phi.path and pirate.adapter == paths.models / "from a friend" / "phi.pirate.gguf"
    assert phi.path is not None and phi.bytes == phi.path.stat().st_size
    with pytest.raises(ModelUnsupported, match="can't be trained"):
        _ = phi.folder
    assert found["thau-nano-v1"].folder == tmp_path / "resources/starter/thau-nano-v1"


def test_a_model_of_ollama_is_known_by_its_name_alone(paths: Paths) -> None:
    model = catalog.find(paths, "ollama/qwen3:8b")
    assert (model.kind, model.path, model.bytes) == ("ollama", None, 0)
