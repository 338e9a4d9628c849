"""Getting and removing models: downloads, imports, what is half here."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from thau_desktop.errors import Action, DownloadFailed, ModelMissing, StoreError
from thau_desktop.inference import gguf_file
from thau_desktop.keys import HUB, Keys
from thau_desktop.models import importing
from thau_desktop.models.catalog import InstalledModel, Models
from thau_desktop.models.downloading import Request, fetch, read_plan, source_of
from thau_desktop.models.elsewhere import Found
from thau_desktop.models.events import DownloadEvent, DownloadFinished
from thau_desktop.models.offers import Offer, offers
from thau_desktop.paths import Paths
from thau_desktop.process import run_in_child
from thau_desktop.settings import Settings
from thau_desktop.store.versions import Versions
from thau_desktop.translation import _

GRACE_SECONDS = 2.0  # a network that is silent keeps a download from seeing that it was stopped


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a name means: an id on Hugging Face, and the quantisation of a GGUF file or none.

    Attributes: `offer`, the catalog's entry, where it has one.
    """

    repo: str
    quantisation: str = ""
    offer: Offer | None = None

    @property
    def name(self) -> str:
        """How it can be asked for again."""
        return f"{self.repo}:{self.quantisation}" if self.quantisation else self.repo


@dataclass(frozen=True, slots=True)
class Paused:
    """A download that is half here. `name` goes on with it; `key` is its folder."""

    name: str
    key: str
    done: int
    total: int


