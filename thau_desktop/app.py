"""Thau: opens settings and store, builds the services, closes them. Every face takes one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from thau_desktop import __version__, autostart
from thau_desktop.acceleration import Acceleration
from thau_desktop.chat.turn import Chat
from thau_desktop.errors import ChildCrashed
from thau_desktop.export.publisher import Publisher
from thau_desktop.images.gallery import Gallery
from thau_desktop.images.studio import Studio
from thau_desktop.inference import opening
from thau_desktop.inference.backend import Backend, Embedded
from thau_desktop.inference.drawing_client import LocalDrawing
from thau_desktop.inference.drawing_host import DrawingHostOptions
from thau_desktop.inference.host import HostOptions
from thau_desktop.inference.image_model_folder import InstalledImageModel
from thau_desktop.inference.local import LocalBackend
from thau_desktop.inference.opening import OpenBackend, Options, backend_with, options_for
from thau_desktop.keys import SERVER, Keys
from thau_desktop.log import LogFile
from thau_desktop.models.catalog import Models
from thau_desktop.models.image_catalog import ImageModels
from thau_desktop.models.library import Library
from thau_desktop.models.tokens import Tokenizers
from thau_desktop.paths import Paths
from thau_desktop.settings import Own, Settings, SettingsFile
from thau_desktop.store import backup
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.database import Database
from thau_desktop.store.examples import Examples
from thau_desktop.store.personas import Personas
from thau_desktop.store.pictures import Pictures
from thau_desktop.store.records import StoredMessage
from thau_desktop.store.runs import Runs
from thau_desktop.store.versions import Versions
from thau_desktop.tools.generate_image import studio_tool
from thau_desktop.tools.registry import Registry
from thau_desktop.training import proposals
from thau_desktop.training.drop_folder import take_in_dropped
from thau_desktop.training.lineage import Lineage
from thau_desktop.training.night import Trainer
from thau_desktop.training.schedule import next_due
from thau_desktop.translation import _, set_language

_STARTED: dict[tuple[str, str], autostart.Kind] = {  # what the system starts by itself, by the setting that says so
    ("general", "autostart"): "window",
    ("training", "without_window"): "nights",
}

_logger = logging.getLogger(__name__)


class Thau:
    """One open home. A context manager; `close` may be called twice.

    Attributes:
        problems: sentences about what opening had to mend in settings or database.
    """

    def __init__(self, home: str | Path | None = None) -> None:
        """Open everything; no model is loaded. Raises `StoreError`, `NewerDatabase` or `DiskFull`."""
        self.paths = Paths.find(home).create()
        self._log = _log_to(self.paths.logs / "thau_service.log")
        self.settings_file = SettingsFile(self.paths.settings)
        set_language(self.settings_file.load().general.language)
        self.database = Database(self.paths.database, self.paths.backups)
        self._lock = threading.Lock()
        self._backend: OpenBackend | None = None
        self._ending = self._closed = False
        try:
            self.database.open()
            self.conversations = Conversations(self.database)
            self.personas = Personas(self.database)
            self.examples = Examples(self.database)
            self.pictures = Pictures(self.database)
            self.conversations.interrupt_orphans()
        except BaseException:
            self.close()
            raise
        self.problems = [*self.settings_file.problems, *self.database.problems]
        self.acceleration = Acceleration(self.paths)
        self.acceleration.apply()
        self.versions = Versions(self.database)
        self.runs = Runs(self.database)
        self.models = Models(self.paths, self.versions, lambda: self.settings.model.servers)
        self.keys = Keys(self.paths)
        self.library = Library(self.paths, self.models, self.versions, self.keys, lambda: self.settings)
        self.tokenizers = Tokenizers(self.paths.logs / "thau_tokens.log")
        self.image_models = ImageModels(self.paths, lambda: self.settings.images.model)
        self.lineage = Lineage(
            self.paths, self.database, self.models, lambda: self.settings, lambda name: self._use(name)
        )
        self.trainer = Trainer(self.paths, self.database, self.models, lambda: self.settings, self.lineage)
        self.publisher = Publisher(self.paths, self.models.find, self.versions, self.personas, lambda: self.settings)
        self.gallery = Gallery(self.pictures, self.paths.generated_images)
        self.studio = Studio(
            self.gallery,
            self.image_models,
            self._drawing,
            lambda: self.settings,
            self._language_memory,
            self._unload_language,
        )
        self.tools = Registry([studio_tool(self.studio)])
        self.chat = Chat(
            self.conversations,
            self.personas,
            self.tools,
            lambda name: self.backend(name),
            lambda: self.settings,
            self.gallery.facts,
            self._propose,
        )
        self._closing = threading.Event()
        self._chores = threading.Thread(target=self._do_chores, name="chores", daemon=True)
        self._chores.start()
        _logger.info("THAU %s opened %s", __version__, self.paths.home)

    @property
    def settings(self) -> Settings:
        return self.settings_file.settings

    def change(self, group: str, key: str, value: Any) -> Settings:
        """Change one setting, keep it, and let what runs follow it.

        Raises `SettingsError` or `DiskFull`, and `ThauError` where the system refuses what it is to start.
        """
        if (group, key) in _STARTED:
            autostart.set_enabled(_STARTED[group, key], bool(value))
        settings = self.settings_file.change(group, key, value)
        if (group, key) == ("general", "language"):
            set_language(settings.general.language)
        return settings

    def run_otherwise(self, model: str, own: Own) -> None:
        """Let one model run otherwise than the settings for all models say, from its next answer on; an empty `Own`
        gives it back to them. `model` is the name of a base, all of whose versions follow.

        Raises as `change`.
        """
        kept = {name: each.model_dump(exclude_none=True) for name, each in self.settings.model.own.items()}
        kept[model] = own.model_dump(exclude_none=True)
        self.change("model", "own", {name: each for name, each in kept.items() if each})

    def embed(self, name: str, texts: Sequence[str], dimensions: int = 0) -> Embedded:
        """Texts as vectors. Raises `ModelMissing`, `ModelUnsupported` where the model makes none, and as its server."""
        return opening.embed(self._options(name), texts, dimensions)

    def backend(self, name: str = "") -> Backend:
        """The model of that name, by default the one in the settings. One is kept: another name ends its process.

        Raises `ModelMissing`, and `ChildCrashed` once closed.
        """
        options = self._options(name)
        with self._lock:
            if self._ending:
                raise ChildCrashed(_("{name} is closed.").format(name="THAU"))
            old = self._backend
            if old is not None and old.options == options:
                return old
            if isinstance(old, LocalBackend) and isinstance(options, HostOptions) and old.has_base_of(options):
                new: OpenBackend = old
            else:
                new = self._backend = backend_with(options, self.paths.logs / "thau_model.log")
        if isinstance(new, LocalBackend) and new is old:
            assert isinstance(options, HostOptions)
            new.use(options)  # another version: nothing is read anew
        elif old is not None:
            old.close()
        return new

    def _options(self, name: str) -> Options:
        wish = self.settings.model
        model = self.models.find(name or wish.name)
        return options_for(model, wish, lambda server: self.keys.get(f"{SERVER}{server}"))

    def last_training(self) -> datetime | None:
        """When the last night began, also one that was skipped: from then the next is counted. None before any.

        A training that a person asked for moves no night. One that was cut off counts as due again; and before the
        first night, so does whatever waits: a machine that is off at three catches up in the morning.
        """
        night = self.runs.latest("schedule")
        if night is not None and not night.is_orphan:
            return datetime.fromisoformat(night.started_at)
        waiting = self.examples.list("pending", limit=1) if night is None else []
        due = night.started_at if night else waiting[0].created_at if waiting else None
        interval = timedelta(hours=self.settings.training.auto_train_interval_hours)
        return datetime.fromisoformat(due) - interval if due else None

    def next_training(self) -> datetime | None:
        """When the next one is due, in local time; None where nights are switched off."""
        return next_due(self.settings.training, self.last_training(), datetime.now().astimezone())

    def _use(self, name: str) -> None:
        """Let this version answer from now on."""
        self.change("model", "name", name)

    def renew_children(self) -> None:
        """End the models' processes: the next answer and the next picture begin new ones. What runs ends as stopped."""
        with self._lock:
            backend, self._backend = self._backend, None
        if backend is not None:
            backend.close()
        self.studio.renew()

    def end_model(self) -> None:
        """End the models' processes for good: answers and pictures in the making end as they are, none is begun."""
        with self._lock:
            self._ending = True
            backend, self._backend = self._backend, None
        if hasattr(self, "studio"):
            self.studio.close()
        if backend is not None:
            backend.close()
        if hasattr(self, "tokenizers"):
            self.tokenizers.close()

    def close(self) -> None:
        """End the child processes, then close the store. Safe to call twice."""
        self.end_model()
        with self._lock:
            if self._closed:
                return
            self._closed = True
        if hasattr(self, "_chores"):
            self._closing.set()
            self._chores.join()
            self.chat.save_unsaved()
        self.database.close()
        logging.getLogger("thau_desktop").removeHandler(self._log)
        self._log.close()

    def __enter__(self) -> Thau:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _drawing(self, model: InstalledImageModel) -> LocalDrawing:
        """The client of an image model's child, with the options that the settings ask for."""
        wish = self.settings.model
        options = DrawingHostOptions(model.path, model.name, wish.threads, wish.device, wish.idle_unload_minutes * 60)
        return LocalDrawing(model, options, log=self.paths.logs / "thau_image_model.log")

    def _language_memory(self, device: str) -> int:
        """The bytes that the language model took on a device ("cuda", "cpu"; "": on any) when it was last loaded."""
        backend = self._backend
        ready = backend.ready if backend is not None else None
        if ready is None or not ready.device.startswith(device.partition(":")[0]):
            return 0
        return ready.memory

    def _unload_language(self) -> None:
        backend = self._backend
        if backend is not None:
            backend.unload()

    def _propose(self, answer: StoredMessage) -> None:
        """Put an answer forward as an example, where the user wished for that."""
        if self.settings.privacy.capture_conversations:
            proposals.propose(self.examples, self.conversations, answer)

    def finish_chores(self) -> None:
        """Wait until what a start has to do is done."""
        self._chores.join()

    def _do_chores(self) -> None:
        """What a start has to do and nobody waits for."""
        self._back_up()
        self._tidy_pictures()
        self._take_in_dropped()

    def _tidy_pictures(self) -> None:
        """What a kill or another program left among the pictures. A problem is told in the log: nobody waits for it."""
        try:
            self.gallery.tidy(self._closing)
        except Exception:  # a bug here is logged like any other problem
            _logger.exception("the pictures could not be tidied")

    def _take_in_dropped(self) -> None:
        """What was dropped into `training_queue/`. A problem is told in the log and beside the file."""
        try:
            for file in take_in_dropped(self.examples, self.paths.training_queue, self._closing):
                _logger.info("%s brought %s %s", file.path, file.finished, file.problem)
        except Exception:  # a bug here is logged like any other problem
            _logger.exception("the training queue could not be taken in")

    def _back_up(self) -> None:
        """The day's backup. One that fails is told in the log: it must not keep anybody from working."""
        try:
            backup.daily(self.paths.database, self.paths.backups)
        except Exception:  # a bug here is logged like any other problem
            _logger.exception("the daily backup failed")


def _log_to(path: Path) -> logging.Handler:
    """Send our own log into a file that is kept small."""
    handler = LogFile(path)
    logger = logging.getLogger("thau_desktop")
    logger.addHandler(handler)
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)
    return handler
