"""What a version answered is kept, so that the next night asks it only what is new.

Asking is greedy: the same model gives the same answers to the same questions.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from thau_desktop.errors import ThauError
from thau_desktop.inference.model_folder import InstalledModel, digest
from thau_desktop.paths import atomic_write
from thau_desktop.training.suites import Score, Suite, SuiteName

_logger = logging.getLogger(__name__)


class KeptScores:
    """The scores of versions, a file each, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, model: InstalledModel, suites: Iterable[Suite], way: str) -> dict[SuiteName, Score]:
        """The scores of a model in those of the suites that it was asked in these very words.

        `way` is what else the answers depend on, such as the precision of the weights.
        """
        try:
            kept = json.loads(self._path(model.name).read_text(encoding="utf-8"))
            return {
                suite.name: _score(kept[suite.name]["score"])
                for suite in suites
                if suite.name in kept and kept[suite.name]["of"] == _mark(model, suite, way)
            }
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError) as problem:
            _logger.warning("what %s answered can't be read, it is asked again: %s", model.name, problem)
            return {}

    def keep(self, model: InstalledModel, suites: Iterable[Suite], scores: Mapping[SuiteName, Score], way: str) -> None:
        """Keep what a model answered. Where the disk is full it will be asked again."""
        kept = {
            suite.name: {"of": _mark(model, suite, way), "score": asdict(scores[suite.name])}
            for suite in suites
            if suite.probes and suite.name in scores
        }
        try:
            atomic_write(self._path(model.name), json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace"))
        except (ThauError, OSError) as problem:
            _logger.warning("what %s answered can't be kept: %s", model.name, problem)

    def forget(self, name: str) -> None:
        """A version is gone."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"


def _mark(model: InstalledModel, suite: Suite, way: str) -> str:
    """What the answers come from, hashed: the model, the questions and how it is run."""
    adapter = f"{model.adapter.parent.name}" if model.adapter else ""
    told = "\0".join((digest(model.folder), adapter, way, repr(suite)))
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()


def _score(values: dict[str, Any]) -> Score:
    right, called, answers = (tuple(values[name]) for name in ("right", "called", "answers"))
    return Score(right, int(values["degenerate"]), called, answers)
