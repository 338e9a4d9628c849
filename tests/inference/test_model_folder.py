"""Folders that are missing something, cut off or broken are told by the name of the file."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from thau_desktop.errors import ModelBroken, ModelMissing
from thau_desktop.inference.model_folder import InstalledModel, Manifest, check, read_manifest, verify


@pytest.fixture
def copy(tiny_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_folder, tmp_path / "copy"))


def test_a_whole_folder_passes(tiny_folder: Path) -> None:
    check(tiny_folder)
    assert read_manifest(tiny_folder) == Manifest(name="tiny", needs_tool_prompt=True, context=512)


def test_a_folder_without_a_manifest_needs_the_tool_prompt(copy: Path) -> None:
    (copy / "thau.json").unlink()
    assert read_manifest(copy).needs_tool_prompt


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="nowhere"):
        check(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ModelMissing, match=name):
        check(copy)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
@pytest.mark.parametrize("keep", [0, 5, 0.5, 0.99])
def test_a_file_that_was_cut_off_is_named(copy: Path, name: str, keep: float) -> None:
    data = (copy / name).read_bytes()
    (copy / name).write_bytes(data[: int(keep if keep >= 1 else keep * len(data))])
    with pytest.raises(ModelBroken, match=name):
        check(copy)


def test_weights_that_have_grown_or_are_something_else_are_refused(copy: Path) -> None:
    weights = copy / "model.safetensors"
    data = weights.read_bytes()
    for wrong in (data + b"x", b"\xff" * 64, b"<html>404</html>"):
        weights.write_bytes(wrong)
        with pytest.raises(ModelBroken, match=r"model\.safetensors"):
            check(copy)


def test_bin_files_are_never_opened(copy: Path) -> None:
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    with pytest.raises(ModelBroken, match=r"\.bin"):
        check(copy)


def test_a_missing_shard_is_named(copy: Path) -> None:
    (copy / "model.safetensors.index.json").write_text('{"weight_map": {"a": "model-00001-of-00002.safetensors"}}')
    with pytest.raises(ModelMissing, match="00001-of-00002"):
        check(copy)


def test_a_changed_file_is_told_by_the_hash_in_the_manifest(copy: Path) -> None:
    weights = copy / "model.safetensors"
    manifest = json.loads((copy / "thau.json").read_text(encoding="utf-8"))
    manifest["sha256"] = {weights.name: hashlib.sha256(weights.read_bytes()).hexdigest()}
    (copy / "thau.json").write_text(json.dumps(manifest), encoding="utf-8")
    verify(copy)
    damaged = bytearray(weights.read_bytes())
    damaged[-1] ^= 1
    weights.write_bytes(damaged)
    check(copy)
    with pytest.raises(ModelBroken, match=r"model\.safetensors"):
        verify(copy)


def test_all_versions_of_a_base_share_its_name(tmp_path: Path) -> None:
    assert InstalledModel("nano", tmp_path / "nano").base == "nano"
    assert InstalledModel("thau-nano-v2", tmp_path / "nano", adapter=tmp_path).base == "nano"
    assert InstalledModel("big", tmp_path / "big-00001-of-00002.gguf", kind="gguf").base == "big"
    assert InstalledModel("big.v2", tmp_path / "big.gguf", kind="gguf", adapter=tmp_path).base == "big"
    assert InstalledModel("ollama/big", None, kind="ollama").base == "ollama/big"
