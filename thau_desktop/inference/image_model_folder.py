"""An image model on disk, read and checked without torch: a diffusers folder, or one .safetensors file.

Safetensors only: .bin, .ckpt and .pt files are pickles, which may hold programs, and are not opened.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from thau_desktop.errors import ModelBroken, ModelMissing, ModelUnsupported
from thau_desktop.inference.drawing import SCHEDULERS, USUAL_GUIDANCE
from thau_desktop.inference.drawing_families import CLASSES, FAMILIES, Family, family_of_tensors
from thau_desktop.inference.drawing_weights import (
    PICKLES,
    VARIANTS,
    broken,
    missing,
    part_of_tensor,
    pickled,
    shapes,
    weight_files,
    weights,
)
from thau_desktop.inference.model_folder import MANIFEST, check_safetensors, read_json
from thau_desktop.translation import _

INDEX = "model_index.json"
SAFETY_PARTS = ("safety_checker", "feature_extractor")  # people delete them, and a model draws without
_FEW_STEPS = ("turbo", "lightning", "schnell", "hyper", "lcm", "flash")  # how distilled models call themselves


@dataclass(frozen=True, slots=True)
class ImageManifest:
    """What `thau.json` says about an image model; zeros and empties where it says nothing.

    Attributes:
        sizes: width and height that it was made for, the native one first.
        minimum_steps: fewest steps that give a picture.
        turbo: made for few steps and no guidance.
        enlarges: its decoder makes a large picture of what was drawn small.
        sha256: of its files by path inside the folder.
    """

    name: str = ""
    title: str = ""
    sizes: tuple[tuple[int, int], ...] = ()
    steps: int = 0
    guidance: float = 0.0
    minimum_steps: int = 0
    turbo: bool | None = None
    enlarges: bool = False
    license: str = ""
    sha256: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InstalledImageModel:
    """An image model on this disk.

    Attributes:
        path: a diffusers folder, or a single .safetensors file.
        kind: "sd", "sdxl", "sd3", "flux", "lcm" or "other".
        native_size: width and height that it draws best.
        bytes: on disk.
        starter: it came with THAU and can't be removed.
        turbo: made for few steps; `minimum_steps` says how few.
        steps, guidance: what its makers advise.
        measured_guidance: what its makers found best, where its manifest says: so strongly `USUAL_GUIDANCE` guides it,
            and other numbers in proportion. 0: numbers mean themselves.
        takes_guidance, takes_negative_prompt: whether these change its pictures.
        schedulers: those of `SCHEDULERS` that it can be drawn with; empty: only its own.
        safety_checker: whether it has one.
        enlarges: sizes beyond its native one are drawn in that, and made large by its decoder.
    """

    name: str
    path: Path
    kind: str = "sd"
    title: str = ""
    native_size: tuple[int, int] = (512, 512)
    bytes: int = 0
    starter: bool = False
    turbo: bool = False
    steps: int = 30
    guidance: float = USUAL_GUIDANCE
    measured_guidance: float = 0.0
    minimum_steps: int = 10
    takes_guidance: bool = True
    takes_negative_prompt: bool = True
    schedulers: tuple[str, ...] = SCHEDULERS
    safety_checker: bool = False
    image_to_image: bool = True
    sizes: tuple[tuple[int, int], ...] = ()
    license: str = ""
    enlarges: bool = False


def is_image_folder(path: Path) -> bool:
    """Whether a folder holds an image model: an index and weights of any kind (configs alone are no model)."""
    return (path / INDEX).is_file() and any(
        file.suffix in (".safetensors", *PICKLES) for file in path.glob("*/*") if file.is_file()
    )


def is_image_checkpoint(path: Path) -> bool:
    """Whether a single file holds a whole image model, by the names in its header; never raises."""
    if path.suffix != ".safetensors" or not path.is_file():
        return False
    try:
        return family_of_tensors(shapes(path)) is not None
    except (ModelBroken, ModelMissing, ModelUnsupported):
        return False


def describe(path: Path, *, name: str = "", starter: bool = False) -> InstalledImageModel:
    """What a model is, from its small files. Raises `ModelMissing`, `ModelBroken` or `ModelUnsupported`."""
    name = name or (path.stem if path.suffix == ".safetensors" else path.name)
    if path.is_dir():
        return _describe_folder(path, name, starter)
    family = _family_of_file(path)
    turbo = _sounds_fast(name)
    return _installed(name, path, family, ImageManifest(), (family.side, family.side), turbo, family.guided, starter)


def check(path: Path) -> None:
    """Check that nothing is missing, cut off or pickled. Raises `ModelMissing`, `ModelBroken` or `ModelUnsupported`."""
    if not path.is_dir():
        _family_of_file(path)
        return
    index = _index(path)
    for part, kind in _parts(index):
        if part not in SAFETY_PARTS:
            _check_part(path, part, kind)


def verify(path: Path) -> None:
    """Check the model, and its files against the manifest's hashes. Raises `ModelMissing` or `ModelBroken`."""
    check(path)
    for name, expected in read_manifest(path).sha256.items():
        try:
            with (path / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError as problem:
            raise missing(path, name) from problem
        if found != expected:
            raise broken(path / name, _("it is not the file that came with THAU"))


def read_manifest(folder: Path) -> ImageManifest:
    """The manifest of a folder, the defaults where there is none. Raises `ModelBroken`."""
    path = folder / MANIFEST
    if not path.is_file():
        return ImageManifest()
    values = read_json(path)
    try:
        turbo = values.get("turbo")
        return ImageManifest(
            name=str(values.get("name", "")),
            title=str(values.get("title", "")),
            sizes=tuple(_size(item) for item in values.get("sizes", ())),
            steps=int(values.get("steps", 0)),
            guidance=float(values.get("guidance", 0.0)),
            minimum_steps=int(values.get("minimum_steps", 0)),
            turbo=None if turbo is None else bool(turbo),
            enlarges=bool(values.get("enlarges", False)),
            license=str(values.get("license", "")),
            sha256={str(key): str(value) for key, value in dict(values.get("sha256", {})).items()},
        )
    except (TypeError, ValueError) as problem:
        raise broken(path, str(problem)) from problem


def variant(folder: Path) -> str:
    """Which weights of a folder to read: "" for the plain ones, "fp16" or "bf16" where only those are whole."""
    index = _index(folder)
    models = [part for part, kind in _parts(index) if _is_model(kind) and part not in SAFETY_PARTS]
    for name in VARIANTS:
        if all(weights(folder / part, name) for part in models):
            return name
    return ""


def parameters_of_parts(path: Path) -> dict[str, int]:
    """How many numbers each part of a model holds, from the headers. Raises as `check` does."""
    if path.is_dir():
        index, chosen = _index(path), variant(path)
        return {
            part: sum(math.prod(shape) for file in weight_files(path, part, chosen) for shape in shapes(file).values())
            for part, kind in _parts(index)
            if _is_model(kind) and part not in SAFETY_PARTS
        }
    counts: dict[str, int] = {}
    for name, shape in shapes(path).items():
        part = part_of_tensor(name)
        counts[part] = counts.get(part, 0) + math.prod(shape)
    return counts


def has_safety_checker(folder: Path) -> bool:
    """Whether the folder has a whole safety checker of the kind that the pipelines know."""
    try:
        kinds = dict(_parts(_index(folder)))
        for part in SAFETY_PARTS:
            _check_part(folder, part, kinds[part])
    except (KeyError, ModelMissing, ModelBroken):
        return False
    return kinds["safety_checker"] == "StableDiffusionSafetyChecker"


def _describe_folder(folder: Path, name: str, starter: bool) -> InstalledImageModel:
    index = _index(folder)
    family = CLASSES[str(index["_class_name"])]
    manifest = read_manifest(folder)
    part = "unet" if "unet" in index else "transformer"
    weight_files(folder, part, variant(folder))  # settings alone, for a single file beside them, are no model
    denoiser = _config(folder, part)
    scheduler = _config(folder, "scheduler", "scheduler_config.json")
    kind = str(scheduler.get("_class_name", ""))
    turbo = (
        family.kind == "lcm"
        or kind == "LCMScheduler"
        or (kind.startswith("Euler") and scheduler.get("timestep_spacing") == "trailing")
        or (family.kind == "flux" and not denoiser.get("guidance_embeds", False))
        or _sounds_fast(name)
        or _sounds_fast(str(index.get("_name_or_path", "")))
    )
    guided = family.guided and (not turbo or family.kind == "lcm" or kind == "LCMScheduler")
    if manifest.turbo is not None:
        turbo, guided = manifest.turbo, family.guided and (guided or not manifest.turbo)
    return _installed(name, folder, family, manifest, _native_size(folder, family, denoiser), turbo, guided, starter)


def _installed(
    name: str,
    path: Path,
    family: Family,
    manifest: ImageManifest,
    native: tuple[int, int],
    turbo: bool,
    guided: bool,
    starter: bool,
) -> InstalledImageModel:
    sizes = manifest.sizes or (native,)
    return InstalledImageModel(
        name=name,
        path=path,
        kind=family.kind,
        title=manifest.title or manifest.name or name,
        native_size=sizes[0],
        bytes=sum(file.stat().st_size for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file()),
        starter=starter,
        turbo=turbo,
        steps=manifest.steps or (family.fast_steps if turbo else family.steps),
        guidance=manifest.guidance or (family.guidance if guided and not turbo else family.fast_guidance),
        measured_guidance=manifest.guidance if guided and not turbo else 0.0,
        minimum_steps=manifest.minimum_steps or (1 if turbo else 10),
        takes_guidance=guided,
        takes_negative_prompt=family.negative_prompt and guided,
        schedulers=SCHEDULERS if family.schedulers else (),
        safety_checker=path.is_dir() and has_safety_checker(path),
        image_to_image=family.image_to_image,
        sizes=sizes,
        license=manifest.license,
        enlarges=manifest.enlarges,
    )


def _index(folder: Path) -> dict[str, Any]:
    """The folder's index, of a class that THAU can run and without programs of its own."""
    index = read_json(folder / INDEX)
    kind = index.get("_class_name")
    custom = [part for part, module in _modules(index) if (folder / part / f"{module}.py").exists()]
    if isinstance(kind, list) or custom:
        raise ModelUnsupported(
            _("The model in {folder} brings a program of its own, which THAU does not run.").format(folder=folder),
            _("Choose another model."),
            details=", ".join(custom),
        )
    if kind not in CLASSES:
        raise ModelUnsupported(
            _("{path} names a “{kind}”, which is not a text-to-image model that THAU can run.").format(
                path=folder / INDEX, kind=kind or "?"
            ),
            _("Choose another model, or update THAU."),
        )
    return index


def _modules(index: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for part, value in index.items():
        if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str):
            yield part, value[0]


def _parts(index: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The parts that the index says are there, each with the name of its class."""
    for part, value in index.items():
        if not part.startswith("_") and isinstance(value, list) and len(value) == 2 and isinstance(value[1], str):
            yield part, value[1]


def _is_model(kind: str) -> bool:
    return not any(word in kind for word in ("Scheduler", "Tokenizer", "Processor", "Extractor"))


def _check_part(folder: Path, part: str, kind: str) -> None:
    place = folder / part
    if "Scheduler" in kind:
        read_json(place / "scheduler_config.json")
    elif "Tokenizer" in kind:
        _check_tokenizer(place)
    elif not _is_model(kind):
        if not (place / "processor_config.json").is_file():
            read_json(place / "preprocessor_config.json")
    else:
        read_json(place / "config.json")
        for file in weight_files(folder, part, variant(folder)):
            check_safetensors(file)


def _check_tokenizer(place: Path) -> None:
    if (place / "tokenizer.json").exists():
        read_json(place / "tokenizer.json")
    elif (place / "vocab.json").exists():
        read_json(place / "vocab.json")
        if not (place / "merges.txt").is_file():
            raise missing(place, "merges.txt")
    elif not any((place / name).is_file() for name in ("spiece.model", "tokenizer.model")):
        raise missing(place, "tokenizer.json")


def _family_of_file(path: Path) -> Family:
    if not path.exists():
        raise ModelMissing(
            _("The model {path} is not there.").format(path=path),
            _("Choose another model, or download this one again."),
        )
    if path.suffix in PICKLES:
        raise pickled(path)
    if path.suffix != ".safetensors":
        raise ModelUnsupported(
            _("{path} is no model that THAU can read.").format(path=path),
            _("Choose a diffusers folder or a .safetensors file."),
        )
    check_safetensors(path)
    name = family_of_tensors(shapes(path))
    if name is None:
        raise ModelUnsupported(
            _("{path} is not a text-to-image model that THAU can run.").format(path=path),
            _("Choose a whole checkpoint. A LoRA is chosen with the picture, not as the model."),
        )
    return FAMILIES[name]


def _native_size(folder: Path, family: Family, denoiser: dict[str, Any]) -> tuple[int, int]:
    """Width and height: the denoiser's `sample_size` (latents) times what the VAE enlarges."""
    sample = denoiser.get("sample_size")
    if isinstance(sample, int):
        sample = [sample, sample]
    if not isinstance(sample, list) or len(sample) != 2 or family.kind == "flux":
        return family.side, family.side
    vae = _config(folder, "vae")
    factor = 2 ** (len(vae.get("block_out_channels") or (0, 0, 0, 0)) - 1)
    return int(sample[1]) * factor, int(sample[0]) * factor


def _config(folder: Path, part: str, name: str = "config.json") -> dict[str, Any]:
    path = folder / part / name
    return read_json(path) if path.is_file() else {}


def _sounds_fast(name: str) -> bool:
    return any(word in name.lower() for word in _FEW_STEPS)


def _size(item: Any) -> tuple[int, int]:
    """A size of the manifest: 256, [256, 384] or "256x384"."""
    if isinstance(item, str):
        item = item.lower().replace("×", "x").split("x")
    if isinstance(item, int):
        item = [item, item]
    width, height = item
    return int(width), int(height)
