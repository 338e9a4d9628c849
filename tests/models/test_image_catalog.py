"""Which image models are on the disk, and which one draws."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from thau_desktop.errors import ModelBroken, ModelMissing
from thau_desktop.models import catalog, image_catalog
from thau_desktop.models.image_catalog import DEFAULT_MODEL, ImageModels
from thau_desktop.paths import Paths


@pytest.fixture
def paths(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    for module in (catalog, image_catalog):
        monkeypatch.setattr(module, "resources", lambda: tmp_path / "resources")
    return Paths.find(home).create()


def add(folder: Path, kind: str = "StableDiffusionPipeline") -> Path:
    """A folder that says what it is, with weights of nothing."""
    (folder / "unet").mkdir(parents=True)
    (folder / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(struct.pack("<Q", 2) + b"{}")
    (folder / "model_index.json").write_text(
        json.dumps({"_class_name": kind, "unet": ["diffusers", "UNet2DConditionModel"]})
    )
    return folder


def test_the_default_comes_first_and_one_of_the_user_hides_a_starter(paths: Paths, tmp_path: Path) -> None:
    add(tmp_path / "resources/starter" / DEFAULT_MODEL)
    add(paths.models / "alpha")
    add(paths.models / "odd", "AudioPipeline")
    first, second = ImageModels(paths).installed()
    assert (first.name, first.starter, second.name, second.starter) == (DEFAULT_MODEL, True, "alpha", False)
    add(paths.models / DEFAULT_MODEL)
    assert ImageModels(paths).find().path == paths.models / DEFAULT_MODEL
    assert not ImageModels(paths).installed()[0].starter


def test_the_chosen_one_draws_unless_another_is_named(paths: Paths) -> None:
    add(paths.models / "alpha")
    add(paths.models / "beta")
    assert ImageModels(paths, lambda: "beta").find().name == "beta"
    assert ImageModels(paths, lambda: "beta").find("alpha").name == "alpha"
    assert ImageModels(paths).find().name == "alpha", "the default is not there"
    with pytest.raises(ModelMissing, match="alpha, beta"):
        ImageModels(paths, lambda: "gone").find()


def test_without_any_it_is_said_what_to_do(paths: Paths) -> None:
    with pytest.raises(ModelMissing, match=DEFAULT_MODEL) as caught:
        ImageModels(paths).find()
    assert str(paths.models) in caught.value.advice and caught.value.action is not None


def test_a_model_that_can_not_be_used_says_why(paths: Paths) -> None:
    add(paths.models / "odd", "AudioPipeline")
    with pytest.raises(ModelBroken, match="AudioPipeline"):
        ImageModels(paths).find("odd")
    (paths.models / "odd" / "model_index.json").write_text("{")
    with pytest.raises(ModelBroken, match=r"model_index\.json"):
        ImageModels(paths).find("odd")


def test_image_models_are_not_among_those_that_answer(paths: Paths) -> None:
    (add(paths.models / "alpha") / "config.json").write_text("{}")
    assert catalog.installed(paths) == []
