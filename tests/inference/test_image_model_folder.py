"""Image models on disk: what they are, and what is missing, cut off or refused, told by the name of the file."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import tiny_pictures
from thau_desktop.errors import ModelBroken, ModelMissing, ModelUnsupported
from thau_desktop.inference import image_model_folder
from thau_desktop.inference.drawing import SCHEDULERS
from thau_desktop.inference.drawing_families import CLASSES
from thau_desktop.inference.image_model_folder import check, describe, is_image_checkpoint, is_image_folder, verify


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder with a model of each kind."""
    root = tmp_path_factory.mktemp("models")
    tiny_pictures.sd(root / "sd", checker=True)
    tiny_pictures.sdxl(root / "sdxl-base")
    tiny_pictures.sdxl(root / "tiny", turbo=True)
    tiny_pictures.sd3(root / "sd3")
    tiny_pictures.flux(root / "flux")
    tiny_pictures.flux(root / "quick", schnell=True)
    tiny_pictures.lcm(root / "consistent")
    tiny_pictures.single_file(root / "sd", root / "one.safetensors")
    tiny_pictures.lora(root / "sd", root / "style.safetensors")
    return root


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "sd", tmp_path / "copy"))


def change(path: Path, **values: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | values), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "kind", "turbo", "guidance", "negative"),
    [
        ("sd", "sd", False, True, True),
        ("sdxl-base", "sdxl", False, True, True),
        ("tiny", "sdxl", True, False, False),
        ("sd3", "sd3", False, True, True),
        ("flux", "flux", False, True, False),
        ("quick", "flux", True, False, False),
        ("consistent", "lcm", True, True, False),
    ],
)
def test_a_folder_says_what_it_is(
    made: Path, name: str, kind: str, turbo: bool, guidance: bool, negative: bool
) -> None:
    model = describe(made / name)
    assert (model.name, model.kind, model.turbo) == (name, kind, turbo)
    assert (model.takes_guidance, model.takes_negative_prompt) == (guidance, negative)
    assert model.schedulers == (SCHEDULERS if kind in ("sd", "sdxl") else ())
    assert model.minimum_steps == (1 if turbo else 10)
    assert model.safety_checker == (name == "sd")
    assert model.bytes > 100_000
    check(made / name)
    assert is_image_folder(made / name)


def test_the_native_size_is_that_of_the_latents_enlarged(made: Path, copy: Path) -> None:
    assert describe(made / "sd").native_size == (64, 64)
    change(copy / "unet" / "config.json", sample_size=[96, 128])
    assert describe(copy).native_size == (256, 192)


def test_the_manifest_has_the_last_word(made: Path, copy: Path) -> None:
    (copy / "thau.json").write_text(
        json.dumps(
            {
                "kind": "image",
                "name": "thau-image-v1",
                "title": "THAU Image",
                "sizes": [[256, 256], "384x256", 512],
                "steps": 20,
                "guidance": 4.5,
                "license": "MIT",
                "sha256": {"unet/config.json": hashlib.sha256((copy / "unet/config.json").read_bytes()).hexdigest()},
            }
        )
    )
    model = describe(copy, starter=True)
    assert (model.title, model.native_size, model.steps, model.guidance) == ("THAU Image", (256, 256), 20, 4.5)
    assert (model.measured_guidance, describe(made / "sd").measured_guidance) == (4.5, 0.0)
    assert model.sizes == ((256, 256), (384, 256), (512, 512))
    assert model.starter and model.license == "MIT"
    verify(copy)
    change(copy / "unet" / "config.json", sample_size=8)
    with pytest.raises(ModelBroken, match="came with THAU"):
        verify(copy)


def test_a_single_file_is_known_by_its_tensors(made: Path, tmp_path: Path) -> None:
    assert is_image_checkpoint(made / "one.safetensors")
    assert describe(made / "one.safetensors").kind == "sd"
    check(made / "one.safetensors")
    parts = image_model_folder.parameters_of_parts(made / "one.safetensors")
    folder = image_model_folder.parameters_of_parts(made / "sd")
    assert sorted(parts.values()) == sorted(folder.values())
    assert not is_image_checkpoint(made / "style.safetensors")
    assert not is_image_checkpoint(made / "sd" / "vae" / "diffusion_pytorch_model.safetensors")
    assert not is_image_checkpoint(tmp_path / "none.safetensors")
    with pytest.raises(ModelUnsupported, match="style"):
        describe(made / "style.safetensors")


