"""Which models are on this disk: the starter models that ship with THAU and what lies in the user's folder."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from thau_desktop.errors import Action, ModelBroken, ModelMissing
from thau_desktop.inference.image_model_folder import INDEX
from thau_desktop.inference.model_folder import InstalledModel, Manifest, digest, read_manifest
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
    """The language models on this disk, the default first; a folder of the user hides a starter of its name."""
    found: dict[str, InstalledModel] = {}
    for root, starter in ((resources() / "starter", True), (paths.models, False)):
        for folder in sorted(root.iterdir()) if root.is_dir() else []:
            if (folder / "config.json").is_file() and not (folder / INDEX).is_file():  # those draw
                found[folder.name] = InstalledModel(folder.name, folder, _manifest(folder), starter)
    return sorted(found.values(), key=lambda model: (model.name != DEFAULT_MODEL, model.name))


def find(paths: Paths, name: str = "") -> InstalledModel:
    """The model of that name; without one, the default, else the first there is. Raises `ModelMissing`."""
    models = installed(paths)
    for model in models:
        if model.name == (name or DEFAULT_MODEL):
            return model
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

    def __init__(self, paths: Paths, versions: Versions) -> None:
        self._paths = paths
        self._versions = versions

    def installed(self) -> list[InstalledModel]:
        """The language models on this disk, the default first."""
        return installed(self._paths)

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
                _("Put its folder into {folder} and say it again.").format(folder=self._paths.models),
                action=Action("open_models", _("Open models")),
            )
        target = self._paths.models / name
        try:
            known[base].path.rename(target)
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
            return find(self._paths, name)
        adapter = self._paths.checkpoints / version.folder
        if not adapter.is_dir():
            raise ModelMissing(
                _("The version {name} has lost its files in {folder}.").format(name=name, folder=adapter),
                _("Roll back to another version."),
                action=Action("open_models", _("Open models")),
            )
        base = find(self._paths, version.base)
        if version.base_digest != digest(base.path):
            raise ModelBroken(
                _("The version {name} was trained on another {base} than the one on this disk.").format(
                    name=name, base=version.base
                ),
                _("Roll back to another version."),
                action=Action("open_models", _("Open models")),
            )
        return replace(base, name=name, adapter=adapter)


def _manifest(folder: Path) -> Manifest:
    try:
        return read_manifest(folder)
    except ModelBroken as problem:
        _logger.warning("%s", problem)
        return Manifest()
