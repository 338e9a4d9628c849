"""Which image models are on this disk: the starter that ships with THAU and what lies in the user's folder."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from thau_desktop.errors import Action, ModelBroken, ModelMissing
from thau_desktop.inference import image_model_folder
from thau_desktop.inference.image_model_folder import InstalledImageModel
from thau_desktop.paths import Paths, resources
from thau_desktop.settings import Images
from thau_desktop.translation import _

DEFAULT_MODEL: str = Images.model_fields["model"].default

_logger = logging.getLogger(__name__)


class ImageModels:
    """The image models of one home. `chosen` gives the name in the settings."""

    def __init__(self, paths: Paths, chosen: Callable[[], str] = lambda: DEFAULT_MODEL) -> None:
        self._paths = paths
        self._chosen = chosen

    def installed(self) -> list[InstalledImageModel]:
        """Those that can be read, the default first; one of the user hides a starter of its name."""
        found: dict[str, InstalledImageModel] = {}
        for path, starter in self._places():
            try:
                model = image_model_folder.describe(path, starter=starter)
            except (ModelBroken, ModelMissing) as problem:
                _logger.warning("%s", problem)
                continue
            found[model.name] = model
        return sorted(found.values(), key=lambda model: (model.name != DEFAULT_MODEL, model.name))

    def find(self, name: str = "") -> InstalledImageModel:
        """The model of that name; without one, the chosen one.

        Where the chosen one is the default and is not there, the first there is. Raises `ModelMissing`, or
        `ModelBroken` with the reason for a model that is there and can't be used.
        """
        wish = name or self._chosen()
        for path, starter in reversed(list(self._places())):
            if _name(path) == wish:
                return image_model_folder.describe(path, starter=starter)
        others = self.installed()
        if not name and wish == DEFAULT_MODEL and others:
            return others[0]
        known = ", ".join(model.name for model in others)
        raise ModelMissing(
            _("The image model {name} is not on this disk.").format(name=wish),
            _("Choose one of these: {names}.").format(names=known)
            if known
            else _("Put an image model (a diffusers folder or a .safetensors file) into {folder}.").format(
                folder=self._paths.models
            ),
            action=Action("open_models", _("Open models")),
        )

    def _places(self) -> Iterator[tuple[Path, bool]]:
        """Every folder and file that is an image model, and whether it came with THAU; the user's come last."""
        for root, starter in ((resources() / "starter", True), (self._paths.models, False)):
            for path in sorted(root.iterdir()) if root.is_dir() else []:
                if (path / image_model_folder.INDEX).is_file() or image_model_folder.is_image_checkpoint(path):
                    yield path, starter


def _name(path: Path) -> str:
    return path.stem if path.suffix == ".safetensors" else path.name
