"""The versions of the model in use: which one answers, what it was trained from, and how far it has drifted."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable

from thau_desktop.errors import ThauError
from thau_desktop.models.catalog import Models
from thau_desktop.paths import Paths
from thau_desktop.settings import Settings
from thau_desktop.store.database import Database
from thau_desktop.store.runs import Runs
from thau_desktop.store.versions import Versions
from thau_desktop.training.gate import DRIFT
from thau_desktop.training.kept_scores import KeptScores
from thau_desktop.training.suites import SuiteName
from thau_desktop.translation import _

SCORES = "scores"  # a folder in that of checkpoints

_logger = logging.getLogger(__name__)


class Lineage:
    """Uses, rolls back, deletes. What it says of the version in use holds when it is asked."""

    def __init__(
        self,
        paths: Paths,
        database: Database,
        models: Models,
        settings: Callable[[], Settings],
        use: Callable[[str], None],
    ) -> None:
        """`use` makes a version the one that answers."""
        self._paths = paths
        self._versions, self._runs = Versions(database), Runs(database)
        self._models = models
        self._settings = settings
        self._use = use

    def use(self, name: str) -> None:
        """Make a version the one that answers. Raises `StoreError` or `ModelMissing` where it is not there."""
        self._models.find(name)
        self._use(name)

    def roll_back(self) -> str:
        """Go back to the version that the one in use was trained from; returns its name. Raises `ThauError`."""
        name = self._settings().model.name
        version = self._versions.find(name)
        if version is None:
            raise ThauError(
                _("{name} is the base: there is nothing before it.").format(name=name),
                _("Other versions: thau versions list."),
            )
        self.use(version.parent)
        return version.parent

    def delete(self, name: str) -> None:
        """Delete a version and its files. Raises `ThauError` for the one in use."""
        if name == self._settings().model.name:
            raise ThauError(
                _("{name} is in use and can't be deleted.").format(name=name), _("Use another version first.")
            )
        version = self._versions.get(name)
        self._versions.delete(name)
        KeptScores(self._paths.checkpoints / SCORES).forget(name)
        shutil.rmtree(self._paths.checkpoints / version.folder, ignore_errors=True)

    def forget_old(self, size: str) -> None:
        """Of many versions the newest are kept, the one in use, and the one that it would be rolled back to."""
        used = self._versions.find(self._settings().model.name)
        kept = {used.name, used.parent} if used else set()
        for version in self._versions.list(size)[self._settings().training.keep_versions :]:
            if version.name not in kept:
                _logger.info("%s is older than the versions that are kept", version.name)
                self.delete(version.name)

    def drift(self) -> dict[SuiteName, float]:
        """By suite, how much less of it (0 to 1) the version in use answers than its base; empty for a base.

        Both were measured by a gate: the base in the first training from it whose scores are kept.
        """
        version = self._versions.find(self._settings().model.name)
        if version is None:
            return {}
        first = self._runs.first_from(version.base)
        base = first.scores.get("incumbent", {}) if first else {}
        return {
            suite: base[suite] - version.scores[suite] for suite in DRIFT if suite in base and suite in version.scores
        }

    def has_drifted(self) -> bool:
        """Whether everything should be learned anew from the base; not again where that was rejected."""
        if not any(lost > DRIFT[suite] + 1e-9 for suite, lost in self.drift().items()):
            return False
        name = self._settings().model.name
        return not any(
            run.state == "rejected" and run.incumbent == name and run.recipe.get("from_base")
            for run in self._runs.list()
        )