class Library:
    """The models of one home, as things that come and go."""

    def __init__(
        self, paths: Paths, models: Models, versions: Versions, keys: Keys, settings: Callable[[], Settings]
    ) -> None:
        self._paths = paths
        self._models = models
        self._versions = versions
        self._keys = keys
        self._settings = settings

    def wanted(self, name: str) -> Wanted:
        """What a person means: a name of the catalog, a size ("1.5b"), or "owner/name"; ":q4_k_m" after it, or ":gguf",
        asks for a GGUF file. Raises `ModelMissing`."""
        plain, _colon, quantisation = name.strip().removeprefix("https://huggingface.co/").partition(":")
        known = next((o for o in offers() if plain.lower() in (o.name.lower(), o.repo.lower(), o.size or None)), None)
        if known is not None and quantisation and known.gguf is not None:
            return Wanted(known.gguf.repo, _quantisation(quantisation, known.gguf.quantisation), known)
        if known is not None:
            return Wanted(known.repo, quantisation, known)
        for offer in offers():
            if offer.gguf is not None and plain == offer.gguf.repo:
                return Wanted(plain, _quantisation(quantisation, offer.gguf.quantisation), offer)
        if plain.count("/") != 1 or not all(plain.split("/")):
            raise ModelMissing(
                _("The catalog has no model {name}.").format(name=name),
                _("`thau models list` shows what it has; any other is asked for as owner/name, as on Hugging Face."),
            )
        return Wanted(plain, "" if quantisation == "gguf" else quantisation)

    def download(self, name: str, cancel: threading.Event) -> Iterator[DownloadEvent]:
        """Fetch a model in a process of its own; `cancel` pauses it. One that is here already is done at once.

        Raises `ModelMissing`, `ModelGated`, `ModelUnsupported`, `DownloadFailed`, `DiskFull` or `KeysLocked`.
        """
        wanted = self.wanted(name)
        here = self._here(wanted)
        if here is not None:
            yield DownloadFinished(here.name, here, "complete")
            return
        wish = self._settings().model
        if wish.offline:
            raise DownloadFailed(
                _("{repo} is not fetched: this computer is told to stay offline.").format(repo=wanted.repo),
                _("Switch offline mode off in the settings."),
                action=Action("open_settings", _("Open settings"), "model.offline"),
            )
        offer = wanted.offer
        request = Request(
            wanted.repo,
            self._paths.models,
            wanted.quantisation,
            wish.hub.rstrip("/"),
            self._keys.get(HUB),
            offer.name if offer else "",
            offer.languages if offer else (),
        )
        log = self._paths.logs / "thau_download.log"
        last: DownloadEvent | None = None
        for last in run_in_child(fetch, (request,), cancel, name=_("The download"), log=log, grace=GRACE_SECONDS):
            yield last
        if not isinstance(last, DownloadFinished):  # it hung on the network and was killed: what came is on the disk
            yield DownloadFinished(wanted.name, request.part, "paused")

    def paused(self) -> list[Paused]:
        """What is half here, whether a download is at it now or not."""
        found = []
        root = self._paths.models / ".part"
        for part in sorted(root.iterdir()) if root.is_dir() else []:
            plan = read_plan(part)
            if plan is None:
                continue
            quantisation = part.name.removeprefix(plan.repo.replace("/", "--")).removeprefix("--")
            done = sum(file.stat().st_size for file in part.rglob("*") if file.is_file() and file.name != "plan.json")
            found.append(Paused(Wanted(plan.repo, quantisation).name, part.name, min(done, plan.bytes), plan.bytes))
        return found

    def discard(self, key: str) -> None:
        """Throw away what is half here."""
        shutil.rmtree(self._paths.models / ".part" / Path(key).name, ignore_errors=True)

    def take_in(self, path: Path, cancel: threading.Event, found: Found | None = None) -> Iterator[DownloadEvent]:
        """Copy a model from elsewhere on this disk. Raises as `importing.take_in` does."""
        models = self._paths.models
        if found is None:
            return importing.take_in(path, models, cancel)
        return importing.take_in(found.path, models, cancel, found.name, shared=True)  # a store never changes a file

    def remove(self, name: str) -> None:
        """Delete a model of the user from the disk. Raises `ModelMissing`, or `StoreError` where it is needed."""
        model = next((each for each in self._models.installed() if each.name == name), None)
        if model is None:
            raise ModelMissing(
                _("The model {name} is not on this disk.").format(name=name),
                _("`thau models list` shows those that are."),
            )
        self._may_go(model)
        files = [model.folder] if model.kind == "folder" else gguf_file.parts(model.adapter or _file(model))
        doomed = self._paths.models / ".part" / f"removed--{files[0].name}"
        shutil.rmtree(doomed, ignore_errors=True)
        doomed.mkdir(parents=True)
        try:
            for path in files:
                path.rename(doomed / path.name)  # gone at once, whatever happens while it is deleted
        except OSError as problem:
            raise StoreError(
                _("{name} can't be removed.").format(name=name),
                _("Close what uses it, then try again."),
                details=str(problem),
            ) from problem
        shutil.rmtree(doomed, ignore_errors=True)

    def _may_go(self, model: InstalledModel) -> None:
        if model.starter or self._paths.models not in _file(model).parents:
            raise StoreError(
                _("{name} came with THAU and stays.").format(name=model.name), _("It takes little room on the disk.")
            )
        used = self._settings().model.name
        version = self._versions.find(used)
        if model.name in (used, version.base if version else None):
            raise StoreError(_("{name} is in use.").format(name=model.name), _("Let another model answer first."))
        heirs = [each.name for each in self._versions.list() if each.base == model.name]
        if heirs:
            raise StoreError(
                _("{versions} were trained on {name} and need it.").format(versions=", ".join(heirs), name=model.name),
                _("Delete these versions first."),
            )

    def _here(self, wanted: Wanted) -> Path | None:
        """The folder of a model that was downloaded before, whatever it is called now."""
        root = self._paths.models
        for folder in root.iterdir() if not wanted.quantisation and root.is_dir() else []:
            if source_of(folder) == wanted.repo and (folder / "config.json").exists():
                return folder
        return None


def _file(model: InstalledModel) -> Path:
    """Where a model of this disk lies."""
    assert model.path is not None
    return model.path


def _quantisation(asked: str, usual: str) -> str:
    return usual if asked == "gguf" else asked
