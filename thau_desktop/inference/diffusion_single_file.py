"""What a single-file checkpoint lacks: the settings of its parts and its word list, found on this disk.

diffusers would fetch them from the network. Here they come from a folder of the same kind of model beside the file, or
are written from what is known of the Stable Diffusion versions together with the CLIP word list of any folder there.
Imported only in the child.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from thau_desktop.errors import ModelBroken, ModelMissing
from thau_desktop.inference.drawing_families import CLASSES, FAMILIES, family_of_tensors
from thau_desktop.inference.drawing_weights import shapes
from thau_desktop.inference.image_model_folder import INDEX
from thau_desktop.inference.model_folder import read_json
from thau_desktop.paths import resources
from thau_desktop.translation import _

CLIP_WORDS = 49408
_PREFIX = "model.diffusion_model."
_Shapes = Mapping[str, tuple[int, ...]]

_DISCRETE = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "num_train_timesteps": 1000}
_VAE = {
    "_class_name": "AutoencoderKL",
    "block_out_channels": [128, 256, 512, 512],
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
    "layers_per_block": 2,
    "latent_channels": 4,
    "sample_size": 512,
}
_UNET = {"_class_name": "UNet2DConditionModel", "sample_size": 64, "cross_attention_dim": 768, "attention_head_dim": 8}
_CLIP_L = {
    "model_type": "clip_text_model",
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "projection_dim": 768,
    "hidden_act": "quick_gelu",
    "vocab_size": CLIP_WORDS,
    "max_position_embeddings": 77,
    "bos_token_id": 49406,
    "eos_token_id": 49407,
    "pad_token_id": 49407,
}
_EULER = {"_class_name": "EulerDiscreteScheduler", **_DISCRETE, "timestep_spacing": "leading", "steps_offset": 1}

KNOWN: dict[str, dict[str, dict[str, Any]]] = {
    "sd": {
        "unet": _UNET,
        "vae": _VAE,
        "text_encoder": _CLIP_L,
        "scheduler": {
            "_class_name": "PNDMScheduler",
            **_DISCRETE,
            "skip_prk_steps": True,
            "steps_offset": 1,
            "set_alpha_to_one": False,
            "clip_sample": False,
        },
    },
    "sd2": {
        "unet": _UNET
        | {
            "sample_size": 96,
            "cross_attention_dim": 1024,
            "attention_head_dim": [5, 10, 20, 20],
            "use_linear_projection": True,
        },
        "vae": _VAE | {"sample_size": 768},
        "text_encoder": _CLIP_L
        | {
            "hidden_size": 1024,
            "intermediate_size": 4096,
            "num_hidden_layers": 23,
            "num_attention_heads": 16,
            "projection_dim": 512,
            "hidden_act": "gelu",
        },
        "scheduler": {
            "_class_name": "DDIMScheduler",
            **_DISCRETE,
            "prediction_type": "v_prediction",
            "clip_sample": False,
            "set_alpha_to_one": False,
            "steps_offset": 1,
        },
    },
    "sdxl": {
        "unet": _UNET
        | {
            "sample_size": 128,
            "cross_attention_dim": 2048,
            "attention_head_dim": [5, 10, 20],
            "block_out_channels": [320, 640, 1280],
            "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
            "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
            "transformer_layers_per_block": [1, 2, 10],
            "use_linear_projection": True,
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": 2816,
        },
        "vae": _VAE | {"sample_size": 1024, "scaling_factor": 0.13025, "force_upcast": True},
        "text_encoder": _CLIP_L,
        "text_encoder_2": _CLIP_L
        | {
            "hidden_size": 1280,
            "intermediate_size": 5120,
            "num_hidden_layers": 32,
            "num_attention_heads": 20,
            "projection_dim": 1280,
            "hidden_act": "gelu",
        },
        "scheduler": _EULER,
    },
}
"""The settings of the Stable Diffusion versions as their makers published them, by key of `FAMILIES`."""


@contextlib.contextmanager
def settings_for(path: Path) -> Iterator[Path]:
    """A diffusers folder with the settings of the checkpoint `path`, if without weights. Raises `ModelMissing`."""
    found = shapes(path)
    family = family_of_tensors(found) or ""
    kind = FAMILIES[family].kind
    folders = [folder for folder in _folders(path) if _kind(folder) == kind and fits(folder, found)]
    if folders:
        yield folders[0]
        return
    words = _clip_words(path)
    if family not in KNOWN or words is None:
        raise _no_settings(path, family)
    with tempfile.TemporaryDirectory() as place:
        yield write(Path(place), family, words)


def write(folder: Path, family: str, words: Path) -> Path:
    """Write the settings of a family of `KNOWN` into a folder, with the word list in `words`. Returns the folder."""
    kind = "StableDiffusionXLPipeline" if family == "sdxl" else "StableDiffusionPipeline"
    second = "CLIPTextModelWithProjection"
    index: dict[str, Any] = {"_class_name": kind}
    for part, settings in KNOWN[family].items():
        (folder / part).mkdir(parents=True)
        name = "scheduler_config.json" if part == "scheduler" else "config.json"
        (folder / part / name).write_text(json.dumps(settings), encoding="utf-8")
        if part.startswith("text_encoder"):
            index[part] = ["transformers", second if part.endswith("2") else "CLIPTextModel"]
            tokenizer = part.replace("text_encoder", "tokenizer")
            index[tokenizer] = ["transformers", "CLIPTokenizer"]
            shutil.copytree(words, folder / tokenizer)
        else:
            index[part] = ["diffusers", settings["_class_name"]]
    if kind == "StableDiffusionPipeline":
        index |= {"safety_checker": [None, None], "feature_extractor": [None, None]}
    (folder / INDEX).write_text(json.dumps(index), encoding="utf-8")
    return folder


def fits(folder: Path, found: _Shapes) -> bool:
    """Whether the settings in a folder are those of a checkpoint with these tensors: width, depth, text encoder."""
    try:
        if (folder / "transformer").is_dir():
            settings = read_json(folder / "transformer" / "config.json")
            layers = _blocks(found, "double_blocks.") or _blocks(found, "joint_blocks.")
            return int(settings.get("num_layers", 0)) == layers
        unet = read_json(folder / "unet" / "config.json")
        width = found[f"{_PREFIX}input_blocks.0.0.weight"][0]
        text = next(shape[1] for name, shape in found.items() if name.endswith("attn2.to_k.weight"))
        words = read_json(folder / "text_encoder" / "config.json")
        known = next(shape[0] for name, shape in found.items() if name.endswith("token_embedding.weight"))
        return (
            bool(unet["block_out_channels"][0] == width)
            and unet["cross_attention_dim"] == text
            and words["vocab_size"] == known
        )
    except (ModelMissing, ModelBroken, KeyError, TypeError, ValueError, StopIteration):
        return False


def _blocks(found: _Shapes, kind: str) -> int:
    """How many blocks of a kind a transformer has."""
    numbers = [name.partition(kind)[2].partition(".")[0] for name in found if kind in name]
    return len({number for number in numbers if number.isdigit()})


def _folders(path: Path) -> list[Path]:
    """The diffusers folders beside a file; the one that is named like it comes first."""
    folders = [folder for folder in sorted(path.parent.iterdir()) if (folder / INDEX).is_file()]
    return sorted(folders, key=lambda folder: folder.name != path.stem)


def _kind(folder: Path) -> str:
    try:
        family = CLASSES.get(str(read_json(folder / INDEX).get("_class_name")))
    except (ModelMissing, ModelBroken):
        return ""
    return family.kind if family else ""


def _clip_words(path: Path) -> Path | None:
    """A tokenizer folder with the word list that all Stable Diffusion models share."""
    places = [folder / "tokenizer" for folder in _folders(path)]
    for place in [resources() / "tokenizers" / "clip", *places]:
        if (place / "vocab.json").is_file() and (place / "merges.txt").is_file():
            with contextlib.suppress(ModelBroken):
                if len(read_json(place / "vocab.json")) == CLIP_WORDS:
                    return place
    return None


def _no_settings(path: Path, family: str) -> ModelMissing:
    names = {"sd": "Stable Diffusion 1.5", "sd2": "Stable Diffusion 2.1", "sdxl": "SDXL", "sd3": "SD3", "flux": "Flux"}
    advice = _("Put the folder of a {family} model in diffusers form beside it: its .json and .txt files are enough.")
    if family in ("sd3", "flux"):
        advice = _(
            "Put the whole folder of a {family} model in diffusers form beside it: such a file has not all parts."
        )
    return ModelMissing(
        _("{name} holds a model's weights, but not the word list and the settings that belong to them.").format(
            name=path.name
        ),
        advice.format(family=names.get(family, family)),
    )