def test_a_single_file_that_was_cut_off_is_named(made: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.safetensors"
    short.write_bytes((made / "one.safetensors").read_bytes()[:-7])
    assert not is_image_checkpoint(short)
    with pytest.raises(ModelBroken, match="short"):
        check(short)


@pytest.mark.parametrize("name", ["model.ckpt", "model.pt", "model.bin"])
def test_a_pickle_is_refused_with_the_reason(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(ModelBroken, match="may hold programs"):
        describe(tmp_path / name)


def test_a_folder_with_pickles_only_is_refused(copy: Path) -> None:
    weights = copy / "unet" / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(".bin"))
    for question in (describe, check):
        with pytest.raises(ModelBroken, match=r"diffusion_pytorch_model\.bin is a pickle"):
            question(copy)


@pytest.mark.parametrize(
    "name",
    [
        "model_index.json",
        "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors",
        "vae/diffusion_pytorch_model.safetensors",
        "text_encoder/model.safetensors",
        "scheduler/scheduler_config.json",
        "tokenizer/tokenizer.json",
    ],
)
def test_a_missing_or_broken_file_is_named(copy: Path, name: str) -> None:
    data = (copy / name).read_bytes()
    (copy / name).write_bytes(data[: len(data) // 2])
    with pytest.raises(ModelBroken, match=Path(name).name):
        check(copy)
    (copy / name).unlink()
    with pytest.raises(ModelMissing, match=Path(name).name):
        check(copy)


def test_a_model_without_its_safety_checker_still_draws(copy: Path) -> None:
    shutil.rmtree(copy / "safety_checker")
    check(copy)
    assert not describe(copy).safety_checker


def test_half_precision_weights_are_found_by_their_variant(copy: Path) -> None:
    assert image_model_folder.variant(copy) == ""
    for part in ("unet", "vae", "text_encoder"):
        (file,) = (copy / part).glob("*.safetensors")
        file.rename(file.with_suffix(".fp16.safetensors"))
    assert image_model_folder.variant(copy) == "fp16"
    check(copy)


def test_settings_alone_are_no_model(copy: Path) -> None:
    for file in copy.glob("*/*.safetensors"):
        file.unlink()
    assert not is_image_folder(copy)
    with pytest.raises(ModelMissing):
        describe(copy)


@pytest.mark.parametrize("kind", ["StableDiffusionInpaintPipeline", "WanPipeline", "", None])
def test_a_class_that_does_not_draw_from_words_is_unsupported(copy: Path, kind: str | None) -> None:
    change(copy / "model_index.json", _class_name=kind)
    with pytest.raises(ModelUnsupported, match=r"model_index\.json"):
        describe(copy)


def _custom_pipeline(folder: Path) -> None:
    change(folder / "model_index.json", _class_name=["pipeline", "MyPipeline"])


def _custom_part(folder: Path) -> None:
    change(folder / "model_index.json", unet=["my_unet", "MyUNet"])
    (folder / "unet" / "my_unet.py").write_text("raise SystemExit")


@pytest.mark.parametrize("bring", [_custom_pipeline, _custom_part])
def test_a_model_that_brings_a_program_is_refused(copy: Path, bring: Callable[[Path], None]) -> None:
    bring(copy)
    with pytest.raises(ModelUnsupported, match="program of its own"):
        describe(copy)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="nowhere"):
        check(tmp_path / "nowhere")


def test_every_class_is_one_that_diffusers_draws_from_words_with() -> None:
    from diffusers.pipelines.auto_pipeline import AUTO_TEXT2IMAGE_PIPELINES_MAPPING

    assert set(CLASSES) <= {pipeline.__name__ for pipeline in AUTO_TEXT2IMAGE_PIPELINES_MAPPING.values()}
