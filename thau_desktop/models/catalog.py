"""Which models there are: the starters that ship with THAU, folders and GGUF files of the user, and those of servers.

What a server has is found by asking it (`Models.elsewhere`); here its models are only names.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from thau_desktop.errors import Action, ModelBroken, ModelMissing
from thau_desktop.inference import gguf_file
from thau_desktop.inference.image_model_folder import INDEX
from thau_desktop.inference.model_folder import InstalledModel, Manifest, digest, read_manifest
from thau_desktop.inference.servers import models_elsewhere, of_name
from thau_desktop.keys import SERVER, Keys
from thau_desktop.paths import Paths, resources
from thau_desktop.store.versions import Versions
from thau_desktop.translation import _

__all__ = ["DEFAULT_MODEL", "InstalledModel", "Models", "find", "installed"]

DEFAULT_MODEL = "thau-nano-v1"
SIZES = {  # what version 1 of a size is, and the gigabytes that it takes
    "nano": (DEFAULT_MODEL, 0.02),
    "1.5b": ("Qwen2.5-Coder-1.5B-Instruct", 2),
    "3b": ("Qwen2.5-Coder-3B-Instruct", 4),
    "7b": ("Qwen2.5-Coder-7B-Instruct", 8),
    "13b": ("Qwen2.5-Coder-14B-Instruct", 16),
}

_logger = logging.getLogger(__name__)


def installed(paths: Paths) -> list[InstalledModel]:
    """The language models on this disk, the default first; one of the user hides a starter of its name."""
    found: dict[str, InstalledModel] = {}
    roots = [root for root in (resources() / "starter", paths.models) if root.is_dir()]
    folders = [folder for root in roots for folder in sorted(root.iterdir()) if folder.is_dir()]
    for folder in folders:
        if (folder / "config.json").is_file() and not (folder / INDEX).is_file():  # those draw
            starter = folder.parent != paths.models
            found[folder.name] = InstalledModel(folder.name, folder, _manifest(folder), starter)
    for folder in (*roots, *folders):
        for model in _in_files(folder):  # a version's file beside its folder: both can answer, the folder is trained
            name = f"{model.name}.gguf" if model.name in found else model.name
            found[name] = replace(model, name=name)
    return sorted(found.values(), key=lambda model: (model.name != DEFAULT_MODEL, model.name))


def find(paths: Paths, name: str = "", servers: str = "") -> InstalledModel:
    """The model of that name; without one, the default, else the first there is. Raises `ModelMissing`.

    `servers` are those of the settings. Whether a server has the model is not asked.
    """
    models = installed(paths)
    for model in models:
        if model.name == (name or DEFAULT_MODEL):
            return model
    elsewhere = of_name(name, servers)
    if elsewhere is not None:
        return elsewhere
    if not name and models:
        return models[0]
    known = ", ".join(model.name for model in models)
    raise ModelMissing(
        _("The model {name} is not on this disk.").format(name=name or DEFAULT_MODEL),
        _("Choose one of these: {names}.").format(names=known)
        if known
        else _("There is no model yet: put a model folder into {folder}.").format(folder=paths.models),
        action=Action("open_models", _("Open models")),
    )


class Models:
    """The models of one home, with what was trained on them."""

    def __init__(self, paths: Paths, versions: Versions, servers: Callable[[], str] = lambda: "") -> None:
        """`servers` gives those of the settings."""
        self._paths = paths
        self._versions = versions
        self._servers = servers

    def installed(self) -> list[InstalledModel]:
        """The language models on this disk, the default first."""
        return installed(self._paths)

    def elsewhere(self) -> list[InstalledModel]:
        """The models of Ollama and of the servers in the settings. Takes seconds: for workers."""
        keys = Keys(self._paths)
        return models_elsewhere(self._servers(), lambda name: keys.get(f"{SERVER}{name}"))

    def first(self, size: str) -> InstalledModel:
        """Version 1 of a size: the bare base, whose folder is given that name. Raises `ModelMissing`."""
        if size not in SIZES:
            raise ModelMissing(
                _("There is no size {size}.").format(size=size),
                _("Choose one of these: {names}.").format(names=", ".join(SIZES)),
            )
        name, (base, gigabytes) = f"thau-{size}-v1", SIZES[size]
        known = {model.name: model for model in self.installed()}
        if name in known:
            return known[name]
        if base not in known:
            raise ModelMissing(
                _("The base of {name}, {base} (about {size} GB), is not on this disk.").format(
                    name=name, base=base, size=gigabytes
                ),
                _("Fetch it on the models page or with `thau models download {size}`, then say it again.").format(
                    size=size
                ),
                action=Action("open_models", _("Open models")),
            )
        target = self._paths.models / name
        try:
            known[base].folder.rename(target)
        except OSError as problem:
            raise ModelMissing(
                _("{folder} can't be renamed to {name}.").format(folder=known[base].path, name=target.name),
                _("Close what uses it, or rename it yourself."),
                details=str(problem),
            ) from problem
        return self.find(name)

    def find(self, name: str = "") -> InstalledModel:
        """The model or the trained version of that name, or the default. Raises `ModelMissing` or `ModelBroken`."""
        version = self._versions.find(name) if name else None
        if version is None:
            return find(self._paths, name, self._servers())
        adapter = self._paths.checkpoints / version.folder
        if not adapter.is_dir():
            raise ModelMissing(
                _("The version {name} has lost its files in {folder}.").format(name=name, folder=adapter),
                _("Roll back to another version."),
                action=Action("open_models", _("Open models")),
            )
        base = find(self._paths, version.base)
        if version.base_digest != digest(base.folder):
            raise ModelBroken(
                _("The version {name} was trained on another {base} than the one on this disk.").format(
                    name=name, base=version.base
                ),
                _("Roll back to another version."),
                action=Action("open_models", _("Open models")),
            )
        return replace(base, name=name, adapter=adapter)


def _in_files(folder: Path) -> list[InstalledModel]:
    """The models of a folder's GGUF files. A LoRA adapter `<model>.<words>.gguf` beside one is a model, too."""
    models: dict[str, InstalledModel] = {}
    adapters: list[Path] = []
    for file in sorted(filter(gguf_file.is_model_file, folder.glob("*.gguf"))):
        try:
            manifest, is_adapter = gguf_file.head(file)
        except (ModelBroken, ModelMissing) as problem:  # it is told when it is to be loaded
            _logger.warning("%s", problem)
            manifest, is_adapter = Manifest(), False
        if is_adapter:
            adapters.append(file)
        else:
            name = gguf_file.name_of(file)
            models[name] = InstalledModel(name, file, manifest, kind="gguf")
    for file in adapters:
        base = max((name for name in models if file.stem.startswith(f"{name}.")), key=len, default="")
        if base:
            models[file.stem] = replace(models[base], name=file.stem, adapter=file)
    return list(models.values())


def _manifest(folder: Path) -> Manifest:
    try:
        return read_manifest(folder)
    except ModelBroken as problem:
        _logger.warning("%s", problem)
        return Manifest()
